//! A site sends many comments on one stream.

use crate::support::{TestServer, comment, get};
use futures_util::stream::unfold;
use ombud::grpc::pb;
use pb::submit_comments_response::Result as Answer;
use std::collections::HashMap;
use tokio_stream::{StreamExt as _, iter};

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_matched_by_id_and_a_refusal_does_not_end_the_stream() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    let requests: Vec<_> = (0..300)
        .map(|number| {
            let text = if number % 50 == 7 { String::new() } else { format!("Comment number {number}.") };
            let mut submission = comment("stream", &format!("c{number}"), &text);
            submission.request_id = format!("r{number}");
            pb::SubmitCommentsRequest { submission: Some(submission) }
        })
        .collect();
    let answers = client.submit_comments(iter(requests)).await.unwrap().into_inner();
    let answers: HashMap<String, pb::SubmitCommentsResponse> =
        answers.map(|answer| answer.unwrap()).map(|answer| (answer.request_id.clone(), answer)).collect().await;
    assert_eq!(answers.len(), 300);
    for number in 0..300_u64 {
        let answer = &answers[&format!("r{number}")];
        assert_eq!(answer.index, number);
        match answer.result.as_ref().unwrap() {
            Answer::Response(response) => assert_eq!(response.comment_id, format!("c{number}")),
            Answer::Failure(failure) => {
                assert_eq!(number % 50, 7);
                assert_eq!((failure.code, failure.reason.as_str()), (3, "INVALID_FIELDS"));
                assert_eq!(failure.field_violations[0].field, "text");
            }
        }
    }
    assert_eq!(get(&mut client, "c299").await.unwrap().comment.unwrap().text, "Comment number 299.");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_stream_ends_when_the_server_stops_and_what_was_answered_is_kept() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    let (sender, receiver) = tokio::sync::mpsc::channel(4);
    let requests = tokio_stream::wrappers::ReceiverStream::new(receiver);
    let request = pb::SubmitCommentsRequest { submission: Some(comment("stream", "c1", "Before the end.")) };
    sender.send(request).await.unwrap();
    let mut answers = client.submit_comments(requests).await.unwrap().into_inner();
    assert!(answers.next().await.unwrap().is_ok());
    let dir = server.stop().await;
    assert!(answers.next().await.is_none_or(|end| end.is_err()));
    let server = TestServer::start_in(dir, "").await;
    assert!(get(&mut server.client().await, "c1").await.is_ok());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_short_comments_sent_one_by_one_as_fast_as_it_goes_are_all_answered() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    let requests = unfold(0, async |number| {
        // Each in a frame of its own, as clients of other languages send them.
        tokio::task::yield_now().await;
        let submission = comment("stream", &format!("c{number}"), "ok");
        (number < 6000).then(|| (pb::SubmitCommentsRequest { submission: Some(submission) }, number + 1))
    });
    let answers = client.submit_comments(requests).await.unwrap().into_inner();
    let answers: Vec<_> = answers.map(|answer| answer.unwrap().index).collect().await;
    assert_eq!(answers.len(), 6000);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_id_sent_many_times_at_once_makes_one_revision() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    let requests: Vec<_> = (0..64)
        .map(|_| pb::SubmitCommentsRequest { submission: Some(comment("stream", "same", "Me first!")) })
        .collect();
    let answers = client.submit_comments(iter(requests)).await.unwrap().into_inner();
    let first_ones = answers
        .filter(|answer| match answer.as_ref().unwrap().result.as_ref().unwrap() {
            Answer::Response(response) => !response.repeated,
            Answer::Failure(failure) => panic!("{failure:?}"),
        })
        .collect::<Vec<_>>()
        .await;
    assert_eq!(first_ones.len(), 1);
    assert_eq!(get(&mut client, "same").await.unwrap().revisions.len(), 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_never_overtaken_by_the_comment_that_it_edits() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    let long = "A long first draft. ".repeat(1000);
    let requests: Vec<_> = (0..20)
        .flat_map(|number| [(number, long.clone()), (number, "A short edit.".into())])
        .map(|(number, text)| pb::SubmitCommentsRequest {
            submission: Some(comment("stream", &format!("c{number}"), &text)),
        })
        .collect();
    let answers = client.submit_comments(iter(requests)).await.unwrap().into_inner();
    assert_eq!(answers.filter(Result::is_ok).collect::<Vec<_>>().await.len(), 40);
    for number in 0..20 {
        let found = get(&mut client, &format!("c{number}")).await.unwrap();
        assert_eq!(found.comment.unwrap().text, "A short edit.");
        assert_eq!(found.revisions.len(), 2);
    }
    server.stop().await;
}

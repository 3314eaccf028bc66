//! A site reads back what was decided.

use crate::support::{TestServer, comment, get};
use ombud::domain::Attribute;
use ombud::grpc::{Client, pb};
use pb::list_comments_request::Filter;
use tonic::{Code, Status, transport::Channel};
use tonic_types::StatusExt as _;

async fn list(
    client: &mut Client<Channel>,
    filter: impl Into<Option<Filter>>,
    page_size: i32,
    page_token: &str,
) -> Result<pb::ListCommentsResponse, Status> {
    let request = pb::ListCommentsRequest {
        site_id: String::new(),
        filter: filter.into(),
        page_size,
        page_token: page_token.to_owned(),
    };
    Ok(client.list_comments(request).await?.into_inner())
}

fn on(article: &str) -> Filter {
    Filter::ArticleId(article.into())
}

fn ids(page: &pb::ListCommentsResponse) -> Vec<&str> {
    page.comments.iter().map(|revision| revision.comment.as_ref().unwrap().comment_id.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_are_listed_newest_first_page_by_page() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    for number in 0..5 {
        client.submit_comment(comment("garden", &format!("c{number}"), "Nice.")).await.unwrap();
        client.submit_comment(comment("kitchen", &format!("k{number}"), "Tasty.")).await.unwrap();
    }
    let first = list(&mut client, on("garden"), 2, "").await.unwrap();
    assert_eq!(ids(&first), ["c4", "c3"]);
    let second = list(&mut client, on("garden"), 2, &first.next_page_token).await.unwrap();
    assert_eq!(ids(&second), ["c2", "c1"]);
    let third = list(&mut client, on("garden"), 2, &second.next_page_token).await.unwrap();
    assert_eq!((ids(&third), third.next_page_token.as_str()), (vec!["c0"], ""));
    let full = list(&mut client, on("garden"), 5, "").await.unwrap();
    assert_eq!((full.comments.len(), full.next_page_token.as_str()), (5, ""), "no empty page at the end");
    let by_author = list(&mut client, Filter::AuthorId("reader-1".into()), 0, "").await.unwrap();
    assert_eq!(by_author.comments.len(), 10);
    assert!(ids(&list(&mut client, on("nowhere"), 0, "").await.unwrap()).is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_long_comments_end_before_they_fill_an_answer() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    let text = "long ".repeat(4096);
    for number in 0..150 {
        client.submit_comment(comment("garden", &format!("c{number}"), &text)).await.unwrap();
    }
    let (mut listed, mut token) = (0, String::new());
    loop {
        let page = list(&mut client, on("garden"), 1000, &token).await.unwrap();
        listed += page.comments.len();
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(listed, 150);
    server.stop().await;
}

/// Edits one comment again and again, and checks that it can be read with a part of its revisions.
async fn check_endless_edits(text: &str, edits: u32) {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    let edits_sent: Vec<_> = (0..edits)
        .map(|number| pb::SubmitCommentsRequest {
            submission: Some(comment("garden", "c1", &format!("{text}{number}"))),
        })
        .collect();
    let mut answers = client.submit_comments(tokio_stream::iter(edits_sent)).await.unwrap().into_inner();
    while answers.message().await.unwrap().is_some() {}
    let found = get(&mut client, "c1").await.unwrap();
    assert_eq!(found.revisions.last().unwrap().number, edits);
    assert_eq!(found.revisions.len() + found.revisions_omitted as usize, edits as usize);
    assert!(found.revisions.len() > 100 && found.revisions_omitted > 0, "{}", found.revisions.len());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_with_many_long_revisions_can_still_be_read() {
    check_endless_edits(&"long ".repeat(4000), 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_with_very_many_short_revisions_can_still_be_read() {
    check_endless_edits("Short, stupid idiot ", 8000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn going_back_to_an_earlier_text_is_an_edit_too() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    for (text, revision) in [("First.", 1), ("Second.", 2), ("First.", 3), ("First.", 3)] {
        let response = client.submit_comment(comment("garden", "c1", text)).await.unwrap().into_inner();
        assert_eq!(response.revision, revision);
    }
    assert_eq!(get(&mut client, "c1").await.unwrap().comment.unwrap().text, "First.");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_comment_is_not_found_and_the_resource_is_named() {
    let server = TestServer::start().await;
    let status = get(&mut server.client().await, "nobody-wrote-this").await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    let resource = status.get_details_resource_info().unwrap();
    assert_eq!((resource.resource_type.as_str(), resource.resource_name.as_str()), ("comment", "nobody-wrote-this"));
    assert_eq!(status.get_details_error_info().unwrap().reason, "COMMENT_NOT_FOUND");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_questions_name_their_fields() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    for number in 0..2 {
        client.submit_comment(comment("garden", &format!("c{number}"), "Nice.")).await.unwrap();
    }
    let token = list(&mut client, on("garden"), 1, "").await.unwrap().next_page_token;
    let cases = [
        (Some(on("garden")), 0, "made-up", "page_token"),
        (Some(on("kitchen")), 0, token.as_str(), "page_token"),
        (Some(on("garden")), -1, "", "page_size"),
        (Some(on("garden")), 1001, "", "page_size"),
        (Some(on("")), 0, "", "article_id"),
        (None, 0, "", "filter"),
    ];
    for (filter, page_size, page_token, field) in cases {
        let status = list(&mut client, filter, page_size, page_token).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(status.get_details_bad_request().unwrap().field_violations[0].field, field);
    }
    let status = get(&mut client, "").await.unwrap_err();
    assert_eq!(status.get_details_bad_request().unwrap().field_violations[0].field, "comment_id");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_scored_without_being_stored() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    let texts = vec!["What a lovely garden.".into(), "You stupid idiot.".into(), String::new()];
    let request = pb::ScoreTextRequest { texts: texts.clone(), explain: true };
    let response = client.score_text(request).await.unwrap().into_inner();
    assert_eq!(response.results.len(), 3);
    assert!(response.results[1].scores["TOXICITY"] > response.results[0].scores["TOXICITY"]);
    let toxicity = &response.results[1].explanations[0];
    assert_eq!(toxicity.attribute, "TOXICITY");
    let strongest = toxicity.spans.iter().max_by(|a, b| a.contribution.total_cmp(&b.contribution)).unwrap();
    assert!(
        ["stupid", "idiot"]
            .iter()
            .any(|word| texts[1][strongest.begin as usize..strongest.end as usize].contains(word))
    );
    for (count, ok) in [(256, true), (257, false), (0, false)] {
        let request = pb::ScoreTextRequest { texts: vec!["x".into(); count], explain: false };
        let answer = client.score_text(request).await;
        assert_eq!(answer.is_ok(), ok, "{count}");
    }
    let too_long = pb::ScoreTextRequest { texts: vec!["x".into(), "x".repeat(20_481)], explain: false };
    let status = client.score_text(too_long).await.unwrap_err();
    assert_eq!(status.get_details_bad_request().unwrap().field_violations[0].field, "texts[1]");
    server.stop().await;
}

/// Sums what an explanation of `text` says; returns how many words were left out.
fn check_sums(text: &str, scored: &pb::TextScores) -> u32 {
    assert_eq!(scored.explanations.len(), Attribute::COUNT);
    for explained in &scored.explanations {
        let spans: f64 = explained.spans.iter().map(|span| f64::from(span.contribution)).sum();
        let sum =
            spans + f64::from(explained.bias) + f64::from(explained.style) + f64::from(explained.omitted_contribution);
        let logit = f64::from(explained.logit);
        assert!((sum - logit).abs() < 1e-4, "{}: {sum} is not {logit}", explained.attribute);
        assert!(explained.spans.windows(2).all(|pair| pair[0].end <= pair[1].begin), "in the order of the text");
        let words = u32::try_from(text.split_whitespace().count()).unwrap();
        assert_eq!(u32::try_from(explained.spans.len()).unwrap() + explained.omitted_spans, words);
    }
    let toxicity = |scored: &pb::TextScores| (scored.explanations[0].logit, scored.scores["TOXICITY"]);
    assert!(toxicity(scored).0.is_finite() && (0.0..=1.0).contains(&toxicity(scored).1));
    scored.explanations[0].omitted_spans
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_can_sum_what_explains_a_score() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    let few = vec!["You stupid, stupid idiot, what a lovely day!".to_owned(), String::new(), "b a d".to_owned()];
    // More words than an answer has room for: it still fits into what clients read by default.
    let many: Vec<String> = (0..3).map(|_| "ab ".repeat(6_800).trim_end().to_owned()).collect();
    for (texts, omits) in [(few, false), (many, true)] {
        let request = pb::ScoreTextRequest { texts: texts.clone(), explain: true };
        let results = client.score_text(request).await.unwrap().into_inner().results;
        assert_eq!(results.len(), texts.len());
        let omitted = texts.iter().zip(&results).map(|(text, scored)| check_sums(text, scored)).sum::<u32>();
        assert_eq!(omitted > 0, omits);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_after_a_restart() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    client.submit_comment(comment("garden", "c1", "Nice.")).await.unwrap();
    client.submit_comment(comment("garden", "c1", "Very nice.")).await.unwrap();
    let before = get(&mut client, "c1").await.unwrap();
    let server = TestServer::start_in(server.stop().await, "").await;
    assert_eq!(get(&mut server.client().await, "c1").await.unwrap(), before);
    server.stop().await;
}

//! What happened to a comment, to an author's comments, and by a moderator's hand, from the first event on.

use crate::support::{TestServer, comment};
use ombud::grpc::{Client, ReviewClient, pb};
use pb::{Verdict, get_history_request::Of, watch_events_response::Event};
use tonic::{Code, transport::Channel};

struct Newsroom {
    server: TestServer,
    site: Client<Channel>,
    review: ReviewClient<Channel>,
}

impl Newsroom {
    async fn new(server: TestServer) -> Self {
        let site = server.client().await;
        let review = ReviewClient::connect(server.url.clone()).await.unwrap();
        Self { server, site, review }
    }

    async fn submit(&mut self, id: &str, author: &str, text: &str) {
        let mut request = comment("garden", id, text);
        request.author = Some(pb::Author { author_id: author.into(), name: "Ann".into() });
        self.site.submit_comment(request).await.unwrap();
    }

    async fn settle(&mut self, id: &str, moderator_id: &str, verdict: Verdict) -> u64 {
        let item = pb::GetReviewItemRequest { comment_id: id.into(), ..Default::default() };
        let version = self.review.get_review_item(item).await.unwrap().into_inner().item.unwrap().version;
        let settle = pb::SettleItemRequest {
            comment_id: id.into(),
            moderator_id: moderator_id.into(),
            version,
            verdict: verdict.into(),
            ..Default::default()
        };
        self.review.settle_item(settle).await.unwrap().into_inner().action_id
    }

    /// Reads a whole history in pages of two events, and says each in a word.
    async fn history(&mut self, of: Of) -> Vec<String> {
        let (mut said, mut before_seq) = (Vec::new(), 0);
        loop {
            let request =
                pb::GetHistoryRequest { of: Some(of.clone()), page_size: 2, before_seq, ..Default::default() };
            let page = self.review.get_history(request).await.unwrap().into_inner();
            assert!(page.events.len() <= 2);
            said.extend(page.events.iter().map(word));
            before_seq = page.next_before_seq;
            if before_seq == 0 {
                return said;
            }
        }
    }
}

fn word(event: &pb::WatchEventsResponse) -> String {
    let what = match event.event.as_ref().unwrap() {
        Event::CommentSubmitted(one) => format!("submitted {}", one.revision),
        Event::CommentDecided(one) => format!("{:?}", one.decision.as_ref().unwrap().outcome()),
        Event::ItemClaimed(_) => "claimed".to_owned(),
        Event::ItemSettled(one) => format!("settled {:?}", one.verdict()),
        Event::VerdictUndone(_) => "undone".to_owned(),
        other => format!("{other:?}"),
    };
    format!("{} {what} {}", event.comment_id, event.moderator_id).trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_is_whole_page_by_page_and_the_same_after_a_restart() {
    let mut newsroom = Newsroom::new(TestServer::start().await).await;
    newsroom.submit("c1", "u1", "The minister is a liar.").await;
    newsroom.submit("c2", "u1", "Thank you.").await;
    newsroom.submit("c3", "u2", "Only a fool believes this.").await;
    let untouched = newsroom.history(Of::CommentId("c2".into())).await;
    assert_eq!(untouched, ["c2 Publish", "c2 submitted 1"]);
    let claim = pb::ClaimNextRequest { queue: "held".into(), moderator_id: "ada".into(), ..Default::default() };
    newsroom.review.claim_next(claim).await.unwrap();
    let action_id = newsroom.settle("c3", "ada", Verdict::Reject).await;
    let undo = pb::UndoActionRequest { moderator_id: "bob".into(), action_id, ..Default::default() };
    newsroom.review.undo_action(undo).await.unwrap();
    newsroom.settle("c1", "bob", Verdict::Approve).await;
    newsroom.submit("c1", "u1", "The minister is mistaken.").await;
    let c1 = ["c1 Publish", "c1 submitted 2", "c1 Publish bob", "c1 settled Approve bob", "c1 Hold", "c1 submitted 1"];
    let c3 = [
        "c3 Hold bob",
        "c3 undone bob",
        "c3 Reject ada",
        "c3 settled Reject ada",
        "c3 claimed ada",
        "c3 Hold",
        "c3 submitted 1",
    ];
    let u1 = [
        "c1 Publish",
        "c1 submitted 2",
        "c1 Publish bob",
        "c1 settled Approve bob",
        "c2 Publish",
        "c2 submitted 1",
        "c1 Hold",
        "c1 submitted 1",
    ];
    for round in ["before", "after"] {
        assert_eq!(newsroom.history(Of::CommentId("c1".into())).await, c1, "{round}");
        assert_eq!(newsroom.history(Of::CommentId("c3".into())).await, c3, "{round}");
        assert_eq!(newsroom.history(Of::AuthorId("u1".into())).await, u1, "{round}");
        let ada = newsroom.history(Of::OfModeratorId("ada".into())).await;
        assert_eq!(ada, ["c3 settled Reject ada", "c3 claimed ada"], "{round}");
        let bob = newsroom.history(Of::OfModeratorId("bob".into())).await;
        assert_eq!(bob, ["c1 settled Approve bob", "c3 undone bob"], "{round}");
        assert!(newsroom.history(Of::AuthorId("nobody".into())).await.is_empty());
        if round == "before" {
            let dir = newsroom.server.stop().await;
            newsroom = Newsroom::new(TestServer::start_in(dir, "").await).await;
        }
    }
    let nothing = newsroom.review.get_history(pb::GetHistoryRequest::default()).await.unwrap_err();
    assert_eq!(nothing.code(), Code::InvalidArgument);
    newsroom.server.stop().await;
}

//! A challenger runs in the shadow, and a moderator looks at what it would have decided otherwise.

use crate::admin_changes_models::{SURE, hash_of, house, whole};
use crate::moderator_reviews::{HELD, Newsroom, ids, said};
use crate::support::TestServer;
use ombud::grpc::{ModelClient, pb};
use pb::{DecisionSource, Outcome, QueueChange, Verdict};
use tokio_stream::iter;
use tonic::{Streaming, transport::Channel};

const KIND: &str = "What a lovely garden.";

struct Shadowed {
    newsroom: Newsroom,
    models: ModelClient<Channel>,
    told: Streaming<pb::WatchQueueResponse>,
}

impl Shadowed {
    /// Starts a server whose challenger would reject everything.
    async fn start() -> Self {
        let server = TestServer::start_with("[policy.likely_to_reject]\nreject = 0.9\n").await;
        let mut models = ModelClient::connect(server.url.clone()).await.unwrap();
        let strict = house(SURE);
        models.upload_model(iter(whole(&strict))).await.unwrap();
        models.set_shadow(pb::SetShadowRequest { hash: hash_of(&strict) }).await.unwrap();
        let mut newsroom = Newsroom::new(server).await;
        let watch = pb::WatchQueueRequest { queue: "disagreement".into(), ..Default::default() };
        let told = newsroom.review.watch_queue(watch).await.unwrap().into_inner();
        let mut shadowed = Self { newsroom, models, told };
        assert_eq!(shadowed.next().await.0, QueueChange::Begun);
        shadowed
    }

    async fn next(&mut self) -> (QueueChange, String) {
        let told = self.told.message().await.unwrap().unwrap();
        (told.change(), told.comment_id)
    }

    async fn submit(&mut self, id: &str, text: &str) {
        self.newsroom.submit(id, text, Outcome::Publish).await;
        assert_eq!(self.next().await, (QueueChange::Entered, id.to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_challenger_would_reject_stays_published_and_waits_until_somebody_rules() {
    let mut shadowed = Shadowed::start().await;
    shadowed.submit("n1", KIND).await;
    let newsroom = &mut shadowed.newsroom;
    assert_eq!(newsroom.waiting().await, [("disagreement".to_owned(), 1)]);
    assert_eq!(newsroom.decision("n1").await, (Outcome::Publish, DecisionSource::Model));
    let item = newsroom.claim_in("disagreement", "ada", 5).await.remove(0);
    let challenged = item.challenged.clone().unwrap();
    assert_eq!((ids(std::slice::from_ref(&item)), challenged.outcome()), (vec!["n1".to_owned()], Outcome::Reject));
    assert!(challenged.likely_to_reject > 0.99 && challenged.model_version.contains("+house-"), "{challenged:?}");
    newsroom.settle("ada", &item, Verdict::Reject).await.unwrap();
    assert_eq!(newsroom.decision("n1").await, (Outcome::Reject, DecisionSource::Moderator));
    assert_eq!(newsroom.waiting().await, []);
    let mut events = newsroom.review.watch_events(pb::WatchEventsRequest::default()).await.unwrap().into_inner();
    let mut seen = Vec::new();
    while seen.len() < 4 {
        seen.push(said(&events.message().await.unwrap().unwrap()));
    }
    assert_eq!(seen[..3], ["submitted 1", "Publish", "disagreed about 1"], "models are no site's");
    shadowed.newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_anyway_comes_again_or_was_agreed_on_does_not_wait_for_this() {
    let mut shadowed = Shadowed::start().await;
    shadowed.newsroom.submit("c0", HELD[0], Outcome::Hold).await;
    shadowed.submit("n1", KIND).await;
    // The same text again, and then another one, on which the two differ too.
    shadowed.newsroom.submit("n1", KIND, Outcome::Publish).await;
    shadowed.newsroom.submit("n1", "What a lovely garden, and such roses.", Outcome::Publish).await;
    assert_eq!(shadowed.next().await, (QueueChange::Left, "n1".to_owned()));
    assert_eq!(shadowed.next().await, (QueueChange::Entered, "n1".to_owned()));
    let waiting = [("held".to_owned(), 1), ("disagreement".to_owned(), 1)];
    assert_eq!(shadowed.newsroom.waiting().await, waiting);
    let compared = shadowed.models.compare_models(pb::CompareModelsRequest {}).await.unwrap().into_inner();
    assert_eq!(compared.comments, 3, "what was held counts, what came again doesn't");
    // Without a challenger nobody disagrees: once the next challenger has been asked, whoever came before would wait.
    shadowed.models.set_shadow(pb::SetShadowRequest::default()).await.unwrap();
    shadowed.newsroom.submit("n2", KIND, Outcome::Publish).await;
    assert_eq!(shadowed.newsroom.waiting().await, waiting);
    shadowed.models.set_shadow(pb::SetShadowRequest { hash: hash_of(&house(SURE)) }).await.unwrap();
    shadowed.submit("n3", KIND).await;
    assert_eq!(shadowed.newsroom.item("n2").await.queue, "");
    shadowed.newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_wait_than_people_can_look_at() {
    let mut shadowed = Shadowed::start().await;
    for number in 0..200 {
        shadowed.submit(&format!("n{number}"), KIND).await;
    }
    shadowed.newsroom.submit("over", KIND, Outcome::Publish).await;
    let compared = loop {
        let compared = shadowed.models.compare_models(pb::CompareModelsRequest {}).await.unwrap().into_inner();
        if compared.comments == 201 {
            break compared;
        }
    };
    assert_eq!(compared.disagreements[0].comment_id, "over");
    let item = shadowed.newsroom.claim_in("disagreement", "ada", 1).await.remove(0);
    shadowed.newsroom.settle("ada", &item, Verdict::Approve).await.unwrap();
    // Where there is room again, the next one waits, and the one that came on top never did.
    for expected in [QueueChange::Claimed, QueueChange::Left] {
        assert_eq!(shadowed.next().await, (expected, "n0".to_owned()));
    }
    shadowed.submit("next", KIND).await;
    assert_eq!(shadowed.newsroom.waiting().await, [("disagreement".to_owned(), 200)]);
    // What a former challenger brought gives way to what the next one does, the oldest first.
    let other = house(SURE - 1.0);
    shadowed.models.upload_model(iter(whole(&other))).await.unwrap();
    shadowed.models.set_shadow(pb::SetShadowRequest { hash: hash_of(&other) }).await.unwrap();
    shadowed.newsroom.submit("new", KIND, Outcome::Publish).await;
    let mut told = [shadowed.next().await, shadowed.next().await];
    told.sort_by_key(|(_, id)| id.clone());
    assert_eq!(told, [(QueueChange::Left, "n1".to_owned()), (QueueChange::Entered, "new".to_owned())]);
    assert_eq!(shadowed.newsroom.waiting().await, [("disagreement".to_owned(), 200)]);
    assert_eq!(shadowed.newsroom.item("over").await.queue, "");
    shadowed.newsroom.server.stop().await;
}

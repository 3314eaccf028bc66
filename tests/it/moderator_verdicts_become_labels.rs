//! What moderators say of comments becomes labels, to learn from.

use crate::moderator_reviews::{HELD, Newsroom, reason};
use crate::support::house::{house_model, promote};
use crate::support::{TestServer, comment, with_token};
use ombud::grpc::{AdminClient, ModelClient, pb};
use pb::{LabelSource, Outcome, Role, Verdict, settle_many_request::Which};
use tonic::{Code, Status, transport::Channel};

/// Reads an export to its end.
pub(crate) async fn export(
    models: &mut ModelClient<Channel>,
    request: pb::ExportLabelsRequest,
) -> Result<Vec<pb::Label>, Status> {
    let mut told = models.export_labels(request).await?.into_inner();
    let mut labels = Vec::new();
    while let Some(some) = told.message().await? {
        assert!(!some.labels.is_empty() && some.labels.len() <= 500);
        labels.extend(some.labels);
    }
    Ok(labels)
}

pub(crate) async fn connect(server: &TestServer) -> ModelClient<Channel> {
    ModelClient::connect(server.url.clone()).await.unwrap()
}

impl Newsroom {
    async fn labels(&self) -> Vec<pb::Label> {
        let labels = export(&mut connect(&self.server).await, pb::ExportLabelsRequest::default()).await.unwrap();
        assert!(labels.is_sorted_by_key(|label| label.seq), "in the order of their events");
        labels
    }

    async fn settles(&mut self, moderator_id: &str, comment_id: &str, verdict: Verdict) -> u64 {
        let item = self.item(comment_id).await;
        self.settle(moderator_id, &item, verdict).await.unwrap().action_id
    }

    async fn plead(&mut self, comment_id: &str) {
        let request = pb::AppealDecisionRequest { comment_id: comment_id.into(), ..Default::default() };
        self.review.appeal_decision(request).await.unwrap();
    }
}

/// What a label says, in short.
fn said(label: &pb::Label) -> (&str, u32, LabelSource, Option<bool>, &str) {
    (&label.comment_id, label.revision, label.source(), label.rejected, &label.moderator_id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_is_a_label_with_what_was_known_when_the_comment_came_in() {
    let mut newsroom = Newsroom::new(TestServer::start().await).await;
    newsroom.submit("fine", "What a lovely garden.", Outcome::Publish).await;
    let sent = pb::SubmitCommentRequest { article_id: "sport/cup".into(), ..comment("", "c0", HELD[0]) };
    newsroom.site.submit_comment(sent).await.unwrap();
    assert_eq!(newsroom.labels().await, [], "nobody has ruled yet");
    newsroom.settles("ada", "c0", Verdict::Reject).await;
    let labels = newsroom.labels().await;
    let [label] = &labels[..] else { panic!("one label: {}", labels.len()) };
    assert_eq!(said(label), ("c0", 1, LabelSource::Verdict, Some(true), "ada"));
    assert_eq!((label.text.as_str(), label.site_id.as_str()), (HELD[0], "default"));
    assert_eq!((label.article_id.as_str(), label.section.as_str()), ("sport/cup", "sport"));
    assert_eq!(label.attributes, [("INSULT".to_owned(), true)].into());
    assert_eq!((label.outcome(), label.sampling_probability), (Outcome::Hold, 1.0));
    assert!(label.model_version.starts_with("default-") && label.labeled_at.is_some() && label.seq > 0);
    let known = pb::Circumstances { word_hits: 0, published: 1, held: 0, rejected: 0 };
    assert_eq!((label.circumstances, label.author_id.as_str()), (Some(known), "reader-1"));
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hits_of_word_lists_are_counted_where_no_house_model_had_asked_for_them() {
    let list = |word: &str| {
        format!(
            "[[policy.words]]\nname = \"w\"\nkind = \"exact\"\naction = \"hold\"\nentries = [\"{word}\", \"cake\"]\n"
        )
    };
    let server = TestServer::start_with(&list("twaddle")).await;
    let hits = async |newsroom: &Newsroom| {
        let labels = newsroom.labels().await;
        let hits = |label: &pb::Label| (label.comment_id.clone(), label.circumstances.unwrap().word_hits);
        labels.iter().map(hits).collect::<Vec<_>>()
    };
    let mut newsroom = Newsroom::new(server).await;
    newsroom.submit("c0", "Such twaddle about cake.", Outcome::Hold).await;
    newsroom.settles("ada", "c0", Verdict::Approve).await;
    assert_eq!(hits(&newsroom).await, [("c0".to_owned(), 2)]);
    // What a house model looked at is told as it was, whatever the lists say now.
    let mut models = connect(&newsroom.server).await;
    promote(&mut models, &house_model(2, 0.0)).await;
    newsroom.submit("c1", "More twaddle.", Outcome::Hold).await;
    newsroom.settles("ada", "c1", Verdict::Approve).await;
    let dir = newsroom.server.stop().await;
    let newsroom = Newsroom::new(TestServer::start_in(dir, &list("nonsense")).await).await;
    assert_eq!(hits(&newsroom).await, [("c0".to_owned(), 1), ("c1".to_owned(), 1)]);
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_verdict_in_force_is_the_label_also_on_a_text_that_was_edited() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    let undone = newsroom.settles("ada", "c0", Verdict::Reject).await;
    newsroom.undo(undone).await;
    assert_eq!(newsroom.labels().await, [], "what was taken back is gone");
    newsroom.settles("ada", "c0", Verdict::Reject).await;
    newsroom.plead("c0").await;
    let overturned = newsroom.settles("bob", "c0", Verdict::Approve).await;
    let labels = newsroom.labels().await;
    assert_eq!(labels.iter().map(said).collect::<Vec<_>>(), [("c0", 1, LabelSource::Appeal, Some(false), "bob")]);
    assert_eq!(labels[0].attributes, [("INSULT".to_owned(), false)].into());
    let request = pb::ExportLabelsRequest { include_superseded: true, ..Default::default() };
    let both = export(&mut connect(&newsroom.server).await, request).await.unwrap();
    let ada = ("c0", 1, LabelSource::Verdict, Some(true), "ada");
    assert_eq!(
        both.iter().map(said).collect::<Vec<_>>(),
        [ada, said(&labels[0])],
        "where it is asked for, who was overruled"
    );
    assert_eq!(both.iter().map(|label| label.superseded).collect::<Vec<_>>(), [true, false]);
    newsroom.undo(overturned).await;
    let labels = newsroom.labels().await;
    let first = ("c0", 1, LabelSource::Verdict, Some(true), "ada");
    assert_eq!(labels.iter().map(said).collect::<Vec<_>>(), [first], "the verdict before holds again");

    newsroom.submit("c0", HELD[1], Outcome::Hold).await;
    newsroom.settles("cyd", "c0", Verdict::Approve).await;
    let labels = newsroom.labels().await;
    let second = ("c0", 2, LabelSource::Verdict, Some(false), "cyd");
    assert_eq!(labels.iter().map(said).collect::<Vec<_>>(), [first, second]);
    assert_eq!((labels[0].text.as_str(), labels[1].text.as_str()), (HELD[0], HELD[1]));

    // All of it outlives the server, and what happens to several at once is a label of each.
    let items = ["c1", "c2"].map(str::to_owned);
    let mut versions = Vec::new();
    for comment_id in items {
        let version = newsroom.item(&comment_id).await.version;
        versions.push(pb::ItemVersion { comment_id, version });
    }
    let many = pb::SettleManyRequest {
        which: Some(Which::Items(pb::ItemVersions { items: versions })),
        moderator_id: "ada".into(),
        verdict: Verdict::Reject.into(),
        ..Default::default()
    };
    newsroom.review.settle_many(many).await.unwrap();
    let before = newsroom.labels().await;
    assert_eq!(before.len(), 4);
    let dir = newsroom.server.stop().await;
    let newsroom = Newsroom::new(TestServer::start_in(dir, "").await).await;
    assert_eq!(newsroom.labels().await, before);
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_a_lot_brought_stands_for_others_and_what_readers_reported_for_itself() {
    let mut newsroom = Newsroom::new(TestServer::start_with("[review]\naudit_rate = 0.5\n").await).await;
    for number in 0..40 {
        newsroom.submit(&format!("n{number}"), "What a lovely garden.", Outcome::Publish).await;
    }
    let drawn = newsroom.claim_in("audit", "ada", 100).await;
    assert!(drawn.len() > 1, "of forty, a few are drawn");
    newsroom.settle("ada", &drawn[0], Verdict::Approve).await.unwrap();
    for number in 0..3 {
        let (comment_id, reporter_id) = (crate::moderator_reviews::id(&drawn[1]), format!("reader-{number}"));
        let report = pb::ReportCommentRequest { comment_id, reporter_id, reason: "rude".into(), ..Default::default() };
        newsroom.review.report_comment(report).await.unwrap();
    }
    let reported = newsroom.item(&crate::moderator_reviews::id(&drawn[1])).await;
    newsroom.settle("ada", &reported, Verdict::Reject).await.unwrap();
    let labels = newsroom.labels().await;
    let chances: Vec<f32> = labels.iter().map(|label| label.sampling_probability).collect();
    assert_eq!(chances, [0.5, 1.0]);
    assert!(labels.iter().all(|label| label.outcome() == Outcome::Publish));
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_erased_is_no_label_any_more() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    for id in ["c0", "c1"] {
        newsroom.settles("ada", id, Verdict::Reject).await;
    }
    newsroom.submit("c0", HELD[2], Outcome::Hold).await;
    assert_eq!(newsroom.labels().await.len(), 2);
    let erase = pb::EraseCommentRequest { site_id: String::new(), comment_id: "c0".into(), moderator_id: "ada".into() };
    newsroom.review.erase_comment(erase).await.unwrap();
    let labels = newsroom.labels().await;
    assert_eq!(labels.iter().map(|label| label.comment_id.as_str()).collect::<Vec<_>>(), ["c1"]);
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_are_asked_for_by_site_and_by_time() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    newsroom.settles("ada", "c0", Verdict::Reject).await;
    newsroom.settles("ada", "c1", Verdict::Reject).await;
    let mut models = connect(&newsroom.server).await;
    let at = newsroom.labels().await[1].labeled_at;
    let mut count = async |request| export(&mut models, request).await.map(|labels| labels.len());
    let of_site = |site: &str| pb::ExportLabelsRequest { site_id: Some(site.into()), ..Default::default() };
    assert_eq!(count(of_site("default")).await.unwrap(), 2);
    assert_eq!(count(of_site("")).await.unwrap(), 2, "an empty site is the default one, as everywhere");
    assert_eq!(count(of_site("daily")).await.unwrap(), 0);
    assert_eq!(count(pb::ExportLabelsRequest { since: at, ..Default::default() }).await.unwrap(), 1);
    assert_eq!(count(pb::ExportLabelsRequest { until: at, ..Default::default() }).await.unwrap(), 1);
    let refused = count(of_site(&"s".repeat(129))).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_of_one_site_exports_its_labels_and_no_others() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    newsroom.settles("ada", "c0", Verdict::Reject).await;
    let url = newsroom.server.url.clone();
    let mut admin = AdminClient::connect(url.clone()).await.unwrap();
    let request = |role: Role, site: &str| pb::CreateTokenRequest {
        role: role.into(),
        name: "eve".into(),
        bound_site_id: site.into(),
        ..Default::default()
    };
    let root = admin.create_token(request(Role::Admin, "")).await.unwrap().into_inner().secret;
    let mut admin = AdminClient::new(with_token(&url, &root).await);
    let mut ask = async |role, site: &str, asked: Option<&str>| {
        let secret = admin.create_token(request(role, site)).await.unwrap().into_inner().secret;
        let mut models = ModelClient::new(with_token(&url, &secret).await);
        let request = pb::ExportLabelsRequest { site_id: asked.map(str::to_owned), ..Default::default() };
        let mut told = models.export_labels(request).await.map_err(|status| reason(&status))?.into_inner();
        let told = told.message().await.map_err(|status| reason(&status))?;
        Ok(told.map_or(0, |some| some.labels.len()))
    };
    let denied = |reason: &str| Err((Code::PermissionDenied, reason.to_owned()));
    assert_eq!(ask(Role::Admin, "default", Some("default")).await, Ok(1));
    assert_eq!(ask(Role::Admin, "daily", Some("daily")).await, Ok(0));
    assert_eq!(ask(Role::Admin, "daily", Some("default")).await, denied("OTHER_SITE"));
    assert_eq!(ask(Role::Admin, "default", None).await, denied("OTHER_SITE"), "all sites are not its own");
    assert_eq!(ask(Role::Admin, "", None).await, Ok(1));
    assert_eq!(ask(Role::Moderator, "", None).await, denied("ROLE_TOO_LOW"));
    newsroom.server.stop().await;
}

//! A moderator asks why a comment was decided on as it was, also long after: the answer is of the model and the policy of then.

use crate::editor_sets_policy::Desk;
use crate::support::house::{house_model, promote, promote_hash};
use crate::support::terminal::{json_lines, output};
use crate::support::{TestServer, comment, submit_all};
use ombud::domain::Attribute;
use ombud::grpc::{ModelClient, ReviewClient, pb};
use std::fs;
use tonic::{Code, Status, transport::Channel};
use tonic_types::StatusExt as _;

struct Newsroom {
    desk: Desk,
    models: ModelClient<Channel>,
    review: ReviewClient<Channel>,
}

impl Newsroom {
    async fn over(server: TestServer) -> Self {
        let models = ModelClient::connect(server.url.clone()).await.unwrap();
        let review = ReviewClient::connect(server.url.clone()).await.unwrap();
        Self { desk: Desk::new(server).await, models, review }
    }

    async fn try_explain(&mut self, request: pb::ExplainCommentRequest) -> Result<pb::ExplainCommentResponse, Status> {
        Ok(self.review.explain_comment(request).await?.into_inner())
    }

    async fn explain(&mut self, id: &str) -> pb::ExplainCommentResponse {
        self.try_explain(of(id)).await.unwrap()
    }

    async fn settle(&mut self, id: &str, verdict: pb::Verdict) {
        let item = pb::GetReviewItemRequest { comment_id: id.into(), ..Default::default() };
        let version = self.review.get_review_item(item).await.unwrap().into_inner().item.unwrap().version;
        let settle = pb::SettleItemRequest {
            comment_id: id.into(),
            moderator_id: "ada".into(),
            version,
            verdict: verdict.into(),
            ..Default::default()
        };
        self.review.settle_item(settle).await.unwrap();
    }
}

fn of(id: &str) -> pb::ExplainCommentRequest {
    pb::ExplainCommentRequest { comment_id: id.into(), ..Default::default() }
}

fn reason(status: &Status) -> (Code, String) {
    (status.code(), status.get_details_error_info().map(|info| info.reason).unwrap_or_default())
}

/// Checks that deciding again gave the same in everything, and that this and nothing else was not replayed.
fn check_same(explained: &pb::ExplainCommentResponse, not_replayed: &[&str]) {
    let replay = explained.replay.as_ref().unwrap();
    let equal = [replay.scores_equal, replay.outcome_equal, replay.reasons_equal];
    let decision = explained.decision.as_ref().unwrap();
    assert_eq!(equal, [Some(true); 3], "{decision:?}\n{:?}", replay.decision);
    let again = replay.decision.as_ref().unwrap();
    assert_eq!(again.scores.len(), decision.scores.len());
    for (name, score) in &decision.scores {
        assert_eq!(again.scores[name].to_bits(), score.to_bits(), "{name}");
    }
    assert_eq!(replay.not_replayed, not_replayed, "{decision:?}");
}

/// Checks that all parts of an explanation sum to the logits, and that those are the logits of the scores.
fn check_sums(explained: &pb::ExplainCommentResponse) {
    let decision = explained.decision.as_ref().unwrap();
    assert_eq!(explained.attributes.len(), Attribute::COUNT);
    for parts in &explained.attributes {
        let words: f32 = parts.spans.iter().map(|span| span.contribution).sum();
        let sum = parts.bias + parts.style + words + parts.omitted_contribution;
        assert!((sum - parts.logit).abs() < 1e-3, "{}: {sum} and {}", parts.attribute, parts.logit);
    }
    let parts = explained.likely_to_reject.as_ref().unwrap();
    let words: f64 = parts.spans.iter().map(|span| span.base + span.house).sum();
    let inputs: f64 = parts.inputs.iter().map(|input| input.contribution).sum();
    let others = parts.base_bias + parts.house_bias + parts.base_style + parts.house_style;
    let sum = others + words + inputs + parts.omitted_base + parts.omitted_house;
    assert!((sum - parts.logit).abs() < 1e-4, "{sum} and {}", parts.logit);
    let sigmoid = 1.0 / (1.0 + (-parts.logit).exp());
    assert!((sigmoid - f64::from(parts.score)).abs() < 1e-6);
    if let Some(score) = decision.scores.get("LIKELY_TO_REJECT") {
        assert_eq!((parts.score.to_bits(), parts.has_house), (score.to_bits(), true));
    }
}

const CONFIGURED: &str = "[policy.likely_to_reject]\nhold = 0.4\nreject = 0.8\n";

const SITE: &str = r#"
    links = { action = "hold", allowed_domains = ["example.org"] }
    insult = { hold = 0.3, reject = 0.9 }

    [[words]]
    name = "rude"
    kind = "stem"
    action = "hold"
    entries = ["twaddl", "codswallop"]

    [[words]]
    name = "banned"
    kind = "phrase"
    action = "reject"
    entries = ["sold my vote"]

    [[rules]]
    name = "disliked"
    when = "author.rejected > 1 && comment.length > 20"
    action = "hold"

    [[rules]]
    name = "unlikely"
    when = "scores.likely_to_reject > 0.6 && !comment.is_reply"
    action = "reject"

    [[rules]]
    name = "first"
    when = "author.first_time && comment.links > 0"
    action = "reject"
"#;

const ARTICLE: &str = r#"
    unsupported_language = "score"
    toxicity = { hold = 0.2 }

    [[words]]
    name = "rude"
    kind = "stem"
    action = "reject"
    entries = ["nonsens"]
"#;

/// Comments of many kinds: plain, angry, disguised, with links, long, short, in other languages, of many readers and of none.
fn comments() -> Vec<pb::SubmitCommentRequest> {
    let openings = [
        "Thank you for the report on",
        "Only a fool would trust",
        "NOBODY ASKED FOR",
        "What utter twaddle about",
        "I d i o t s run",
        "Has anybody read http://shop.example about",
        "As example.org/news says of",
        "You are a l1ar and a cl0wn, and so is",
        "He sold my vote and then",
        "Ich habe den Artikel gern gelesen, er war sehr gut geschrieben über",
        "¡Qué maravilla!",
        "Hm.",
        "\u{200b}Well\u{202e}, nonsense: \u{1f600}\u{1f600}",
    ];
    let closings = [
        "the new bridge over the river",
        "the mayor, who never answers; shame on him",
        "my neighbour's garden and its bees",
        "a plan that costs nine million and helps nobody at all",
        "it!!! it!!! it!!!",
    ];
    let long = "The committee met on Tuesday, and again on Thursday, and found that nothing was wrong with it, idiot. ";
    let mut comments = Vec::new();
    for opening in openings {
        for closing in closings {
            let mut text = format!("{opening} {closing}");
            if comments.len() % 11 == 7 {
                text = format!("{text}. {}", long.repeat(25));
            }
            for article in ["garden", "council"] {
                let number = comments.len();
                let mut comment = comment(article, &format!("c{number}"), &text);
                let author_id = if number % 5 == 4 { String::new() } else { format!("reader-{}", number % 9) };
                comment.author = Some(pb::Author { author_id, name: "Ann".into() });
                comment.parent_id = if number % 4 == 0 { "c0".into() } else { String::new() };
                comments.push(comment);
            }
        }
    }
    comments
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_of_all_kinds_are_decided_again_to_the_bit_after_model_and_policy_have_changed() {
    let mut room = Newsroom::over(TestServer::start_with(CONFIGURED).await).await;
    let all = comments();
    let (first, rest) = all.split_at(50);
    let (second, third) = rest.split_at(50);
    // By a house model and two policies; then by another one, under others; then by the base model alone.
    let mut versions = vec![promote(&mut room.models, &house_model(1, -0.5)).await];
    room.desk.set(0, SITE).await;
    room.desk.try_set("council", 0, ARTICLE).await.unwrap();
    let mut decided = submit_all(&mut room.desk.site, first.to_vec()).await;
    versions.push(promote(&mut room.models, &house_model(3, 0.25)).await);
    room.desk.try_set("council", 1, "mode = \"pre_moderated\"").await.unwrap();
    decided.extend(submit_all(&mut room.desk.site, second.to_vec()).await);
    versions.push(promote_hash(&mut room.models, "base").await);
    room.desk.set(1, "").await;
    decided.extend(submit_all(&mut room.desk.site, third.to_vec()).await);
    room.desk
        .set(2, "mode = \"closed\"\n[[words]]\nname = \"w\"\nkind = \"exact\"\naction = \"none\"\nentries = [\"a\"]")
        .await;
    let dir = room.desk.server.stop().await;
    let mut room = Newsroom::over(TestServer::start_in(dir, CONFIGURED).await).await;
    let (mut outcomes, mut codes, mut policies) = (Vec::new(), Vec::new(), Vec::new());
    for (number, response) in decided.iter().enumerate() {
        let decision = response.decision.clone().unwrap();
        let explained = room.explain(&response.comment_id).await;
        assert_eq!(explained.decision.as_ref(), Some(&decision));
        assert_eq!(explained.model_version, decision.model_version);
        assert_eq!(decision.model_version, versions[(number / 50).min(2)]);
        // Of a comment that was not scored, nothing of the author was recorded.
        let comment = explained.comment.as_ref().unwrap();
        let has_account = !comment.author.as_ref().unwrap().author_id.is_empty();
        let asked = decision.scores.is_empty() && has_account && number < 100;
        check_same(&explained, if asked { &["AUTHOR_RULES"] } else { &[] });
        check_sums(&explained);
        let known = explained.known.is_some();
        assert_eq!(known, decision.scores.contains_key("LIKELY_TO_REJECT"), "{decision:?}");
        outcomes.push(decision.outcome());
        codes.extend(decision.reasons.into_iter().map(|reason| reason.code));
        policies.push(decision.policy_version);
    }
    // So that the test is about something.
    for outcome in [pb::Outcome::Publish, pb::Outcome::Hold, pb::Outcome::Reject] {
        assert!(outcomes.iter().filter(|one| **one == outcome).count() > 10, "{outcome:?}");
    }
    for code in [
        "HOLD_THRESHOLD",
        "REJECT_THRESHOLD",
        "LISTED_WORD",
        "LINK",
        "RULE",
        "UNSUPPORTED_LANGUAGE",
        "ARTICLE_PRE_MODERATED",
    ] {
        assert!(codes.iter().any(|one| one == code), "{code}");
    }
    policies.sort();
    policies.dedup();
    assert!(decided.len() > 100 && policies.len() == 5, "{policies:?}");
    room.desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_text_does_not_tell_is_taken_over_and_named() {
    let mut room = Newsroom::over(TestServer::start_with(CONFIGURED).await).await;
    let checks = r#"
        flood = { comments = 2, seconds = 3600, action = "reject" }
        repeats = { seconds = 3600, action = "hold" }
        first_time = { published = 1, action = "hold" }

        [[rules]]
        name = "new"
        when = "author.first_time"
        action = "hold"

        [[rules]]
        name = "long"
        when = "comment.length > 10"
        action = "hold"
    "#;
    room.desk.set(0, checks).await;
    let text = "The tulips are out, and so are the bees.";
    let mut decided = Vec::new();
    for id in ["c0", "c1", "c2"] {
        decided.push(room.desk.submit(comment("garden", id, text)).await);
    }
    let codes = |decision: &pb::Decision| decision.reasons.iter().map(|one| one.code.clone()).collect::<Vec<_>>();
    assert_eq!(codes(&decided[0]), ["RULE", "RULE", "NEW_AUTHOR"]);
    assert_eq!(codes(&decided[2]), ["RULE", "FLOOD", "REPEATED_TEXT", "NEW_AUTHOR"]);
    assert_eq!(decided[2].outcome(), pb::Outcome::Reject);
    let by_author = ["FLOOD", "REPEATED_TEXT", "NEW_AUTHOR"];
    for id in ["c0", "c1", "c2"] {
        check_same(&room.explain(id).await, &[&["AUTHOR_RULES"][..], &by_author].concat());
    }
    // A reader without an account has no record, so that the rule can be asked again.
    let mut nobody = comment("garden", "c3", "Tulips.");
    nobody.author = Some(pb::Author { author_id: String::new(), name: "Ann".into() });
    room.desk.submit(nobody).await;
    check_same(&room.explain("c3").await, &by_author);
    // Where a house model decides, what is known of the author is recorded.
    promote(&mut room.models, &house_model(1, -0.5)).await;
    let decision = room.desk.submit(comment("garden", "c4", "Bees and tulips, and no more of them.")).await;
    assert!(decision.scores.contains_key("LIKELY_TO_REJECT"));
    let explained = room.explain("c4").await;
    check_same(&explained, &by_author);
    assert_eq!(explained.known.unwrap().held, 2);
    room.desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_hides_nothing_of_what_was_decided_before_it_and_edits_are_explained_each() {
    let mut room = Newsroom::over(TestServer::start().await).await;
    let insult = "Only a fool believes this.";
    let before = room.desk.submit(comment("garden", "c1", insult)).await;
    assert_eq!(before.outcome(), pb::Outcome::Hold);
    assert_eq!(room.explain("c1").await.ruled, None);
    room.settle("c1", pb::Verdict::Approve).await;
    let explained = room.explain("c1").await;
    assert_eq!(explained.decision.as_ref(), Some(&before));
    assert_eq!(explained.ruled.as_ref().unwrap().outcome(), pb::Outcome::Publish);
    check_same(&explained, &[]);
    room.desk.submit(comment("garden", "c1", "The tulips are out.")).await;
    let newest = room.explain("c1").await;
    assert_eq!((newest.revision, newest.ruled.is_none()), (2, true));
    assert_eq!(newest.decision.unwrap().outcome(), pb::Outcome::Publish);
    let first = room.try_explain(pb::ExplainCommentRequest { revision: 1, ..of("c1") }).await.unwrap();
    assert_eq!((first.revision, first.comment.as_ref().unwrap().text.as_str()), (1, insult));
    assert_eq!(first.decision.as_ref(), Some(&before));
    check_same(&first, &[]);
    let strongest = first.attributes.iter().find(|parts| parts.attribute == "INSULT").unwrap();
    let strongest = strongest.spans.iter().max_by(|a, b| a.contribution.total_cmp(&b.contribution)).unwrap();
    assert_eq!(&insult[strongest.begin as usize..strongest.end as usize], "fool");
    room.desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_explained_says_why() {
    let mut room = Newsroom::over(TestServer::start().await).await;
    room.desk.submit(comment("garden", "c1", "Only a fool believes this.")).await;
    let unknown = room.try_explain(of("c2")).await.unwrap_err();
    assert_eq!(reason(&unknown), (Code::NotFound, "COMMENT_NOT_FOUND".into()));
    let edit = room.try_explain(pb::ExplainCommentRequest { revision: 2, ..of("c1") }).await.unwrap_err();
    assert_eq!(reason(&edit), (Code::NotFound, "REVISION_NOT_FOUND".into()));
    assert_eq!(reason(&room.try_explain(of("")).await.unwrap_err()).1, "INVALID_FIELDS");
    let erase = pb::EraseCommentRequest { comment_id: "c1".into(), moderator_id: "ada".into(), ..Default::default() };
    room.review.erase_comment(erase).await.unwrap();
    assert_eq!(reason(&room.try_explain(of("c1")).await.unwrap_err()), (Code::Aborted, "COMMENT_ERASED".into()));
    room.desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_gone_is_said_to_be_and_the_one_that_decides_can_be_asked_instead() {
    let mut room = Newsroom::over(TestServer::start_with(CONFIGURED).await).await;
    let bytes = house_model(1, -0.5);
    let version = promote(&mut room.models, &bytes).await;
    room.desk.submit(comment("garden", "c1", "Only a fool believes this, twice.")).await;
    promote_hash(&mut room.models, "base").await;
    let file = room.desk.server.data_dir().join("models");
    let file = fs::read_dir(file).unwrap().next().unwrap().unwrap().path();
    // The operator changes the configuration, and loses a file.
    let dir = room.desk.server.stop().await;
    fs::remove_file(dir.path().join("data/models").join(file.file_name().unwrap())).unwrap();
    let mut room = Newsroom::over(TestServer::start_in(dir, "[policy.likely_to_reject]\nhold = 0.5\n").await).await;
    let gone = room.try_explain(of("c1")).await.unwrap_err();
    assert_eq!(reason(&gone), (Code::FailedPrecondition, "MODEL_GONE".into()));
    let facts = gone.get_details_error_info().unwrap().metadata;
    assert_eq!(facts["model_version"], version);
    let url = room.desk.server.url.clone();
    let (_, told) = tokio::task::block_in_place(|| output(&["explain", "c1", "--server", &url], "", 1));
    assert!(told.contains("is not at hand any more") && told.contains("--by-current-model"), "{told}");
    let args = ["explain", "c1", "--by-current-model", "--server", &url];
    let (said, _) = tokio::task::block_in_place(|| output(&args, "", 0));
    for part in [
        "which did not decide",
        "not replayed: the scores, since another",
        "not replayed: the decision, since the policy",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let instead = pb::ExplainCommentRequest { by_current_model: true, ..of("c1") };
    let explained = room.try_explain(instead).await.unwrap();
    assert_eq!(explained.model_version, facts["current_model_version"]);
    assert_eq!(explained.decision.as_ref().unwrap().model_version, version);
    check_sums(&pb::ExplainCommentResponse { decision: Some(pb::Decision::default()), ..explained.clone() });
    let replay = explained.replay.unwrap();
    assert_eq!(replay.not_replayed, ["MODEL", "POLICY"]);
    assert_eq!(
        (replay.scores_equal, replay.outcome_equal, replay.reasons_equal, replay.decision),
        (None, None, None, None)
    );
    // Uploaded again, it explains again; the policy is that of another configuration still.
    promote(&mut room.models, &bytes).await;
    let replay = room.explain("c1").await.replay.unwrap();
    assert_eq!((replay.scores_equal, replay.not_replayed), (Some(true), vec!["POLICY".to_owned()]));
    room.desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_a_terminal_the_words_that_weigh_most_come_first_and_the_replay_last() {
    let mut room = Newsroom::over(TestServer::start().await).await;
    let url = room.desk.server.url.clone();
    let run = |args: &str, code: i32| {
        let args: Vec<&str> = args.split(' ').chain(["--server", &url]).collect();
        tokio::task::block_in_place(|| output(&args, "", code))
    };
    let insult = "Only a fool believes this.";
    room.desk.submit(comment("garden", "c1", insult)).await;
    let (said, _) = run("explain c1", 0);
    let lines: Vec<&str> = said.lines().map(str::trim).collect();
    assert!(said.starts_with("HOLD  revision 1 of ") && lines.contains(&"| Only a fool believes this."), "{said}");
    assert_eq!(lines.last(), Some(&"replayed: same scores, same outcome, same reasons"));
    let at = lines.iter().position(|line| *line == "INSULT").expect("the reason is explained");
    assert!(lines[at + 1].starts_with('+') && lines[at + 1].ends_with("  fool"), "{said}");
    assert!(!lines.contains(&"LIKELY_TO_REJECT"), "no house model has decided");
    // What the server explains is what is explained here.
    let (here, _) =
        tokio::task::block_in_place(|| output(&["classify", "--explain", "--attribute", "INSULT", insult], "", 0));
    let tail = |said: &str| -> Vec<String> {
        let part = said.split_once("\n  INSULT\n").unwrap().1.lines().take_while(|line| !line.is_empty());
        part.map(str::to_owned).collect()
    };
    assert_eq!(tail(&said), tail(&here));
    let (followed, _) = run("explain c1 --attribute LIKELY_TO_REJECT", 0);
    assert!(followed.contains("without a house model, it follows the attribute that scores highest"), "{followed}");

    promote(&mut room.models, &house_model(1, -0.5)).await;
    room.desk.submit(comment("garden", "c2", "Only a fool believes this, TWICE.")).await;
    room.settle("c2", pb::Verdict::Reject).await;
    let (said, _) = run("explain c2", 0);
    for part in [
        "  a moderator has ruled since: REJECT\n",
        "\n  LIKELY_TO_REJECT\n      all    base   house\n",
        "  how much of it is in capitals\n",
        "  1 earlier comment of the author was held\n",
        "  replayed: same scores, same outcome, same reasons\n",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let (told, _) = run("explain c2 --json", 0);
    let told = &json_lines(&told)[0];
    assert_eq!(told["replayed"]["reasons_equal"], serde_json::json!(true));
    assert_eq!(told["known"]["held"], serde_json::json!(1));
    let likely = &told["likely_to_reject"];
    let number = |value: &serde_json::Value| value.as_f64().unwrap();
    let words = likely["spans"].as_array().unwrap().iter().map(|span| number(&span["base"]) + number(&span["house"]));
    let inputs = likely["inputs"].as_object().unwrap().values().map(number);
    let others = ["base_bias", "house_bias", "base_style", "house_style"].map(|name| number(&likely[name]));
    let sum = words.chain(inputs).chain(others).sum::<f64>();
    assert!((sum - number(&likely["logit"])).abs() < 1e-5);
    assert_eq!(told["explanations"].as_array().unwrap().len(), Attribute::COUNT);
    let (one, _) = run("explain c2 --json --attribute SPAM", 0);
    let one = &json_lines(&one)[0];
    assert_eq!((one["explanations"].as_array().unwrap().len(), one.get("likely_to_reject")), (1, None));
    let german = "Ich habe den Artikel gern gelesen, er war sehr gut geschrieben und gar nicht lang.";
    room.desk.submit(comment("garden", "c3", german)).await;
    let (said, _) = run("explain c3", 0);
    assert!(said.contains("it was not scored: what the model makes of it below has decided nothing"), "{said}");
    assert!(said.contains("replayed: same scores, same outcome, same reasons"), "{said}");
    let (_, refused) = run("explain c2 --revision 4", 1);
    assert!(refused.contains("no revision of that number") && refused.contains("ombud get"), "{refused}");
    let (_, refused) = run("explain c9", 1);
    assert!(refused.contains("there is no comment of that id"), "{refused}");
    room.desk.server.stop().await;
}

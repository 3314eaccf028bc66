//! An editor makes mistakes: each is named, and nothing has changed.

use crate::editor_sets_policy::Desk;
use crate::support::TestServer;
use ombud::grpc::pb;
use tonic::Code;
use tonic_types::StatusExt as _;

/// What is sent: from which version, what, and where and how it is refused.
type Mistake<'a> = (u64, &'a str, &'a str, &'a str);

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_has_its_reason_and_its_place_and_the_policy_stays() {
    let mut desk = Desk::new(TestServer::start().await).await;
    desk.set(0, "insult = { hold = 0.5, reject = 0.9 }\nmode = \"pre_moderated\"").await;
    let before = desk.policies.get_policy(pb::GetPolicyRequest::default()).await.unwrap().into_inner();
    let rule = |when: &str| format!("[[rules]]\nname = \"r\"\nwhen = \"{when}\"\naction = \"hold\"");
    let wide = format!("[1{0}].all(n, n in [1{0}])", ",1".repeat(104));
    let walks = format!("[1{}].all(n, text.contains('a') || text.contains('b'))", ",1".repeat(128));
    let long = " ".repeat(2049);
    let words = |kind: &str, entry: &str| {
        format!("[[words]]\nname = \"w\"\nkind = \"{kind}\"\naction = \"hold\"\nentries = [\"{entry}\"]")
    };
    let mistakes: [Mistake<'_>; 19] = [
        (
            1,
            "toxicity = { hold = 0.5, reject = 0.5 }",
            "toxicity.hold",
            "is 0.5 and not below the reject threshold, 0.5",
        ),
        (
            1,
            "toxicity = { hold = 0.9, reject = 0.5 }",
            "toxicity.hold",
            "is 0.9 and not below the reject threshold, 0.5",
        ),
        (1, "toxicity = { hold = 1.5 }", "toxicity.hold", "must be a score from 0 to 1"),
        (1, "toxicty = { hold = 0.5 }", "toxicty", "is no attribute"),
        (1, "mode = \"open\"\n[flood]\nminutes = 3", "toml", "unknown field `minutes`"),
        (1, &rule("scores.toxicty > 0.9"), "rules[0].when", "column 8: "),
        (1, &rule("author.age > 1"), "rules[0].when", "column 8: "),
        (1, &rule("true && speed > 1"), "rules[0].when", "column 9: "),
        (1, &rule("scores.toxicity > '0.9'"), "rules[0].when", "column 17: "),
        (1, &rule("text && true"), "rules[0].when", "column 1: "),
        (1, &rule("comment.links >"), "rules[0].when", "column 15: "),
        (1, &rule("text.matches('(a{1,50}){1,50}')"), "rules[0].when", "column 14: "),
        (1, &rule(&wide), "rules[0].when", "column 222: "),
        (1, &rule(&walks), "rules[0].when", "column 295: "),
        (1, &rule(&long), "rules[0].when", "column 1: "),
        (1, &words("exact", "two words"), "words[0].entries", "entry 0 is more than one word; make it a phrase"),
        (1, &words("regex", "a"), "words[0].kind", "must be \"exact\", \"stem\" or \"phrase\""),
        (0, "mode = \"open\"", "STALE_POLICY", "1"),
        (7, "mode = \"open\"", "STALE_POLICY", "1"),
    ];
    for (version, toml, place, said) in mistakes {
        let status = desk.try_set("", version, toml).await.unwrap_err();
        let info = status.get_details_error_info().unwrap();
        if place == "STALE_POLICY" {
            assert_eq!((status.code(), info.reason.as_str(), &*info.metadata["version"]), (Code::Aborted, place, said));
        } else {
            assert_eq!((status.code(), info.reason.as_str()), (Code::InvalidArgument, "INVALID_FIELDS"), "{toml}");
            let violations = status.get_details_bad_request().unwrap().field_violations;
            let fields: Vec<&str> = violations.iter().map(|one| one.field.as_str()).collect();
            assert_eq!(fields, [place], "{toml}");
            assert!(violations[0].description.contains(said), "{toml}: {}", violations[0].description);
        }
        let after = desk.policies.get_policy(pb::GetPolicyRequest::default()).await.unwrap().into_inner();
        assert_eq!(after, before, "{toml}");
    }
    desk.server.stop().await;
}

//! An editor sets many policies, and long ones.

use crate::editor_sets_policy::{Desk, TUESDAY, refusal};
use crate::support::{FakeClock, TestServer, comment, model, ombud, settings, spawn_server_and_listen};
use ombud::grpc::pb;
use ombud::moderation::{
    Draft, Error, Moderation, Policies, Serving, Simulations,
    policies::Written,
    simulation::{SimulationRequest, Step},
};
use ombud::server;
use pb::Outcome;
use std::{
    future::{Future, poll_fn},
    pin::pin,
    process::Command,
    sync::Arc,
    task::Poll,
    time::Duration,
};
use tokio_stream::StreamExt as _;
use tonic::Code;

/// Writes a list of words.
fn words(name: &str, entries: impl Iterator<Item = String>) -> String {
    let entries: Vec<String> = entries.map(|entry| format!("\"{entry}\"")).collect();
    let entries = entries.join(", ");
    format!("[[words]]\nname = \"{name}\"\nkind = \"exact\"\naction = \"reject\"\nentries = [{entries}]\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_articles_have_policies_of_their_own_also_after_a_restart() {
    let mut desk = Desk::new(TestServer::start().await).await;
    let many = (0..500).map(|number| format!("twaddle{number}"));
    desk.set(0, &words("rude", many)).await;
    for number in 0..200 {
        let toml =
            if number % 2 == 0 { "mode = \"pre_moderated\"".into() } else { words("own", ["bun".into()].into_iter()) };
        desk.try_set(&format!("a{number}"), 0, &toml).await.unwrap();
    }
    let dir = desk.server.stop().await;
    let mut desk = Desk::new(TestServer::start_in(dir, "").await).await;
    for (article, text, expected) in [
        ("a0", "Well said.", Outcome::Hold),
        ("a198", "What twaddle7.", Outcome::Reject),
        ("a199", "What twaddle7.", Outcome::Reject),
        ("a199", "A bun.", Outcome::Reject),
        ("garden", "A bun.", Outcome::Publish),
        ("garden", "What twaddle499.", Outcome::Reject),
    ] {
        let mut request = comment(article, "", text);
        request.comment_id = format!("{article}-{}", text.len());
        assert_eq!(desk.submit(request).await.outcome(), expected, "{article}: {text}");
    }
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_policy_fits_in_every_answer_and_pages_of_versions_grow_shorter() {
    let mut desk = Desk::new(TestServer::start().await).await;
    // Characters of four bytes; all words together have as many as they may.
    let letter = |number: u32| char::from_u32(0x2_0000 + number).unwrap();
    let long = |number: u32| -> String {
        [letter(number / 50), letter(number % 50)].into_iter().chain(std::iter::repeat_n(letter(99), 98)).collect()
    };
    let list = words("long", (0..2000).map(long));
    let refused = desk.try_set("", 0, &format!("{list}{}", words("more", ["x".into()].into_iter()))).await.unwrap_err();
    assert_eq!(refusal(&refused), (Code::InvalidArgument, "INVALID_FIELDS".into(), vec!["words".into()]));
    for version in 0..3 {
        desk.set(version, &list).await;
    }
    let shown = desk.policies.get_policy(pb::GetPolicyRequest::default()).await.unwrap().into_inner();
    assert!(shown.effective_toml.len() > 800_000);
    let (mut before_version, mut pages) = (0, Vec::new());
    while before_version != 1 {
        let request = pb::ListPolicyVersionsRequest { page_size: 100, before_version, ..Default::default() };
        let page = desk.policies.list_policy_versions(request).await.unwrap().into_inner().versions;
        before_version = page.last().unwrap().version;
        pages.push(page.iter().map(|one| one.version).collect::<Vec<_>>());
    }
    assert_eq!(pages, [[3], [2], [1]]);
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_says_that_it_serves_once_its_policies_are_open() {
    let mut desk = Desk::new(TestServer::start_with("[policy.insult]\nhold = 0.2\nreject = 0.9").await).await;
    desk.set(0, "insult = { hold = 0.8 }").await;
    let dir = desk.server.stop().await;
    let file = dir.path().join("later.toml");
    std::fs::write(&file, "[policy.insult]\nhold = 0.2\nreject = 0.5").unwrap();
    let mut command = Command::new(ombud());
    command.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(&file);
    command.arg("--data-dir").arg(dir.path().join("data"));
    let (mut program, _, log) = spawn_server_and_listen(command);
    program.stop();
    let log = log.join().unwrap();
    let (opened, serving) = (log.find("can no longer be used"), log.find("\"message\":\"serving"));
    assert!(opened.is_some() && serving.is_some() && opened < serving, "{log}");
}

/// On one thread: whatever kept it busy would keep everybody waiting.
#[tokio::test]
async fn a_comment_is_answered_while_simulations_compile_and_one_too_many_compiles_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(dir.path(), "");
    let server::Parts { store, .. } = server::open(&settings, &|_| {}).unwrap();
    let (clock, config) = (FakeClock::at(TUESDAY), settings.moderation);
    let policies = Policies::open(settings.below, Arc::clone(&store), clock.clone(), config.limits).await.unwrap();
    let policies = Arc::new(policies);
    let serving = || Arc::new(Serving::new(model()));
    let simulations = Simulations::new(serving(), Arc::clone(&policies), Arc::clone(&store), Duration::from_mins(1));
    let moderation = Moderation::new(serving(), policies, Arc::clone(&store), clock, config);
    let asked = |toml: &str| SimulationRequest { written: Some(Written::Toml(toml.into())), ..Default::default() };
    let rule = |number| format!("[[rules]]\nname = \"r{number}\"\nwhen = \"text != '{number}'\"\naction = \"hold\"\n");
    let long: String = (0..200).map(rule).collect();
    let (mut one, mut two) = (pin!(simulations.run(asked(&long))), pin!(simulations.run(asked(&long))));
    // Neither is done at the first look: what compiles does so elsewhere.
    assert!(poll_fn(|context| Poll::Ready(one.as_mut().poll(context).is_pending())).await);
    assert!(poll_fn(|context| Poll::Ready(two.as_mut().poll(context).is_pending())).await);
    let refused = simulations.run(asked("mode = \"shut\"")).await.err().unwrap();
    assert!(matches!(refused, Error::Overloaded { reason: "TOO_MANY_SIMULATIONS", .. }), "{refused:?}");
    let draft =
        Draft { article_id: "a".into(), author_name: "Ann".into(), text: "Well said.".into(), ..Draft::default() };
    assert_eq!(moderation.submit(draft).await.unwrap().revision.decision.outcome, ombud::domain::Outcome::Publish);
    let mut found = Vec::new();
    for mut steps in [one.await.unwrap(), two.await.unwrap()] {
        while let Some(step) = steps.next().await {
            if let Step::Result(result) = step.unwrap() {
                found.push(result.comments);
            }
        }
    }
    // Each has read what had happened when its policy was ready.
    assert!(found.iter().all(|comments| *comments <= 1) && found.len() == 2, "{found:?}");
    // Both have given their turns back.
    let wrong = simulations.run(asked("mode = \"shut\"")).await.err().unwrap();
    assert!(matches!(wrong, Error::Invalid(_)), "{wrong:?}");
    store.close().await.unwrap();
}

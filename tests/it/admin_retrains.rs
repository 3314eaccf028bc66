//! An admin retrains: what moderators ruled becomes a model that is proven before it decides.

use crate::support::{TestServer, model, terminal::output};
use ombud::{
    classify::{Explanation, Scorer},
    domain::{Attribute, Scores},
    grpc::{ModelClient, pb},
    train::{
        house::{
            Label,
            newsroom::{Plan, simulate},
        },
        identity,
        metrics::{Scored, average_precision},
    },
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs, path::Path, sync::Arc};
use tokio::task::block_in_place;
use tonic::transport::Channel;

const VERDICTS: Plan = Plan { comments: 2000, later: false, noise: 0.05, seed: 1 };
const FEW: Plan = Plan { comments: 500, ..VERDICTS };
const LATER: Plan = Plan { comments: 400, later: true, noise: 0.05, seed: 2 };

/// Writes labels as `ombud labels export` does.
fn write(path: &Path, labels: &[Label]) {
    let line = |label: &Label| {
        let at = jiff::Timestamp::from_microsecond(label.at.as_micros()).unwrap();
        let known = label.circumstances;
        let line = json!({
            "site_id": label.site, "comment_id": label.comment, "revision": 1, "text": label.text, "source": "VERDICT",
            "article_id": format!("{}/news", label.section.as_deref().unwrap_or("other")), "section": label.section,
            "rejected": label.rejected, "moderator_id": label.moderator, "labeled_at": at.to_string(),
            "sampling_probability": label.sampled, "circumstances": { "word_hits": known.word_hits,
            "published": known.published, "held": known.held, "rejected": known.rejected },
        });
        format!("{line}\n")
    };
    fs::write(path, labels.iter().map(line).collect::<String>()).unwrap();
}

/// Returns labels as messages, without those that name nobody.
fn messages(labels: &[Label]) -> Vec<pb::ImportLabelsRequest> {
    let message = |label: &Label| {
        let known = label.circumstances;
        let (seconds, micros) =
            (label.at.as_micros().div_euclid(1_000_000), label.at.as_micros().rem_euclid(1_000_000));
        let label = pb::Label {
            site_id: label.site.clone(),
            comment_id: label.comment.clone(),
            article_id: format!("{}/news", label.section.as_deref().unwrap_or("other")),
            text: label.text.clone(),
            source: pb::LabelSource::Verdict.into(),
            rejected: label.rejected,
            moderator_id: label.moderator.clone(),
            labeled_at: Some(prost_types::Timestamp { seconds, nanos: i32::try_from(micros * 1000).unwrap() }),
            circumstances: Some(pb::Circumstances {
                word_hits: known.word_hits,
                published: known.published,
                held: known.held,
                rejected: known.rejected,
            }),
            ..pb::Label::default()
        };
        pb::ImportLabelsRequest { label: Some(label) }
    };
    labels.iter().map(message).collect()
}

/// A server with house models, and what is asked of it.
struct Desk {
    server: TestServer,
    models: ModelClient<Channel>,
}

impl Desk {
    async fn start() -> Self {
        Self::at(TestServer::start().await).await
    }

    async fn at(server: TestServer) -> Self {
        let models = ModelClient::connect(server.url.clone()).await.unwrap();
        Self { server, models }
    }

    async fn import(&mut self, labels: &[Label]) {
        let kept = self.models.import_labels(tokio_stream::iter(messages(labels))).await.unwrap().into_inner();
        assert_eq!(kept.imported, labels.len() as u64);
    }

    async fn listed(&mut self) -> pb::ListModelsResponse {
        self.models.list_models(pb::ListModelsRequest {}).await.unwrap().into_inner()
    }

    async fn champion(&mut self) -> String {
        self.listed().await.at_work.unwrap().champion
    }

    /// Runs `ombud retrain` against the server, and returns what it wrote.
    fn retrains(&self, more: &[&str], code: i32) -> (String, String) {
        let args = [&["retrain", "--server", self.server.url.as_str()], more].concat();
        block_in_place(|| output(&args, "", code))
    }

    /// Scores texts, and returns the bits of every score by name.
    async fn scores(&self, labels: &[Label]) -> Vec<BTreeMap<String, u32>> {
        let mut site = self.server.client().await;
        let mut found = Vec::new();
        for some in labels.chunks(200) {
            let texts = some.iter().map(|label| label.text.clone()).collect();
            let told = site.score_text(pb::ScoreTextRequest { texts, explain: false }).await.unwrap().into_inner();
            let bits =
                |one: pb::TextScores| one.scores.into_iter().map(|(name, score)| (name, score.to_bits())).collect();
            found.extend(told.results.into_iter().map(bits));
        }
        found
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn precision(scores: &[BTreeMap<String, u32>], name: &str, labels: &[Label]) -> f64 {
    let scored = scores.iter().zip(labels).map(|(of, label)| (f32::from_bits(of[name]), label.rejected.unwrap()));
    average_precision(&scored.collect::<Vec<Scored>>()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_moderators_ruled_is_learned_proven_and_put_to_work_and_taken_back() {
    let mut desk = Desk::start().await;
    desk.import(&simulate(VERDICTS)).await;
    let later = simulate(LATER);
    let before = desk.scores(&later).await;
    let out = desk.server.dir.path().join("out");
    let (said, told) = desk.retrains(&["--promote", "--out", path(&out)], 0);
    assert!(said.starts_with("Passed: the new model may take the champion's place; it finds "), "{said}");
    assert!(
        said.contains("2000 (2000 verdict)") && said.contains("1600 learned from, the newest 400 held out"),
        "{said}"
    );
    assert!(said.contains("section local") && said.contains("for rejecting now: grelk"), "{said}");
    let champion = desk.champion().await;
    assert!(told.contains(&format!("the model {} decides from the next comment on", &champion[..12])), "{told}");
    assert!(out.join(format!("{champion}.house")).is_file() && out.join("report.html").is_file());
    let report: Value = serde_json::from_slice(&fs::read(out.join("report.json")).unwrap()).unwrap();
    assert_eq!((&report["file"]["sha256"], &report["passed"]), (&json!(champion), &json!(true)));

    let after = desk.scores(&later).await;
    let base =
        Attribute::ALL.map(|attribute| precision(&before, attribute.name(), &later)).into_iter().fold(0.0, f64::max);
    let house = precision(&after, "LIKELY_TO_REJECT", &later);
    assert!(house >= base + 0.15, "{house} and {base}");
    let without_house = |scores: &BTreeMap<String, u32>| {
        let mut scores = scores.clone();
        scores.remove("LIKELY_TO_REJECT");
        scores
    };
    assert!(
        after.iter().map(without_house).eq(before.iter().cloned()),
        "the base model's scores are the same to the bit"
    );
    let rollback = ["models", "rollback", "--server", desk.server.url.as_str()];
    block_in_place(|| output(&rollback, "", 0));
    assert!(desk.scores(&later).await == before, "the first answers, bit for bit");
    assert_eq!(desk.champion().await, "");
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_learned_the_wrong_things_is_refused_and_the_server_hears_nothing_of_it() {
    let mut desk = Desk::start().await;
    let dir = tempfile::tempdir().unwrap();
    let (file, out) = (dir.path().join("labels.jsonl"), dir.path().join("out"));
    let flip = |label: Label| Label { rejected: label.rejected.map(|rejected| !rejected), ..label };
    let older = simulate(FEW).into_iter().take(400).map(flip);
    let flipped: Vec<Label> = older.chain(simulate(FEW).into_iter().skip(400)).collect();
    let mut unfair = simulate(FEW);
    let benign = identity::learned(1).into_iter().filter(|one| {
        let harmless = one.labels[Attribute::Toxicity.index()] == Some(false);
        one.term.is_some() && one.context != identity::Context::Alone && harmless
    });
    let template = Label { rejected: Some(true), ..unfair[0].clone() };
    unfair.extend(benign.step_by(40).zip(0..).map(|(sentence, number)| Label {
        comment: format!("people-{number}"),
        text: sentence.text,
        ..template.clone()
    }));
    for (labels, sentence, gate) in [
        (
            flipped,
            "Not passed, and the champion stays: the new model finds what your moderators reject worse",
            "average_precision",
        ),
        (
            simulate(Plan { comments: 20, ..VERDICTS }),
            "Not yet: there are too few labels, and the champion stays. It takes about 480 more",
            "learned",
        ),
        (unfair, "Not passed, and the champion stays: the new model flags harmless sentences about people", "identity"),
    ] {
        write(&file, &labels);
        let (said, told) = desk.retrains(&["--labels", path(&file), "--promote", "--out", path(&out)], 1);
        assert!(said.starts_with(sentence), "{said}");
        assert!(told.contains("the server was not handed the model"), "{told}");
        let report: Value = serde_json::from_slice(&fs::read(out.join("report.json")).unwrap()).unwrap();
        let refused = report["gates"].as_array().unwrap().iter().filter(|one| one["outcome"] == "refused");
        assert!(refused.clone().any(|one| one["gate"] == gate), "{:?}", refused.collect::<Vec<_>>());
        let listed = desk.listed().await;
        assert!(listed.models.is_empty() && listed.at_work.unwrap().champion.is_empty(), "{gate}");
    }
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_changes_nothing_and_the_same_labels_give_the_same_bytes() {
    let toml = "[policy.labels]\nkeep_do_not_store = true\n";
    let mut desk = Desk::at(TestServer::start_with(toml).await).await;
    // Among them are some of comments that were to be stored nowhere, which this newsroom learns from too.
    let mut labels = messages(&simulate(FEW));
    for message in labels.iter_mut().step_by(7) {
        message.label.as_mut().unwrap().do_not_store = true;
    }
    let kept = desk.models.import_labels(tokio_stream::iter(labels)).await.unwrap().into_inner();
    assert_eq!((kept.imported, kept.left_out), (500, 0));
    let dir = tempfile::tempdir().unwrap();
    let base_data = dir.path().join("old.jsonl");
    let row = |label: &Label| {
        let rude = u8::from(label.rejected == Some(true));
        format!("{}\n", json!({ "text": label.text, "source": "old", "labels": { "toxicity": rude } }))
    };
    fs::write(&base_data, simulate(Plan { comments: 300, later: true, ..FEW }).iter().map(row).collect::<String>())
        .unwrap();
    let files = |out: &str, more: &[&str]| {
        let out = dir.path().join(out);
        let args = [&["--dry-run", "--json", "--base-data", path(&base_data), "--out", path(&out)], more].concat();
        let (said, told) = desk.retrains(&args, 0);
        assert!(told.contains("nothing was changed on the server"), "{told}");
        let said: Value = serde_json::from_str(&said).unwrap();
        assert_eq!((&said["uploaded"], &said["promoted"]), (&json!(false), &json!(false)));
        assert_eq!(said["report"]["labels"]["by_source"], json!({ "verdict": 500, "data_set": 250 }));
        let read = fs::read_dir(out).unwrap().map(|entry| entry.unwrap().path());
        read.map(|path| (path.file_name().unwrap().to_owned(), fs::read(&path).unwrap())).collect::<BTreeMap<_, _>>()
    };
    let (one, other) = (files("one", &[]), files("other", &[]));
    assert!(one == other && one.len() == 3, "{:?} and {:?}", one.keys(), other.keys());
    // What the server exports are the same labels.
    let file = dir.path().join("labels.jsonl");
    let (lines, _) = block_in_place(|| output(&["labels", "export", "--server", &desk.server.url], "", 0));
    assert_eq!(lines.matches("\"do_not_store\":true").count(), 72);
    fs::write(&file, lines).unwrap();
    assert!(files("file", &["--labels", path(&file)]) == one);
    assert!(desk.listed().await.models.is_empty());
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_server_s_folder_is_retrained_by_itself_and_a_running_one_s_is_told_apart() {
    let mut desk = Desk::start().await;
    desk.import(&simulate(FEW)).await;
    // Whoever has the folder needs no token.
    let token = ["token", "create", "--role", "admin", "--name", "ada", "--server", desk.server.url.as_str()];
    block_in_place(|| output(&token, "", 0));
    let data = desk.server.data_dir();
    let out = desk.server.dir.path().join("out");
    let args = ["retrain", "--promote", "--data-dir", path(&data), "--out", path(&out)];
    let (_, told) = block_in_place(|| output(&args, "", 2));
    assert!(told.contains("a running server has ") && told.contains("`ombud retrain --server URL`"), "{told}");
    assert!(!out.exists());
    let dir = desk.server.stop().await;
    let data = dir.path().join("data");
    let out = dir.path().join("out");
    let args = ["retrain", "--promote", "--data-dir", path(&data), "--out", path(&out)];
    let (said, told) = block_in_place(|| output(&args, "", 0));
    assert!(said.starts_with("Passed: ") && told.contains("decides from the next comment on"), "{said}{told}");
    let list = ["models", "list", "--jsonl", "--server"];
    let server = TestServer::start_in(dir, "").await;
    let (_, refused) = block_in_place(|| output(&[&list[..], &[server.url.as_str()]].concat(), "", 1));
    assert!(refused.contains("OMBUD_TOKEN"), "the tokens are as they were: {refused}");
    server.stop().await;
}

/// A server whose base model is another one.
struct Other(Arc<ombud::classify::Model>);

impl Scorer for Other {
    fn version(&self) -> &'static str {
        "other"
    }

    fn base_checksum(&self) -> &'static str {
        "abababababababababababababababababababababababababababababababab"
    }

    fn score(&self, text: &str) -> Option<Scores> {
        self.0.score(text)
    }

    fn explain(&self, text: &str) -> Option<Explanation> {
        self.0.explain(text)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_base_model_than_the_server_s_is_an_error_that_says_what_to_do() {
    let desk = Desk::at(TestServer::start_with_scorer(Arc::new(Other(model()))).await).await;
    let (said, told) = desk.retrains(&[], 2);
    assert!(
        said.is_empty() && told.starts_with("error: the server's base model is abababababab, and the one here is "),
        "{told}"
    );
    assert!(told.contains("hint: name the folder that the server has as model.dir with --model DIR"), "{told}");
    desk.server.stop().await;
}

#[cfg(unix)]
mod while_it_reads {
    use super::*;
    use crate::support::ombud;
    use std::{
        io::Write as _,
        process::{Child, Command, Output, Stdio},
    };

    /// A retraining that waits for its labels at a pipe, with the pipe and its folder.
    fn waiting(desk: &Desk, dir: &Path) -> (Child, fs::File) {
        let pipe = dir.join("labels.pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let mut command = Command::new(ombud());
        command.args(["retrain", "--promote", "--server", &desk.server.url, "--labels"]).arg(&pipe);
        command.arg("--out").arg(dir.join("out")).env_remove("OMBUD_TOKEN").env("NO_COLOR", "1");
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Opening waits until the other side reads: from then on, the champion is known there.
        let file = fs::File::options().write(true).open(pipe).unwrap();
        (child, file)
    }

    fn ended(child: Child) -> (Option<i32>, String) {
        let Output { status, stderr, .. } = child.wait_with_output().unwrap();
        (status.code(), String::from_utf8(stderr).unwrap())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn ctrl_c_ends_it_at_once_and_leaves_nothing() {
        let mut desk = Desk::start().await;
        for learns in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            let (child, mut pipe) = block_in_place(|| waiting(&desk, dir.path()));
            if learns {
                let labels = desk.server.dir.path().join("labels.jsonl");
                write(&labels, &simulate(VERDICTS));
                block_in_place(|| pipe.write_all(&fs::read(labels).unwrap()).unwrap());
                // All has been read but what the pipe holds; learning takes long enough.
                drop(pipe);
            }
            assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
            let (code, told) = block_in_place(|| ended(child));
            assert_eq!(code, Some(2), "{told}");
            assert!(told.contains("stopped; nothing was written, and nothing was changed on the server"), "{told}");
            assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "only the pipe is there");
            assert!(desk.listed().await.models.is_empty());
        }
        desk.server.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_model_that_was_promoted_meanwhile_stays() {
        let mut desk = Desk::start().await;
        let dir = tempfile::tempdir().unwrap();
        let (child, mut pipe) = block_in_place(|| waiting(&desk, dir.path()));
        let strict = crate::admin_changes_models::house(9.0);
        let hash = crate::admin_changes_models::hash_of(&strict);
        desk.models.upload_model(tokio_stream::iter(crate::admin_changes_models::whole(&strict))).await.unwrap();
        let request = pb::PromoteModelRequest { hash: hash.clone(), seen_champion: "base".into() };
        desk.models.promote_model(request).await.unwrap();
        let labels = dir.path().join("labels.jsonl");
        write(&labels, &simulate(FEW));
        block_in_place(|| pipe.write_all(&fs::read(labels).unwrap()).unwrap());
        drop(pipe);
        let (code, told) = block_in_place(|| ended(child));
        assert_eq!(code, Some(2), "{told}");
        assert!(told.contains("run `ombud retrain` again, so that this one is judged against it"), "{told}");
        assert_eq!(desk.champion().await, hash);
        assert_eq!(desk.listed().await.models.len(), 2, "it is kept, and decides nothing");
        desk.server.stop().await;
    }
}

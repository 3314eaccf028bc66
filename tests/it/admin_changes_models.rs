//! An admin uploads house models, puts them to work and takes them back.

use crate::support::terminal::output;
use crate::support::{TestServer, comment, get, model, ombud, settings};
use ombud::{
    auth::Caller,
    classify::{
        FEATURES_VERSION,
        house::{Artifact, Head, Learned},
    },
    domain::Attribute,
    grpc::{ModelClient, ReviewClient, pb},
    moderation::{Models, Serving},
    server::{self, Parts},
};
use pb::upload_model_request::Part;
use sha2::{Digest, Sha256};
use std::{
    fs,
    future::{Future as _, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};
use tokio::time::timeout;
use tokio_stream::iter;
use tonic::{Code, Status, transport::Channel};
use tonic_types::StatusExt as _;

/// What every comment is likely to be rejected with, by a house model of this bias.
pub(crate) const SURE: f32 = 9.0;

/// A house model that says the same of every comment.
pub(crate) fn house(bias: f32) -> Vec<u8> {
    let head = Head::from_row(bias, &[0.0; Head::WEIGHTS]);
    let base = model().checksum().to_owned();
    let learned = Learned { approved: 20, rejected: 10 };
    Artifact { name: "house".into(), base, learned, learned_until: None, delta: vec![(7, 0.5)], head }
        .to_bytes()
        .unwrap()
}

pub(crate) fn hash_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn begin(hash: &str, bytes: u64) -> pb::UploadModelRequest {
    let begin = pb::UploadBegin { hash: hash.to_owned(), bytes, note: "for the test".into() };
    pb::UploadModelRequest { part: Some(Part::Begin(begin)) }
}

fn chunks(bytes: &[u8]) -> impl Iterator<Item = pb::UploadModelRequest> {
    bytes.chunks(40).map(|chunk| pb::UploadModelRequest { part: Some(Part::Chunk(chunk.to_vec())) })
}

pub(crate) fn whole(bytes: &[u8]) -> Vec<pb::UploadModelRequest> {
    [begin(&hash_of(bytes), bytes.len() as u64)].into_iter().chain(chunks(bytes)).collect()
}

fn reason(status: &Status) -> (Code, String) {
    (status.code(), status.get_details_error_info().map(|info| info.reason).unwrap_or_default())
}

fn refused(reason: &str) -> (Code, String) {
    (Code::Aborted, reason.to_owned())
}

struct Desk {
    server: TestServer,
    models: ModelClient<Channel>,
}

impl Desk {
    async fn at(server: TestServer) -> Self {
        let models = ModelClient::connect(server.url.clone()).await.unwrap();
        Self { server, models }
    }

    async fn upload(&mut self, bytes: &[u8]) -> pb::UploadModelResponse {
        self.models.upload_model(iter(whole(bytes))).await.unwrap().into_inner()
    }

    /// Returns the model that a download tells of, and the bytes that it brings.
    async fn download(&mut self, hash: &str) -> Result<(pb::Model, Vec<u8>), Status> {
        use pb::download_model_response::Part;
        let request = pb::DownloadModelRequest { hash: hash.to_owned() };
        let mut parts = self.models.download_model(request).await?.into_inner();
        let Some(Part::Model(model)) = parts.message().await?.and_then(|first| first.part) else { panic!("no model") };
        let mut bytes = Vec::new();
        while let Some(message) = parts.message().await? {
            let Some(Part::Chunk(chunk)) = message.part else { panic!("{message:?}") };
            bytes.extend(chunk);
        }
        Ok((model, bytes))
    }

    async fn promote(&mut self, hash: &str, seen: &str) -> Result<pb::AtWork, Status> {
        let request = pb::PromoteModelRequest { hash: hash.to_owned(), seen_champion: seen.to_owned() };
        Ok(self.models.promote_model(request).await?.into_inner().at_work.unwrap())
    }

    async fn roll_back(&mut self) -> Result<pb::AtWork, Status> {
        let request = pb::RollbackModelRequest::default();
        Ok(self.models.rollback_model(request).await?.into_inner().at_work.unwrap())
    }

    async fn shadow(&mut self, hash: &str) -> Result<pb::AtWork, Status> {
        let request = pb::SetShadowRequest { hash: hash.to_owned() };
        Ok(self.models.set_shadow(request).await?.into_inner().at_work.unwrap())
    }

    async fn remove(&mut self, hash: &str) -> Result<pb::AtWork, Status> {
        let request = pb::RemoveModelRequest { hash: hash.to_owned() };
        Ok(self.models.remove_model(request).await?.into_inner().at_work.unwrap())
    }

    async fn at_work(&mut self) -> pb::AtWork {
        self.models.list_models(pb::ListModelsRequest {}).await.unwrap().into_inner().at_work.unwrap()
    }

    /// Sends a comment in and returns the decision on it.
    async fn decide(&self, id: &str) -> pb::Decision {
        let mut site = self.server.client().await;
        let sent =
            site.submit_comment(comment("garden", id, "The tulips are out, and so are the bees.")).await.unwrap();
        let kept = get(&mut site, id).await.unwrap().decision;
        assert_eq!(kept, sent.into_inner().decision, "what is kept is what was answered");
        kept.unwrap()
    }
}

/// The bits of the attributes' scores.
fn bits(decision: &pb::Decision) -> Vec<u32> {
    Attribute::ALL.iter().map(|attribute| decision.scores[attribute.name()].to_bits()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promoted_model_decides_at_once_over_a_restart_and_until_it_is_rolled_back() {
    let mut desk = Desk::at(TestServer::start_with("[policy.likely_to_reject]\nreject = 0.9\n").await).await;
    let (kind, strict) = (house(-SURE), house(SURE));
    let before = desk.decide("before").await;
    assert!(!before.scores.contains_key("LIKELY_TO_REJECT"));
    let uploaded = desk.upload(&strict).await;
    let told = uploaded.model.unwrap();
    assert_eq!((told.hash.as_str(), told.labels, told.note.as_str()), (hash_of(&strict).as_str(), 30, "for the test"));
    assert!(!uploaded.repeated && desk.upload(&strict).await.repeated, "the same file again changes nothing");
    assert_eq!(desk.decide("uploaded").await.model_version, before.model_version, "it decides nothing yet");

    let at_work = desk.promote(&hash_of(&strict), "base").await.unwrap();
    assert_eq!((at_work.champion, at_work.rollbacks), (hash_of(&strict), 1));
    let promoted = desk.decide("promoted").await;
    assert_eq!(promoted.model_version, at_work.version);
    assert!(promoted.scores["LIKELY_TO_REJECT"] > 0.99);
    assert_eq!(promoted.outcome(), pb::Outcome::Reject);
    assert_eq!(promoted.reasons[0].attribute, "LIKELY_TO_REJECT");
    assert_eq!(bits(&promoted), bits(&before), "the base model's scores stay what they are");

    desk.upload(&kind).await;
    desk.promote(&hash_of(&kind), "").await.unwrap();
    assert!(desk.decide("kind").await.scores["LIKELY_TO_REJECT"] < 0.01);
    let stale = desk.promote("base", &hash_of(&strict)).await.unwrap_err();
    assert_eq!(reason(&stale), refused("STALE_CHAMPION"));

    let dir = desk.server.stop().await;
    let mut desk = Desk::at(TestServer::start_in(dir, "").await).await;
    assert_eq!(desk.at_work().await.champion, hash_of(&kind));
    assert!(desk.decide("restarted").await.scores["LIKELY_TO_REJECT"] < 0.01);
    assert_eq!(desk.roll_back().await.unwrap().champion, hash_of(&strict));
    assert_eq!(desk.roll_back().await.unwrap().champion, "");
    let after = desk.decide("after").await;
    assert_eq!((bits(&after), after.model_version.clone()), (bits(&before), before.model_version));
    assert!(!after.scores.contains_key("LIKELY_TO_REJECT"));
    assert_eq!(reason(&desk.roll_back().await.unwrap_err()), refused("NOTHING_TO_ROLL_BACK"));
    desk.server.stop().await;
}

/// A house model's file for a version of the features.
fn of_features(version: u32) -> Vec<u8> {
    let base = model().checksum().to_owned();
    let mut payload = postcard::to_allocvec(&("house", base, version, 30_u32, 12_u32, None::<i64>, 0.5_f32)).unwrap();
    payload.extend([0.0_f32; Head::WEIGHTS].iter().flat_map(|weight| weight.to_le_bytes()));
    payload.extend(postcard::to_allocvec(&(vec![1_u32], vec![0.5_f32])).unwrap());
    let payload = zstd::bulk::compress(&payload, 9).unwrap();
    let mut bytes = b"OMBUDHSE".to_vec();
    bytes.extend(ombud::classify::house::artifact::FORMAT.to_le_bytes());
    bytes.extend((payload.len() as u64).to_le_bytes());
    bytes.extend(Sha256::digest(&payload));
    bytes.extend(payload);
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_kept_whole_or_not_at_all() {
    let mut desk = Desk::at(TestServer::start().await).await;
    let good = house(1.0);
    let (hash, size) = (hash_of(&good), good.len() as u64);
    let mut flipped = good.clone();
    flipped[20] ^= 1;
    let other_base = {
        let mut artifact = Artifact::from_bytes(&good, "x".as_ref()).unwrap();
        artifact.base = "ab".repeat(32);
        artifact.to_bytes().unwrap()
    };
    let cut_short = whole(&good[..good.len() - 1]);
    let order = "The first message must say what comes";
    let wrong: Vec<(&str, Vec<pb::UploadModelRequest>, &str, &str)> = vec![
        ("nothing", Vec::new(), "begin", order),
        ("no beginning", chunks(&good).collect(), "chunk", order),
        ("no end", whole(&good)[..3].to_vec(), "chunk", "bytes have come; send the model again"),
        ("two beginnings", vec![begin(&hash, size), begin(&hash, size)], "begin", order),
        ("too much", [begin(&hash, size - 1)].into_iter().chain(chunks(&good)).collect(), "chunk", "Brings more than"),
        (
            "another hash",
            [begin(&hash_of(b"x"), size)].into_iter().chain(chunks(&good)).collect(),
            "begin.hash",
            "Is not the SHA-256 of what has come",
        ),
        ("no hash", vec![begin("xyz", size)], "begin.hash", "64 hexadecimal digits"),
        ("no size", vec![begin(&hash, 0)], "begin.bytes", "Must be from 1 to 4194304."),
        ("too large", vec![begin(&hash, (4 << 20) + 1)], "begin.bytes", "Must be from 1 to 4194304."),
        ("damaged", whole(&flipped), "artifact", "is damaged: "),
        ("cut short before it was sent", cut_short, "artifact", "is damaged: its length is not what it says"),
        ("for another base model", whole(&other_base), "artifact", "is for the base model abababababab"),
        (
            "for other features",
            whole(&of_features(FEATURES_VERSION + 1)),
            "artifact",
            "of the features, this program has",
        ),
        ("no model", whole(b"not a model at all"), "artifact", "it does not begin as a house model does"),
    ];
    for (what, parts, field, sentence) in wrong {
        let status = desk.models.upload_model(iter(parts)).await.unwrap_err();
        assert_eq!(reason(&status), (Code::InvalidArgument, "INVALID_FIELDS".to_owned()), "{what}: {status:?}");
        let violations = status.get_details_bad_request().unwrap().field_violations;
        assert_eq!(violations.iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), [field], "{what}");
        assert!(violations[0].description.contains(sentence), "{what}: {}", violations[0].description);
        let listed = desk.models.list_models(pb::ListModelsRequest {}).await.unwrap().into_inner();
        assert!(listed.models.is_empty(), "{what}");
    }
    // Written by hand, as the one for other features is.
    assert!(!desk.upload(&of_features(FEATURES_VERSION)).await.repeated);
    desk.upload(&good).await;
    let kept = desk.models.get_model(pb::GetModelRequest { hash }).await.unwrap().into_inner();
    assert_eq!(kept.model.unwrap().bytes, size);
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_downloaded_as_it_was_uploaded() {
    let mut desk = Desk::at(TestServer::start().await).await;
    let head = Head::from_row(1.0, &[0.0; Head::WEIGHTS]);
    // Weights that no compression makes small: more than one message holds.
    let delta = (0..40_000_u16).map(|at| (u32::from(at) * 3, f32::from(at).sin()));
    let base = model().checksum().to_owned();
    let learned = Learned::default();
    let artifact = Artifact { name: "house".into(), base, learned, learned_until: None, delta: delta.collect(), head };
    let bytes = artifact.to_bytes().unwrap();
    assert!(bytes.len() > 64 << 10, "{}", bytes.len());
    let hash = hash_of(&bytes);
    desk.upload(&bytes).await;
    let (told, found) = desk.download(&hash).await.unwrap();
    assert!(found == bytes && told.hash == hash && told.bytes == bytes.len() as u64);
    assert_eq!(desk.at_work().await.base, model().checksum(), "what it stands on is told");

    let out = desk.server.dir.path().join("fetched.house");
    let mut command = std::process::Command::new(ombud());
    command.args(["models", "download", &hash[..12], "--server", &desk.server.url, "--out"]).arg(&out);
    let done = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(fs::read(out).unwrap() == bytes);

    let unknown = desk.download(&hash_of(b"x")).await.unwrap_err();
    assert_eq!(reason(&unknown), (Code::NotFound, "MODEL_NOT_FOUND".to_owned()));
    fs::write(desk.server.data_dir().join("models").join(format!("{hash}.house")), "damaged").unwrap();
    assert_eq!(reason(&desk.download(&hash).await.unwrap_err()), refused("MODEL_DAMAGED"));
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_unknown_or_damaged_is_not_put_to_work() {
    let mut desk = Desk::at(TestServer::start().await).await;
    let (strict, kind) = (house(SURE), house(-SURE));
    let unknown = desk.promote(&hash_of(&strict), "").await.unwrap_err();
    assert_eq!(reason(&unknown), (Code::NotFound, "MODEL_NOT_FOUND".to_owned()));
    assert_eq!(desk.shadow(&hash_of(&strict)).await.unwrap_err().code(), Code::NotFound);
    desk.upload(&strict).await;
    desk.upload(&kind).await;
    let file = |hash: &str| desk.server.data_dir().join("models").join(format!("{hash}.house"));
    let (strict_file, kind_file) = (file(&hash_of(&strict)), file(&hash_of(&kind)));
    fs::write(&strict_file, "damaged").unwrap();
    assert_eq!(reason(&desk.promote(&hash_of(&strict), "").await.unwrap_err()), refused("MODEL_DAMAGED"));
    assert_eq!(desk.at_work().await.champion, "", "nothing has changed");
    desk.upload(&strict).await;
    desk.promote(&hash_of(&strict), "").await.unwrap();
    assert_eq!(desk.shadow(&hash_of(&kind)).await.unwrap().shadow, hash_of(&kind));
    assert_eq!(reason(&desk.shadow(&hash_of(&strict)).await.unwrap_err()), refused("MODEL_IS_CHAMPION"));

    // A champion that is lost leaves the base model to decide, and says so.
    let dir = desk.server.stop().await;
    fs::remove_file(strict_file).unwrap();
    fs::remove_file(kind_file).unwrap();
    let mut desk = Desk::at(TestServer::start_in(dir, "").await).await;
    let at_work = desk.at_work().await;
    let trouble = |at_work: &pb::AtWork| {
        let told = ["decides instead of the champion: ", "nothing is scored in the champion's shadow: "];
        (told.map(|told| at_work.trouble.contains(told)), at_work.trouble.matches("is not there any more").count())
    };
    assert_eq!(trouble(&at_work), ([true, true], 2), "{}", at_work.trouble);
    assert_eq!((at_work.champion, at_work.shadow), (hash_of(&strict), hash_of(&kind)));
    assert!(!desk.decide("c1").await.scores.contains_key("LIKELY_TO_REJECT"));
    desk.upload(&strict).await;
    let at_work = desk.at_work().await;
    assert_eq!(trouble(&at_work), ([false, true], 1), "the champion is at work again: {}", at_work.trouble);
    desk.upload(&kind).await;
    assert_eq!(desk.at_work().await.trouble, "");
    assert!(desk.decide("c2").await.scores["LIKELY_TO_REJECT"] > 0.99);
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_caller_goes_away_is_kept_to_its_end_and_a_second_one_at_once_finds_the_first() {
    let dir = tempfile::tempdir().unwrap();
    let opened = || server::open(&settings(dir.path(), ""), &|_| {}).unwrap();
    let Parts { store, clock, .. } = opened();
    let models = Models::open(Arc::new(Serving::new(model())), Arc::clone(&store), clock).await.unwrap();
    let (models, operator) = (Arc::new(models), Caller::operator());
    let uploaded = |bytes: &[u8], note: &str| {
        // The one that nobody waits for may be under way a moment longer.
        let begin = || models.begin_upload(&operator, &hash_of(bytes), bytes.len() as u64, note.into());
        let mut upload = (0..).find_map(|_| begin().ok()).unwrap();
        upload.push(bytes).unwrap();
        models.finish_upload(upload)
    };
    {
        let mut uploading = pin!(uploaded(&house(1.0), "dropped"));
        poll_fn(|context| Poll::Ready(uploading.as_mut().poll(context).is_ready())).await;
    }
    let kept = async {
        while models.list(&operator).await.unwrap().registry.models.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_mins(1), kept).await.unwrap();
    let two = house(2.0);
    let (first, second) = tokio::join!(uploaded(&two, "one"), uploaded(&two, "other"));
    let ((one, one_repeated), (other, other_repeated)) = (first.unwrap(), second.unwrap());
    assert!(one_repeated != other_repeated, "one of them came first");
    assert_eq!(one, other, "with its note");
    store.close().await.unwrap();
    drop((models, store));

    // What no model names is cleared away at the next start; what isn't a model's file stays.
    let files = dir.path().join("data/models");
    let orphan = files.join(format!("{}.house", hash_of(b"x")));
    for file in [&orphan, &files.join("notes.house")] {
        fs::write(file, "x").unwrap();
    }
    opened().store.close().await.unwrap();
    let left = fs::read_dir(&files).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut left: Vec<_> = left.collect();
    left.sort();
    let mut expected = vec![format!("{}.house", hash_of(&house(1.0))), format!("{}.house", hash_of(&two))];
    expected.push("notes.house".into());
    expected.sort();
    assert_eq!(left, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_whose_caller_goes_away_is_at_work_as_soon_as_it_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let Parts { store, clock, .. } = server::open(&settings(dir.path(), ""), &|_| {}).unwrap();
    let models = Models::open(Arc::new(Serving::new(model())), Arc::clone(&store), clock).await.unwrap();
    let (models, operator, strict) = (Arc::new(models), Caller::operator(), house(SURE));
    let mut upload = models.begin_upload(&operator, &hash_of(&strict), strict.len() as u64, String::new()).unwrap();
    upload.push(&strict).unwrap();
    models.finish_upload(upload).await.unwrap();
    {
        // Asked once, and dropped, as a handler is whose caller goes away.
        let hash = hash_of(&strict);
        let mut promoting = pin!(models.promote(&operator, &hash, ""));
        poll_fn(|context| Poll::Ready(promoting.as_mut().poll(context).is_ready())).await;
    }
    let at_work = async {
        while !models.list(&operator).await.unwrap().version.contains("+house-") {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_mins(1), at_work).await.unwrap();
    store.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_in_the_shadow_is_asked_without_deciding_and_compared() {
    let mut desk = Desk::at(TestServer::start_with("[policy.likely_to_reject]\nreject = 0.9\n").await).await;
    let strict = house(SURE);
    desk.upload(&strict).await;
    let before = desk.decide("before").await;
    desk.shadow(&hash_of(&strict)).await.unwrap();
    let during = desk.decide("during").await;
    assert_eq!((during.outcome(), &during.model_version), (before.outcome(), &before.model_version));
    assert_eq!(bits(&during), bits(&before));
    let found = loop {
        let found = desk.models.compare_models(pb::CompareModelsRequest {}).await.unwrap().into_inner();
        if found.comments > 0 {
            break found;
        }
    };
    assert_eq!((found.comments, found.left_out, found.at_work.unwrap().shadow), (1, 0, hash_of(&strict)));
    let pair =
        pb::OutcomePair { champion: pb::Outcome::Publish.into(), challenger: pb::Outcome::Reject.into(), comments: 1 };
    assert_eq!(found.outcomes, [pair]);
    let differs = &found.disagreements[0];
    assert_eq!((differs.comment_id.as_str(), differs.site_id.as_str()), ("during", "default"));
    assert!(differs.challenger_likely_to_reject > 0.99 && differs.champion_likely_to_reject < 0.5);
    // Once it decides, it is in its own shadow no longer.
    assert_eq!(desk.promote(&hash_of(&strict), "").await.unwrap().shadow, "");
    assert_eq!(desk.models.compare_models(pb::CompareModelsRequest {}).await.unwrap().into_inner().comments, 0);
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_removed_with_its_file_unless_it_is_needed() {
    let mut desk = Desk::at(TestServer::start().await).await;
    let models = [1.0, 2.0, 3.0, 4.0].map(house);
    let hashes = models.each_ref().map(|bytes| hash_of(bytes));
    for bytes in &models {
        desk.upload(bytes).await;
    }
    let [former, champion, shadow, other] = &hashes;
    desk.promote(former, "").await.unwrap();
    let decided = desk.decide("by-former").await.model_version;
    desk.promote(champion, "").await.unwrap();
    desk.shadow(shadow).await.unwrap();
    for (hash, needed_as, sentence) in [
        (former, "rollback", "a rollback may need it"),
        (champion, "champion", "it decides"),
        (shadow, "shadow", "it is in the champion's shadow"),
    ] {
        let status = desk.remove(hash).await.unwrap_err();
        assert_eq!(reason(&status), refused("MODEL_NEEDED"));
        assert_eq!(status.get_details_error_info().unwrap().metadata["needed_as"], needed_as);
        assert!(status.message().contains(sentence), "{}", status.message());
    }
    let file = |server: &TestServer, hash: &str| server.data_dir().join("models").join(format!("{hash}.house"));
    let at_work = desk.at_work().await;
    assert!(file(&desk.server, other).exists());
    assert_eq!(desk.remove(other).await.unwrap(), at_work, "what is at work stays");
    assert!(!file(&desk.server, other).exists());
    assert_eq!(reason(&desk.remove(other).await.unwrap_err()), (Code::NotFound, "MODEL_NOT_FOUND".to_owned()));
    assert_eq!(desk.promote(other, "").await.unwrap_err().code(), Code::NotFound);

    // What is no longer needed goes too; what it decided stays, and can't be explained by it until its file is back.
    desk.roll_back().await.unwrap();
    desk.roll_back().await.unwrap();
    let args = ["models", "remove", &former[..12], "--server", &desk.server.url];
    let (_, told) = tokio::task::block_in_place(|| output(&args, "", 0));
    assert_eq!(told, format!("{} was removed\n", &former[..12]));
    let mut review = ReviewClient::connect(desk.server.url.clone()).await.unwrap();
    let why = || pb::ExplainCommentRequest { comment_id: "by-former".into(), ..Default::default() };
    let gone = review.explain_comment(why()).await.unwrap_err();
    assert_eq!(reason(&gone), (Code::FailedPrecondition, "MODEL_GONE".to_owned()));

    let dir = desk.server.stop().await;
    std::fs::remove_dir_all(dir.path().join("data/state")).unwrap();
    let mut desk = Desk::at(TestServer::start_in(dir, "").await).await;
    let listed = desk.models.list_models(pb::ListModelsRequest {}).await.unwrap().into_inner();
    let mut left: Vec<_> = listed.models.iter().map(|model| model.hash.clone()).collect();
    left.sort();
    let mut expected = vec![champion.clone(), shadow.clone()];
    expected.sort();
    assert_eq!(left, expected, "a state that is built from the journal knows it too");
    assert!(!desk.upload(&models[0]).await.repeated, "it is a new one now");
    let mut review = ReviewClient::connect(desk.server.url.clone()).await.unwrap();
    let explained = review.explain_comment(why()).await.unwrap().into_inner();
    assert_eq!(explained.decision.unwrap().model_version, decided);
    desk.server.stop().await;
}

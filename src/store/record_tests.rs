//! What was once written still reads: the way there and back, and files of past versions.

use super::record::*;
use crate::domain::{
    Action, Actor, ArticleId, Attribute, AuthorId, Circumstances, CommentId, Decision, DecisionSource, Event,
    Fingerprint, KeptLabel, Label, LabelSource, Language, ModeratorId, Origin, Outcome, QueueName, Reason, ReasonCode,
    ReporterId, RequestId, Role, Score, SiteId, Timestamp, Token, TokenHash, Words,
    disagreement::Challenged,
    model::{ModelEntry, ModelHash},
    queue::Conditions,
    report::{self, Report, ReporterRecord, Said},
    review::{Claim, Note, Queue, Verdict},
    submit::{self, CommentHead},
};
use crate::store::conformance;
use std::{env, fs, num::NonZeroU32, path::PathBuf};

/// An action that uses every field. The files of version 1 hold just this.
fn action() -> Action {
    let mut comment = conformance::comment("c\0ü", "a", Some("u"), "words\0 and \u{10ffff}");
    comment.parent_id = Some(crate::domain::CommentId::new("p"));
    let (site_id, comment_id) = (comment.site_id.clone(), comment.comment_id.clone());
    let decision = conformance::decision(Outcome::Reject);
    let events = vec![
        Event::CommentSubmitted { comment, revision: 3, fingerprint: Fingerprint::default() },
        Event::CommentDecided { site_id, comment_id, revision: 3, decision },
    ];
    Action { first_seq: 41, at: Timestamp::from_micros(-7), actor: Actor::System, events }
}

fn head() -> CommentHead {
    submit::apply(None, &action()).unwrap()
}

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// Returns a committed file; `OMBUD_WRITE_FIXTURES` writes it first, for a version that is new.
fn committed(name: &str, now: &[u8]) -> Vec<u8> {
    if env::var_os("OMBUD_WRITE_FIXTURES").is_some() {
        fs::write(fixture(name), now).unwrap();
    }
    fs::read(fixture(name)).unwrap()
}

#[test]
fn version_1_still_reads_and_is_still_what_is_written() {
    let (mut private, mut body) = (Vec::new(), Vec::new());
    encode_private(&action(), [7; SALT_BYTES], &mut private);
    encode_body(&action(), &private, &mut body);
    let old_private = committed("store_v1_private.bin", &private);
    let old_body = committed("store_v1_body.bin", &body);
    assert_eq!(decode_action(41, &old_body, &old_private).unwrap(), action());
    assert!(private_part_fits(&old_body, &old_private).unwrap());
    assert!((old_private, old_body) == (private, body), "version 1 must stay what it is");
}

/// An action of every kind that review has, as a moderator's.
fn review_action() -> Action {
    let submitted = action();
    let (site_id, comment_id) = submitted.events[0].comment().unwrap();
    let (site_id, comment_id) = (site_id.clone(), comment_id.clone());
    let place = || (site_id.clone(), comment_id.clone());
    let moderator_id = ModeratorId::new("m\0ü");
    let request_id = Some(RequestId::new("r"));
    let claim = Claim { moderator_id: moderator_id.clone(), expires_at: Timestamp::from_micros(-1) };
    let labels = vec![(Attribute::Threat, false), (Attribute::Toxicity, true)];
    let verdict = Verdict { approved: false, labels, reason: "off_topic".to_owned() };
    let ((site_1, comment_1), (site_2, comment_2), (site_3, comment_3)) = (place(), place(), place());
    let decision = Decision { source: DecisionSource::Moderator, ..conformance::decision(Outcome::Reject) };
    let reasons = vec![Reason::plain(ReasonCode::ModeratorVerdict)];
    let events = vec![
        Event::ItemClaimed { site_id: site_1, comment_id: comment_1, claim, request_id: request_id.clone() },
        Event::ItemReleased { site_id: site_2, comment_id: comment_2, skipped: true, request_id: None },
        Event::ItemSettled { site_id: site_3, comment_id: comment_3, revision: 3, verdict, request_id },
        Event::CommentDecided {
            site_id: site_id.clone(),
            comment_id: comment_id.clone(),
            revision: 3,
            decision: Decision { reasons, ..decision },
        },
        Event::VerdictUndone { site_id, comment_id, settled_seq: 44, request_id: None },
    ];
    Action { first_seq: 42, at: Timestamp::from_micros(9), actor: Actor::Moderator(moderator_id), events }
}

/// What review does was added since the first files; it stays what it is as well.
#[test]
fn what_moderators_did_still_reads() {
    let mut body = Vec::new();
    encode_body(&review_action(), &[], &mut body);
    let old_body = committed("store_v1_review_body.bin", &body);
    assert_eq!(decode_action(42, &old_body, &[]).unwrap(), review_action());
    assert_eq!(old_body, body, "what is written must stay what it is");
}

/// Labels from elsewhere came later still; the text stands in the private part.
#[test]
fn labels_from_elsewhere_still_read() {
    let label = Label {
        site_id: SiteId::new("s"),
        comment_id: CommentId::new("c\0ü"),
        revision: 3,
        article_id: Some(ArticleId::new("sport/a")),
        author_id: Some(AuthorId::new("u")),
        text: Words::new("words\0 and \u{10ffff}"),
        source: LabelSource::Appeal,
        rejected: Some(true),
        attributes: vec![(Attribute::Toxicity, true), (Attribute::Sexism, false)],
        moderator_id: Some(ModeratorId::new("m")),
        labeled_at: Some(Timestamp::from_micros(-9)),
        sampling_probability: 0.25,
        circumstances: Circumstances { word_hits: 1, published: 2, held: 3, rejected: 4 },
        outcome: Some(Outcome::Hold),
        model_version: "default-1".to_owned(),
        do_not_store: true,
    };
    let bare = Label {
        article_id: None,
        author_id: None,
        source: LabelSource::Suggestion,
        rejected: None,
        moderator_id: None,
        labeled_at: None,
        outcome: None,
        ..label.clone()
    };
    let kept = |label: &Label| Event::LabelKept { label: Box::new(label.clone()) };
    let events = vec![kept(&label), kept(&bare)];
    let action = Action { first_seq: 42, at: Timestamp::from_micros(9), actor: Actor::System, events };
    let (mut private, mut body) = (Vec::new(), Vec::new());
    encode_private(&action, [7; SALT_BYTES], &mut private);
    encode_body(&action, &private, &mut body);
    let old_private = committed("store_v1_label_private.bin", &private);
    let old_body = committed("store_v1_label_body.bin", &body);
    assert_eq!(decode_action(42, &old_body, &old_private).unwrap(), action);
    assert!((old_private, old_body) == (private.clone(), body.clone()), "what is written must stay what it is");
    let whose = |label: &Label| Whose {
        site_id: SiteId::new("s"),
        comment_id: CommentId::new("c\0ü"),
        label_by: label.author_id.clone(),
    };
    assert!(label.author_id.is_some() && bare.author_id.is_none());
    assert_eq!(words_of(&body, &private).unwrap(), Some(vec![whose(&label), whose(&bare)]), "erasing finds them");
    let Event::LabelKept { label: erased } = &decode_action(42, &body, &[]).unwrap().events[0] else { panic!() };
    assert_eq!(**erased, Label { text: Words::default(), ..label.clone() });
    for label in [label, bare] {
        let (kept, mut bytes) = (KeptLabel { seq: 7, kept_at: Timestamp::from_micros(1), label }, Vec::new());
        encode_label(&kept, &mut bytes);
        assert_eq!(decode_label(&bytes).unwrap(), kept);
    }
}

/// Campaigns were added later as well; what is kept of them stays what it is.
#[test]
fn what_became_of_campaigns_still_reads() {
    let (site_id, comment_id) = (SiteId::new("s"), CommentId::new("c\0ü"));
    let (of, expires_at) = (site_id.clone(), Timestamp::from_micros(-4));
    let set = |action| Event::CampaignRuleSet { site_id: of.clone(), campaign: 41, action, expires_at };
    let events = vec![
        Event::CampaignJoined { site_id, comment_id, revision: 3, campaign: u64::MAX },
        set(None),
        set(Some(Outcome::Hold)),
        set(Some(Outcome::Reject)),
    ];
    let actor = Actor::Moderator(ModeratorId::new("m"));
    let action = Action { first_seq: 42, at: Timestamp::from_micros(9), actor, events };
    let mut body = Vec::new();
    encode_body(&action, &[], &mut body);
    let old_body = committed("store_v1_campaign_body.bin", &body);
    assert_eq!(decode_action(42, &old_body, &[]).unwrap(), action);
    assert_eq!(old_body, body, "what is written must stay what it is");
}

/// So were queues that editors define.
#[test]
fn what_became_of_queues_still_reads() {
    let (site_id, name) = (SiteId::new("s"), QueueName::new("q"));
    let conditions = Conditions {
        queues: vec![Queue::Escalated, Queue::Appeals, Queue::Reported, Queue::Held, Queue::Audit],
        article_ids: vec![ArticleId::new("a\0")],
        author_ids: vec![AuthorId::new("ü"), AuthorId::new("u")],
        scores: vec![(Attribute::ALL[0], Score::new(0.0).unwrap()), (Attribute::ALL[7], Score::new(1.0).unwrap())],
        reasons: vec!["LINK".to_owned(), "a rule".to_owned()],
    };
    let events = vec![
        Event::QueueSet { site_id: site_id.clone(), name: name.clone(), conditions },
        Event::QueueSet { site_id: site_id.clone(), name: name.clone(), conditions: Conditions::default() },
        Event::QueueDeleted { site_id, name },
    ];
    let actor = Actor::Moderator(ModeratorId::new("m"));
    let action = Action { first_seq: 42, at: Timestamp::from_micros(9), actor, events };
    let mut body = Vec::new();
    encode_body(&action, &[], &mut body);
    let old_body = committed("store_v1_queue_body.bin", &body);
    assert_eq!(decode_action(42, &old_body, &[]).unwrap(), action);
    assert_eq!(old_body, body, "what is written must stay what it is");
}

/// So was the undoing of an escalation.
#[test]
fn the_undoing_of_an_escalation_still_reads() {
    let (site_id, comment_id) = (SiteId::new("s"), CommentId::new("c\0ü"));
    let (of, id) = (site_id.clone(), comment_id.clone());
    let events = vec![
        Event::EscalationUndone { site_id, comment_id, escalated_seq: u64::MAX, request_id: Some(RequestId::new("r")) },
        Event::EscalationUndone { site_id: of, comment_id: id, escalated_seq: 1, request_id: None },
    ];
    let actor = Actor::Moderator(ModeratorId::new("m"));
    let action = Action { first_seq: 42, at: Timestamp::from_micros(9), actor, events };
    let mut body = Vec::new();
    encode_body(&action, &[], &mut body);
    let old_body = committed("store_v1_escalation_undone_body.bin", &body);
    assert_eq!(decode_action(42, &old_body, &[]).unwrap(), action);
    assert_eq!(old_body, body, "what is written must stay what it is");
}

/// So were the events of models.
#[test]
fn what_happens_to_models_still_reads() {
    let hash = ModelHash::new(std::array::from_fn(|at| u8::try_from(at).unwrap()));
    let model = ModelEntry {
        hash,
        version: "base+house".to_owned(),
        bytes: u64::MAX,
        labels: 7,
        uploaded_at: Timestamp::from_micros(9),
        uploaded_by: None,
        note: "ü".to_owned(),
    };
    let (site_id, comment_id) = (SiteId::new("s"), CommentId::new("c\0ü"));
    let (model_version, likely_to_reject) = ("base+house".to_owned(), Score::new(0.25).unwrap());
    let challenged = Challenged { model_version, outcome: Outcome::Hold, likely_to_reject };
    let events = vec![
        Event::ModelUploaded { model },
        Event::ModelPromoted { hash: Some(hash), rolled_back: false },
        Event::ModelPromoted { hash: None, rolled_back: true },
        Event::ShadowSet { hash: Some(hash) },
        Event::ModelsDisagreed { site_id: site_id.clone(), comment_id: comment_id.clone(), revision: 3, challenged },
        Event::DisagreementLapsed { site_id, comment_id },
    ];
    let action = Action { first_seq: 42, at: Timestamp::from_micros(9), actor: Actor::System, events };
    let mut body = Vec::new();
    encode_body(&action, &[], &mut body);
    let old_body = committed("store_v1_model_body.bin", &body);
    assert_eq!(decode_action(42, &old_body, &[]).unwrap(), action);
    assert_eq!(old_body, body, "what is written must stay what it is");
}

/// So was that labels of an author are gone.
#[test]
fn that_labels_of_an_author_were_erased_still_reads() {
    let (site_id, comment_id, author_id) = (SiteId::new("s"), CommentId::new("c\0ü"), AuthorId::new("a"));
    let (events, actor) =
        (vec![Event::LabelsErased { site_id, comment_id, author_id }], Actor::Moderator(ModeratorId::new("m")));
    let action = Action { first_seq: 42, at: Timestamp::from_micros(9), actor, events };
    let mut body = Vec::new();
    encode_body(&action, &[], &mut body);
    let old_body = committed("store_v1_labels_erased_body.bin", &body);
    assert_eq!(decode_action(42, &old_body, &[]).unwrap(), action);
    assert_eq!(old_body, body, "what is written must stay what it is");
}

/// That a model is gone was added later.
#[test]
fn that_a_model_was_removed_still_reads() {
    let hash = ModelHash::new(std::array::from_fn(|at| u8::try_from(at).unwrap()));
    let (events, actor) = (vec![Event::ModelRemoved { hash }], Actor::Moderator(ModeratorId::new("m")));
    let action = Action { first_seq: 42, at: Timestamp::from_micros(9), actor, events };
    let mut body = Vec::new();
    encode_body(&action, &[], &mut body);
    let old_body = committed("store_v1_model_removed_body.bin", &body);
    assert_eq!(decode_action(42, &old_body, &[]).unwrap(), action);
    assert_eq!(old_body, body, "what is written must stay what it is");
}

/// An action of every kind that comes to a comment besides texts and verdicts, as a moderator's.
fn beside_action() -> Action {
    let (site_id, comment_id) = (SiteId::new("s"), CommentId::new("c\0ü"));
    let place = || (site_id.clone(), comment_id.clone());
    let request_id = Some(RequestId::new("r"));
    let ((site_1, comment_1), (site_2, comment_2), (site_3, comment_3)) = (place(), place(), place());
    let (site_4, comment_4) = place();
    let said = |text| Said { reporter_id: ReporterId::new("\0"), reason: "rude".to_owned(), text: Words::new(text) };
    let (weight, standing) = (0.4, report::Standing::Silenced);
    let (text, note) = (Words::new("words\0 of mine"), Words::new("\u{10ffff}"));
    let events = vec![
        Event::CommentSampled { site_id: site_1, comment_id: comment_1, revision: 3, probability: 0.01 },
        Event::CommentReported {
            site_id: site_2,
            comment_id: comment_2,
            revision: 2,
            said: said("words too"),
            weight,
            standing,
        },
        Event::DecisionAppealed { site_id: site_3, comment_id: comment_3, revision: 3, text, request_id },
        Event::ItemEscalated { site_id: site_4, comment_id: comment_4, revision: 3, note, request_id: None },
        Event::NoteAdded { site_id, comment_id, revision: 3, text: Words::default(), request_id: None },
    ];
    let actor = Actor::Moderator(ModeratorId::new("m"));
    Action { first_seq: 50, at: Timestamp::from_micros(9), actor, events }
}

/// What is written of an action, private part and body.
fn written(action: &Action) -> (Vec<u8>, Vec<u8>) {
    let (mut private, mut body) = (Vec::new(), Vec::new());
    encode_private(action, [7; SALT_BYTES], &mut private);
    encode_body(action, &private, &mut body);
    (private, body)
}

/// Words beside comments were added since the first files; what they look like stays as well.
#[test]
fn what_came_to_a_comment_still_reads_and_its_words_are_private() {
    let (private, body) = written(&beside_action());
    let old_private = committed("store_v1_beside_private.bin", &private);
    let old_body = committed("store_v1_beside_body.bin", &body);
    assert_eq!(decode_action(50, &old_body, &old_private).unwrap(), beside_action());
    assert!((old_private, old_body) == (private, body.clone()), "what is written must stay what it is");
    for words in ["words\0 of mine", "\u{10ffff}"] {
        assert!(!body.windows(words.len()).any(|part| part == words.as_bytes()), "words are in the chain");
    }
    let erased = decode_action(50, &body, &[]).unwrap();
    assert_eq!(erased.events.len(), 5);
    let Event::CommentReported { said, .. } = &erased.events[1] else { panic!("it was reported") };
    assert!(said.text.is_empty() && said.reason == "rude");
}

/// Texts and fingerprints of comments, and words beside them, stand side by side in one action's private part.
#[test]
fn every_kind_of_private_part_stands_beside_the_others() {
    for known in [false, true] {
        let mut both = action();
        if let (true, Event::CommentSubmitted { fingerprint, .. }) = (known, &mut both.events[0]) {
            *fingerprint = Fingerprint { exact: 1, near: 2 };
        }
        both.events.extend(beside_action().events);
        let (private, body) = written(&both);
        assert_eq!(decode_action(41, &body, &private).unwrap(), both);
    }
    // Where nobody wrote anything, nothing is kept.
    let mut silent = beside_action();
    silent.events.truncate(1);
    assert_eq!(written(&silent).0.len(), SALT_BYTES + 1);
    assert!(!format!("{:?}", beside_action()).contains("words"), "no log can hold words by accident");
}

#[test]
fn reports_reporters_and_notes_come_back_as_they_were() {
    let said = Said { reporter_id: ReporterId::new("r"), reason: "rude".to_owned(), text: Words::new("ü") };
    let standings = [
        report::Standing::Open,
        report::Standing::Silenced,
        report::Standing::Lapsed,
        report::Standing::Upheld,
        report::Standing::Refused,
    ];
    for standing in standings {
        let reported_at = Timestamp::from_micros(-3);
        let report = Report {
            said: said.clone(),
            revision: 2,
            weight: 0.5,
            reported_at,
            standing,
            settled_seq: 8,
            settled_revision: 9,
        };
        let mut bytes = Vec::new();
        encode_report(&report, &mut bytes);
        assert_eq!(decode_report(&bytes).unwrap(), report);
    }
    let mut bytes = Vec::new();
    let record = ReporterRecord { upheld: 1, refused: u32::MAX };
    encode_reporter(record, &mut bytes);
    assert_eq!(decode_reporter(&bytes).unwrap(), record);
    let note =
        Note { moderator_id: ModeratorId::new("m"), noted_at: Timestamp::from_micros(1), text: Words::new("ü") };
    bytes.clear();
    encode_note(&note, &mut bytes);
    assert_eq!(decode_note(&bytes).unwrap(), note);
}

/// Erasing was added since the first files; it stays what it is as well.
#[test]
fn an_erasure_still_reads() {
    let submitted = action();
    let (site_id, comment_id) = submitted.events[0].comment().unwrap();
    let events = vec![Event::CommentErased { site_id: site_id.clone(), comment_id: comment_id.clone() }];
    let actor = Actor::Moderator(ModeratorId::new("m\0ü"));
    let action = Action { first_seq: 43, at: Timestamp::from_micros(-9), actor, events };
    let mut body = Vec::new();
    encode_body(&action, &[], &mut body);
    let old_body = committed("store_v1_erased_body.bin", &body);
    assert_eq!(decode_action(43, &old_body, &[]).unwrap(), action);
    assert_eq!(old_body, body, "what is written must stay what it is");
    let erased = submit::apply(Some(head()), &action).unwrap();
    assert_eq!(erased.current.erased_at, Some(action.at));
    let mut stored = Vec::new();
    encode_head(&erased, &mut stored);
    assert_eq!(decode_head(&stored).unwrap(), erased);
}

#[test]
fn only_words_make_a_record_one_that_may_have_to_lose_them() {
    let parts = |action: &Action| {
        let (mut private, mut body) = (Vec::new(), Vec::new());
        encode_private(action, [7; SALT_BYTES], &mut private);
        encode_body(action, &private, &mut body);
        (body, private)
    };
    let (body, private) = parts(&action());
    let words = words_of(&body, &private).unwrap().unwrap();
    let action = action();
    let of = action.events.iter().filter_map(Event::comment);
    let of = of.map(|(s, c)| Whose { site_id: s.clone(), comment_id: c.clone(), label_by: None });
    assert_eq!(words, of.collect::<Vec<_>>());
    assert_eq!(words_of(&body, &[]), Ok(None), "they are gone");
    let (body, private) = parts(&review_action());
    assert_eq!(words_of(&body, &private), Ok(None), "there are none");
}

/// The state is built anew where its version is another one, so that old heads need not be read.
#[test]
fn a_head_comes_back_as_it_was_wherever_it_stands_in_review() {
    let mut held = action();
    held.events.truncate(1);
    let (site_id, comment_id) = held.events[0].comment().unwrap();
    let (site_id, comment_id) = (site_id.clone(), comment_id.clone());
    let decision = conformance::decision(Outcome::Hold);
    held.events.push(Event::CommentDecided { site_id, comment_id, revision: 3, decision });
    let mut review = review_action();
    let undo = review.events.pop();
    let mut heads = vec![head(), submit::apply(None, &held).unwrap()];
    for end in [1, 2, 4] {
        review.events.truncate(end);
        heads.push(submit::apply(heads.get(1).cloned(), &review).unwrap());
        review = review_action();
    }
    let appeal = Action { first_seq: 46, events: beside_action().events, ..review_action() };
    let appealed = submit::apply(heads.last().cloned(), &appeal).unwrap();
    // A second ruling keeps the first one.
    let mut second = review_action();
    (second.first_seq, second.events) = (56, second.events.drain(2..4).collect());
    let twice = submit::apply(Some(appealed.clone()), &second).unwrap();
    assert!(twice.review.settled.as_ref().is_some_and(|settled| settled.before.is_some()));
    let undo = Action { first_seq: 46, events: undo.into_iter().collect(), ..review };
    heads.push(submit::apply(heads.last().cloned(), &undo).unwrap());
    let settled = |head: &CommentHead| head.review.settled.as_ref().is_some_and(|settled| !settled.undone);
    assert_eq!(heads.iter().map(settled).collect::<Vec<_>>(), [false, false, false, false, true, false]);
    let item = appealed.review.item.as_ref().unwrap();
    assert!(item.escalated.is_some() && appealed.review.appeal.is_some() && appealed.review.notes == 1);
    heads.extend([appealed, twice]);
    for head in heads {
        let mut stored = Vec::new();
        encode_head(&head, &mut stored);
        assert_eq!(decode_head(&stored).unwrap(), head);
    }
}

/// Codes of reasons were added since the first files; what they look like stays as well.
#[test]
fn a_reason_that_names_a_language_still_reads() {
    let mut action = action();
    let language = Language::from_code("de");
    for event in &mut action.events {
        if let Event::CommentDecided { decision, .. } = event {
            decision.reasons.push(Reason { language, ..Reason::plain(ReasonCode::UnsupportedLanguage) });
            decision.reasons.push(Reason::plain(ReasonCode::UnsupportedLanguage));
        }
    }
    let mut body = Vec::new();
    encode_body(&action, &[], &mut body);
    let old_body = committed("store_v1_language_body.bin", &body);
    let Event::CommentDecided { decision, .. } = decode_action(41, &old_body, &[]).unwrap().events.remove(1) else {
        panic!("it was decided")
    };
    let Event::CommentDecided { decision: written, .. } = &action.events[1] else { panic!("it was decided") };
    assert_eq!(&decision, written);
    assert_eq!(old_body, body, "what is written must stay what it is");
}

#[test]
fn a_revision_comes_back_as_it_was() {
    let mut bytes = Vec::new();
    encode_revision(&head().current, &mut bytes);
    assert_eq!(decode_revision(&bytes).unwrap(), head().current);
    bytes.push(0);
    assert_eq!(decode_revision(&bytes), Err(Malformed), "nothing may follow");
}

#[test]
fn an_erased_action_comes_back_without_words() {
    let (mut private, mut body) = (Vec::new(), Vec::new());
    encode_private(&action(), [7; SALT_BYTES], &mut private);
    encode_body(&action(), &private, &mut body);
    let erased = decode_action(41, &body, &[]).unwrap();
    let Event::CommentSubmitted { comment, .. } = &erased.events[0] else { panic!("it was submitted") };
    assert!(comment.text.is_empty() && comment.author.name.is_empty());
    assert!(private_part_fits(&body, &[]).unwrap());
    private[SALT_BYTES + 2] ^= 1;
    assert!(!private_part_fits(&body, &private).unwrap());
}

/// A token with no origins and no rate.
fn token(site_id: Option<&str>, expires_at: Option<Timestamp>, role: Role) -> Token {
    let hash = TokenHash::new([0xA5; 32]);
    let (site_id, name) = (site_id.map(SiteId::new), ModeratorId::new("m\0ü"));
    let (created_at, origins) = (Timestamp::from_micros(-3), Vec::new());
    let token_id = hash.token_id();
    Token { token_id, hash, role, site_id, name, created_at, expires_at, origins, rate_per_minute: None }
}

/// Tokens were added later as well; what is kept of them stays what it is.
#[test]
fn what_became_of_tokens_still_reads() {
    let bound = token(Some("s"), Some(Timestamp::from_micros(5)), Role::Submitter);
    let tokens = [bound.clone(), token(None, None, Role::Moderator), token(None, None, Role::Admin)];
    let mut events: Vec<Event> = tokens.into_iter().map(|token| Event::TokenCreated { token }).collect();
    events.push(Event::TokenRevoked { token_id: bound.token_id.clone() });
    let action = Action { first_seq: 42, at: Timestamp::from_micros(9), actor: Actor::System, events };
    let mut body = Vec::new();
    encode_body(&action, &[], &mut body);
    let old_body = committed("store_v1_token_body.bin", &body);
    assert_eq!(decode_action(42, &old_body, &[]).unwrap(), action);
    assert_eq!(old_body, body, "what is written must stay what it is");

    let mut kept = Vec::new();
    encode_token(&bound, &mut kept);
    assert_eq!(decode_token(&kept).unwrap(), bound);
}

/// Origins and rates of tokens came later still.
#[test]
fn tokens_with_origins_and_a_rate_still_read() {
    let origin = |text: &str| Origin::parse(text).unwrap();
    let public = Token {
        origins: vec![origin("https://news.example"), origin("http://localhost:3000")],
        rate_per_minute: NonZeroU32::new(600),
        ..token(Some("s"), Some(Timestamp::from_micros(5)), Role::Submitter)
    };
    let slow = Token { rate_per_minute: NonZeroU32::new(1), ..token(None, None, Role::Admin) };
    let endless = Token { rate_per_minute: None, ..public.clone() };
    let tokens = [public, slow, endless];
    let events = tokens.iter().map(|token| Event::TokenCreated { token: token.clone() }).collect();
    let action = Action { first_seq: 42, at: Timestamp::from_micros(9), actor: Actor::System, events };
    let mut body = Vec::new();
    encode_body(&action, &[], &mut body);
    let old_body = committed("store_v1_token_origins_body.bin", &body);
    assert_eq!(decode_action(42, &old_body, &[]).unwrap(), action);
    assert_eq!(old_body, body, "what is written must stay what it is");
    for token in tokens {
        let mut kept = Vec::new();
        encode_token(&token, &mut kept);
        assert_eq!(decode_token(&kept).unwrap(), token);
    }
}

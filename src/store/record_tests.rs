//! What was once written still reads: the way there and back, and files of past versions.

use super::record::*;
use crate::domain::{
    Action, Actor, Event, Language, Outcome, Reason, ReasonCode, Timestamp, submit, submit::CommentHead,
};
use crate::store::conformance;
use std::{env, fs, path::PathBuf};

/// An action that uses every field. The files of version 1 hold just this.
fn action() -> Action {
    let mut comment = conformance::comment("c\0ü", "a", Some("u"), "words\0 and \u{10ffff}");
    comment.parent_id = Some(crate::domain::CommentId::new("p"));
    let (site_id, comment_id) = (comment.site_id.clone(), comment.comment_id.clone());
    let decision = conformance::decision(Outcome::Reject);
    let events = vec![
        Event::CommentSubmitted { comment, revision: 3 },
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
    let (mut private, mut body, mut stored) = (Vec::new(), Vec::new(), Vec::new());
    encode_private(&action(), [7; SALT_BYTES], &mut private);
    encode_body(&action(), &private, &mut body);
    encode_head(&head(), &mut stored);
    let old_private = committed("store_v1_private.bin", &private);
    let old_body = committed("store_v1_body.bin", &body);
    let old_head = committed("store_v1_head.bin", &stored);
    assert_eq!(decode_action(41, &old_body, &old_private).unwrap(), action());
    assert_eq!(decode_head(&old_head).unwrap(), head());
    assert!(private_part_fits(&old_body, &old_private).unwrap());
    assert!((old_private, old_body, old_head) == (private, body, stored), "version 1 must stay what it is");
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

//! Single events as bytes, as histories keep them: without words and names.

use super::{Malformed, decode_action, encode_body};
use crate::domain::Action;
use crate::store::Numbered;

/// Appends an event to `out`, without its words.
pub(in crate::store) fn encode_told(told: &Numbered, out: &mut Vec<u8>) {
    let (at, actor) = (told.at, told.actor.clone());
    encode_body(&Action { first_seq: told.seq, at, actor, events: vec![told.event.clone()] }, &[], out);
}

/// Reads an event back.
pub(in crate::store) fn decode_told(seq: u64, bytes: &[u8]) -> Result<Numbered, Malformed> {
    let Action { at, actor, mut events, .. } = decode_action(seq, bytes, &[])?;
    let event = events.pop().filter(|_| events.is_empty()).ok_or(Malformed)?;
    Ok(Numbered { seq, at, actor, event })
}

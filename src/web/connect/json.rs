//! Messages as proto3 JSON, by their descriptors.

use super::refusal::Refusal;
use super::wrong;
use prost::Message as _;
use prost_reflect::{DynamicMessage, MessageDescriptor};
use serde_json::error::Category;
use tonic::Code;

/// Reads a message, and returns its bytes.
///
/// What was sent is not in the refusal, but for names of fields: people write comments into bodies, and look at errors together.
pub(super) fn read(message: &MessageDescriptor, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    if body.trim_ascii().is_empty() {
        return Err(Refusal::invalid("the body is empty; a message without fields is {}"));
    }
    let mut from = serde_json::Deserializer::from_slice(body);
    let read = DynamicMessage::deserialize(message.clone(), &mut from);
    match read.and_then(|read| from.end().map(|()| read)) {
        Ok(read) => Ok(read.encode_to_vec()),
        Err(error) => Err(refusal(&message, body, &error)),
    }
}

/// Checks that bytes are a message, and returns them.
pub(super) fn check(message: MessageDescriptor, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let name = message.name().to_owned();
    let read = DynamicMessage::decode(message, body);
    read.map(|_| body.to_vec()).map_err(|_| Refusal::invalid(format!("the body is no {name}")))
}

/// Writes a message that a service has answered with.
pub(super) fn write(message: MessageDescriptor, bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let read = DynamicMessage::decode(message, bytes).ok();
    let written = read.and_then(|read| serde_json::to_vec(&read).ok());
    written.ok_or_else(|| Refusal::new(Code::Internal, "the answer can't be written as JSON"))
}

fn refusal(message: &MessageDescriptor, body: &[u8], error: &serde_json::Error) -> Refusal {
    let place = format!("line {}, column {}", error.line(), error.column());
    // Only what is wrong with JSON itself is told in words of the parser's: the others quote what was sent.
    let of_json = |error: &serde_json::Error| {
        let said = error.to_string();
        let said = said.split(" at line ").next().unwrap_or_default();
        Refusal::invalid(format!("the body is no JSON: line {}, column {}: {said}", error.line(), error.column()))
    };
    if error.classify() != Category::Data {
        return of_json(error);
    }
    let value = match serde_json::from_slice(body) {
        Ok(value) => value,
        Err(error) => return of_json(&error),
    };
    let wrong = wrong::fields(message, &value);
    let Some((field, description)) = wrong.first() else {
        return Refusal::invalid(format!("{place}: the value can't be read as what its field takes"));
    };
    let said = if field.is_empty() { description.clone() } else { format!("{field}: {description}") };
    Refusal::of_fields(format!("{place}: {said}"), wrong)
}

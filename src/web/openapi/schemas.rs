//! The messages and enums, as JSON has them.

use super::comments::Comments;
use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The name of the schema of failures; no name of a message has a blank, and none of ours is this.
pub(super) const FAILURE: &str = "connect.Error";

/// The messages and enums that something refers to.
#[derive(Default)]
pub(super) struct Schemas {
    messages: BTreeMap<String, MessageDescriptor>,
    enums: BTreeMap<String, EnumDescriptor>,
    requests: BTreeSet<String>,
    waiting: Vec<MessageDescriptor>,
}

/// Returns where a schema stands.
pub(super) fn reference(name: &str) -> String {
    format!("#/components/schemas/{name}")
}

/// Returns the name of a schema: that of the proto, without the package where it is Ombud's own.
fn named(full_name: &str) -> String {
    full_name.strip_prefix("ombud.v1.").unwrap_or(full_name).to_owned()
}

impl Schemas {
    /// Refers to a message.
    pub(super) fn of(&mut self, message: &MessageDescriptor) -> Value {
        let name = named(message.full_name());
        if self.messages.insert(name.clone(), message.clone()).is_none() {
            self.waiting.push(message.clone());
        }
        json!({ "$ref": reference(&name) })
    }

    /// Refers to a message that is sent: it has no field that isn't known.
    pub(super) fn of_request(&mut self, message: &MessageDescriptor) -> Value {
        self.requests.insert(named(message.full_name()));
        self.of(message)
    }

    /// Returns all schemas by name, those of the messages inside of messages too.
    pub(super) fn finish(mut self, comments: &mut Comments) -> Value {
        let mut schemas = Map::new();
        while let Some(message) = self.waiting.pop() {
            let schema = self.object(&message, comments);
            schemas.insert(named(message.full_name()), schema);
        }
        for (name, kind) in &self.enums {
            schemas.insert(name.clone(), names(kind, comments));
        }
        schemas.insert(FAILURE.to_owned(), failure());
        schemas.sort_keys();
        schemas.into()
    }

    fn object(&mut self, message: &MessageDescriptor, comments: &mut Comments) -> Value {
        let file = message.parent_file();
        let mut properties = Map::new();
        for field in message.fields() {
            let mut said = comments.on(&file, field.path()).to_owned();
            let choice = field.containing_oneof().filter(|choice| choice.fields().len() > 1);
            if let Some(choice) = choice {
                let others: Vec<String> = choice.fields().map(|other| format!("`{}`", other.json_name())).collect();
                said.push_str(&format!("\n\nAt most one of {} is there.", others.join(", ")));
            }
            let schema = self.of_field(&field);
            properties.insert(field.json_name().to_owned(), with(schema, &said));
        }
        let said = comments.on(&file, message.path());
        let mut schema = json!({ "type": "object", "description": said, "properties": properties });
        if self.requests.contains(&named(message.full_name())) {
            schema["additionalProperties"] = false.into();
        }
        schema
    }

    fn of_field(&mut self, field: &FieldDescriptor) -> Value {
        if let (true, Kind::Message(entry)) = (field.is_map(), field.kind()) {
            let value = self.of_kind(&entry.map_entry_value_field().kind());
            json!({ "type": "object", "additionalProperties": value })
        } else if field.is_list() {
            json!({ "type": "array", "items": self.of_kind(&field.kind()) })
        } else {
            self.of_kind(&field.kind())
        }
    }

    fn of_kind(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Bool => json!({ "type": "boolean" }),
            Kind::String => json!({ "type": "string" }),
            Kind::Bytes => json!({ "type": "string", "contentEncoding": "base64" }),
            Kind::Float => json!({ "type": "number", "format": "float" }),
            Kind::Double => json!({ "type": "number", "format": "double" }),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => json!({ "type": "integer", "format": "int32" }),
            Kind::Uint32 | Kind::Fixed32 => json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
                json!({ "type": "string", "format": "int64", "pattern": "^-?[0-9]{1,19}$" })
            }
            Kind::Uint64 | Kind::Fixed64 => json!({ "type": "string", "format": "uint64", "pattern": "^[0-9]{1,20}$" }),
            Kind::Enum(kind) => {
                let name = named(kind.full_name());
                self.enums.insert(name.clone(), kind.clone());
                json!({ "$ref": reference(&name) })
            }
            Kind::Message(message) => match message.full_name() {
                "google.protobuf.Timestamp" => json!({ "type": "string", "format": "date-time" }),
                "google.protobuf.Duration" => {
                    json!({ "type": "string", "pattern": "^-?[0-9]+([.][0-9]{1,9})?s$", "examples": ["1.5s"] })
                }
                _ => self.of(message),
            },
        }
    }
}

/// Adds a description.
fn with(mut schema: Value, said: &str) -> Value {
    if !said.is_empty() {
        schema["description"] = said.into();
    }
    schema
}

fn names(kind: &EnumDescriptor, comments: &mut Comments) -> Value {
    let file = kind.parent_file();
    let mut said = format!("{}\n", comments.on(&file, kind.path()));
    let mut names = Vec::new();
    for value in kind.values() {
        let meaning = comments.on(&file, value.path()).replace('\n', " ");
        said.push_str(&format!("\n- `{}`: {meaning}", value.name()));
        names.push(value.name().to_owned());
    }
    json!({ "type": "string", "enum": names, "description": said })
}

/// What a failed call answers with.
fn failure() -> Value {
    let detail = json!({
        "type": "object",
        "required": ["type", "value"],
        "properties": {
            "type": { "type": "string", "description": "The type of the detail, such as google.rpc.BadRequest." },
            "value": { "type": "string", "contentEncoding": "base64", "description": "Its bytes, without padding." },
            "debug": { "description": "What the bytes say, for people." },
        },
    });
    let codes = [
        "canceled",
        "unknown",
        "invalid_argument",
        "deadline_exceeded",
        "not_found",
        "already_exists",
        "permission_denied",
        "resource_exhausted",
        "failed_precondition",
        "aborted",
        "out_of_range",
        "unimplemented",
        "internal",
        "unavailable",
        "data_loss",
        "unauthenticated",
    ];
    json!({
        "type": "object",
        "description": "Why a call was refused or has failed.",
        "required": ["code"],
        "properties": {
            "code": { "type": "string", "enum": codes },
            "message": { "type": "string", "description": "A sentence for people." },
            "details": { "type": "array", "items": detail, "description": "The same for programs." },
        },
    })
}

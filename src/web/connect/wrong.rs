//! Finds out what is wrong with JSON that is no message: which fields there aren't, and what the others take.

use prost_reflect::{DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value};

/// Fields that are told at most.
const FIELDS_MAX: usize = 20;
/// Characters of a name that are told; longer ones are no names.
const NAME_CHARS_MAX: usize = 64;

/// Returns the fields that are wrong by their paths, with a sentence each. Values are not told.
pub(super) fn fields(message: &MessageDescriptor, value: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    look(message, value, "", &mut found);
    found.truncate(FIELDS_MAX);
    found
}

fn look(message: &MessageDescriptor, value: &Value, path: &str, found: &mut Vec<(String, String)>) {
    if found.len() >= FIELDS_MAX {
        return;
    }
    if let Some(takes) = of_google(message) {
        if DynamicMessage::deserialize(message.clone(), value).is_err() {
            found.push((path.to_owned(), takes.to_owned()));
        }
        return;
    }
    let Value::Object(members) = value else {
        return found.push((path.to_owned(), "Must be an object.".to_owned()));
    };
    let within = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    for (name, value) in members {
        let field = message.get_field_by_json_name(name).or_else(|| message.get_field_by_name(name));
        match field {
            None => found.push((within(&shortened(name)), unknown(message))),
            Some(_) if value.is_null() => {}
            Some(field) => look_at(&field, value, &within(name), found),
        }
    }
    look_at_choices(message, members, &within, found);
}

fn unknown(message: &MessageDescriptor) -> String {
    let fields: Vec<String> = message.fields().map(|field| field.json_name().to_owned()).collect();
    let there_are = if fields.is_empty() { "none".to_owned() } else { fields.join(", ") };
    format!("There is no such field; those of {} are: {there_are}.", message.name())
}

/// Returns a name, cut, without what doesn't belong into one.
fn shortened(name: &str) -> String {
    name.chars().take(NAME_CHARS_MAX).map(|c| if c.is_control() { '?' } else { c }).collect()
}

fn look_at(field: &FieldDescriptor, value: &Value, path: &str, found: &mut Vec<(String, String)>) {
    if field.is_map() {
        let Value::Object(members) = value else {
            return found.push((path.to_owned(), "Must be an object of names and values.".to_owned()));
        };
        let Kind::Message(entry) = field.kind() else { return };
        let kind = entry.map_entry_value_field().kind();
        members.values().for_each(|value| look_at_one(&kind, value, &format!("{path}[]"), found));
    } else if field.is_list() {
        let Value::Array(values) = value else {
            return found.push((path.to_owned(), "Must be a list.".to_owned()));
        };
        let kind = field.kind();
        let each = values.iter().enumerate();
        each.for_each(|(index, value)| look_at_one(&kind, value, &format!("{path}[{index}]"), found));
    } else {
        look_at_one(&field.kind(), value, path, found);
    }
}

fn look_at_one(kind: &Kind, value: &Value, path: &str, found: &mut Vec<(String, String)>) {
    if let Kind::Message(message) = kind {
        return look(message, value, path, found);
    }
    if let Some(takes) = refused(kind, value) {
        found.push((path.to_owned(), takes));
    }
}

/// Returns what a field takes, where a value isn't that.
fn refused(kind: &Kind, value: &Value) -> Option<String> {
    let (is_one, takes) = match kind {
        Kind::Bool => (value.is_boolean(), "Must be true or false.".to_owned()),
        Kind::String => (value.is_string(), "Must be a string.".to_owned()),
        Kind::Bytes => (value.is_string(), "Must be a string in base64.".to_owned()),
        Kind::Float | Kind::Double => (value.is_number() || of_string::<f64>(value), "Must be a number.".to_owned()),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => whole(value, i32::MIN.into(), i32::MAX.into()),
        Kind::Uint32 | Kind::Fixed32 => whole(value, 0, u32::MAX.into()),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => whole(value, i64::MIN.into(), i64::MAX.into()),
        Kind::Uint64 | Kind::Fixed64 => whole(value, 0, u64::MAX.into()),
        Kind::Enum(kind) => return refused_name(kind, value),
        Kind::Message(_) => return None,
    };
    (!is_one).then_some(takes)
}

fn of_string<T: std::str::FromStr>(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.parse::<T>().is_ok())
}

fn whole(value: &Value, min: i128, max: i128) -> (bool, String) {
    let number = match value {
        Value::Number(number) => number.as_i128().or_else(|| whole_part(number.as_f64()?)),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    let is_one = number.is_some_and(|number| (min..=max).contains(&number));
    (is_one, format!("Must be a whole number from {min} to {max}."))
}

/// Returns a number that is written with a point, such as 5.0, where it is whole.
fn whole_part(number: f64) -> Option<i128> {
    #[expect(clippy::cast_possible_truncation, reason = "it is whole, and i128 saturates")]
    (number.fract() == 0.0).then_some(number as i128)
}

fn refused_name(kind: &EnumDescriptor, value: &Value) -> Option<String> {
    let is_one = match value {
        Value::String(name) => kind.get_value_by_name(name).is_some(),
        number => whole(number, i32::MIN.into(), i32::MAX.into()).0,
    };
    let names = || kind.values().map(|value| value.name().to_owned()).collect::<Vec<_>>().join(", ");
    (!is_one).then(|| format!("Must be one of {}.", names()))
}

/// Returns what the types of Google's take that are no objects in JSON.
fn of_google(message: &MessageDescriptor) -> Option<&'static str> {
    match message.full_name() {
        "google.protobuf.Timestamp" => Some("Must be a time in RFC 3339, such as \"2026-11-25T20:15:00Z\"."),
        "google.protobuf.Duration" => Some("Must be a number of seconds with an s, such as \"1.5s\"."),
        name => name.starts_with("google.protobuf.").then_some("Must be a value of this type."),
    }
}

fn look_at_choices(
    message: &MessageDescriptor,
    members: &Map<String, Value>,
    within: &dyn Fn(&str) -> String,
    found: &mut Vec<(String, String)>,
) {
    for choice in message.oneofs() {
        let is_there = |field: &FieldDescriptor| {
            let mut named = [field.json_name(), field.name()].into_iter().filter_map(|name| members.get(name));
            named.any(|value| !value.is_null())
        };
        let there = choice.fields().filter(is_there).count();
        if there > 1 {
            let names: Vec<String> = choice.fields().map(|field| field.json_name().to_owned()).collect();
            found.push((within(choice.name()), format!("Only one of these can be there: {}.", names.join(", "))));
        }
    }
}

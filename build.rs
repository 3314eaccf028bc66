//! Compiles `proto/` without `protoc`, and keeps the descriptors for reflection.

use protox::prost_reflect::prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorSet, MethodDescriptorProto,
    field_descriptor_proto::{Label, Type},
};
use std::{collections::BTreeMap, collections::BTreeSet, env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let files = ["moderation", "policy", "review", "admin", "model"].map(|name| format!("ombud/v1/{name}.proto"));
    let descriptors = protox::compile(files, ["proto"])?;
    fs::write(out.join("ombud.fds.bin"), protox::prost::Message::encode_to_vec(&descriptors))?;
    fs::write(out.join("addressed.rs"), addressed(&descriptors))?;
    fs::write(out.join("readable.rs"), readable(&descriptors))?;
    tonic_prost_build::configure()
        .compile_well_known_types(false)
        // It has a token in it, which nothing may print.
        .skip_debug(["ombud.v1.CreateTokenResponse"])
        .compile_fds(descriptors)?;
    Ok(())
}

/// Says of every request which of its fields name a site and a moderator, so that none is forgotten where they are checked.
fn addressed(descriptors: &FileDescriptorSet) -> String {
    let own = || descriptors.file.iter().filter(|file| file.package() == "ombud.v1");
    let methods = own().flat_map(|file| &file.service).flat_map(|service| &service.method);
    let requests: BTreeSet<&str> = methods.map(MethodDescriptorProto::input_type).collect();
    let mut code = String::new();
    for message in own().flat_map(|file| &file.message_type) {
        if !requests.contains(format!(".ombud.v1.{}", message.name()).as_str()) {
            continue;
        }
        let field = |names: &[&str]| {
            let mut fields = message.field.iter().filter(|field| field.label() != Label::Repeated);
            let named = fields.find(|field| names.contains(&field.name()));
            named.map_or("None".to_owned(), |field| {
                if field.proto3_optional() {
                    format!("self.{}.as_mut()", field.name())
                } else {
                    format!("Some(&mut self.{})", field.name())
                }
            })
        };
        code.push_str(&format!(
            "impl Addressed for pb::{} {{\n    fn site_id(&mut self) -> Option<&mut String> {{ {} }}\n    \
             fn moderator_id(&mut self) -> Option<&mut String> {{ {} }}\n}}\n",
            message.name(),
            field(&["site_id"]),
            field(&["moderator_id", "editor_id"]),
        ));
    }
    code
}

/// What a name in the proto begins with.
const PACKAGE: &str = ".ombud.v1.";
/// The type of times.
const TIME: &str = ".google.protobuf.Timestamp";

/// Says of every request, and of every message in one, which of its fields are enums and times, so that none is forgotten where
/// they are checked.
fn readable(descriptors: &FileDescriptorSet) -> String {
    let own = || descriptors.file.iter().filter(|file| file.package() == "ombud.v1");
    let messages: BTreeMap<&str, &DescriptorProto> =
        own().flat_map(|file| &file.message_type).map(|message| (message.name(), message)).collect();
    let methods = own().flat_map(|file| &file.service).flat_map(|service| &service.method);
    let mut wanted: BTreeSet<&str> = methods.map(|method| method.input_type().trim_start_matches(PACKAGE)).collect();
    loop {
        let fields = wanted.iter().flat_map(|name| &messages[name].field);
        let parts: Vec<&str> = fields.filter_map(|field| part(field, &messages)).collect();
        let before = wanted.len();
        wanted.extend(parts);
        if wanted.len() == before {
            break;
        }
    }
    let checks = wanted.iter().map(|name| {
        let message = messages[name];
        let checks: String = message.field.iter().filter_map(|field| check_of(message, field, &messages)).collect();
        let (within, violations) = if checks.is_empty() { ("_within", "_violations") } else { ("within", "violations") };
        format!(
            "impl Readable for pb::{name} {{\n    fn unreadable(&self, {within}: &str, {violations}: &mut Vec<Violation>) {{\n\
             {checks}    }}\n}}\n"
        )
    });
    checks.collect()
}

/// Returns the message that a field holds, where it is one of the package's that has something to check in it.
fn part<'a>(field: &'a FieldDescriptorProto, messages: &BTreeMap<&str, &DescriptorProto>) -> Option<&'a str> {
    let name = field.type_name().strip_prefix(PACKAGE).filter(|_| field.r#type() == Type::Message)?;
    if let Some(message) = messages.get(name) {
        return has_any(message, messages).then_some(name);
    }
    // The entry of a map, which is a message inside of one.
    let (outer, entry) = name.split_once('.').expect("a message of the package");
    let entry = messages[outer].nested_type.iter().find(|nested| nested.name() == entry).expect("the entry of a map");
    assert!(!has_any(entry, messages), "{name}: nothing looks into maps yet");
    None
}

/// Returns whether a message has an enum or a time in it, at any depth.
fn has_any(message: &DescriptorProto, messages: &BTreeMap<&str, &DescriptorProto>) -> bool {
    let is_one = |field: &FieldDescriptorProto| field.r#type() == Type::Enum || field.type_name() == TIME;
    message.field.iter().any(|field| is_one(field) || part(field, messages).is_some())
}

/// Writes the check of a field, where there is something to check.
fn check_of(
    message: &DescriptorProto,
    field: &FieldDescriptorProto,
    messages: &BTreeMap<&str, &DescriptorProto>,
) -> Option<String> {
    let name = field.name();
    let is_repeated = field.label() == Label::Repeated;
    let check = if field.r#type() == Type::Enum {
        let kind = field.type_name().trim_start_matches(PACKAGE);
        format!("check_enum::<pb::{kind}>(*one, within, \"{name}\", violations);")
    } else if field.type_name() == TIME {
        format!("check_time(one, within, \"{name}\", violations);")
    } else {
        part(field, messages)?;
        let place = if is_repeated { format!("{name}[{{index}}].") } else { format!("{name}.") };
        format!("one.unreadable(&format!(\"{{within}}{place}\"), violations);")
    };
    let each = if is_repeated {
        format!("for (index, one) in self.{name}.iter().enumerate() {{ {check} }}")
    } else if let (Some(index), false) = (field.oneof_index, field.proto3_optional()) {
        let oneof = message.oneof_decl[usize::try_from(index).expect("an index")].name();
        let (module, kind, variant) = (snake(message.name()), camel(oneof), camel(name));
        format!("if let Some(pb::{module}::{kind}::{variant}(one)) = &self.{oneof} {{ {check} }}")
    } else if field.r#type() == Type::Enum && !field.proto3_optional() {
        check.replace("*one", &format!("self.{name}"))
    } else {
        format!("if let Some(one) = &self.{name} {{ {check} }}")
    };
    assert!(
        !is_repeated || field.r#type() == Type::Message && field.type_name() != TIME,
        "{name}: only messages repeat yet"
    );
    Some(format!("        {each}\n"))
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn camel(name: &str) -> String {
    let mut camel = String::new();
    for word in name.split('_') {
        camel.push_str(&word[..1].to_ascii_uppercase());
        camel.push_str(&word[1..]);
    }
    camel
}

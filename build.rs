//! Compiles `proto/` without `protoc`, and keeps the descriptors for reflection.

use protox::prost_reflect::prost_types::{FileDescriptorSet, MethodDescriptorProto, field_descriptor_proto::Label};
use std::{collections::BTreeSet, env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let files = ["moderation", "policy", "review", "admin", "model"].map(|name| format!("ombud/v1/{name}.proto"));
    let descriptors = protox::compile(files, ["proto"])?;
    fs::write(out.join("ombud.fds.bin"), protox::prost::Message::encode_to_vec(&descriptors))?;
    fs::write(out.join("addressed.rs"), addressed(&descriptors))?;
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
            named.map_or("None".to_owned(), |field| format!("Some(&mut self.{})", field.name()))
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

//! The description of the methods says of each what there is.

use crate::support::{TestServer, curl::curl};
use ombud::grpc::pb;
use prost::Message as _;
use prost_types::{DescriptorProto, FileDescriptorSet, field_descriptor_proto::Type};
use serde_json::Value;
use std::collections::BTreeSet;

/// Collects what the document refers to.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_method_of_one_message_is_described_with_all_that_it_takes_and_gives() {
    let server = TestServer::start().await;
    let said = curl(&format!("{}/openapi.json", server.url), &[], b"");
    assert_eq!(said.status, 200);
    let document = said.body;
    let descriptors = FileDescriptorSet::decode(pb::FILE_DESCRIPTOR_SET).unwrap();
    let own: Vec<_> = descriptors.file.iter().filter(|file| file.package() == "ombud.v1").collect();
    let messages = |name: &str| -> &DescriptorProto {
        own.iter().flat_map(|file| &file.message_type).find(|message| message.name() == name).unwrap()
    };
    let mut waiting = Vec::new();
    let mut unary = BTreeSet::from(["/grpc.health.v1.Health/Check".to_owned()]);
    for service in own.iter().flat_map(|file| &file.service) {
        for method in service.method.iter().filter(|it| !it.client_streaming() && !it.server_streaming()) {
            unary.insert(format!("/ombud.v1.{}/{}", service.name(), method.name()));
            waiting.extend([method.input_type(), method.output_type()]);
        }
    }
    let described: BTreeSet<String> = document["paths"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(described, unary);
    let mut seen = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        let Some(name) = name.strip_prefix(".ombud.v1.").filter(|name| !name.contains('.')) else { continue };
        if !seen.insert(name) {
            continue;
        }
        let properties = &document["components"]["schemas"][name]["properties"];
        for field in &messages(name).field {
            let property = &properties[field.json_name()];
            assert!(property["description"].is_string(), "{name}.{}", field.name());
            waiting.extend((field.r#type() == Type::Message).then(|| field.type_name()));
        }
    }
    assert!(seen.len() > 100, "{}", seen.len());
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_are_described_as_json_has_them() {
    let server = TestServer::start().await;
    let document = curl(&format!("{}/openapi.json", server.url), &[], b"").body;
    let schemas = &document["components"]["schemas"];
    let parts = [
        &document["paths"]["/ombud.v1.ModerationService/GetComment"],
        &schemas["ListCommentsRequest"],
        &schemas["Outcome"],
        &schemas["GetJournalHeadResponse"],
        &schemas["Decision"]["properties"]["scores"],
        &schemas["Decision"]["properties"]["decidedAt"],
    ];
    insta::assert_snapshot!(parts.map(|part| serde_json::to_string_pretty(part).unwrap()).join("\n"));
    server.stop().await;
}

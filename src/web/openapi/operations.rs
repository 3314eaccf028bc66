//! The methods: one path each, called by POST.

use super::comments::{Comments, first_sentence};
use super::schemas::{self, Schemas};
use crate::web::connect::{Methods, streams};
use prost_reflect::MethodDescriptor;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const ABOUT: &str = "Every method of Ombud that takes one message and gives one, called by POST with a body in JSON. Streams are \
                     called by gRPC; `proto/` has all of them.\n\nIn JSON, fields that have their default value are left out \
                     of answers: zeros, false, empty strings and empty lists. Fields that there aren't are refused. Integers of \
                     64 bits are strings, bytes are strings in base64, times are strings in RFC 3339, and enums are strings. \
                     A field may be written as here, or as in the proto: `articleId` or `article_id`.";

const ABOUT_TOKENS: &str = "A token of `ombud token create`. Nobody needs one until there is one of an admin.";

/// Returns the whole document.
pub(super) fn document(methods: &Methods) -> Value {
    let (mut comments, mut schemas) = (Comments::default(), Schemas::default());
    let (mut paths, mut tags) = (Map::new(), BTreeMap::new());
    for method in methods.all().filter(|method| !streams(method)) {
        let service = method.parent_service();
        let said = comments.on(&service.parent_file(), service.path());
        tags.entry(service.name().to_owned()).or_insert_with(|| json!({ "name": service.name(), "description": said }));
        let path = format!("/{}/{}", service.full_name(), method.name());
        paths.insert(path, json!({ "post": operation(&method, &mut comments, &mut schemas) }));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Ombud",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{}, { "token": [] }],
        "tags": tags.into_values().collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": schemas.finish(&mut comments),
            "responses": { "Failure": failure() },
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer", "description": ABOUT_TOKENS } },
        },
    })
}

fn operation(method: &MethodDescriptor, comments: &mut Comments, schemas: &mut Schemas) -> Value {
    let service = method.parent_service();
    let said = comments.on(&service.parent_file(), method.path());
    let json = |schema: Value| json!({ "application/json": { "schema": schema } });
    json!({
        "operationId": format!("{}_{}", service.name(), method.name()),
        "tags": [service.name()],
        "summary": first_sentence(said),
        "description": said,
        "requestBody": { "required": true, "content": json(schemas.of_request(&method.input())) },
        "responses": {
            "200": { "description": "It is done.", "content": json(schemas.of(&method.output())) },
            "default": { "$ref": "#/components/responses/Failure" },
        },
    })
}

/// What every method may answer instead, in the form of the Connect protocol.
fn failure() -> Value {
    json!({
        "description": "It was refused, or has failed.",
        "content": { "application/json": { "schema": { "$ref": schemas::reference(schemas::FAILURE) } } },
    })
}

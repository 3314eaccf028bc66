//! The details of a failure, as Connect has them: the name of a type, its bytes in base64, and what they say.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde_json::{Value, json};
use std::sync::LazyLock;
use tonic::Status;
use tonic_types::pb;

/// The types that failures have details of.
static KNOWN: LazyLock<DescriptorPool> = LazyLock::new(|| {
    let mut pool = DescriptorPool::global();
    // Without them, details have no words beside their bytes.
    let _ = pool.decode_file_descriptor_set(pb::FILE_DESCRIPTOR_SET);
    pool
});

/// Returns the details of a failure.
pub(super) fn of(status: &Status) -> Vec<Value> {
    let details = pb::Status::decode(status.details()).unwrap_or_default().details;
    let detail = |any: prost_types::Any| {
        let name = any.type_url.rsplit('/').next().unwrap_or_default();
        let mut detail = json!({ "type": name, "value": STANDARD_NO_PAD.encode(&any.value) });
        if let Some(debug) = said(name, &any.value) {
            detail["debug"] = debug;
        }
        detail
    };
    details.into_iter().map(detail).collect()
}

/// Returns what the bytes of a type say, where the type is known.
fn said(name: &str, bytes: &[u8]) -> Option<Value> {
    let message = DynamicMessage::decode(KNOWN.get_message_by_name(name)?, bytes).ok()?;
    serde_json::to_value(message).ok()
}

//! Whatever is sent as JSON is answered, and never as a fault of the server's.

use crate::support::TestServer;
use proptest::prelude::*;
use prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor};
use serde_json::{Map, Value, json};
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

fn cases() -> u32 {
    std::env::var("OMBUD_JSON_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(512)
}

/// Bytes that say what is chosen; zeros once they are used up.
struct Choices<'a>(std::slice::Iter<'a, u8>);

impl Choices<'_> {
    fn next(&mut self) -> usize {
        self.0.next().copied().unwrap_or_default().into()
    }

    /// Returns any value.
    fn any(&mut self, depth: usize) -> Value {
        match self.next() % if depth > 3 { 12 } else { 15 } {
            0 => Value::Null,
            1 => true.into(),
            2 => 0.into(),
            3 => (-1).into(),
            4 => i64::MIN.into(),
            5 => u64::MAX.into(),
            6 => json!(1e300),
            7 => json!(0.5),
            8 => "".into(),
            9 => "2026-02-30T25:61:61Z".into(),
            10 => "0001-01-01T00:00:00Z".into(),
            11 => "\u{0}\u{202e}é😀".repeat(self.next()).into(),
            12 => (0..self.next() % 4).map(|_| self.any(depth + 1)).collect(),
            13 => json!({ "text": self.any(depth + 1) }),
            _ => json!({}),
        }
    }

    /// Returns a value that mostly looks like a message.
    fn message(&mut self, message: &MessageDescriptor, depth: usize) -> Value {
        if message.full_name().starts_with("google.") || depth > 6 {
            return self.any(depth);
        }
        let mut members = Map::new();
        for field in message.fields() {
            match self.next() % 8 {
                0..4 => {}
                4 => drop(members.insert(field.name().to_owned(), self.any(depth))),
                _ => drop(members.insert(field.json_name().to_owned(), self.field(&field, depth))),
            }
        }
        if self.next() % 16 == 15 {
            members.insert("unheardOf".to_owned(), self.any(depth));
        }
        members.into()
    }

    fn field(&mut self, field: &FieldDescriptor, depth: usize) -> Value {
        if let (true, Kind::Message(entry)) = (field.is_map(), field.kind()) {
            let kind = entry.map_entry_value_field().kind();
            let names = ["toxicity", "TOXICITY", "x"];
            names.into_iter().take(self.next() % 4).map(|name| (name.to_owned(), self.kind(&kind, depth))).collect()
        } else if field.is_list() {
            (0..self.next() % 4).map(|_| self.kind(&field.kind(), depth)).collect()
        } else {
            self.kind(&field.kind(), depth)
        }
    }

    fn kind(&mut self, kind: &Kind, depth: usize) -> Value {
        match kind {
            Kind::Message(message) => self.message(message, depth + 1),
            Kind::Enum(kind) => {
                let values: Vec<_> = kind.values().map(|value| value.name().to_owned()).collect();
                values
                    .get(self.next() % (values.len() + 1))
                    .map_or_else(|| self.any(depth), |name| name.as_str().into())
            }
            Kind::String => ["c1", "default", "ada", "garden", "toxicity >= 0.5"][self.next() % 5].into(),
            Kind::Bool => (self.next() % 2 == 1).into(),
            Kind::Bytes => "AAEC".into(),
            Kind::Float | Kind::Double => json!(self.next() as f64 / 128.0),
            _ => (self.next() % 20).into(),
        }
    }
}

/// Sends a body, and returns the status of the answer.
fn post(address: &str, path: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    (answer[9..12].parse().unwrap(), answer)
}

fn methods() -> Vec<MethodDescriptor> {
    let pool = DescriptorPool::decode(ombud::grpc::pb::FILE_DESCRIPTOR_SET).unwrap();
    pool.services().flat_map(|service| service.methods().collect::<Vec<_>>()).collect()
}

#[test]
fn no_json_to_any_method_is_a_fault_of_the_servers() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(TestServer::start());
    let address = server.url.trim_start_matches("http://").to_owned();
    let methods = methods();
    // A token of an admin would close the server to this test.
    let named: Vec<_> = methods.iter().filter(|method| method.name() != "CreateToken").collect();
    let choices = proptest::collection::vec(any::<u8>(), 0..120);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(cases()));
    let sent = runner.run(&(0..named.len(), choices, any::<bool>()), |(method, choices, is_shaped)| {
        let method = named[method];
        let mut choices = Choices(choices.iter());
        let value = if is_shaped { choices.message(&method.input(), 0) } else { choices.any(0) };
        let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
        let (status, answer) = post(&address, &path, &value.to_string());
        let streams = method.is_client_streaming() || method.is_server_streaming();
        prop_assert!(if streams { status == 501 } else { status < 500 }, "{path} {value}: {answer}");
        Ok(())
    });
    sent.unwrap();
    drop(runtime.block_on(server.stop()));
}

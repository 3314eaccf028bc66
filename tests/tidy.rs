//! The house rules that no compiler checks: who may import whom, and that every door and key is documented.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// What each room may import; the reasons stand in ARCHITECTURE.md.
const ROOMS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("auth", &["domain"]),
    ("classify", &["domain"]),
    ("policy", &["domain"]),
    ("store", &["domain"]),
    ("telemetry", &[]),
    ("moderation", &["domain", "auth", "classify", "policy", "store"]),
    ("train", &["domain", "classify", "policy"]),
    ("grpc", &["domain", "auth", "moderation"]),
    ("web", &["domain", "auth", "moderation"]),
    ("config", &["domain", "moderation", "policy", "telemetry"]),
    ("server", &["domain", "auth", "classify", "policy", "store", "moderation", "grpc", "web", "config"]),
    ("cli", &["classify", "config", "domain", "grpc", "policy", "server", "store", "telemetry", "train", "web"]),
];

fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// Returns the room that a file belongs to.
fn room_of(file: &Path) -> String {
    let inside = file.strip_prefix("src").unwrap();
    inside.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

#[test]
fn rooms_import_only_what_the_table_allows() {
    let mut seen = BTreeSet::new();
    for file in rust_files(Path::new("src")) {
        let room = room_of(&file);
        if room == "lib" || room == "main" {
            continue;
        }
        let (_, allowed) = ROOMS
            .iter()
            .find(|(name, _)| *name == room)
            .unwrap_or_else(|| panic!("{}: no such room in the table", file.display()));
        seen.insert(room.clone());
        let text = fs::read_to_string(&file).unwrap();
        assert!(!text.contains("super::super"), "{}: import by the room's name", file.display());
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for (at, _) in line.match_indices("crate::") {
                let imported: String =
                    line[at + 7..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                assert!(!imported.is_empty(), "{}: one `use crate::room::…` for each room", file.display());
                check(&file, &room, allowed, &imported);
            }
        }
    }
    assert_eq!(seen.len(), ROOMS.len(), "the table names rooms that are gone");
}

fn check(file: &Path, room: &str, allowed: &[&str], imported: &str) {
    let known = ROOMS.iter().any(|(name, _)| *name == imported);
    assert!(
        !known || imported == room || allowed.contains(&imported),
        "{}: {room} may not import {imported}",
        file.display()
    );
}

#[test]
fn every_room_says_what_it_is_for() {
    for (room, _) in ROOMS {
        let folder = format!("src/{room}/mod.rs");
        let file = if Path::new(&folder).exists() { folder } else { format!("src/{room}.rs") };
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//! ") && text.contains("//! Start reading at"), "{file}");
        let architecture = fs::read_to_string("ARCHITECTURE.md").unwrap();
        assert!(architecture.contains(&format!("`{room}`")), "ARCHITECTURE.md doesn't know {room}");
    }
}

/// Returns the text of every proto file with its name.
fn protos() -> Vec<(String, String)> {
    let files = fs::read_dir("proto/ombud/v1").unwrap().map(|entry| entry.unwrap().path());
    let all: Vec<_> = files.map(|file| (file.display().to_string(), fs::read_to_string(&file).unwrap())).collect();
    assert!(all.len() >= 3, "the proto files moved");
    all
}

#[test]
fn every_request_is_held_against_its_caller() {
    for file in rust_files(Path::new("src/grpc")) {
        let text = fs::read_to_string(&file).unwrap();
        let unpacks = text.contains("request.into_inner()") || text.contains("request.into_parts()");
        assert!(!unpacks || file.ends_with("addressed.rs"), "{}: take it with `addressed`", file.display());
    }
}

#[test]
fn every_field_method_and_value_of_the_proto_is_explained() {
    for (file, text) in protos() {
        let mut before = "";
        for (number, line) in text.lines().map(str::trim).enumerate() {
            let defines = line.starts_with("rpc ")
                || line.starts_with("message ")
                || line.starts_with("enum ")
                || line.starts_with("oneof ")
                || (line.ends_with(';') && line.contains(" = ") && !line.starts_with("syntax"));
            assert!(!defines || before.starts_with("//"), "{file} {}: say what it is: {line}", number + 1);
            before = line;
        }
    }
}

#[test]
fn every_method_stands_in_the_readme() {
    let readme = fs::read_to_string("README.md").unwrap();
    for (_, text) in protos() {
        for line in text.lines().filter_map(|line| line.trim().strip_prefix("rpc ")) {
            let method = line.split('(').next().unwrap();
            assert!(readme.contains(&format!("`{method}`")), "README.md doesn't know {method}");
        }
    }
}

#[test]
fn every_setting_is_explained_where_its_default_stands() {
    let defaults = fs::read_to_string("src/config/defaults.toml").unwrap();
    let mut before = "";
    let mut in_policy = false;
    for line in defaults.lines() {
        in_policy |= line.starts_with("[policy");
        if line.contains(" = ") && !line.starts_with('#') && !in_policy {
            assert!(before.starts_with('#'), "{line}");
        }
        before = line;
    }
}

#[test]
fn nothing_waits_by_sleeping_and_every_to_do_names_an_issue() {
    let (todo, sleep) = (["TO", "DO"].concat(), ["sleep", "("].concat());
    for dir in ["src", "tests", "benches"] {
        for file in rust_files(Path::new(dir)) {
            let text = fs::read_to_string(&file).unwrap();
            for line in text.lines() {
                assert!(!line.contains(&todo) || line.contains('#'), "{}: {line}", file.display());
                assert!(!line.contains(&sleep), "{}: {line}", file.display());
            }
        }
    }
}

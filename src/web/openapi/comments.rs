//! The comments of the proto, which say what everything means.

use prost_reflect::FileDescriptor;
use std::collections::HashMap;

/// Comments by file and by place in it.
#[derive(Default)]
pub(super) struct Comments(HashMap<String, HashMap<Vec<i32>, String>>);

impl Comments {
    /// Returns the comment on the thing at a place, as Markdown; empty where there is none.
    pub(super) fn on(&mut self, file: &FileDescriptor, path: &[i32]) -> &str {
        let of_file = self.0.entry(file.name().to_owned()).or_insert_with(|| read(file));
        of_file.get(path).map_or("", String::as_str)
    }
}

fn read(file: &FileDescriptor) -> HashMap<Vec<i32>, String> {
    let info = file.file_descriptor_proto().source_code_info.as_ref();
    let places = info.into_iter().flat_map(|info| &info.location);
    let said = places.filter_map(|place| Some((place.path.clone(), text(place.leading_comments.as_deref()?))));
    said.collect()
}

/// Takes the blank off the beginning of each line.
fn text(comment: &str) -> String {
    let lines: Vec<&str> = comment.trim_end().lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n")
}

/// Returns a comment's first sentence.
pub(super) fn first_sentence(comment: &str) -> String {
    let paragraph = comment.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    match paragraph.split_once(". ") {
        Some((sentence, _)) => format!("{sentence}."),
        None => paragraph,
    }
}

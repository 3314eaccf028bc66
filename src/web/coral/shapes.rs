//! What Coral sends.

use super::refusal::Refusal;
use crate::web::json::{self, NoJson};
use serde::Deserialize;

/// What Coral writes for an edit; all else is new.
const EDIT: &str = "EDIT";
/// Roles of people whose comments nobody moderates.
const OF_THE_HOUSE: [&str; 3] = ["STAFF", "MODERATOR", "ADMIN"];

/// A comment that a reader sends.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Asked {
    #[serde(default)]
    action: Option<String>,
    /// The comment.
    pub(super) comment: AskedComment,
    /// Who sends it.
    pub(super) author: AskedAuthor,
    /// What it is on.
    pub(super) story: AskedStory,
    /// The newsroom's id in Coral.
    #[serde(default, rename = "tenantID")]
    pub(super) tenant_id: Option<String>,
}

/// The comment itself.
#[derive(Deserialize)]
pub(super) struct AskedComment {
    /// Its words, as HTML or as plain text; a comment that is a picture or stars alone has none.
    #[serde(default, deserialize_with = "or_default")]
    pub(super) body: String,
    /// The comment that it answers.
    #[serde(default, rename = "parentID", deserialize_with = "or_default")]
    pub(super) parent_id: String,
}

/// The reader.
#[derive(Deserialize)]
pub(super) struct AskedAuthor {
    /// The account.
    pub(super) id: String,
    #[serde(default)]
    role: Option<String>,
}

/// The page.
#[derive(Deserialize)]
pub(super) struct AskedStory {
    /// Its id.
    pub(super) id: String,
}

fn or_default<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl Asked {
    /// Reads a body. What is wrong with it is told by its place alone, since serde's messages quote.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let value = json::read(body)
            .map_err(|NoJson { line, column }| Refusal::body(format!("not JSON: line {line}, column {column}")))?;
        let is_form = value.is_object() && ["comment", "author", "story"].iter().all(|part| value[part].is_object());
        let read = is_form.then(|| serde_json::from_value(value).ok()).flatten();
        read.ok_or_else(|| Refusal::body("must have comment.body, author.id and story.id, each a text".to_owned()))
    }

    /// Returns whether the reader changes a comment that is there.
    pub(super) fn is_edit(&self) -> bool {
        self.action.as_deref() == Some(EDIT)
    }
}

impl AskedAuthor {
    /// Returns whether the author is one of the newsroom.
    pub(super) fn is_of_the_house(&self) -> bool {
        self.role.as_deref().is_some_and(|role| OF_THE_HOUSE.contains(&role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn parse(value: &Value) -> Result<Asked, String> {
        Asked::parse(value.to_string().as_bytes()).map_err(|refusal| refusal.message().to_owned())
    }

    #[test]
    fn what_coral_sends_is_read_and_null_is_absent() {
        let asked = parse(&json!({
            "action": "EDIT",
            "comment": { "body": "Well said.", "parentID": null },
            "author": { "id": "u1", "role": "COMMENTER" },
            "story": { "id": "s1", "url": "https://news.example/1" },
            "site": { "id": "x" },
            "tenantID": "t1",
            "tenantDomain": "coral.example",
        }));
        let asked = asked.unwrap_or_else(|error| panic!("{error}"));
        assert!(asked.is_edit() && !asked.author.is_of_the_house());
        assert_eq!((asked.comment.body.as_str(), asked.comment.parent_id.as_str()), ("Well said.", ""));
        let least =
            json!({ "comment": { "body": null }, "author": { "id": "u", "role": "STAFF" }, "story": { "id": "s" } });
        let asked = parse(&least).unwrap_or_else(|error| panic!("{error}"));
        assert!(!asked.is_edit() && asked.author.is_of_the_house() && asked.comment.body.is_empty());
    }

    #[test]
    fn what_is_wrong_is_never_quoted() {
        for wrong in
            [json!([]), json!({}), json!({ "comment": ["secret"], "author": { "id": "u" }, "story": { "id": "s" } })]
        {
            let told = parse(&wrong).map(|_| ()).unwrap_err();
            assert_eq!(told, "must have comment.body, author.id and story.id, each a text");
        }
        let number = json!({ "comment": { "body": 1234 }, "author": { "id": "u" }, "story": { "id": "s" } });
        assert!(!parse(&number).map(|_| ()).unwrap_err().contains("1234"));
    }
}

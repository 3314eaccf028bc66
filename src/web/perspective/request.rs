//! Reads what clients send: names in both styles, `null` as if it weren't there.

use super::failure::Failure;
use serde_json::{Map, Value};

/// The type of text that there is.
const PLAIN: &str = "PLAIN_TEXT";
/// The type of score that there is.
const PROBABILITY: &str = "PROBABILITY";
/// What stands for a type that isn't said.
const TEXT_UNSPECIFIED: &str = "TEXT_TYPE_UNSPECIFIED";
const SCORE_UNSPECIFIED: &str = "SCORE_TYPE_UNSPECIFIED";
/// The types of score that clients may name, and that nobody serves.
const OTHER_SCORES: [&str; 3] = ["STD_DEV_SCORE", "PERCENTILE", "RAW"];

/// Fields of one object, with the path to it for whoever has to mend it.
pub(super) struct Fields<'a> {
    path: String,
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// Reads the outermost object.
    pub(super) fn of_body(value: &'a Value) -> Result<Self, Failure> {
        Self::new(String::new(), value)
    }

    fn new(path: String, value: &'a Value) -> Result<Self, Failure> {
        let named = if path.is_empty() { "the body" } else { &path };
        let map = value.as_object().ok_or_else(|| Failure::wrong_kind(named, "an object"))?;
        Ok(Self { path, map })
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// Refuses a field that isn't among the known ones, where that is wanted.
    pub(super) fn check(&self, strict: bool, known: &[&str]) -> Result<(), Failure> {
        let is_known = |name: &&String| known.iter().any(|known| *known == **name || snake(known) == **name);
        match self.map.keys().find(|name| strict && !is_known(name)) {
            Some(name) => Err(Failure::unknown_field(name)),
            None => Ok(()),
        }
    }

    fn value(&self, name: &str) -> Option<&'a Value> {
        let found = self.map.get(name).filter(|value| !value.is_null());
        found.or_else(|| self.map.get(&snake(name)).filter(|value| !value.is_null()))
    }

    /// Returns a text.
    pub(super) fn text(&self, name: &str) -> Result<Option<&'a str>, Failure> {
        let text =
            |value: &'a Value| value.as_str().ok_or_else(|| Failure::wrong_kind(&self.path_of(name), "a string"));
        self.value(name).map(text).transpose()
    }

    /// Returns a yes or no.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Failure> {
        match self.value(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(Failure::wrong_kind(&self.path_of(name), "true or false")),
        }
    }

    /// Returns a number from 0 to 1, which may stand in quotes.
    pub(super) fn share(&self, name: &str) -> Result<Option<f32>, Failure> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let number = value.as_f64().or_else(|| value.as_str()?.parse().ok());
        let share = number.filter(|number| (0.0..=1.0).contains(number));
        #[expect(clippy::cast_possible_truncation, reason = "scores have 32 bits")]
        let share = share.map(|share| share as f32);
        share.map(Some).ok_or_else(|| Failure::wrong_kind(&self.path_of(name), "a number from 0 to 1"))
    }

    /// Returns whether a field is there and is nothing, as where a number couldn't be written.
    pub(super) fn is_null(&self, name: &str) -> bool {
        self.map.get(name).is_some_and(Value::is_null)
    }

    /// Returns texts.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, Failure> {
        let wrong = || Failure::wrong_kind(&self.path_of(name), "a list of strings");
        let Some(value) = self.value(name) else { return Ok(Vec::new()) };
        let list = value.as_array().ok_or_else(wrong)?;
        list.iter().map(|one| one.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
    }

    /// Returns a whole number, from 0.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, Failure> {
        let wrong = || Failure::wrong_kind(&self.path_of(name), "a whole number");
        self.value(name).map(|value| value.as_u64().ok_or_else(wrong)).transpose()
    }

    /// Returns an object.
    pub(super) fn fields(&self, name: &str) -> Result<Option<Self>, Failure> {
        self.value(name).map(|value| Self::new(self.path_of(name), value)).transpose()
    }

    /// Returns the objects of a list.
    pub(super) fn list(&self, name: &str) -> Result<Vec<Self>, Failure> {
        let Some(value) = self.value(name) else { return Ok(Vec::new()) };
        let list = value.as_array().ok_or_else(|| Failure::wrong_kind(&self.path_of(name), "a list"))?;
        let item = |(index, one)| Self::new(format!("{}[{index}]", self.path_of(name)), one);
        list.iter().enumerate().map(item).collect()
    }

    /// Returns the objects of a map, by name in the order of the client; one that is `null` has no fields.
    pub(super) fn entries(&self) -> Result<Vec<(&'a str, Option<Self>)>, Failure> {
        let entry = |(name, value): (&'a String, &'a Value)| {
            let fields = if value.is_null() { None } else { Some(Self::new(self.path_of(name), value)?) };
            Ok((name.as_str(), fields))
        };
        self.map.iter().map(entry).collect()
    }
}

/// Writes a name in the other style: `requestedAttributes` as `requested_attributes`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// Reads the text of a comment.
pub(super) fn comment<'a>(body: &Fields<'a>, strict: bool) -> Result<&'a str, Failure> {
    let Some(comment) = body.fields("comment")? else { return Err(Failure::empty()) };
    comment.check(strict, &["text", "type"])?;
    text_entry(&comment)?.filter(|text| !text.is_empty()).ok_or_else(Failure::empty)
}

/// Reads a text that must be plain.
fn text_entry<'a>(entry: &Fields<'a>) -> Result<Option<&'a str>, Failure> {
    match entry.text("type")?.unwrap_or(PLAIN) {
        PLAIN | TEXT_UNSPECIFIED => entry.text("text"),
        "HTML" => Err(Failure::invalid("Currently, only 'PLAIN_TEXT' comments are supported")),
        _ => Err(Failure::invalid("Unknown text type")),
    }
}

/// Checks a type of score.
pub(super) fn score_type(fields: &Fields<'_>, name: &str, attribute: &str) -> Result<(), Failure> {
    match fields.text(name)?.unwrap_or(PROBABILITY) {
        PROBABILITY | SCORE_UNSPECIFIED => Ok(()),
        known if OTHER_SCORES.contains(&known) => Err(Failure::score_type(known, attribute)),
        _ => Err(Failure::wrong_kind(&fields.path_of(name), "a type of score, such as PROBABILITY")),
    }
}

/// Reads what surrounds a comment; returns the first of its texts, in which some clients put facts about the comment.
pub(super) fn context<'a>(body: &Fields<'a>, strict: bool) -> Result<Option<&'a str>, Failure> {
    let Some(context) = body.fields("context")? else { return Ok(None) };
    context.check(strict, &["entries", "articleAndParentComment"])?;
    let entries = context.list("entries")?;
    let article = context.fields("articleAndParentComment")?;
    if article.is_some() && !entries.is_empty() {
        let message = "Context can have either entries or article_and_parent_comment, but both fields were populated.";
        return Err(Failure::invalid(message));
    }
    for fields in article.iter().flat_map(|both| [both.fields("article"), both.fields("parentComment")]) {
        fields?.map(|entry| text_entry(&entry)).transpose()?;
    }
    let texts: Vec<Option<&str>> = entries.iter().map(text_entry).collect::<Result<_, _>>()?;
    Ok(texts.into_iter().flatten().next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_styles_of_names_are_read_and_null_is_nothing() {
        let body = json!({ "doNotStore": null, "do_not_store": true, "client_token": "a", "languages": null });
        let fields = Fields::of_body(&body).unwrap();
        assert_eq!(fields.flag("doNotStore"), Ok(true));
        assert_eq!(fields.text("clientToken"), Ok(Some("a")));
        assert_eq!(fields.texts("languages"), Ok(Vec::new()));
    }

    #[test]
    fn values_of_another_kind_are_named_by_their_path() {
        let body = json!({ "comment": { "text": 7 }, "languages": "en", "spanAnnotations": "yes" });
        let fields = Fields::of_body(&body).unwrap();
        let told = |failure: Failure| failure.body()["error"]["message"].as_str().unwrap().to_owned();
        assert!(told(comment(&fields, false).unwrap_err()).contains("'comment.text': must be a string"));
        assert!(told(fields.texts("languages").unwrap_err()).contains("'languages'"));
        assert!(told(fields.flag("spanAnnotations").unwrap_err()).contains("'spanAnnotations'"));
        assert!(Fields::of_body(&json!([])).is_err());
    }

    #[test]
    fn a_strict_site_refuses_what_nobody_knows() {
        let body = json!({ "comment": {}, "client_token": "", "coment": {} });
        let fields = Fields::of_body(&body).unwrap();
        assert!(fields.check(false, &["comment", "clientToken"]).is_ok());
        let refused = fields.check(true, &["comment", "clientToken"]).unwrap_err();
        assert_eq!(refused, Failure::unknown_field("coment"));
    }

    #[test]
    fn shares_may_stand_in_quotes_and_zero_is_one() {
        let body = json!({ "a": 0, "b": "0.5", "c": 1.5, "d": "x" });
        let fields = Fields::of_body(&body).unwrap();
        assert_eq!((fields.share("a"), fields.share("b"), fields.share("e")), (Ok(Some(0.0)), Ok(Some(0.5)), Ok(None)));
        assert!(fields.share("c").is_err() && fields.share("d").is_err());
    }
}

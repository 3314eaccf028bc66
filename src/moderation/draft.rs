//! What a reader's form sends, before anyone has looked at it.

use crate::classify::is_blank;
use crate::domain::{ArticleId, Author, AuthorId, Comment, CommentId, SiteId, Timestamp, Violation};
use uuid::Uuid;

/// The site of requests that name none, so that a newsroom with one site needs not name it.
pub const DEFAULT_SITE: &str = "default";

/// Texts that one question may hold.
const TEXTS_MAX: usize = 256;
/// 0001-01-01T00:00:00Z in microseconds since 1970.
const TIME_MIN: i64 = -62_135_596_800_000_000;
/// 9999-12-31T23:59:59.999999Z in microseconds since 1970.
const TIME_MAX: i64 = 253_402_300_799_999_999;

/// How long the parts of a comment may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of UTF-8 in a text.
    pub text_bytes_max: usize,
    /// Characters in an author's name.
    pub name_chars_max: usize,
    /// Bytes of UTF-8 in an identifier; at most 255, since keys of the store hold that much.
    pub id_bytes_max: usize,
}

/// A comment as it arrives; an empty text stands for an absent one.
#[derive(Clone, Default)]
pub struct Draft {
    /// The site; empty means [`DEFAULT_SITE`].
    pub site_id: String,
    /// The article.
    pub article_id: String,
    /// The site's own id; empty has one made.
    pub comment_id: String,
    /// The comment that this one answers; empty for none.
    pub parent_id: String,
    /// The reader's account; empty for none.
    pub author_id: String,
    /// The name that other readers see.
    pub author_name: String,
    /// The words.
    pub text: String,
    /// When the reader sent it; `None` means now.
    pub submitted_at: Option<Timestamp>,
    /// The client's name for the request.
    pub request_id: String,
}

impl Draft {
    /// Checks every field and makes the comment, with the defaults filled in.
    ///
    /// # Errors
    ///
    /// Names all fields that are wrong at once, as a form would.
    pub(super) fn into_comment(self, limits: &Limits, now: Timestamp) -> Result<Comment, Vec<Violation>> {
        let mut violations = Vec::new();
        let site_id = site(&self.site_id, limits, &mut violations).to_owned();
        required_id("article_id", &self.article_id, limits, &mut violations);
        optional_id("comment_id", &self.comment_id, limits, &mut violations);
        optional_id("parent_id", &self.parent_id, limits, &mut violations);
        optional_id("author.author_id", &self.author_id, limits, &mut violations);
        check_name(&self.author_name, limits, &mut violations);
        check_text("text", &self.text, limits, &mut violations);
        if is_blank(&self.text) && self.text.len() <= limits.text_bytes_max {
            violations.push(Violation::new("text", "Write a comment."));
        }
        let submitted_at = self.submitted_at.unwrap_or(now);
        if !(TIME_MIN..=TIME_MAX).contains(&submitted_at.as_micros()) {
            violations.push(Violation::new("submitted_at", "Must be a time in the years 1 to 9999."));
        }
        optional_id("request_id", &self.request_id, limits, &mut violations);
        if !violations.is_empty() {
            return Err(violations);
        }
        let made = if self.comment_id.is_empty() { Uuid::now_v7().to_string() } else { self.comment_id };
        let some = |id: String| (!id.is_empty()).then_some(id);
        Ok(Comment {
            site_id: SiteId::new(site_id),
            article_id: ArticleId::new(self.article_id),
            comment_id: CommentId::new(made),
            parent_id: some(self.parent_id).map(CommentId::new),
            author: Author { author_id: some(self.author_id).map(AuthorId::new), name: self.author_name },
            text: self.text,
            submitted_at,
        })
    }
}

/// Returns the site with the default filled in, and notes what is wrong with it.
pub(super) fn site<'a>(site_id: &'a str, limits: &Limits, violations: &mut Vec<Violation>) -> &'a str {
    optional_id("site_id", site_id, limits, violations);
    if site_id.is_empty() { DEFAULT_SITE } else { site_id }
}

/// Notes what is wrong with an identifier that must be there.
pub(super) fn required_id(field: &str, id: &str, limits: &Limits, violations: &mut Vec<Violation>) {
    if id.is_empty() {
        violations.push(Violation::new(field, "Must be given."));
    } else {
        optional_id(field, id, limits, violations);
    }
}

/// Notes what is wrong with an identifier that may be empty.
pub(super) fn optional_id(field: &str, id: &str, limits: &Limits, violations: &mut Vec<Violation>) {
    if id.len() > limits.id_bytes_max {
        violations.push(Violation::new(field, format!("Must be at most {} bytes long.", limits.id_bytes_max)));
    } else if id.chars().any(char::is_control) {
        violations.push(Violation::new(field, "Must not contain control characters."));
    } else if !id.is_empty() && is_blank(id) {
        violations.push(Violation::new(field, "Must not be blank."));
    }
}

fn check_name(name: &str, limits: &Limits, violations: &mut Vec<Violation>) {
    if name.chars().nth(limits.name_chars_max).is_some() {
        let sentence = format!("Must be at most {} characters long.", limits.name_chars_max);
        violations.push(Violation::new("author.name", sentence));
    } else if is_blank(name) {
        violations.push(Violation::new("author.name", "Enter your name."));
    }
}

fn check_text(field: &str, text: &str, limits: &Limits, violations: &mut Vec<Violation>) {
    if text.len() > limits.text_bytes_max {
        let sentence = format!("Must be at most {} bytes long.", limits.text_bytes_max);
        violations.push(Violation::new(field, sentence));
    }
}

/// Checks a list of texts to score.
pub(super) fn check_texts(texts: &[String], limits: &Limits) -> Result<(), Vec<Violation>> {
    let mut violations = Vec::new();
    if texts.is_empty() || texts.len() > TEXTS_MAX {
        violations.push(Violation::new("texts", format!("Must hold from 1 to {TEXTS_MAX} texts.")));
    }
    for (index, text) in texts.iter().enumerate().take(TEXTS_MAX) {
        check_text(&format!("texts[{index}]"), text, limits, &mut violations);
    }
    if violations.is_empty() { Ok(()) } else { Err(violations) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { text_bytes_max: 20_480, name_chars_max: 100, id_bytes_max: 128 };

    fn draft() -> Draft {
        Draft { article_id: "a".into(), author_name: "Ann".into(), text: "Well said.".into(), ..Draft::default() }
    }

    fn check(draft: Draft, expected: &[&str]) {
        let fields = match draft.into_comment(&LIMITS, Timestamp::from_micros(5)) {
            Ok(_) => Vec::new(),
            Err(violations) => violations.into_iter().map(|violation| violation.field).collect(),
        };
        assert_eq!(fields, expected);
    }

    #[test]
    fn empty_comment_and_empty_name_are_named_together() {
        check(Draft { text: String::new(), author_name: String::new(), ..draft() }, &["author.name", "text"]);
        check(Draft::default(), &["article_id", "author.name", "text"]);
    }

    #[test]
    fn blank_counts_as_empty() {
        for blank in [" ", "\t\n", "\u{200B}", "\u{3000}\u{202E}\u{FEFF}"] {
            check(Draft { text: blank.into(), author_name: blank.into(), ..draft() }, &["author.name", "text"]);
        }
    }

    #[test]
    fn lengths_are_checked_at_the_limit_and_one_past() {
        let long = |n| "x".repeat(n);
        check(Draft { text: long(20_480), author_name: "é".repeat(100), comment_id: long(128), ..draft() }, &[]);
        check(
            Draft {
                text: long(20_481),
                author_name: "é".repeat(101),
                site_id: long(129),
                article_id: long(129),
                comment_id: long(129),
                parent_id: long(129),
                author_id: long(129),
                request_id: long(129),
                ..draft()
            },
            &[
                "site_id",
                "article_id",
                "comment_id",
                "parent_id",
                "author.author_id",
                "author.name",
                "text",
                "request_id",
            ],
        );
    }

    #[test]
    fn defaults_are_filled_in() {
        let now = Timestamp::from_micros(5);
        let comment = draft().into_comment(&LIMITS, now).unwrap();
        assert_eq!(comment.site_id.as_str(), DEFAULT_SITE);
        assert_eq!(comment.submitted_at, now);
        let id = Uuid::parse_str(comment.comment_id.as_str()).unwrap();
        assert_eq!(id.get_version_num(), 7);
        assert_eq!(comment.parent_id, None);
        assert_eq!(comment.author.author_id, None);
    }

    #[test]
    fn ids_without_a_visible_character_or_with_controls_are_refused() {
        check(Draft { comment_id: " ".into(), ..draft() }, &["comment_id"]);
        check(Draft { comment_id: "a\0b".into(), ..draft() }, &["comment_id"]);
    }
}

//! Forms, and the comment that one describes.

use crate::domain::Words;
use crate::moderation::{Draft, Limits};
use sha2::{Digest as _, Sha256};

/// The name of an author who gave none: a comment has one.
const NOBODY: &str = "anonymous";
/// Letters of an id that is made of a hash.
const DIGEST_CHARS: usize = 32;

/// The fields of a form; those that are empty are absent.
#[derive(Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a body. Every body is a form, if one of fields that nobody asks for.
    pub(super) fn parse(body: &[u8]) -> Self {
        let fields = form_urlencoded::parse(body).filter(|(name, value)| KNOWN.contains(&&**name) && !value.is_empty());
        Self(fields.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// Returns the first value of a field.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns whether a field says yes, as Akismet's clients write it.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value == "1" || value.eq_ignore_ascii_case("true"))
    }

    /// Returns what is judged: the words, and behind them the page that the author's name leads to, a link like any other.
    pub(super) fn text(&self) -> String {
        let parts = [self.get("comment_content"), self.get("comment_author_url")];
        parts.into_iter().flatten().collect::<Vec<_>>().join("\n")
    }

    /// Returns the article: the address of the page, or a hash of one that is no id.
    pub(super) fn article_id(&self, limits: &Limits) -> String {
        let page = self.get("permalink").or_else(|| self.get("blog")).unwrap_or("unknown");
        let fits = page.len() <= limits.id_bytes_max && !page.chars().any(char::is_control) && !page.trim().is_empty();
        if fits { page.to_owned() } else { digest(&[page], limits) }
    }

    /// Returns an id for the comment, the same one whenever it is described in the same words.
    pub(super) fn comment_id(&self, limits: &Limits) -> String {
        let known = ["permalink", "comment_author", "comment_author_url", "comment_content"];
        digest(&known.map(|name| self.get(name).unwrap_or_default()), limits)
    }

    /// Returns the comment that the form describes.
    pub(super) fn draft(&self, site_id: &str, limits: &Limits) -> Draft {
        let name = self.get("comment_author").filter(|name| !name.trim().is_empty()).unwrap_or(NOBODY);
        Draft {
            site_id: site_id.to_owned(),
            article_id: self.article_id(limits),
            author_name: name.chars().take(limits.name_chars_max).collect(),
            text: self.text(),
            ..Draft::default()
        }
    }

    /// Returns the words of a label.
    pub(super) fn words(&self) -> Words {
        Words::new(self.text())
    }
}

/// What is looked at; all else is let go of at once.
const KNOWN: [&str; 10] = [
    "api_key",
    "key",
    "blog",
    "permalink",
    "comment_author",
    "comment_author_email",
    "comment_author_url",
    "comment_content",
    "user_role",
    "is_test",
];

/// Returns an id made of texts.
fn digest(texts: &[&str], limits: &Limits) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    }
    let digits: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut id = format!("akismet-{}", &digits[..DIGEST_CHARS]);
    id.truncate(limits.id_bytes_max);
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { text_bytes_max: 20_480, name_chars_max: 5, id_bytes_max: 48 };

    #[test]
    fn a_form_describes_a_comment() {
        let body = "comment_content=Caf%C3%A9+%26+cake&comment_author=Annabel&comment_author_url=https%3A%2F%2Fa.example\
                    &permalink=https%3A%2F%2Fnews.example%2F1&user_ip=192.0.2.1&comment_content=again&is_test=true";
        let form = Form::parse(body.as_bytes());
        let draft = form.draft("daily", &LIMITS);
        assert_eq!(draft.text, "Café & cake\nhttps://a.example");
        assert_eq!((draft.article_id.as_str(), draft.author_name.as_str()), ("https://news.example/1", "Annab"));
        assert_eq!(draft.site_id, "daily");
        assert!(form.is_set("is_test"));
        assert_eq!(form.get("user_ip"), None, "nobody looks at an address");
    }

    #[test]
    fn a_page_that_is_no_id_has_one_of_its_own() {
        let article = |page: &str| Form(vec![("permalink".into(), page.into())]).article_id(&LIMITS);
        let long = "https://news.example/".repeat(3);
        assert_eq!(article(&long), article(&long));
        assert_ne!(article(&long), article("https://news.example/\n"));
        assert!(article(&long).starts_with("akismet-") && article(&long).len() <= LIMITS.id_bytes_max);
        assert_eq!(Form::default().article_id(&LIMITS), "unknown");
    }

    #[test]
    fn the_same_comment_has_the_same_id() {
        let id = |body: &str| Form::parse(body.as_bytes()).comment_id(&LIMITS);
        assert_eq!(id("comment_content=a&user_ip=1"), id("user_ip=2&comment_content=a"));
        assert_ne!(id("comment_content=a&comment_author=b"), id("comment_content=ab"));
    }
}

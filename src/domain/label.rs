//! What people said of comments, to learn from.

use super::{ArticleId, Attribute, AuthorId, Circumstances, CommentId, ModeratorId, Outcome, SiteId, Timestamp, Words};

/// Where a label comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LabelSource {
    /// A moderator's verdict on what waited.
    Verdict,
    /// A moderator's word on attributes alone.
    Attribute,
    /// A moderator's verdict on an appeal.
    Appeal,
    /// What a client of the site suggested.
    Suggestion,
}

/// What a person said of one revision of a comment.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// The comment's site.
    pub site_id: SiteId,
    /// The comment.
    pub comment_id: CommentId,
    /// Which text of it, from 1.
    pub revision: u32,
    /// The article that it hangs on, where that is known.
    pub article_id: Option<ArticleId>,
    /// Who wrote it, where that is known.
    pub author_id: Option<AuthorId>,
    /// What it says.
    pub text: Words,
    /// Where the label comes from.
    pub source: LabelSource,
    /// Whether the comment is to be rejected; `None` where only attributes were spoken of.
    pub rejected: Option<bool>,
    /// Which attributes it carries and which not, as far as was said, in the order of [`Attribute::ALL`].
    pub attributes: Vec<(Attribute, bool)>,
    /// Who said it, where that is known.
    pub moderator_id: Option<ModeratorId>,
    /// When; `None` stands for when it was kept.
    pub labeled_at: Option<Timestamp>,
    /// How likely it was that a person would see the comment at all, above 0 and at most 1.
    pub sampling_probability: f32,
    /// What was known besides the text when the comment came in.
    pub circumstances: Circumstances,
    /// What was decided before any moderator, where that is known.
    pub outcome: Option<Outcome>,
    /// Which model scored it then; empty where that is not known.
    pub model_version: String,
    /// Whether whoever sent the comment asked that it be stored nowhere, and the site keeps it as a label all the same.
    pub do_not_store: bool,
}

/// What became of a label that came in from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is kept now, in place of an earlier one of the same comment, revision, source and moderator where there was one.
    New,
    /// The same label was kept before.
    Repeated,
    /// The comment's words were erased, so nothing of it is kept any more.
    Erased,
}

/// A label that came in from outside, as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptLabel {
    /// The number of the event that brought it.
    pub seq: u64,
    /// When that was.
    pub kept_at: Timestamp,
    /// The label.
    pub label: Label,
}

impl ArticleId {
    /// Returns the section of the newsroom that the article belongs to: the part of its id before the first `/`, where it has
    /// one.
    pub fn section(&self) -> Option<&str> {
        let (section, _) = self.as_str().split_once('/')?;
        // An address is no place in a newsroom's own order.
        (!section.is_empty() && !section.ends_with(':')).then_some(section)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_what_stands_before_the_first_slash() {
        let section = |id: &str| ArticleId::new(id).section().map(str::to_owned);
        assert_eq!(section("sport/cup/final").as_deref(), Some("sport"));
        assert_eq!(section("https://news.example/sport/cup"), None);
        assert_eq!((section("cup"), section("/cup"), section("")), (None, None, None));
    }
}

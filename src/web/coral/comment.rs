//! A comment of Coral's as one of Ombud's.
//!
//! Coral asks before a comment has an id, so one is made of what is known: who writes what in answer to what on which page. Asking
//! again about the same comment finds it, with the decision in force on it. An author who sends the same words to the same place
//! twice has one comment here, unless the first was edited since; Coral refuses the second one anyway.

use super::shapes::Asked;
use crate::domain::{CommentId, SiteId};
use crate::moderation::Draft;
use sha2::{Digest as _, Sha256};

/// What ids begin with that are made here.
pub(super) const ID_PREFIX: &str = "coral-";
/// Bytes of a hash that an id says.
const ID_BYTES: usize = 16;
/// Coral doesn't tell the names of authors, and a comment has one.
const NAME: &str = "unknown";

/// Returns the comment that is to be submitted, under an id that was made or found.
pub(super) fn draft(site_id: &SiteId, asked: Asked, text: String, comment_id: &CommentId) -> Draft {
    Draft {
        site_id: site_id.as_str().to_owned(),
        article_id: asked.story.id,
        comment_id: comment_id.as_str().to_owned(),
        parent_id: asked.comment.parent_id,
        author_id: asked.author.id,
        author_name: NAME.to_owned(),
        text,
        ..Draft::default()
    }
}

/// Returns the id that a new comment has, or the `nth` other one: what was edited meanwhile has the id of the words that it began with.
pub(super) fn id(asked: &Asked, text: &str, nth: u8) -> CommentId {
    let tenant_id = asked.tenant_id.as_deref().unwrap_or_default();
    let mut hash = Sha256::new();
    for part in [tenant_id, &asked.story.id, &asked.author.id, &asked.comment.parent_id, text] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    if nth > 0 {
        hash.update([nth]);
    }
    let digits: String = hash.finalize()[..ID_BYTES].iter().map(|byte| format!("{byte:02x}")).collect();
    CommentId::new(format!("{ID_PREFIX}{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn asked(author: &str, parent: &str) -> Asked {
        let body = json!({ "comment": { "body": "", "parentID": parent }, "author": { "id": author }, "story": { "id": "s" } });
        Asked::parse(body.to_string().as_bytes()).unwrap_or_else(|refusal| panic!("{}", refusal.message()))
    }

    #[test]
    fn an_id_says_who_wrote_what_where() {
        let nth = |nth| super::id(&asked("u", ""), "a", nth);
        assert!(nth(0) != nth(1) && nth(1) != nth(2));
        let id = |author, parent, text| id(&asked(author, parent), text, 0);
        assert_eq!(id("u", "", "a"), id("u", "", "a"));
        assert_eq!(id("u", "", "a").as_str().len(), ID_PREFIX.len() + 2 * ID_BYTES);
        for other in [id("u", "", "b"), id("v", "", "a"), id("u", "p", "a"), id("ua", "", ""), id("u", "a", "")] {
            assert_ne!(other, id("u", "", "a"));
        }
    }

    #[test]
    fn an_edit_is_a_revision_of_the_comment_that_was_found() {
        let draft = draft(&SiteId::new("daily"), asked("u", "p"), "b".into(), &CommentId::new("coral-1"));
        assert_eq!(
            (draft.comment_id.as_str(), draft.site_id.as_str(), draft.article_id.as_str()),
            ("coral-1", "daily", "s")
        );
        assert_eq!((draft.author_id.as_str(), draft.parent_id.as_str(), draft.text.as_str()), ("u", "p", "b"));
    }
}

//! Which comment an edit is of.
//!
//! Coral doesn't say. It lets readers change a comment for some minutes, so the one that is meant is among the author's newest
//! on that page, in answer to the same comment. Of those that came within a day the one whose words are most alike is taken, and
//! of several alike the newest. Where none has much in common with the edit, it is a comment of its own: that one text too many
//! waits for a moderator is better than that a text is judged as another one's revision.

use super::comment::ID_PREFIX;
use super::shapes::Asked;
use crate::domain::{CommentId, Revision, SiteId};
use crate::moderation::{Error, ListRequest};
use crate::web::Doors;
use std::collections::HashMap;

/// How many of an author's newest comments are looked at.
const COMMENTS_MAX: i32 = 50;
/// How long ago a comment may have come, in microseconds: a day. Coral's readers have five minutes where nobody sets it otherwise.
const AGE_MAX: i64 = 24 * 3600 * 1_000_000;
/// What two texts must have in common at least, see [`likeness`].
const LIKENESS_MIN: f32 = 0.25;

/// Finds the comment that an edit is of.
///
/// # Errors
///
/// Names what is wrong with the author's id; passes on what the store says.
pub(super) async fn find(
    doors: &Doors,
    site_id: &SiteId,
    asked: &Asked,
    text: &str,
) -> Result<Option<CommentId>, Error> {
    let request = ListRequest {
        site_id: site_id.as_str().to_owned(),
        article_id: None,
        author_id: Some(asked.author.id.clone()),
        page_size: COMMENTS_MAX,
        page_token: String::new(),
    };
    let newest = doors.moderation.list(request).await?.comments;
    let since = doors.clock.now().as_micros().saturating_sub(AGE_MAX);
    let may_be = |revision: &&Revision| {
        let comment = &revision.comment;
        comment.article_id.as_str() == asked.story.id
            && comment.parent_id.as_ref().map_or("", CommentId::as_str) == asked.comment.parent_id
            && comment.comment_id.as_str().starts_with(ID_PREFIX)
            && revision.erased_at.is_none()
            && revision.received_at.as_micros() >= since
    };
    let found = most_alike(text, newest.iter().filter(may_be).map(|revision| (&*revision.comment.text, revision)));
    Ok(found.map(|revision| revision.comment.comment_id.clone()))
}

/// Returns the first of those whose texts are most like `text`, if they are at all.
fn most_alike<'a, T>(text: &str, candidates: impl Iterator<Item = (&'a str, T)>) -> Option<T> {
    let (mut best, mut highest) = (None, 0.0);
    for (other, candidate) in candidates {
        let likeness = likeness(text, other);
        if likeness >= LIKENESS_MIN && likeness > highest {
            (best, highest) = (Some(candidate), likeness);
        }
    }
    best
}

/// Returns how much of two texts is the same, in [0, 1]: twice the words that both have, of all words.
fn likeness(one: &str, other: &str) -> f32 {
    let mut counts = HashMap::new();
    let (mut words, mut common) = (0_usize, 0_usize);
    for word in one.split_whitespace() {
        *counts.entry(word).or_insert(0_usize) += 1;
        words += 1;
    }
    for word in other.split_whitespace() {
        words += 1;
        if let Some(count) = counts.get_mut(word).filter(|count| **count > 0) {
            *count -= 1;
            common += 1;
        }
    }
    if words == 0 { 0.0 } else { 2.0 * common as f32 / words as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likeness_is_the_share_of_words_in_common() {
        let check = |one: &str, other: &str, expected: f32| assert!((likeness(one, other) - expected).abs() < 1e-6);
        check("", "", 0.0);
        check("a b", "a b", 1.0);
        check("a b", "a c", 0.5);
        check("a a b", "a c c", 2.0 / 6.0);
    }

    #[test]
    fn the_newest_of_those_most_alike_is_meant() {
        let check = |text: &str, texts: &[&str], expected: Option<usize>| {
            assert_eq!(most_alike(text, texts.iter().copied().zip(0..)), expected, "{text}");
        };
        check("the cake is very good", &["the cake is good", "the tea is good"], Some(0));
        check("the cake is very good", &["the tea is good", "the cake is good"], Some(1));
        check("the cake is good", &["the pie is good", "the tea is good"], Some(0));
        check("nothing like it at all", &["the cake is good"], None);
        check("nothing", &[], None);
    }
}

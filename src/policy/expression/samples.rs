//! Comments that every rule is tried on before it is taken.

use super::facts::{ArticleFacts, AuthorFacts, CommentFacts, Facts, Prepared};
use crate::domain::{Attribute, Judgement, Scores};

/// As many bytes as the longest text that is let in by default.
const LONG: usize = 20_480;

/// Returns a typical comment, an empty one, and one in which everything is as large as it gets.
pub(super) fn with_each<T>(mut look: impl FnMut(&Prepared<'_>) -> Option<T>) -> Option<T> {
    let scores = |p: f32| Scores::new([p; Attribute::COUNT]).map(Judgement::following);
    let long = "a b ".repeat(LONG / 4);
    let (typical, none, all) = (scores(0.25), scores(0.0), scores(1.0));
    let facts = [
        Facts {
            scores: typical.as_ref(),
            comment: CommentFacts { site_id: "site", parent_id: "", links: 1, language: "en" },
            author: AuthorFacts {
                author_id: "author",
                name: "Ann",
                published: 7,
                held: 2,
                rejected: 1,
                first_time: false,
            },
            article: ArticleFacts { article_id: "article", mode: "open" },
            text: "Thank you, I had not thought of that. More at https://example.org",
        },
        Facts { scores: none.as_ref(), ..Facts::default() },
        Facts {
            scores: all.as_ref(),
            comment: CommentFacts { site_id: &long[..128], parent_id: &long[..128], links: u32::MAX, language: "vi" },
            author: AuthorFacts {
                author_id: &long[..128],
                name: &long[..100],
                published: u32::MAX,
                held: u32::MAX,
                rejected: u32::MAX,
                first_time: true,
            },
            article: ArticleFacts { article_id: &long[..128], mode: "pre_moderated" },
            text: &long,
        },
    ];
    facts.iter().find_map(|facts| look(&facts.prepare()))
}

//! What a rule is held against: what is known of a comment, and the same as values of CEL.

use super::{pattern::Pattern, schema::Field};
use crate::domain::Judgement;
use cel::{
    common::{
        types::{CelBool, CelDouble, CelInt, CelString},
        value::{CowVal, Val},
    },
    context::VariableResolver,
};

/// Ten million: scores are rounded to as many digits as 32 bits tell apart.
const SCORE_DIGITS: f64 = 1e7;

/// What is known of a comment when it is decided on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'a> {
    /// The scores, or `None` where the comment was not scored.
    pub scores: Option<&'a Judgement>,
    /// The comment.
    pub comment: CommentFacts<'a>,
    /// Who wrote it.
    pub author: AuthorFacts<'a>,
    /// The page that it hangs on.
    pub article: ArticleFacts<'a>,
    /// The text as sent.
    pub text: &'a str,
}

/// What is known of a comment beside its text; its length and whether it is a reply follow from the rest.
#[derive(Debug, Clone, Copy, Default)]
pub struct CommentFacts<'a> {
    /// The site that it was sent to.
    pub site_id: &'a str,
    /// The comment that it answers; empty where it answers none.
    pub parent_id: &'a str,
    /// The number of links in it.
    pub links: u32,
    /// The two letters of its language; empty where that is not known.
    pub language: &'a str,
}

/// What is known of the author of a comment.
#[derive(Debug, Clone, Copy, Default)]
pub struct AuthorFacts<'a> {
    /// The author's id; empty where there is none.
    pub author_id: &'a str,
    /// The name that is shown; empty where there is none.
    pub name: &'a str,
    /// How many comments of the author were published.
    pub published: u32,
    /// How many were held.
    pub held: u32,
    /// How many were rejected.
    pub rejected: u32,
    /// Whether this is the author's first comment.
    pub first_time: bool,
}

/// What is known of the page that a comment hangs on.
#[derive(Debug, Clone, Copy, Default)]
pub struct ArticleFacts<'a> {
    /// The article.
    pub article_id: &'a str,
    /// `open`, `pre_moderated` or `closed`.
    pub mode: &'a str,
}

impl<'a> Facts<'a> {
    /// Converts the facts once, for any number of rules.
    ///
    /// Texts are borrowed. Scores are rounded to seven digits, so that a score of 0.9 is not below a rule's 0.9.
    pub fn prepare(&self) -> Prepared<'a> {
        Prepared { slots: Field::all().map(|field| self.value(field)).collect() }
    }

    fn value(&self, field: Field) -> Slot<'a> {
        let Self { scores, comment, author, article, text } = *self;
        match field {
            Field::Score(criterion) => match scores {
                Some(scores) => {
                    let score = f64::from(scores.get(criterion).get());
                    Slot::Double(((score * SCORE_DIGITS).round() / SCORE_DIGITS).into())
                }
                None => Slot::Missing,
            },
            Field::SiteId => Slot::text(comment.site_id),
            Field::CommentArticleId | Field::ArticleId => Slot::text(article.article_id),
            Field::ParentId => Slot::text(comment.parent_id),
            Field::Length => Slot::Int(i64::try_from(text.chars().count()).unwrap_or(i64::MAX).into()),
            Field::Links => Slot::count(comment.links),
            Field::IsReply => Slot::Bool((!comment.parent_id.is_empty()).into()),
            Field::Language => Slot::text(comment.language),
            Field::AuthorId => Slot::text(author.author_id),
            Field::AuthorName => Slot::text(author.name),
            Field::Published => Slot::count(author.published),
            Field::Held => Slot::count(author.held),
            Field::Rejected => Slot::count(author.rejected),
            Field::FirstTime => Slot::Bool(author.first_time.into()),
            Field::Mode => Slot::text(article.mode),
            Field::Text => Slot::text(text),
        }
    }
}

/// The facts as values of CEL.
#[derive(Debug, Clone)]
pub struct Prepared<'a> {
    /// In the order of [`Field::all`].
    slots: Vec<Slot<'a>>,
}

impl<'a> Prepared<'a> {
    /// Returns what stands at a place.
    pub(super) fn slot(&self, place: usize) -> Option<&Slot<'a>> {
        self.slots.get(place)
    }

    /// Returns the string at a place.
    pub(super) fn text(&self, place: usize) -> Option<&str> {
        match self.slots.get(place)? {
            Slot::Text(text) => Some(text.inner()),
            _ => None,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) enum Slot<'a> {
    Bool(CelBool),
    Int(CelInt),
    Double(CelDouble),
    Text(CelString<'a>),
    Missing,
}

impl<'a> Slot<'a> {
    fn text(text: &'a str) -> Self {
        Self::Text(text.into())
    }

    fn count(count: u32) -> Self {
        Self::Int(i64::from(count).into())
    }

    fn value(&self) -> Option<&(dyn Val + '_)> {
        match self {
            Self::Bool(value) => Some(value),
            Self::Int(value) => Some(value),
            Self::Double(value) => Some(value),
            Self::Text(value) => Some(value),
            Self::Missing => None,
        }
    }

    /// Returns whether `has()` finds something.
    pub(super) fn is_there(&self) -> bool {
        match self {
            Self::Text(text) => !text.is_empty(),
            Self::Missing => false,
            _ => true,
        }
    }
}

/// What a name in a lowered rule stands for; no source can spell such names.
#[derive(Debug, Clone, Copy)]
pub(super) enum Name {
    /// The value of a field.
    Value(Field),
    /// Whether a field has a value.
    Has(Field),
    /// A regular expression of the rule, by its number.
    Pattern(usize),
}

const VALUE: char = '#';
const HAS: char = '?';
const PATTERN: char = '~';
/// The character behind the sign is so far from this one as the place is from 0.
const ZERO: u32 = 0x30;

impl Name {
    /// Returns the name: a sign and a character that says the place.
    pub(super) fn spell(self) -> String {
        let (sign, place) = match self {
            Self::Value(field) => (VALUE, field.slot()),
            Self::Has(field) => (HAS, field.slot()),
            Self::Pattern(number) => (PATTERN, number),
        };
        // There are far fewer places than characters before the first gap.
        let place = u32::try_from(place).ok().and_then(|place| char::from_u32(place + ZERO));
        [sign].into_iter().chain(place).collect()
    }

    /// Finds the field that a name stands for; `None` for other names.
    pub(super) fn read_field(name: &str) -> Option<Self> {
        let (sign, place) = Self::read(name)?;
        let field = Field::all().nth(place)?;
        match sign {
            VALUE => Some(Self::Value(field)),
            HAS => Some(Self::Has(field)),
            _ => None,
        }
    }

    /// Splits a name into its sign and its place; `None` for one that a rule itself wrote.
    fn read(name: &str) -> Option<(char, usize)> {
        let mut chars = name.chars();
        let (sign, place, None) = (chars.next()?, chars.next()?, chars.next()) else { return None };
        Some((sign, usize::try_from(u32::from(place).checked_sub(ZERO)?).ok()?))
    }
}

/// What one rule sees: the facts, and its own regular expressions.
pub(super) struct View<'a> {
    pub(super) facts: &'a Prepared<'a>,
    pub(super) patterns: &'a [Pattern],
}

impl VariableResolver for View<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let (sign, place) = Name::read(variable)?;
        match sign {
            VALUE => self.facts.slots.get(place)?.value().map(CowVal::Borrowed),
            HAS => {
                let found = self.facts.slots.get(place)?.is_there();
                Some(CowVal::Borrowed(if found { &CelBool::TRUE } else { &CelBool::FALSE }))
            }
            PATTERN => Some(CowVal::Borrowed(self.patterns.get(place)?)),
            _ => None,
        }
    }
}

//! Labels from elsewhere on their way in: another server's, a client's suggestions, a data set's.

use super::{Labels, may_be_kept};
use crate::auth::Caller;
use crate::classify::is_blank;
use crate::domain::{
    Actor, ArticleId, Attribute, AuthorId, Circumstances, CommentId, Kept, Label, LabelSource, ModeratorId, Outcome,
    SiteId, Timestamp, Violation, Words,
};
use crate::moderation::{Error, draft, refuse};
use crate::store::KeepLabel;

/// How far the clock of whoever gives a label may be ahead, in microseconds.
const DAY: i64 = 86_400_000_000;
/// How long the name of a model may be, in bytes.
const VERSION_BYTES_MAX: usize = 255;
/// From which score on a suggested attribute is one that the comment carries.
const CARRIED_FROM: f32 = 0.5;

/// A label as it comes in; an empty text stands for an absent one.
#[derive(Debug, Clone)]
pub struct NewLabel {
    /// The site; empty means [`crate::moderation::DEFAULT_SITE`].
    pub site_id: String,
    /// The comment, which need not be here.
    pub comment_id: String,
    /// Which text of it; 0 means the first.
    pub revision: u32,
    /// The article.
    pub article_id: String,
    /// Who wrote it.
    pub author_id: String,
    /// What it says.
    pub text: Words,
    /// Where the label comes from.
    pub source: LabelSource,
    /// Whether the comment is to be rejected.
    pub rejected: Option<bool>,
    /// Attributes by name: whether the comment carries them.
    pub attributes: Vec<(String, bool)>,
    /// Who said it.
    pub moderator_id: String,
    /// When; `None` means now.
    pub labeled_at: Option<Timestamp>,
    /// How likely it was that a person would see the comment at all; 0 means 1.
    pub sampling_probability: f32,
    /// What was known besides the text.
    pub circumstances: Circumstances,
    /// What was decided before any moderator.
    pub outcome: Option<Outcome>,
    /// Which model scored it then.
    pub model_version: String,
    /// Whether whoever sent the comment asked that it be stored nowhere.
    pub do_not_store: bool,
}

/// A label that may be kept.
#[derive(Debug)]
pub struct Checked {
    label: Label,
    by: Actor,
}

/// What became of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imported {
    /// It is kept now.
    New,
    /// It had been kept before.
    Repeated,
    /// It is not kept: its comment was erased, or whoever sent that asked that it be stored nowhere.
    LeftOut,
}

impl NewLabel {
    /// Returns a client's suggestion that a text has these scores by attribute, in [0, 1]: from a half on, it carries the
    /// attribute. All other fields but the comment's id have defaults.
    pub fn suggested(
        comment_id: impl Into<String>,
        text: Words,
        scores: impl IntoIterator<Item = (String, f32)>,
    ) -> Self {
        Self {
            site_id: String::new(),
            comment_id: comment_id.into(),
            revision: 0,
            article_id: String::new(),
            author_id: String::new(),
            text,
            source: LabelSource::Suggestion,
            rejected: None,
            attributes: scores.into_iter().map(|(name, score)| (name, score >= CARRIED_FROM)).collect(),
            moderator_id: String::new(),
            labeled_at: None,
            sampling_probability: 0.0,
            circumstances: Circumstances::default(),
            outcome: None,
            model_version: String::new(),
            do_not_store: false,
        }
    }
}

impl Labels {
    /// Keeps a label. When this returns, it is on disk. Labels are kept in the order in which these calls are first polled.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong; says that the caller's token is bound to another site; passes on what the store says.
    pub async fn import(&self, caller: &Caller, new: NewLabel) -> Result<Imported, Error> {
        self.keep(self.check(caller, new)?).await
    }

    /// Does the first half of [`Labels::import`]: checks a label, and keeps nothing yet.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong; says that the caller's token is bound to another site.
    pub fn check(&self, caller: &Caller, new: NewLabel) -> Result<Checked, Error> {
        let label = self.checked(new)?;
        caller.may_act_on(label.site_id.as_str())?;
        let by = caller.name().cloned().map_or(Actor::System, Actor::Moderator);
        Ok(Checked { label, by })
    }

    /// Does the second half of [`Labels::import`].
    ///
    /// # Errors
    ///
    /// Passes on what the store says.
    pub async fn keep(&self, Checked { label, by }: Checked) -> Result<Imported, Error> {
        if !may_be_kept(&self.policies.book(), &label) {
            return Ok(Imported::LeftOut);
        }
        let kept = self.store.keep_label(KeepLabel { label, by, now: self.clock.now() }).await?;
        Ok(match kept {
            Kept::New => Imported::New,
            Kept::Repeated => Imported::Repeated,
            Kept::Erased => Imported::LeftOut,
        })
    }

    fn checked(&self, new: NewLabel) -> Result<Label, Error> {
        let (mut violations, limits) = (Vec::new(), &self.limits);
        let mut wrong = |field: &str, sentence: String| violations.push(Violation::new(field, sentence));
        if new.text.as_str().len() > limits.text_bytes_max {
            wrong("text", format!("Must be at most {} bytes long.", limits.text_bytes_max));
        } else if is_blank(new.text.as_str()) {
            wrong("text", "Must be given.".to_owned());
        }
        let mut attributes: Vec<(Attribute, bool)> = Vec::new();
        for (name, truth) in &new.attributes {
            match Attribute::from_name(name) {
                Some(attribute) if attributes.iter().all(|(known, _)| *known != attribute) => {
                    attributes.push((attribute, *truth));
                }
                _ => {
                    let known: Vec<&str> = Attribute::ALL.map(Attribute::name).into();
                    wrong("attributes", format!("Must be attributes by name, each once: {}.", known.join(", ")));
                    break;
                }
            }
        }
        attributes.sort_unstable_by_key(|(attribute, _)| *attribute);
        if new.rejected.is_none() && new.attributes.is_empty() {
            wrong("rejected", "Say whether the comment is to be rejected, or name attributes.".to_owned());
        }
        let sampling_probability = if new.sampling_probability == 0.0 { 1.0 } else { new.sampling_probability };
        if !(sampling_probability > 0.0 && sampling_probability <= 1.0) {
            wrong("sampling_probability", "Must be above 0 and at most 1.".to_owned());
        }
        let latest = self.clock.now().as_micros().saturating_add(DAY);
        if new.labeled_at.is_some_and(|at| at.as_micros() > latest) {
            wrong("labeled_at", "Must not lie in the future.".to_owned());
        }
        if new.model_version.len() > VERSION_BYTES_MAX || new.model_version.chars().any(char::is_control) {
            wrong("model_version", format!("Must have at most {VERSION_BYTES_MAX} bytes and no control characters."));
        }
        let site_id = SiteId::new(draft::site(&new.site_id, limits, &mut violations));
        draft::required_id("comment_id", &new.comment_id, limits, &mut violations);
        draft::optional_id("article_id", &new.article_id, limits, &mut violations);
        draft::optional_id("author_id", &new.author_id, limits, &mut violations);
        draft::optional_id("moderator_id", &new.moderator_id, limits, &mut violations);
        refuse(violations)?;
        let some = |id: String| (!id.is_empty()).then_some(id);
        Ok(Label {
            site_id,
            comment_id: CommentId::new(new.comment_id),
            revision: new.revision.max(1),
            article_id: some(new.article_id).map(ArticleId::new),
            author_id: some(new.author_id).map(AuthorId::new),
            text: new.text,
            source: new.source,
            rejected: new.rejected,
            attributes,
            moderator_id: some(new.moderator_id).map(ModeratorId::new),
            labeled_at: new.labeled_at,
            sampling_probability,
            circumstances: new.circumstances,
            outcome: new.outcome,
            model_version: new.model_version,
            do_not_store: new.do_not_store,
        })
    }
}

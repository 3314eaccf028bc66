//! `submit-spam` and `submit-ham`: what a person says that a check got wrong.

use super::{form::Form, refusal::Refusal};
use crate::auth::Caller;
use crate::domain::{Attribute, Circumstances, LabelSource};
use crate::moderation::labels::NewLabel;
use crate::web::Doors;

/// Keeps what was said as a label: whether the comment is spam, and so whether it is to be rejected. A test is not kept.
pub(super) async fn keep(
    doors: &Doors,
    caller: &Caller,
    site_id: &str,
    form: &Form,
    is_spam: bool,
) -> Result<(), Refusal> {
    let limits = doors.moderation.limits();
    let label = NewLabel {
        site_id: site_id.to_owned(),
        comment_id: form.comment_id(&limits),
        revision: 0,
        article_id: form.article_id(&limits),
        author_id: String::new(),
        text: form.words(),
        source: LabelSource::Suggestion,
        rejected: Some(is_spam),
        attributes: vec![(Attribute::Spam.name().to_owned(), is_spam)],
        moderator_id: caller.name().map(|name| name.as_str().to_owned()).unwrap_or_default(),
        labeled_at: None,
        sampling_probability: 0.0,
        circumstances: Circumstances::default(),
        outcome: None,
        model_version: String::new(),
        do_not_store: false,
    };
    let checked = doors.labels.check(caller, label).map_err(|error| Refusal::of_request(&error))?;
    if !form.is_set("is_test") {
        doors.labels.keep(checked).await.map_err(|error| Refusal::of_request(&error))?;
    }
    Ok(())
}

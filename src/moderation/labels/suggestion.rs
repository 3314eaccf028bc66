//! Scores that a client of the Perspective API suggests, as labels.

use super::{Labels, NewLabel};
use crate::auth::Caller;
use crate::domain::{Criterion, Words};
use crate::moderation::{Moderation, analysis::Refusal};
use crate::policy::perspective::Answer;
use sha2::{Digest as _, Sha256};

/// From which score on a suggestion says yes.
const YES_FROM: f32 = 0.5;

/// What a client suggests.
#[derive(Debug, Clone)]
pub struct Suggestion {
    /// The site.
    pub site_id: String,
    /// The client's id of the comment; without one, the text is its own id, so that a later suggestion takes the place of an earlier.
    pub comment_id: Option<String>,
    /// The text.
    pub text: String,
    /// Scores in [0, 1], by the client's names.
    pub scores: Vec<(String, f32)>,
    /// Whether the scores say what a moderator ruled, rather than how the text is: then any of them says whether the
    /// comment was rejected, and none of them that it carries the attribute.
    pub is_verdict: bool,
}

impl Labels {
    /// Keeps a suggestion as a label; it is on disk when this returns. Names that a site answers with a constant teach nothing.
    ///
    /// # Errors
    ///
    /// Says which name isn't known, which field is wrong, or that the store failed.
    pub async fn suggest(
        &self,
        caller: &Caller,
        moderation: &Moderation,
        suggestion: Suggestion,
    ) -> Result<(), Refusal> {
        let Suggestion { site_id, comment_id, text, scores, is_verdict } = suggestion;
        let (bytes, max) = (text.len(), self.limits.text_bytes_max);
        if bytes > max {
            return Err(Refusal::TooLong { bytes, max });
        }
        let site = moderation.perspective(&site_id);
        let (mut rejected, mut attributes) = (None, Vec::new());
        for (name, score) in scores {
            match site.answer(&name) {
                Answer::Error => return Err(Refusal::UnknownAttribute { name }),
                Answer::Constant(_) => {}
                Answer::As(Criterion::Attribute(attribute)) if !is_verdict => {
                    attributes.push((attribute.name().to_owned(), score));
                }
                Answer::As(_) => rejected = Some(rejected.unwrap_or_default() || score >= YES_FROM),
            }
        }
        if rejected.is_none() && attributes.is_empty() {
            return Ok(());
        }
        let comment_id = comment_id.unwrap_or_else(|| own_id(&text));
        let label = NewLabel::suggested(comment_id, Words::new(text.as_str()), attributes);
        self.import(caller, NewLabel { site_id, rejected, ..label }).await?;
        Ok(())
    }
}

/// Makes an id of a text.
fn own_id(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    let digits: String = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("text-{digits}")
}

//! Answers what clients of the Perspective API ask: scores by the names that they know, of the whole text and of its sentences.
//!
//! Nothing is decided and nothing is kept, whatever the client allows: a score needs no memory. What a site says of its old
//! clients is in its policy.

use super::scoring::TextScores;
use super::{DEFAULT_SITE, Error, Moderation};
use crate::domain::{ArticleId, Criterion, Language, Score, SiteId};
use crate::policy::perspective::Answer;
use crate::policy::{Perspective, Policy};
use std::{ops::Range, sync::Arc};
use unicode_segmentation::UnicodeSegmentation as _;

/// Parts of a text that are scored by themselves at most: neighbours of a text with more sentences are taken together.
const PARTS_MAX: usize = 256;

/// What a client asks.
#[derive(Debug, Clone)]
pub struct Question {
    /// The site whose policy says what names and scores mean; empty means [`DEFAULT_SITE`].
    pub site_id: String,
    /// The text.
    pub text: String,
    /// What is asked for, by the client's names.
    pub attributes: Vec<String>,
    /// In which languages the client says that the text is, as BCP 47 has them; empty asks to find out.
    pub languages: Vec<String>,
    /// Whether each sentence is scored too.
    pub by_sentence: bool,
}

/// What it is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// By the names and in the order of the question.
    pub attributes: Vec<AttributeScores>,
    /// In which languages the text is taken to be: the client's, or the one that was found.
    pub languages: Vec<String>,
    /// Which language was found.
    pub detected: Language,
}

/// The scores of one attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeScores {
    /// The client's name for it.
    pub name: String,
    /// Of the whole text.
    pub summary: Score,
    /// Of its parts, as ranges of bytes: the sentences, or all of it.
    pub parts: Vec<(Range<usize>, Score)>,
}

/// Why a question isn't answered.
#[derive(Debug)]
pub enum Refusal {
    /// There is no text.
    Empty,
    /// The text has more bytes than it may.
    TooLong {
        /// How many it has.
        bytes: usize,
        /// How many it may have.
        max: usize,
    },
    /// Nothing is asked for.
    NoAttributes,
    /// There is no such attribute.
    UnknownAttribute {
        /// As the client wrote it.
        name: String,
    },
    /// The attribute isn't scored in these languages.
    Language {
        /// As the client wrote it.
        attribute: String,
        /// The languages.
        languages: Vec<String>,
        /// Which one was found.
        detected: Language,
    },
    /// The service failed.
    Failed(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Moderation {
    /// Returns what the site's policy says of old clients' requests.
    pub fn perspective(&self, site_id: &str) -> Perspective {
        self.site_policy(site_id).rules().perspective.as_deref().cloned().unwrap_or_default()
    }

    /// Scores a text for what is asked.
    ///
    /// # Errors
    ///
    /// Says what can't be answered, the first thing of all.
    pub async fn analyse(&self, question: Question) -> Result<Analysis, Refusal> {
        let Question { site_id, text, attributes, languages, by_sentence } = question;
        let (bytes, max) = (text.len(), self.config.limits.text_bytes_max);
        if text.is_empty() {
            return Err(Refusal::Empty);
        }
        if bytes > max {
            return Err(Refusal::TooLong { bytes, max });
        }
        if attributes.is_empty() {
            return Err(Refusal::NoAttributes);
        }
        let site = self.perspective(&site_id);
        let model = self.scoring.at_work().champion;
        let asked: Vec<(String, Answer)> = attributes
            .into_iter()
            .map(|name| match site.answer(&name) {
                Answer::Error => Err(Refusal::UnknownAttribute { name }),
                // Without a house model nobody knows what this newsroom would do.
                Answer::As(Criterion::LikelyToReject) if !model.has_house() => Err(Refusal::UnknownAttribute { name }),
                answer => Ok((name, answer)),
            })
            .collect::<Result<_, _>>()?;
        let detected = self.scoring.language(&text);
        let told = detected.or(site.fallback_language).unwrap_or_else(|| self.scoring.first_language());
        let from_text = languages.is_empty() || site.trust_detection == Some(true) && detected.is_some();
        let languages = if from_text { vec![told.to_string()] } else { languages };
        let is_known = |code: &String| primary(code).is_some_and(|language| self.scoring.knows(language));
        // A site that has foreign comments decided by their scores is told them, unless the client itself names the language.
        let unread_is_scored = from_text && self.site_policy(&site_id).scores_unsupported();
        let needs_model = |(_, answer): &&(String, Answer)| matches!(answer, Answer::As(_));
        if let Some((name, _)) = asked.iter().find(needs_model)
            && !(unread_is_scored || languages.iter().any(is_known))
        {
            return Err(Refusal::Language { attribute: name.clone(), languages, detected: told });
        }
        let parts = if by_sentence { sentences(&text) } else { Vec::new() };
        let texts = parts.iter().map(|part| text[part.clone()].to_owned()).chain([text.clone()]).collect();
        let scored = self.scoring.score_all(model, texts, false).await.map_err(|_| Error::ScoringFailed)?;
        let Some((whole, of_parts)) = scored.split_last() else { return Err(Error::ScoringFailed.into()) };
        let attributes = asked.into_iter().map(|(name, answer)| {
            let summary = score(&site, answer, whole);
            let mut of_parts: Vec<_> =
                parts.iter().cloned().zip(of_parts.iter().map(|one| score(&site, answer, one))).collect();
            if of_parts.is_empty() {
                of_parts.push((0..text.len(), summary));
            }
            AttributeScores { name, summary, parts: of_parts }
        });
        Ok(Analysis { attributes: attributes.collect(), languages, detected: told })
    }

    /// Returns the policy of a site; empty means [`DEFAULT_SITE`].
    fn site_policy(&self, site_id: &str) -> Arc<Policy> {
        let site_id = if site_id.is_empty() { DEFAULT_SITE } else { site_id };
        // No article has an empty id, so that this finds the site's policy.
        Arc::clone(self.policies.book().get(&SiteId::new(site_id), &ArticleId::new("")))
    }

    /// Returns the language that a text tells, or the one that the site's policy takes it for where it tells none.
    pub fn language_of(&self, site_id: &str, text: &str) -> Language {
        let detected = self.scoring.language(text).or_else(|| self.perspective(site_id).fallback_language);
        detected.unwrap_or_else(|| self.scoring.first_language())
    }
}

/// Returns what an attribute's name is answered.
fn score(site: &Perspective, answer: Answer, scores: &TextScores) -> Score {
    match answer {
        Answer::Constant(score) => score,
        Answer::As(Criterion::Attribute(attribute)) => {
            site.scaled(Criterion::Attribute(attribute), scores.scores.get(attribute))
        }
        Answer::As(Criterion::LikelyToReject) | Answer::Error => {
            let likely = scores.likely_to_reject.unwrap_or_else(|| scores.scores.highest());
            site.scaled(Criterion::LikelyToReject, likely)
        }
    }
}

/// Reads a language's two letters from a tag such as `en-US`.
fn primary(tag: &str) -> Option<Language> {
    Language::from_code(&tag.split(['-', '_']).next()?.to_ascii_lowercase())
}

/// Cuts a text into sentences that touch each other and cover all of it; neighbours are joined where there are very many.
fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut starts: Vec<usize> = text.split_sentence_bound_indices().map(|(at, _)| at).collect();
    let together = starts.len().div_ceil(PARTS_MAX).max(1);
    starts = starts.into_iter().step_by(together).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().copied().zip(ends).map(|(begin, end)| begin..end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sentences_are_told_apart() {
        let text = "Well said. Is it? Yes!";
        let parts: Vec<&str> = sentences(text).into_iter().map(|part| &text[part]).collect();
        assert_eq!(parts, ["Well said. ", "Is it? ", "Yes!"]);
    }

    #[test]
    fn a_tag_is_read_by_its_first_letters() {
        assert_eq!(primary("en-US"), Some(Language::ENGLISH));
        assert_eq!(primary("EN"), Some(Language::ENGLISH));
        assert_eq!(primary("hi-Latn"), Language::from_code("hi"));
        assert_eq!((primary(""), primary("english")), (None, None));
    }

    proptest! {
        #[test]
        fn sentences_cover_any_text_and_are_not_too_many(text in "\\PC{0,400}|([a-z!?.] ?){0,900}") {
            let parts = sentences(&text);
            prop_assert!(parts.len() <= PARTS_MAX);
            let mut end = 0;
            for part in &parts {
                prop_assert!(part.start == end && part.end > part.start && text.is_char_boundary(part.end));
                end = part.end;
            }
            prop_assert_eq!(end, text.len());
        }
    }
}

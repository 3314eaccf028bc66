//! Calls the model so that nothing it does can harm a request: a panic or a slow text becomes a held comment.

use crate::classify::{Detector, Scorer};
use crate::domain::{Attribute, Language, Reason, Scores, Span};
use crate::policy::ScoringFailure;
use std::{
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread::available_parallelism,
    time::Duration,
};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

/// Texts up to this many bytes are scored where the request runs; that takes a fraction of a millisecond, less than
/// handing them to another thread may wait.
const INLINE_BYTES_MAX: usize = 2048;
/// Spans that a reason or an explanation holds.
const SPANS_MAX: usize = 8;

/// The scores of one text, and what moved them where that was asked for.
#[derive(Debug, Clone)]
pub struct TextScores {
    /// The scores.
    pub scores: Scores,
    /// For each attribute, what raised its score most, strongest first.
    pub explanations: Vec<(Attribute, Vec<Span>)>,
    /// The language of the text, or `None` where it is unsure.
    pub language: Option<Language>,
    /// Whether the scores mean something: false where the model was not trained on that language.
    pub language_supported: bool,
}

pub(super) struct Scoring {
    scorer: Arc<dyn Scorer>,
    detector: Arc<Detector>,
    timeout: Duration,
    /// Long texts that may be worked on at once; others wait their turn, at most for the timeout.
    turns: Arc<Semaphore>,
}

impl Scoring {
    pub(super) fn new(scorer: Arc<dyn Scorer>, timeout: Duration) -> Self {
        let turns = available_parallelism().map_or(1, NonZero::get);
        let detector = Arc::new(Detector::new(scorer.languages()));
        Self { scorer, detector, timeout, turns: Arc::new(Semaphore::new(turns)) }
    }

    pub(super) fn version(&self) -> &str {
        self.scorer.version()
    }

    /// Returns the language of `text` where it is surely one that the model was not trained on.
    ///
    /// Only the beginning of a long text is looked at, so this is done where the request runs.
    pub(super) fn unsupported_language(&self, text: &str) -> Option<Language> {
        guarded(|| self.detector.detect(text)).flatten().filter(|language| !self.detector.knows(*language))
    }

    /// Scores one text.
    pub(super) async fn scores(&self, text: &str) -> Result<Scores, ScoringFailure> {
        let scored = if text.len() <= INLINE_BYTES_MAX {
            guarded(|| self.scorer.score(text)).flatten().ok_or(ScoringFailure::Failed)
        } else {
            let (scorer, text) = (Arc::clone(&self.scorer), text.to_owned());
            self.elsewhere(move || scorer.score(&text).ok_or(ScoringFailure::Failed)).await.and_then(|scored| scored)
        };
        if let Err(failure) = scored {
            tracing::error!(model.version = self.version(), ?failure, text_bytes = text.len(), "scoring failed");
        }
        scored
    }

    /// Fills in the spans of the reasons that name an attribute. A failure leaves them empty: the decision stands.
    pub(super) async fn explain(&self, text: &str, reasons: &mut [Reason]) {
        let attributes: Vec<Attribute> = reasons.iter().filter_map(|reason| reason.attribute).collect();
        if attributes.is_empty() {
            return;
        }
        let spans = if text.len() <= INLINE_BYTES_MAX {
            guarded(|| top_spans(&*self.scorer, text, &attributes))
        } else {
            let (scorer, text) = (Arc::clone(&self.scorer), text.to_owned());
            self.elsewhere(move || top_spans(&*scorer, &text, &attributes)).await.ok()
        };
        let mut explained = spans.unwrap_or_default().into_iter();
        for reason in reasons.iter_mut().filter(|reason| reason.attribute.is_some()) {
            reason.spans = explained.next().map(|(_, spans)| spans).unwrap_or_default();
        }
    }

    /// Scores texts in their order.
    pub(super) async fn score_all(&self, texts: Vec<String>, explain: bool) -> Result<Vec<TextScores>, ScoringFailure> {
        let bytes: usize = texts.iter().map(String::len).sum();
        let (scorer, detector) = (Arc::clone(&self.scorer), Arc::clone(&self.detector));
        let all = move || {
            let texts = texts.iter();
            texts.map(|text| score_text(&*scorer, &detector, text, explain)).collect::<Option<Vec<_>>>()
        };
        let results = if bytes <= INLINE_BYTES_MAX && !explain { guarded(all) } else { self.elsewhere(all).await.ok() };
        results.flatten().ok_or(ScoringFailure::Failed)
    }

    /// Runs `work` on a thread that may be busy for long, with a deadline.
    async fn elsewhere<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ScoringFailure> {
        let done = async {
            let turn = Arc::clone(&self.turns).acquire_owned().await;
            // The work keeps its turn until it is done, also where nobody waits for it any more.
            spawn_blocking(move || {
                let _turn = turn;
                work()
            })
            .await
        };
        match timeout(self.timeout, done).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(_panicked)) => Err(ScoringFailure::Failed),
            Err(_elapsed) => Err(ScoringFailure::TimedOut),
        }
    }
}

fn score_text(scorer: &dyn Scorer, detector: &Detector, text: &str, explain: bool) -> Option<TextScores> {
    let scores = scorer.score(text)?;
    let explanations = if explain { top_spans(scorer, text, &Attribute::ALL) } else { Vec::new() };
    let language = detector.detect(text);
    let language_supported = language.is_none_or(|language| detector.knows(language));
    Some(TextScores { scores, explanations, language, language_supported })
}

fn top_spans(scorer: &dyn Scorer, text: &str, attributes: &[Attribute]) -> Vec<(Attribute, Vec<Span>)> {
    attributes.iter().map(|&attribute| (attribute, scorer.top_spans(text, attribute, SPANS_MAX))).collect()
}

fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    // The model is never changed while it scores, so a panic can't leave it half changed.
    catch_unwind(AssertUnwindSafe(work)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    struct Panicking;

    impl Scorer for Panicking {
        fn version(&self) -> &'static str {
            "panicking"
        }
        fn score(&self, _: &str) -> Option<Scores> {
            panic!("as the test wants")
        }
        fn top_spans(&self, _: &str, _: Attribute, _: usize) -> Vec<Span> {
            Vec::new()
        }
    }

    /// Scores only when told to go on.
    struct Stuck(std::sync::Mutex<mpsc::Receiver<()>>);

    impl Scorer for Stuck {
        fn version(&self) -> &'static str {
            "stuck"
        }
        fn score(&self, _: &str) -> Option<Scores> {
            let _ = self.0.lock().unwrap().recv();
            None
        }
        fn top_spans(&self, _: &str, _: Attribute, _: usize) -> Vec<Span> {
            Vec::new()
        }
    }

    #[tokio::test]
    async fn a_panicking_model_is_a_failure_for_short_and_long_texts() {
        let scoring = Scoring::new(Arc::new(Panicking), Duration::from_mins(1));
        assert_eq!(scoring.scores("short").await, Err(ScoringFailure::Failed));
        assert_eq!(scoring.scores(&"long ".repeat(1000)).await, Err(ScoringFailure::Failed));
    }

    #[tokio::test]
    async fn a_slow_model_is_given_up_on() {
        let (go_on, wait) = mpsc::channel();
        let scoring = Scoring::new(Arc::new(Stuck(std::sync::Mutex::new(wait))), Duration::from_millis(1));
        assert_eq!(scoring.scores(&"long ".repeat(1000)).await, Err(ScoringFailure::TimedOut));
        drop(go_on);
    }
}

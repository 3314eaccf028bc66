//! Calls the model so that nothing it does can harm a request: a panic or a slow text becomes a held comment.

use super::serving::{AtWork, Serving};
use super::shadow::Asked;
use crate::classify::{Detector, Explanation, Scorer};
use crate::domain::{Attribute, Circumstances, Criterion, Judgement, Language, Reason, Score, Scores, Span};
use crate::policy::ScoringFailure;
use rayon::prelude::*;
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
pub(super) const INLINE_BYTES_MAX: usize = 2048;
/// So many texts of one request at least are scored on one core: fewer aren't worth waking another for.
const TOGETHER: usize = 32;
/// Spans that a reason holds.
const SPANS_MAX: usize = 8;
/// Spans that one answer holds for each attribute, over all texts: with eight attributes about 2 MiB.
pub(super) const EXPLAINED_WORDS_MAX: usize = 16_384;

/// The scores of one text, and what moved them where that was asked for.
#[derive(Debug, Clone)]
pub struct TextScores {
    /// The scores.
    pub scores: Scores,
    /// How likely this site's moderators would reject a comment of somebody unknown with this text; `None` without a house
    /// model.
    pub likely_to_reject: Option<Score>,
    /// For each attribute what moved it; empty where that was not asked for.
    pub explanations: Vec<AttributeSpans>,
    /// The language of the text, or `None` where it is unsure.
    pub language: Option<Language>,
    /// Whether the scores mean something: false where the model was not trained on that language.
    pub language_supported: bool,
}

impl TextScores {
    fn new(judged: Judged, explanations: Vec<AttributeSpans>, detector: &Detector, text: &str) -> Self {
        let Judged { scores, likely_to_reject } = judged;
        let language = detector.detect(text);
        let language_supported = language.is_none_or(|language| detector.knows(language));
        Self { scores, likely_to_reject, explanations, language, language_supported }
    }
}

/// One attribute's logit, taken apart: bias, style, spans and what was left out sum to it.
#[derive(Debug, Clone)]
pub struct AttributeSpans {
    /// The attribute.
    pub attribute: Attribute,
    /// The logit, before calibration.
    pub logit: f32,
    /// The logit of a text without words.
    pub bias: f32,
    /// What the look of the text as a whole adds: capitals, punctuation, links.
    pub style: f32,
    /// What each word adds, in the order of the text.
    pub spans: Vec<Span>,
    /// How many of the weakest spans were left out, where texts are very long together.
    pub omitted_spans: u32,
    /// What the spans that were left out add together.
    pub omitted_contribution: f32,
}

impl AttributeSpans {
    /// Keeps the `max` spans of one attribute that moved it most.
    pub(super) fn new(explanation: &Explanation, attribute: Attribute, max: usize) -> Self {
        let mut spans: Vec<Span> = explanation.spans(attribute).collect();
        let mut omitted = Vec::new();
        if spans.len() > max {
            spans.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));
            omitted = spans.split_off(max);
            spans.sort_by_key(|span| span.begin);
        }
        let omitted_sum: f64 = omitted.iter().map(|span| f64::from(span.contribution)).sum();
        #[expect(clippy::cast_possible_truncation, reason = "contributions are 32-bit numbers")]
        let omitted_contribution = omitted_sum as f32;
        Self {
            attribute,
            logit: explanation.logits[attribute.index()],
            bias: explanation.biases[attribute.index()],
            style: explanation.styles[attribute.index()],
            spans,
            omitted_spans: u32::try_from(omitted.len()).unwrap_or(u32::MAX),
            omitted_contribution,
        }
    }
}

pub(super) struct Scoring {
    serving: Arc<Serving>,
    detector: Arc<Detector>,
    timeout: Duration,
    /// Long texts that may be worked on at once; others wait their turn, at most for the timeout.
    turns: Arc<Semaphore>,
}

impl Scoring {
    pub(super) fn new(serving: Arc<Serving>, timeout: Duration) -> Self {
        let turns = available_parallelism().map_or(1, NonZero::get);
        let detector = Arc::new(Detector::new(serving.base().languages()));
        Self { serving, detector, timeout, turns: Arc::new(Semaphore::new(turns)) }
    }

    /// Returns the models at work: whoever needs several answers about a comment asks for them once.
    pub(super) fn at_work(&self) -> AtWork {
        self.serving.at_work()
    }

    /// Has the challenger asked about a comment, behind the answer.
    pub(super) fn ask_shadow(&self, asked: Asked) {
        self.serving.ask_shadow(asked);
    }

    /// Returns the language of `text`, where it is sure.
    ///
    /// Only the beginning of a long text is looked at, so this is done where the request runs.
    pub(super) fn language(&self, text: &str) -> Option<Language> {
        guarded(|| self.detector.detect(text)).flatten()
    }

    /// Returns whether the model was trained on a language.
    pub(super) fn knows(&self, language: Language) -> bool {
        self.detector.knows(language)
    }

    /// Returns the language that the base model was trained on first.
    pub(super) fn first_language(&self) -> Language {
        self.serving.base().languages().first().copied().unwrap_or(Language::ENGLISH)
    }

    /// Scores one text.
    pub(super) async fn judge(
        &self,
        scorer: &Arc<dyn Scorer>,
        text: &str,
        circumstances: &Circumstances,
    ) -> Result<Judgement, ScoringFailure> {
        let judged = if text.len() <= INLINE_BYTES_MAX {
            guarded(|| scorer.judge(text, circumstances)).flatten().ok_or(ScoringFailure::Failed)
        } else {
            let (scorer, text, circumstances) = (Arc::clone(scorer), text.to_owned(), *circumstances);
            let judge = move || scorer.judge(&text, &circumstances).ok_or(ScoringFailure::Failed);
            self.elsewhere(judge).await.and_then(|judged| judged)
        };
        if let Err(failure) = judged {
            tracing::error!(model.version = scorer.version(), ?failure, text_bytes = text.len(), "scoring failed");
        }
        judged
    }

    /// Fills in the spans of the reasons that name an attribute. A failure leaves them empty: the decision stands.
    pub(super) async fn explain(
        &self,
        scorer: &Arc<dyn Scorer>,
        text: &str,
        circumstances: &Circumstances,
        reasons: &mut [Reason],
    ) {
        let criteria: Vec<Criterion> = reasons.iter().filter_map(|reason| reason.criterion).collect();
        if criteria.is_empty() {
            return;
        }
        let circumstances = *circumstances;
        let top_spans = move |scorer: &dyn Scorer, text: &str| top_spans(scorer, text, &circumstances, &criteria);
        let spans = if text.len() <= INLINE_BYTES_MAX {
            guarded(|| top_spans(&**scorer, text))
        } else {
            let (scorer, text) = (Arc::clone(scorer), text.to_owned());
            self.elsewhere(move || top_spans(&*scorer, &text)).await.ok()
        };
        let mut explained = spans.unwrap_or_default().into_iter();
        for reason in reasons.iter_mut().filter(|reason| reason.criterion.is_some()) {
            reason.spans = explained.next().unwrap_or_default();
        }
    }

    /// Scores texts in their order.
    pub(super) async fn score_all(
        &self,
        scorer: Arc<dyn Scorer>,
        texts: Vec<String>,
        explain: bool,
    ) -> Result<Vec<TextScores>, ScoringFailure> {
        let bytes: usize = texts.iter().map(String::len).sum();
        let detector = Arc::clone(&self.detector);
        let inline = bytes <= INLINE_BYTES_MAX && !explain;
        let all = move || {
            if explain {
                explain_texts(&*scorer, &detector, &texts)
            } else {
                score_texts(&*scorer, &detector, &texts, inline)
            }
        };
        let results = if inline { guarded(all) } else { self.elsewhere(all).await.ok() };
        results.flatten().ok_or(ScoringFailure::Failed)
    }

    /// Runs `work` on a thread that may be busy for long, with a deadline.
    pub(super) async fn elsewhere<T: Send + 'static>(
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

/// Returns for each criterion the spans that moved it most. What moved a score that follows the highest attribute is what
/// moved that.
pub(super) fn top_spans(
    scorer: &dyn Scorer,
    text: &str,
    circumstances: &Circumstances,
    criteria: &[Criterion],
) -> Vec<Vec<Span>> {
    let asks_house = scorer.has_house() && criteria.contains(&Criterion::LikelyToReject);
    let house = if asks_house { scorer.explain_house(text, circumstances) } else { None };
    let explanation = house.as_ref().map(|house| &house.base);
    let asked = if explanation.is_none() { scorer.explain(text) } else { None };
    let explanation = explanation.or(asked.as_ref());
    let top = |criterion: &Criterion| match (criterion, &house, explanation) {
        (Criterion::LikelyToReject, Some(house), _) => house.top_spans(SPANS_MAX),
        (Criterion::LikelyToReject, None, Some(all)) => all.top_spans(highest(&all.scores), SPANS_MAX),
        (Criterion::Attribute(attribute), _, Some(all)) => all.top_spans(*attribute, SPANS_MAX),
        (_, _, None) => Vec::new(),
    };
    criteria.iter().map(top).collect()
}

/// Returns the attribute with the highest score.
fn highest(scores: &Scores) -> Attribute {
    let mut all = scores.iter();
    let first = all.next().map_or((Attribute::ALL[0], None), |(attribute, score)| (attribute, Some(score)));
    all.fold(
        first,
        |highest, (attribute, score)| {
            if Some(score) > highest.1 { (attribute, Some(score)) } else { highest }
        },
    )
    .0
}

/// What is said of one text alone.
#[derive(Clone, Copy)]
struct Judged {
    scores: Scores,
    likely_to_reject: Option<Score>,
}

impl Judged {
    fn of(scorer: &dyn Scorer, text: &str) -> Option<Self> {
        if !scorer.has_house() {
            return Some(Self { scores: scorer.score(text)?, likely_to_reject: None });
        }
        let Judgement { scores, likely_to_reject } = scorer.judge(text, &Circumstances::default())?;
        Some(Self { scores, likely_to_reject: Some(likely_to_reject) })
    }
}

fn score_texts(scorer: &dyn Scorer, detector: &Detector, texts: &[String], here: bool) -> Option<Vec<TextScores>> {
    let score = |text: &String| Some(TextScores::new(Judged::of(scorer, text)?, Vec::new(), detector, text));
    if here { texts.iter().map(score).collect() } else { over_all_cores(texts, score) }
}

/// Works on texts side by side where there are enough of them. It blocks, so no task of the runtime may call it.
fn over_all_cores<T: Send>(texts: &[String], work: impl Fn(&String) -> Option<T> + Sync + Send) -> Option<Vec<T>> {
    if texts.len() < 2 * TOGETHER {
        return texts.iter().map(work).collect();
    }
    texts.par_iter().with_min_len(TOGETHER).map(work).collect()
}

fn explain_texts(scorer: &dyn Scorer, detector: &Detector, texts: &[String]) -> Option<Vec<TextScores>> {
    let explained: Vec<(Explanation, Option<Score>)> = over_all_cores(texts, |text| {
        let likely = if scorer.has_house() { Judged::of(scorer, text)?.likely_to_reject } else { None };
        Some((scorer.explain(text)?, likely))
    })?;
    let words: usize = explained.iter().map(|(explanation, _)| explanation.words.len()).sum();
    let cut = |((explanation, likely_to_reject), text): (&(Explanation, Option<Score>), &String)| {
        // Where there is not room for all, each text gets its share.
        let max = explanation.words.len() * EXPLAINED_WORDS_MAX / words.max(EXPLAINED_WORDS_MAX);
        let explanations = Attribute::ALL.map(|attribute| AttributeSpans::new(explanation, attribute, max));
        let judged = Judged { scores: explanation.scores, likely_to_reject: *likely_to_reject };
        TextScores::new(judged, explanations.into(), detector, text)
    };
    Some(explained.iter().zip(texts).map(cut).collect())
}

pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
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
        fn explain(&self, _: &str) -> Option<Explanation> {
            None
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
        fn explain(&self, _: &str) -> Option<Explanation> {
            None
        }
    }

    fn scoring(scorer: Arc<dyn Scorer>, timeout: Duration) -> Scoring {
        Scoring::new(Arc::new(Serving::new(scorer)), timeout)
    }

    async fn judge(scoring: &Scoring, text: &str) -> Result<Judgement, ScoringFailure> {
        scoring.judge(&scoring.at_work().champion, text, &Circumstances::default()).await
    }

    #[tokio::test]
    async fn a_panicking_model_is_a_failure_for_short_and_long_texts() {
        let scoring = scoring(Arc::new(Panicking), Duration::from_mins(1));
        assert_eq!(judge(&scoring, "short").await, Err(ScoringFailure::Failed));
        assert_eq!(judge(&scoring, &"long ".repeat(1000)).await, Err(ScoringFailure::Failed));
    }

    #[tokio::test]
    async fn many_texts_are_answered_in_their_order_and_a_panic_among_them_is_a_failure() {
        let texts: Vec<String> =
            (0..200).map(|number| format!("comment {number} about {}", "gardens ".repeat(9))).collect();
        let model = Arc::new(crate::classify::Model::embedded().unwrap());
        let scored_by = scoring(model.clone(), Duration::from_mins(1));
        for explain in [false, true] {
            let all = scored_by.score_all(model.clone(), texts.clone(), explain).await.unwrap();
            let alone = texts.iter().map(|text| model.score(text).unwrap());
            assert!(all.iter().map(|one| &one.scores).eq(alone.collect::<Vec<_>>().iter()));
        }
        let scoring = scoring(Arc::new(Panicking), Duration::from_mins(1));
        assert_eq!(scoring.score_all(Arc::new(Panicking), texts, false).await.err(), Some(ScoringFailure::Failed));
    }

    #[tokio::test]
    async fn a_slow_model_is_given_up_on() {
        let (go_on, wait) = mpsc::channel();
        let scoring = scoring(Arc::new(Stuck(std::sync::Mutex::new(wait))), Duration::from_millis(1));
        assert_eq!(judge(&scoring, &"long ".repeat(1000)).await, Err(ScoringFailure::TimedOut));
        drop(go_on);
    }
}

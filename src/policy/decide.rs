//! A decision on one comment.
//!
//! Everything that a policy says is asked, whatever the rest has said: the strictest outcome wins, and all that fired are
//! reasons. The strictest come first; among equally strict ones stand, in this order, thresholds by their scores, what kept
//! the comment from being scored, the article's mode, lists of words, links, and rules, each in the order of the policy.

use super::document::Mode;
use super::expression::limits::TIME_MAX;
use super::expression::{ArticleFacts, AuthorFacts, CommentFacts, EvaluationError, Facts, Prepared};
use super::{Layer, Policy, UnsupportedLanguage, links};
use crate::domain::{
    Attribute, AuthorRecord, Comment, DecisionSource, Language, Outcome, Reason, ReasonCode, Score, Scores, Span,
};
use std::{ops::Range, time::Duration};

/// Spans that a reason names.
const SPANS_MAX: usize = 8;

/// Why there are no scores to decide on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoringFailure {
    /// The model gave no usable score.
    Failed,
    /// The model took longer than it may.
    TimedOut,
}

/// What the model says of a comment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scored<'a> {
    /// Its scores.
    Scores(&'a Scores),
    /// It should have been scored and could not be.
    Failed(ScoringFailure),
    /// It was not scored, since the model was not trained on its language.
    Unsupported(Language),
}

/// A comment that is to be decided on, and what is known of it.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The comment.
    pub comment: &'a Comment,
    /// What the model says.
    pub scored: Scored<'a>,
    /// Its language, where that is sure.
    pub language: Option<Language>,
    /// What is known of its author; `None` where there is no account, or no rule asks.
    pub author: Option<&'a AuthorRecord>,
    /// The normalised characters of its text; only lists of words look at them.
    pub normalised: &'a [char],
    /// Returns the bytes of the text that normalised characters come from.
    pub bytes_of: &'a dyn Fn(Range<usize>) -> Range<u32>,
    /// Returns the time since a moment that stays the same; it is looked at between rules.
    pub clock: &'a dyn Fn() -> Duration,
}

/// What the policy says of a comment.
#[derive(Debug, Clone, PartialEq)]
pub struct Ruling {
    /// What happens to the comment.
    pub outcome: Outcome,
    /// What decided.
    pub source: DecisionSource,
    /// Why, the weightiest first; spans of attributes are left empty.
    pub reasons: Vec<Reason>,
}

/// What has fired, each with what it asks for.
type Fired = Vec<(Outcome, Reason)>;

impl Policy {
    /// Returns whether a comment in a language that the model was not trained on is to be scored all the same.
    pub fn scores_unsupported(&self) -> bool {
        self.rules.unsupported_language == UnsupportedLanguage::Score
    }

    /// Decides on a comment.
    pub fn decide(&self, subject: &Subject<'_>) -> Ruling {
        let mut fired = Fired::new();
        match subject.scored {
            Scored::Scores(scores) => fired.extend(self.thresholds_reached(scores)),
            Scored::Failed(failure) => fired.push((Outcome::Hold, Reason::plain(code_of(failure)))),
            Scored::Unsupported(language) => fired.push(self.unsupported(language)),
        }
        match self.rules.mode {
            Mode::Open => {}
            Mode::PreModerated => fired.push(of_site(ReasonCode::ArticlePreModerated, Outcome::Hold)),
            Mode::Closed => fired.push(of_site(ReasonCode::ArticleClosed, Outcome::Reject)),
        }
        self.find_words(subject, &mut fired);
        let links = if self.looks_at_links() { links::find(&subject.comment.text) } else { Vec::new() };
        self.find_links(&links, &mut fired);
        self.ask_rules(subject, links.len(), &mut fired);
        settle(fired)
    }

    fn thresholds_reached(&self, scores: &Scores) -> Fired {
        let mut fired: Fired =
            scores.iter().filter_map(|(attribute, score)| self.threshold_reached(attribute, score)).collect();
        let score = |reason: &Reason| reason.score.map_or(0.0, Score::get);
        fired.sort_by(|(_, a), (_, b)| score(b).total_cmp(&score(a)));
        fired
    }

    fn threshold_reached(&self, attribute: Attribute, score: Score) -> Option<(Outcome, Reason)> {
        let threshold = self.rules.thresholds.get(attribute);
        let reached = |limit: Option<Score>| limit.filter(|limit| score >= *limit);
        let rejected = reached(threshold.reject).map(|limit| (Outcome::Reject, ReasonCode::RejectThreshold, limit));
        let held = || reached(threshold.hold).map(|limit| (Outcome::Hold, ReasonCode::HoldThreshold, limit));
        let (outcome, code, limit) = rejected.or_else(held)?;
        let (attribute, score, threshold) = (Some(attribute), Some(score), Some(limit));
        Some((outcome, Reason { attribute, score, threshold, ..Reason::plain(code) }))
    }

    fn unsupported(&self, language: Language) -> (Outcome, Reason) {
        let outcome = match self.rules.unsupported_language {
            UnsupportedLanguage::Reject => Outcome::Reject,
            // Where scores were to decide there are none, so a person must.
            UnsupportedLanguage::Hold | UnsupportedLanguage::Score => Outcome::Hold,
        };
        (outcome, Reason { language: Some(language), ..Reason::plain(ReasonCode::UnsupportedLanguage) })
    }

    fn find_words(&self, subject: &Subject<'_>, fired: &mut Fired) {
        let mut found = Vec::new();
        for Layer { lists, places } in &self.layers {
            let of_layer = lists.joined.find(subject.normalised).into_iter();
            found.extend(of_layer.filter_map(|(list, place)| Some(((*places.get(list)?)?, place))));
        }
        if found.is_empty() {
            return;
        }
        let span = |place: &Range<usize>| {
            let Range { start: begin, end } = (subject.bytes_of)(place.clone());
            Span { begin, end, contribution: 0.0 }
        };
        for (number, words) in self.words.iter().enumerate() {
            let places = found.iter().filter(|(list, _)| *list == number).map(|(_, place)| place);
            let spans: Vec<Span> = places.take(SPANS_MAX).map(span).collect();
            let Some(action) = words.action.filter(|_| !spans.is_empty()) else { continue };
            let (outcome, reason) = of_site(ReasonCode::ListedWord, action);
            fired.push((outcome, Reason { name: Some(words.name.clone()), spans, ..reason }));
        }
    }

    fn looks_at_links(&self) -> bool {
        self.rules.links.action.outcome().is_some() || self.asks_rules
    }

    fn find_links(&self, found: &[links::Link<'_>], fired: &mut Fired) {
        let Some(action) = self.rules.links.action.outcome() else { return };
        let refused = found.iter().filter(|link| !links::is_allowed(link.host, &self.rules.links.allowed_domains));
        let at = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
        let span =
            |link: &links::Link<'_>| Span { begin: at(link.place.start), end: at(link.place.end), contribution: 0.0 };
        let spans: Vec<Span> = refused.take(SPANS_MAX).map(span).collect();
        if !spans.is_empty() {
            let (outcome, reason) = of_site(ReasonCode::Link, action);
            fired.push((outcome, Reason { spans, ..reason }));
        }
    }

    fn ask_rules(&self, subject: &Subject<'_>, links: usize, fired: &mut Fired) {
        if !self.asks_rules {
            return;
        }
        let language = subject.language.map(|language| language.to_string()).unwrap_or_default();
        let facts = self.facts(subject, links, &language);
        let mut watch = Watch { clock: subject.clock, begun: None, is_over: false };
        for rule in &self.conditions {
            let Some(action) = rule.action else { continue };
            let quick = rule.expression.quickly(&facts).map(Ok);
            let (code, outcome) = match quick.or_else(|| watch.time(|| rule.expression.evaluate(&facts))) {
                Some(Ok(true)) => (ReasonCode::Rule, action),
                // A comment without scores is held or rejected for that already.
                Some(Ok(false) | Err(EvaluationError::NoScores)) => continue,
                Some(Err(_)) => (ReasonCode::RuleFailed, Outcome::Hold),
                None => (ReasonCode::RuleTooSlow, Outcome::Hold),
            };
            let (outcome, reason) = of_site(code, outcome);
            fired.push((outcome, Reason { name: Some(rule.name.clone()), ..reason }));
        }
    }

    fn facts<'a>(&self, subject: &Subject<'a>, links: usize, language: &'a str) -> Prepared<'a> {
        let comment = subject.comment;
        let record = subject.author;
        let author = AuthorFacts {
            author_id: comment.author.author_id.as_ref().map_or("", |id| id.as_str()),
            name: &comment.author.name,
            published: record.map_or(0, |record| record.published),
            held: record.map_or(0, |record| record.held),
            rejected: record.map_or(0, |record| record.rejected),
            first_time: record.is_none_or(|record| record.comments() == 0),
        };
        Facts {
            scores: match subject.scored {
                Scored::Scores(scores) => Some(scores),
                Scored::Failed(_) | Scored::Unsupported(_) => None,
            },
            comment: CommentFacts {
                site_id: comment.site_id.as_str(),
                parent_id: comment.parent_id.as_ref().map_or("", |id| id.as_str()),
                links: u32::try_from(links).unwrap_or(u32::MAX),
                language,
            },
            author,
            article: ArticleFacts { article_id: comment.article_id.as_str(), mode: self.rules.mode.name() },
            text: &comment.text,
        }
        .prepare()
    }
}

/// Looks at the time between rules: none of them can be interrupted.
struct Watch<'a> {
    clock: &'a dyn Fn() -> Duration,
    begun: Option<Duration>,
    is_over: bool,
}

impl Watch<'_> {
    /// Works, and returns `None` where the time was over before or is over now.
    fn time<T>(&mut self, work: impl FnOnce() -> T) -> Option<T> {
        if self.is_over {
            return None;
        }
        let begun = *self.begun.get_or_insert_with(self.clock);
        let done = work();
        self.is_over = (self.clock)().saturating_sub(begun) > TIME_MAX;
        (!self.is_over).then_some(done)
    }
}

fn of_site(code: ReasonCode, outcome: Outcome) -> (Outcome, Reason) {
    (outcome, Reason { outcome: Some(outcome), ..Reason::plain(code) })
}

const fn code_of(failure: ScoringFailure) -> ReasonCode {
    match failure {
        ScoringFailure::Failed => ReasonCode::ScoringFailed,
        ScoringFailure::TimedOut => ReasonCode::ScoringTimedOut,
    }
}

/// The strictest wins; where a threshold is among the strictest, the model decided.
fn settle(mut fired: Fired) -> Ruling {
    fired.sort_by(|(a, _), (b, _)| b.cmp(a));
    let outcome = fired.first().map_or(Outcome::Publish, |(outcome, _)| *outcome);
    let by_model = |code: ReasonCode| matches!(code, ReasonCode::HoldThreshold | ReasonCode::RejectThreshold);
    let strictest = fired.iter().take_while(|(asked, _)| *asked == outcome);
    let source = if fired.is_empty() || strictest.into_iter().any(|(_, reason)| by_model(reason.code)) {
        DecisionSource::Model
    } else {
        DecisionSource::Rule
    };
    Ruling { outcome, source, reasons: fired.into_iter().map(|(_, reason)| reason).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ArticleId, Author, AuthorId, CommentId, SiteId, Timestamp};
    use crate::policy::{Rules, Threshold, Thresholds, document::Document};
    use std::cell::Cell;

    fn comment(text: &str) -> Comment {
        Comment {
            site_id: SiteId::new("s"),
            article_id: ArticleId::new("a"),
            comment_id: CommentId::new("c"),
            parent_id: None,
            author: Author { author_id: Some(AuthorId::new("u")), name: "Ann".into() },
            text: text.into(),
            submitted_at: Timestamp::from_micros(0),
        }
    }

    fn decide(policy: &Policy, text: &str, scored: Scored<'_>, author: Option<&AuthorRecord>) -> Ruling {
        decide_by(&|| Duration::ZERO, policy, text, scored, author)
    }

    fn decide_by(
        clock: &dyn Fn() -> Duration,
        policy: &Policy,
        text: &str,
        scored: Scored<'_>,
        author: Option<&AuthorRecord>,
    ) -> Ruling {
        let comment = comment(text);
        let lower: Vec<char> = text.to_lowercase().chars().collect();
        let at = |place: usize| text.char_indices().nth(place).map_or(text.len(), |(at, _)| at);
        let byte = |place: usize| u32::try_from(at(place)).unwrap();
        let bytes_of = |range: Range<usize>| byte(range.start)..byte(range.end);
        let bytes_of: &dyn Fn(Range<usize>) -> Range<u32> = &bytes_of;
        let normalised = &lower;
        policy.decide(&Subject { comment: &comment, scored, language: None, author, normalised, bytes_of, clock })
    }

    fn policy(toml: &str) -> Policy {
        let mut rules = Rules::default();
        rules.lay_over(&Document::from_toml(toml).unwrap());
        Policy::compile(&rules, "test", str::to_lowercase).unwrap()
    }

    fn scores(toxicity: f32, threat: f32) -> Scores {
        let mut probabilities = [0.0; Attribute::COUNT];
        probabilities[Attribute::Toxicity.index()] = toxicity;
        probabilities[Attribute::Threat.index()] = threat;
        Scores::new(probabilities).unwrap()
    }

    fn check(toxicity: f32, threat: f32, expected: Outcome, codes: &[(&str, Attribute)]) {
        let score = |p| Score::new(p).unwrap();
        let mut thresholds = Thresholds::none();
        thresholds.set(Attribute::Toxicity, Threshold { hold: Some(score(0.5)), reject: Some(score(0.9)) });
        thresholds.set(Attribute::Threat, Threshold { hold: Some(score(0.3)), reject: None });
        let policy = Policy::compile(&thresholds.into(), "test", str::to_lowercase).unwrap();
        let ruling = decide(&policy, "text", Scored::Scores(&scores(toxicity, threat)), None);
        assert_eq!((ruling.outcome, ruling.source), (expected, DecisionSource::Model));
        let found: Vec<_> = ruling.reasons.iter().map(|r| (r.code.name(), r.attribute.unwrap())).collect();
        assert_eq!(found, codes);
    }

    #[test]
    fn thresholds_include_their_own_value_and_the_strictest_outcome_wins() {
        check(0.49, 0.29, Outcome::Publish, &[]);
        check(0.5, 0.0, Outcome::Hold, &[("HOLD_THRESHOLD", Attribute::Toxicity)]);
        check(0.9, 0.0, Outcome::Reject, &[("REJECT_THRESHOLD", Attribute::Toxicity)]);
        check(
            0.9,
            1.0,
            Outcome::Reject,
            &[("REJECT_THRESHOLD", Attribute::Toxicity), ("HOLD_THRESHOLD", Attribute::Threat)],
        );
        check(
            0.6,
            0.7,
            Outcome::Hold,
            &[("HOLD_THRESHOLD", Attribute::Threat), ("HOLD_THRESHOLD", Attribute::Toxicity)],
        );
    }

    #[test]
    fn a_language_that_the_model_does_not_know_is_ruled_on_as_the_site_wants() {
        let german = Language::from_code("de").unwrap();
        for (choice, expected, scores) in
            [("hold", Outcome::Hold, false), ("reject", Outcome::Reject, false), ("score", Outcome::Hold, true)]
        {
            let policy = policy(&format!("unsupported_language = \"{choice}\""));
            assert_eq!(policy.scores_unsupported(), scores);
            let ruling = decide(&policy, "text", Scored::Unsupported(german), None);
            assert_eq!((ruling.outcome, ruling.source), (expected, DecisionSource::Rule));
            let reason = &ruling.reasons[0];
            assert_eq!((reason.code.name(), reason.language), ("UNSUPPORTED_LANGUAGE", Some(german)));
        }
    }

    #[test]
    fn a_comment_that_could_not_be_scored_is_held_whatever_rules_ask() {
        let policy = policy("[[rules]]\nname = \"toxic\"\nwhen = \"scores.toxicity < 0.5\"\naction = \"reject\"");
        for (failure, code) in
            [(ScoringFailure::Failed, "SCORING_FAILED"), (ScoringFailure::TimedOut, "SCORING_TIMED_OUT")]
        {
            let ruling = decide(&policy, "text", Scored::Failed(failure), None);
            assert_eq!((ruling.outcome, ruling.source), (Outcome::Hold, DecisionSource::Rule));
            assert_eq!(ruling.reasons.iter().map(|reason| reason.code.name()).collect::<Vec<_>>(), [code]);
        }
    }

    /// One policy with a part of each kind.
    const SITE: &str = r#"
        toxicity = { hold = 0.5 }
        links = { action = "hold", allowed_domains = ["example.org"] }

        [[words]]
        name = "rude"
        kind = "exact"
        action = "reject"
        entries = ["twaddle", "fudge"]

        [[words]]
        name = "off"
        kind = "exact"
        action = "none"
        entries = ["tea"]

        [[rules]]
        name = "two-links"
        when = "comment.links > 1"
        action = "reject"

        [[rules]]
        name = "new-and-long"
        when = "author.first_time && comment.length > 30"
        action = "hold"

        [[rules]]
        name = "off"
        when = "true"
        action = "none"
    "#;

    fn reasons(ruling: &Ruling) -> Vec<(&str, &str)> {
        ruling.reasons.iter().map(|one| (one.code.name(), one.name.as_deref().unwrap_or_default())).collect()
    }

    #[test]
    fn all_that_fired_are_reasons_and_the_strictest_comes_first() {
        let policy = policy(SITE);
        let known = AuthorRecord { published: 3, ..AuthorRecord::default() };
        let toxic = scores(0.6, 0.0);
        let check = |text: &str, scored, author, outcome, source, expected: &[(&str, &str)]| {
            let ruling = decide(&policy, text, scored, author);
            assert_eq!((ruling.outcome, ruling.source), (outcome, source), "{text}");
            assert_eq!(reasons(&ruling), expected, "{text}");
        };
        let (mild, harsh) = (scores(0.1, 0.0), Scored::Scores(&toxic));
        let mild = Scored::Scores(&mild);
        let (model, rule) = (DecisionSource::Model, DecisionSource::Rule);
        check("fine tea", mild, None, Outcome::Publish, model, &[]);
        check(
            "what twaddle, fudge",
            harsh,
            None,
            Outcome::Reject,
            rule,
            &[("LISTED_WORD", "rude"), ("HOLD_THRESHOLD", "")],
        );
        check("see example.org", mild, None, Outcome::Publish, model, &[]);
        check("see example.net", harsh, None, Outcome::Hold, model, &[("HOLD_THRESHOLD", ""), ("LINK", "")]);
        check("see example.org, example.org", mild, Some(&known), Outcome::Reject, rule, &[("RULE", "two-links")]);
        let long = "a comment that is longer than thirty characters";
        check(long, mild, None, Outcome::Hold, rule, &[("RULE", "new-and-long")]);
        check(long, mild, Some(&known), Outcome::Publish, model, &[]);
    }

    #[test]
    fn a_rule_that_fails_on_a_comment_holds_it_and_is_named() {
        let policy = policy("[[rules]]\nname = \"share\"\nwhen = \"10 / (author.held - 5) > 2\"\naction = \"reject\"");
        let mild = scores(0.0, 0.0);
        for (held, outcome, expected) in [
            (4, Outcome::Publish, vec![]),
            (5, Outcome::Hold, vec![("RULE_FAILED", "share")]),
            (6, Outcome::Reject, vec![("RULE", "share")]),
        ] {
            let author = AuthorRecord { held, ..AuthorRecord::default() };
            let ruling = decide(&policy, "text", Scored::Scores(&mild), Some(&author));
            assert_eq!((ruling.outcome, reasons(&ruling)), (outcome, expected), "{held}");
        }
    }

    #[test]
    fn a_rule_that_takes_too_long_holds_the_comment_and_is_named_and_those_after_it_are_not_begun() {
        let rule = |name: &str, when: &str, action: &str| {
            format!("[[rules]]\nname = \"{name}\"\nwhen = \"{when}\"\naction = \"{action}\"\n")
        };
        // A loop is for the interpreter; fields beside literals are answered without it, however late it is.
        let slow = "['te', 'xt'].exists(w, text.contains(w))";
        let policy = policy(
            &[
                rule("first", slow, "hold"),
                rule("off", slow, "none"),
                rule("second", slow, "reject"),
                rule("third", slow, "reject"),
                rule("plain", "comment.length > 2", "hold"),
            ]
            .concat(),
        );
        let expected = |names: [(&'static str, &'static str); 4]| names;
        // How many milliseconds pass between two looks at the clock: one before the first rule, one after each.
        for (step, outcome, reasons_expected) in [
            (
                0,
                Outcome::Reject,
                expected([("RULE", "second"), ("RULE", "third"), ("RULE", "first"), ("RULE", "plain")]),
            ),
            (
                33,
                Outcome::Reject,
                expected([("RULE", "second"), ("RULE", "third"), ("RULE", "first"), ("RULE", "plain")]),
            ),
            (
                50,
                Outcome::Reject,
                expected([("RULE", "second"), ("RULE", "first"), ("RULE_TOO_SLOW", "third"), ("RULE", "plain")]),
            ),
            (
                51,
                Outcome::Hold,
                expected([
                    ("RULE", "first"),
                    ("RULE_TOO_SLOW", "second"),
                    ("RULE_TOO_SLOW", "third"),
                    ("RULE", "plain"),
                ]),
            ),
            (
                101,
                Outcome::Hold,
                expected([
                    ("RULE_TOO_SLOW", "first"),
                    ("RULE_TOO_SLOW", "second"),
                    ("RULE_TOO_SLOW", "third"),
                    ("RULE", "plain"),
                ]),
            ),
        ] {
            let looks = Cell::new(0);
            let clock = || {
                looks.set(looks.get() + 1);
                Duration::from_millis(step * looks.get())
            };
            let mild = scores(0.0, 0.0);
            let ruling = decide_by(&clock, &policy, "a text", Scored::Scores(&mild), None);
            assert_eq!((ruling.outcome, ruling.source), (outcome, DecisionSource::Rule), "{step}");
            assert_eq!(reasons(&ruling), reasons_expected, "{step}");
        }
    }

    #[test]
    fn spans_say_where_words_and_links_stand() {
        let ruling = decide(&policy(SITE), "oh, fudge: example.net", Scored::Scores(&scores(0.0, 0.0)), None);
        let spans: Vec<_> =
            ruling.reasons.iter().flat_map(|reason| &reason.spans).map(|span| (span.begin, span.end)).collect();
        assert_eq!(spans, [(4, 9), (11, 22)]);
    }

    #[test]
    fn an_articles_mode_holds_or_rejects_all() {
        let mild = scores(0.0, 0.0);
        for (mode, outcome, code) in
            [("pre_moderated", Outcome::Hold, "ARTICLE_PRE_MODERATED"), ("closed", Outcome::Reject, "ARTICLE_CLOSED")]
        {
            let ruling = decide(&policy(&format!("mode = \"{mode}\"")), "fine", Scored::Scores(&mild), None);
            assert_eq!((ruling.outcome, reasons(&ruling)), (outcome, vec![(code, "")]));
        }
    }
}

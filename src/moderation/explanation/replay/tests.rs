//! A replay that differs says so, and in what.

use super::*;
use crate::classify::Model;
use crate::domain::{ArticleId, Author, AuthorId, Comment, CommentId, Score, SiteId, Timestamp};
use crate::moderation::Serving;
use crate::policy::{Document, Rules};
use std::sync::{Arc, LazyLock};

static MODEL: LazyLock<Arc<Model>> = LazyLock::new(|| Arc::new(Model::embedded().unwrap()));

const POLICY: &str = r#"
    insult = { hold = 0.2 }
    flood = { comments = 3, seconds = 60, action = "reject" }

    [[words]]
    name = "rude"
    kind = "exact"
    action = "hold"
    entries = ["fool"]

    [[rules]]
    name = "new"
    when = "author.first_time"
    action = "reject"
"#;

/// A decision as it was made, and what replaying it takes.
struct Made {
    scoring: Scoring,
    policy: Policy,
    revision: Revision,
}

impl Made {
    fn new(text: &str) -> Self {
        let mut rules = Rules::default();
        rules.lay_over(&Document::from_toml(POLICY).unwrap());
        let comment = Comment {
            site_id: SiteId::new("s"),
            article_id: ArticleId::new("a"),
            comment_id: CommentId::new("c"),
            parent_id: None,
            author: Author { author_id: Some(AuthorId::new("u")), name: "Ann".into() },
            text: text.into(),
            submitted_at: Timestamp::from_micros(0),
        };
        let decision = Decision {
            outcome: Outcome::Publish,
            source: DecisionSource::Model,
            reasons: Vec::new(),
            scores: MODEL.score(text),
            house: None,
            model_version: MODEL.version().to_owned(),
            policy_version: "config-0".into(),
            decided_at: Timestamp::from_micros(0),
        };
        let received_at = Timestamp::from_micros(0);
        let made = Self {
            scoring: Scoring::new(Arc::new(Serving::new(MODEL.clone())), Duration::MAX),
            policy: Policy::compile(&rules, "config", str::to_lowercase).unwrap(),
            revision: Revision { number: 1, comment, decision, received_at, erased_at: None },
        };
        // As it is decided for the first time.
        let decision = made.replay(&made.revision.decision, true).decision.unwrap();
        Self { revision: Revision { decision, ..made.revision }, ..made }
    }

    fn decision(&self) -> Decision {
        self.revision.decision.clone()
    }

    fn replay(&self, decision: &Decision, has_model: bool) -> Replay {
        let (scorer, policy) = (has_model.then_some(&**MODEL as &dyn Scorer), Some(&self.policy));
        Played { revision: &self.revision, decision, scorer, policy, scoring: &self.scoring }.replay()
    }

    /// Checks which of scores, outcome and reasons are the same, and what was not replayed besides how often the author wrote.
    fn check(&self, decision: &Decision, equal: [Option<bool>; 3], not: &[NotReplayed]) {
        let replay = self.replay(decision, true);
        assert_eq!([replay.scores_equal, replay.outcome_equal, replay.reasons_equal], equal, "{decision:?}");
        let always = [NotReplayed::AuthorRules, NotReplayed::Flood];
        let others: Vec<_> = replay.not_replayed.into_iter().filter(|one| !always.contains(one)).collect();
        assert_eq!(others, not);
    }
}

const SAME: [Option<bool>; 3] = [Some(true); 3];

#[test]
fn what_was_decided_so_is_the_same_and_the_least_difference_is_told() {
    let made = Made::new("Only a fool believes this.");
    let decision = made.decision();
    assert_eq!((decision.outcome, decision.reasons.len()), (Outcome::Hold, 2));
    made.check(&decision, SAME, &[]);
    let mut scores = decision.scores.unwrap().to_array();
    scores[7] = f32::from_bits(scores[7].to_bits() + 1);
    let other = Decision { scores: Scores::new(scores), ..made.decision() };
    made.check(&other, [Some(false), Some(true), Some(true)], &[]);
    made.check(&Decision { outcome: Outcome::Publish, ..made.decision() }, [Some(true), Some(false), Some(true)], &[]);
    made.check(
        &Decision { source: DecisionSource::Rule, ..made.decision() },
        [Some(true), Some(false), Some(true)],
        &[],
    );
    for change in [
        |reason: &mut Reason| reason.spans[0].end -= 1,
        |reason: &mut Reason| reason.spans[0].contribution += 1e-3,
        |reason: &mut Reason| reason.threshold = Score::new(0.25),
        |reason: &mut Reason| reason.code = ReasonCode::RejectThreshold,
    ] {
        let mut other = made.decision();
        change(&mut other.reasons[0]);
        made.check(&other, [Some(true), Some(true), Some(false)], &[]);
    }
    let mut fewer = made.decision();
    fewer.reasons.pop();
    made.check(&fewer, [Some(true), Some(true), Some(false)], &[]);
    let mut without = made.decision();
    without.reasons[0].spans.clear();
    made.check(&without, SAME, &[NotReplayed::Spans]);
}

#[test]
fn what_was_recorded_of_the_author_is_taken_over_and_decides() {
    let made = Made::new("Only a fool believes this.");
    let by_author = |code, name: Option<&str>| Reason {
        outcome: Some(Outcome::Reject),
        name: name.map(Into::into),
        ..Reason::plain(code)
    };
    for reason in [by_author(ReasonCode::Flood, None), by_author(ReasonCode::Rule, Some("new"))] {
        let mut stricter = made.decision();
        (stricter.outcome, stricter.source) = (Outcome::Reject, DecisionSource::Rule);
        stricter.reasons.push(reason);
        made.check(&stricter, SAME, &[]);
        // A reason that is recorded has had its effect.
        let milder = Decision { outcome: Outcome::Hold, ..stricter };
        made.check(&milder, [Some(true), Some(false), Some(true)], &[]);
    }
    // A rule that doesn't ask for the author is none of these.
    let mut other = made.decision();
    other.reasons.push(by_author(ReasonCode::Rule, Some("old")));
    made.check(&other, [Some(true), Some(true), Some(false)], &[]);
}

#[test]
fn what_failed_or_took_too_long_is_not_said_to_be_the_same() {
    let made = Made::new("The tulips are out.");
    let failed = Decision {
        outcome: Outcome::Hold,
        source: DecisionSource::Rule,
        reasons: vec![Reason::plain(ReasonCode::ScoringTimedOut)],
        scores: None,
        ..made.decision()
    };
    made.check(&failed, [None, Some(true), Some(true)], &[NotReplayed::Scoring]);
    let slow =
        Reason { name: Some("new".into()), outcome: Some(Outcome::Hold), ..Reason::plain(ReasonCode::RuleTooSlow) };
    let slow = Decision { outcome: Outcome::Hold, reasons: vec![slow], ..made.decision() };
    made.check(&slow, [Some(true), None, None], &[NotReplayed::Time]);
}

#[test]
fn by_another_model_the_recorded_scores_are_decided_on() {
    let made = Made::new("Only a fool believes this.");
    let replay = made.replay(&made.decision(), false);
    assert_eq!([replay.scores_equal, replay.outcome_equal, replay.reasons_equal], [None, Some(true), Some(true)]);
    assert!(replay.not_replayed.contains(&NotReplayed::Model));
    let (revision, decision) = (&made.revision, &made.decision());
    let nothing = Played { revision, decision, scorer: None, policy: None, scoring: &made.scoring }.replay();
    assert_eq!((nothing.outcome_equal, nothing.not_replayed), (None, vec![NotReplayed::Model, NotReplayed::Policy]));
}

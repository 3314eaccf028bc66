//! Which comments stand for which, and how far they have moved.

use super::*;
use crate::classify::{Explanation, Reference};
use crate::domain::{Circumstances, Criterion, DecisionSource, HouseScore, ReporterId, Words, report::Said};
use std::sync::LazyLock;

const DAY: i64 = 86_400_000_000;

/// Scores that lie evenly below one half when measured, and texts of which half the n-grams were unknown.
static BASE: LazyLock<Measured> = LazyLock::new(|| {
    let even = |at: u16| (scores(f32::from(at) / 2000.0), [1, 2]);
    Measured(Reference::of("", (0..1000).map(even)))
});

/// Stands for a base model; a text that says so is made of unknown n-grams alone.
struct Measured(Reference);

impl Scorer for Measured {
    fn version(&self) -> &'static str {
        "m"
    }

    fn score(&self, _text: &str) -> Option<Scores> {
        None
    }

    fn explain(&self, _text: &str) -> Option<Explanation> {
        None
    }

    fn reference(&self) -> Option<&Reference> {
        Some(&self.0)
    }

    fn unseen(&self, text: &str) -> Option<[u64; 2]> {
        Some(if text == "new" { [2, 2] } else { [1, 2] })
    }
}

fn scores(score: f32) -> Scores {
    Scores::new([score; Attribute::COUNT]).expect("it is a score")
}

fn fold() -> Fold<'static> {
    Fold::new(&*BASE)
}

/// The hundredth day.
fn now() -> Timestamp {
    Timestamp::from_micros(100 * DAY + DAY / 2)
}

fn id(number: u32) -> (SiteId, CommentId) {
    (SiteId::new("s"), CommentId::new(format!("c{number}")))
}

fn decided(fold: &mut Fold<'_>, number: u32, outcome: Outcome) {
    let (site_id, comment_id) = id(number);
    let decision = Decision {
        outcome,
        source: DecisionSource::Model,
        reasons: Vec::new(),
        scores: Scores::new([0.05; Attribute::COUNT]),
        model_version: "m".into(),
        policy_version: String::new(),
        decided_at: Timestamp::from_micros(0),
        house: None,
    };
    fold.take(Event::CommentDecided { site_id, comment_id, revision: 1, decision }, Some("words"), now(), true);
}

fn sampled(fold: &mut Fold<'_>, number: u32) {
    let (site_id, comment_id) = id(number);
    fold.take(Event::CommentSampled { site_id, comment_id, revision: 1, probability: 0.125 }, None, now(), true);
}

fn reported(fold: &mut Fold<'_>, number: u32) {
    let (site_id, comment_id) = id(number);
    let said = Said { reporter_id: ReporterId::new("r"), reason: String::new(), text: Words::new(String::new()) };
    let event =
        Event::CommentReported { site_id, comment_id, revision: 1, said, weight: 1.0, standing: Standing::Open };
    fold.take(event, None, now(), true);
}

fn settled(fold: &mut Fold<'_>, number: u32, approved: bool) {
    let (site_id, comment_id) = id(number);
    let verdict = Verdict { approved, labels: Vec::new(), reason: String::new() };
    fold.take(Event::ItemSettled { site_id, comment_id, revision: 1, verdict, request_id: None }, None, now(), true);
}

#[test]
fn what_only_the_lot_brought_stands_for_others_and_what_was_reported_for_itself() {
    let mut fold = fold();
    for number in 0..10 {
        decided(&mut fold, number, Outcome::Publish);
    }
    // Drawn and fine; drawn, reported and harmful; only reported and harmful.
    sampled(&mut fold, 0);
    settled(&mut fold, 0, true);
    sampled(&mut fold, 1);
    reported(&mut fold, 1);
    settled(&mut fold, 1, false);
    reported(&mut fold, 2);
    settled(&mut fold, 2, false);
    let quality = fold.finish(now()).models.remove(0);
    let estimate = quality.wrongly_published;
    assert_eq!((estimate.ruled, estimate.stand_for, quality.sampled), (3, 10.0, 2));
    assert!((estimate.share - 2.0 / 10.0).abs() < 1e-9, "{estimate:?}");
}

fn appealed(fold: &mut Fold<'_>, number: u32) {
    let (site_id, comment_id) = id(number);
    let text = Words::new(String::new());
    fold.take(Event::DecisionAppealed { site_id, comment_id, revision: 1, text, request_id: None }, None, now(), true);
}

fn undone(fold: &mut Fold<'_>, number: u32) {
    let (site_id, comment_id) = id(number);
    fold.take(Event::VerdictUndone { site_id, comment_id, settled_seq: 1, request_id: None }, None, now(), true);
}

fn shares(fold: Fold<'_>) -> ((u64, f64), (u64, f64)) {
    let quality = fold.finish(now()).models.remove(0);
    let of = |estimate: Estimate| (estimate.ruled, estimate.share);
    (of(quality.wrongly_held), of(quality.overturned))
}

#[test]
fn appeals_count_whoever_had_rejected_and_what_is_taken_back_leaves_the_verdict_before_it() {
    let overturned = || {
        let mut fold = fold();
        decided(&mut fold, 0, Outcome::Hold);
        settled(&mut fold, 0, false);
        appealed(&mut fold, 0);
        settled(&mut fold, 0, true);
        fold
    };
    assert_eq!(shares(overturned()), ((1, 1.0), (1, 1.0)));
    let mut back = overturned();
    undone(&mut back, 0);
    assert_eq!(shares(back), ((1, 0.0), (0, 0.0)), "the first verdict holds again, the appeal waits");
    let mut upheld = overturned();
    undone(&mut upheld, 0);
    settled(&mut upheld, 0, false);
    assert_eq!(shares(upheld), ((1, 0.0), (1, 0.0)));
    let mut nothing = overturned();
    undone(&mut nothing, 0);
    undone(&mut nothing, 0);
    assert_eq!(shares(nothing), ((0, 0.0), (0, 0.0)));
    let mut by_model = fold();
    decided(&mut by_model, 0, Outcome::Reject);
    appealed(&mut by_model, 0);
    settled(&mut by_model, 0, true);
    assert_eq!(shares(by_model), ((0, 0.0), (1, 1.0)));
}

#[test]
fn rejected_comments_that_the_lot_drew_stand_for_others_and_those_that_were_appealed_for_themselves() {
    let mut fold = fold();
    for number in 0..20 {
        decided(&mut fold, number, Outcome::Reject);
    }
    for (number, approved) in [(0, false), (1, true)] {
        sampled(&mut fold, number);
        settled(&mut fold, number, approved);
    }
    sampled(&mut fold, 2);
    for number in [2, 3] {
        appealed(&mut fold, number);
        settled(&mut fold, number, true);
    }
    let quality = fold.finish(now()).models.remove(0);
    let estimate = quality.wrongly_rejected;
    assert_eq!((estimate.ruled, estimate.stand_for, quality.sampled_rejected, quality.sampled), (4, 18.0, 3, 0));
    assert!((estimate.share - 10.0 / 18.0).abs() < 1e-9, "{estimate:?}");
}

#[test]
fn bands_are_tenths() {
    assert_eq!([0.0, 0.099, 0.1, 0.55, 0.999, 1.0].map(band), [0, 0, 1, 5, 9, 9]);
}

/// What comes on one day.
#[derive(Clone, Copy)]
struct Came {
    ago: i64,
    text: &'static str,
    /// The scores of the attributes reach up to here, evenly.
    up_to: f32,
    /// Of a hundred verdicts, how many agree with the house model.
    agreed: u32,
}

/// Has 200 comments come on a day, of which 100 are ruled on.
fn come(fold: &mut Fold<'_>, came: Came) {
    let at = Timestamp::from_micros(now().as_micros() - came.ago * DAY);
    for number in 0..200_u16 {
        let (site_id, comment_id) = (SiteId::new("s"), CommentId::new(format!("{}-{number}", came.ago)));
        let place = || (site_id.clone(), comment_id.clone());
        let likely_to_reject = Score::new(if number % 2 == 0 { 0.9 } else { 0.1 }).expect("a score");
        let decision = Decision {
            outcome: Outcome::Hold,
            source: DecisionSource::Model,
            reasons: Vec::new(),
            scores: Some(scores(came.up_to * f32::from(number) / 200.0)),
            model_version: "m+house".into(),
            policy_version: String::new(),
            decided_at: at,
            house: Some(HouseScore { likely_to_reject, circumstances: Circumstances::default() }),
        };
        let ((site_1, comment_1), (site_2, comment_2)) = (place(), place());
        let (revision, request_id) = (1, None);
        let event =
            Event::CommentDecided { site_id: site_1, comment_id: comment_1, revision, decision: decision.clone() };
        fold.take(event, Some(came.text), at, true);
        if number < 100 {
            let agrees = u32::from(number) < came.agreed;
            let verdict = Verdict { approved: (number % 2 == 0) != agrees, labels: Vec::new(), reason: String::new() };
            fold.take(
                Event::ItemSettled { site_id: site_2, comment_id: comment_2, revision, verdict, request_id },
                None,
                at,
                true,
            );
            fold.take(Event::CommentDecided { site_id, comment_id, revision, decision }, None, at, true);
        }
    }
}

fn drift(days: &[Came]) -> Drift {
    let mut fold = fold();
    for came in days {
        come(&mut fold, *came);
    }
    fold.finish(now()).drift
}

/// As it always was.
const USUAL: Came = Came { ago: 10, text: "as ever", up_to: 0.5, agreed: 90 };

fn index(period: &drift::Period, criterion: Criterion) -> Option<f64> {
    period.criteria.iter().find(|one| one.criterion == criterion).and_then(|one| one.stability_index)
}

#[test]
fn what_stays_as_it_was_needs_nothing() {
    let drift = drift(&[USUAL, Came { ago: 0, ..USUAL }]);
    assert_eq!(drift.days.iter().map(|day| day.comments).collect::<Vec<_>>(), [200, 200]);
    assert_eq!(drift.days[1].from, Timestamp::from_micros(100 * DAY));
    assert_eq!(
        (drift.recent.comments, drift.recent.unseen_ngrams, drift.unseen_ngrams_then),
        (200, Some(0.5), Some(0.5))
    );
    assert!(
        index(&drift.recent, Criterion::Attribute(Attribute::Insult)).is_some_and(|index| index < 0.02),
        "{drift:?}"
    );
    let house = drift.recent.criteria.last().expect("the house model was judged");
    assert_eq!((house.criterion, house.stability_index, house.agreement.ruled), (Criterion::LikelyToReject, None, 100));
    assert!((house.agreement.share - 0.9).abs() < 1e-9);
    assert_eq!(
        drift.advice,
        "Nothing asks for learning again: moderators agree with the model in 90 % of verdicts, as before."
    );
}

#[test]
fn each_kind_of_move_is_told_and_by_what() {
    let today = Came { ago: 0, ..USUAL };
    let moves = [
        (Came { agreed: 60, ..today }, "60 % of verdicts on the last seven days' comments, and did in 90 % before"),
        (Came { text: "new", ..today }, "100 % of what readers write is new to the model, and 50 % was before"),
        (Came { up_to: 1.0, ..today }, "lie farther from where they did in training"),
    ];
    for (came, why) in moves {
        let drift = drift(&[USUAL, came]);
        assert!(
            drift.is_due && drift.advice.contains(why) && drift.advice.contains("ombud retrain"),
            "{}",
            drift.advice
        );
    }
}

#[test]
fn too_little_is_said_to_be_too_little() {
    assert!(drift(&[]).advice.contains("no comments came"));
    assert!(drift(&[USUAL]).advice.contains("no comments came"), "the last seven days count");
    let alone = drift(&[Came { ago: 6, agreed: 10, ..USUAL }]);
    assert!(!alone.is_due && alone.advice.contains("nothing before to hold that against"), "{}", alone.advice);
    let mut few = fold();
    decided(&mut few, 0, Outcome::Publish);
    let few = few.finish(now()).drift;
    assert!(few.advice.contains("50 more verdicts"), "{}", few.advice);
    assert_eq!(index(&few.recent, Criterion::Attribute(Attribute::Insult)), None, "one score lies anywhere");
}

//! What scoring again counts.

use crate::domain::{CommentId, Criterion, Judgement, Outcome, Score};
use crate::moderation::{sampling::key, simulation::Agreement};
use std::collections::{BTreeMap, HashMap, VecDeque};

/// From how much on a score counts as moved.
const MOVED: f32 = 0.1;

/// A comment that was scored again.
#[derive(Debug, Clone, PartialEq)]
pub struct Rescored {
    /// The comment.
    pub comment_id: CommentId,
    /// Its revision, from 1.
    pub revision: u32,
    /// What was decided when the text came in.
    pub outcome_then: Outcome,
    /// What the policy in force now makes of the model's scores.
    pub outcome_now: Outcome,
    /// How likely it was to be rejected; `None` where it was not scored.
    pub likely_then: Option<Score>,
    /// How likely it is, as the model says; `None` where it is not scored.
    pub likely_now: Option<Score>,
}

/// Comments that came to a pair of outcomes.
#[derive(Debug, Clone)]
pub struct Pair {
    /// What was decided then.
    pub then: Outcome,
    /// What would be decided now.
    pub now: Outcome,
    /// How many.
    pub comments: u64,
    /// The newest of them, oldest first, where the two differ.
    pub examples: VecDeque<Rescored>,
}

/// How the scores of one criterion moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moved {
    /// Which.
    pub criterion: Criterion,
    /// How many comments were scored both times.
    pub comments: u64,
    /// Their mean score then; 0 where there are none.
    pub mean_then: f64,
    /// Their mean score now; 0 where there are none.
    pub mean_now: f64,
    /// How many have the same score to the bit.
    pub same: u64,
    /// How many score higher by 0.1 or more.
    pub raised: u64,
    /// How many score lower by 0.1 or more.
    pub lowered: u64,
}

/// What a model would have said.
#[derive(Debug, Clone)]
pub struct Rescoring {
    /// The model.
    pub model_version: String,
    /// How many comments and edits were scored again or, because of their language, would not be.
    pub comments: u64,
    /// How many were left out, since scoring failed.
    pub left_out: u64,
    /// Every pair of outcomes, the most frequent first.
    pub outcomes: Vec<Pair>,
    /// How scores moved, in the order of [`Criterion::all`].
    pub moves: Vec<Moved>,
    /// How what was decided compares with verdicts.
    pub verdicts_then: Agreement,
    /// How what would be decided compares with them.
    pub verdicts_now: Agreement,
}

/// Counts while comments go by.
#[derive(Debug, Default)]
pub(super) struct Tally {
    examples_max: usize,
    comments: u64,
    left_out: u64,
    outcomes: BTreeMap<(Outcome, Outcome), (u64, VecDeque<Rescored>)>,
    moves: [Sums; Criterion::COUNT],
    /// What each comment's newest text came to then and now, and what moderators said of it, the last of which holds; by a hash
    /// of its id.
    latest: HashMap<u64, (Outcome, Outcome, Vec<bool>)>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    comments: u64,
    then: f64,
    now: f64,
    same: u64,
    raised: u64,
    lowered: u64,
}

impl Sums {
    fn add(&mut self, then: Score, now: Score) {
        let (then, now) = (then.get(), now.get());
        self.comments += 1;
        self.then += f64::from(then);
        self.now += f64::from(now);
        self.same += u64::from(then.to_bits() == now.to_bits());
        self.raised += u64::from(now - then >= MOVED);
        self.lowered += u64::from(then - now >= MOVED);
    }
}

impl Tally {
    pub(super) fn new(examples_max: usize) -> Self {
        Self { examples_max, ..Self::default() }
    }

    pub(super) fn add(&mut self, rescored: &Rescored, then: Option<&Judgement>, now: Option<&Judgement>) {
        self.comments += 1;
        let (before, after) = (rescored.outcome_then, rescored.outcome_now);
        let (comments, examples) = self.outcomes.entry((before, after)).or_default();
        *comments += 1;
        if before != after {
            examples.push_back(rescored.clone());
            if examples.len() > self.examples_max {
                examples.pop_front();
            }
        }
        if let (Some(then), Some(now)) = (then, now) {
            let scores = then.iter().zip(now.iter()).map(|((_, then), (_, now))| (then, now));
            self.moves.iter_mut().zip(scores).for_each(|(sums, (then, now))| sums.add(then, now));
        }
        self.latest.insert(key(&rescored.comment_id), (before, after, Vec::new()));
    }

    pub(super) fn leave_out(&mut self, comment_id: &CommentId) {
        self.left_out += 1;
        self.latest.remove(&key(comment_id));
    }

    /// Forgets verdicts on a text that another one has taken the place of.
    pub(super) fn forget(&mut self, comment_id: &CommentId) {
        self.latest.remove(&key(comment_id));
    }

    pub(super) fn settled(&mut self, comment_id: &CommentId, approved: bool) {
        if let Some((_, _, verdicts)) = self.latest.get_mut(&key(comment_id)) {
            verdicts.push(approved);
        }
    }

    pub(super) fn undone(&mut self, comment_id: &CommentId) {
        if let Some((_, _, verdicts)) = self.latest.get_mut(&key(comment_id)) {
            // The one before it holds again.
            verdicts.pop();
        }
    }

    pub(super) fn finish(self, model_version: String) -> Rescoring {
        let pair = |((then, now), (comments, examples))| Pair { then, now, comments, examples };
        let mut outcomes: Vec<Pair> = self.outcomes.into_iter().map(pair).collect();
        outcomes.sort_by_key(|pair| std::cmp::Reverse(pair.comments));
        let moved = |(criterion, sums): (Criterion, Sums)| {
            let Sums { comments, then, now, same, raised, lowered } = sums;
            let mean = |sum: f64| if comments == 0 { 0.0 } else { sum / comments as f64 };
            Moved { criterion, comments, mean_then: mean(then), mean_now: mean(now), same, raised, lowered }
        };
        let (mut verdicts_then, mut verdicts_now) = (Agreement::default(), Agreement::default());
        for (then, now, verdicts) in self.latest.into_values() {
            let Some(approved) = verdicts.last() else { continue };
            verdicts_then.add(then, *approved);
            verdicts_now.add(now, *approved);
        }
        Rescoring {
            model_version,
            comments: self.comments,
            left_out: self.left_out,
            outcomes,
            moves: Criterion::all().zip(self.moves).map(moved).collect(),
            verdicts_then,
            verdicts_now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Attribute, Scores};

    fn judgement(score: f32) -> Judgement {
        Judgement::following(Scores::new([score; Attribute::COUNT]).unwrap())
    }

    fn add(tally: &mut Tally, id: &str, (then, now): (Outcome, Outcome), (before, after): (f32, f32)) {
        let (before, after) = (judgement(before), judgement(after));
        let rescored = Rescored {
            comment_id: CommentId::new(id),
            revision: 1,
            outcome_then: then,
            outcome_now: now,
            likely_then: Some(before.likely_to_reject),
            likely_now: Some(after.likely_to_reject),
        };
        tally.add(&rescored, Some(&before), Some(&after));
    }

    #[test]
    fn pairs_moves_and_verdicts_are_counted() {
        let mut tally = Tally::new(2);
        let (publish, hold, reject) = (Outcome::Publish, Outcome::Hold, Outcome::Reject);
        for id in ["a", "b", "c"] {
            add(&mut tally, id, (publish, reject), (0.25, 0.75));
        }
        add(&mut tally, "d", (hold, publish), (0.5, 0.25));
        add(&mut tally, "e", (hold, hold), (0.5, 0.5));
        for (id, approved) in [("a", false), ("b", true), ("b", false), ("d", true), ("e", true), ("e", false)] {
            tally.settled(&CommentId::new(id), approved);
        }
        tally.undone(&CommentId::new("b"));
        // What was said of a text is not said of the next one.
        tally.forget(&CommentId::new("e"));
        tally.settled(&CommentId::new("unknown"), true);
        let found = tally.finish("m".into());
        let pairs: Vec<_> = found.outcomes.iter().map(|pair| (pair.then, pair.now, pair.comments)).collect();
        assert_eq!(pairs, [(publish, reject, 3), (hold, publish, 1), (hold, hold, 1)]);
        let ids = |pair: &Pair| pair.examples.iter().map(|one| one.comment_id.to_string()).collect::<Vec<_>>();
        assert_eq!(found.outcomes.iter().map(ids).collect::<Vec<_>>(), [vec!["b", "c"], vec!["d"], vec![]]);
        let last = found.moves[Criterion::COUNT - 1];
        let expected = Moved {
            criterion: Criterion::LikelyToReject,
            comments: 5,
            mean_then: 1.75 / 5.0,
            mean_now: 3.0 / 5.0,
            same: 1,
            raised: 3,
            lowered: 1,
        };
        assert_eq!(last, expected);
        // a was rejected rightly, b wrongly; d is published rightly.
        assert_eq!(found.verdicts_then, Agreement { agreed: 1, contradicted: 1, held: 1 });
        assert_eq!(found.verdicts_now, Agreement { agreed: 2, contradicted: 1, held: 0 });
    }
}

//! Whether labels are enough, and if they are not, how many more it takes, and of which kind.
//!
//! What is missing in a part of the labels is told as labels in all: only every fifth that a moderator gives comes to be held
//! out, so that one that is missing there takes five.

use super::{Gate, Verdict};
use serde::{Deserialize, Serialize};

/// How many labels say that a comment is to be rejected, and how many that it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Kinds {
    /// Those that reject.
    pub rejected: usize,
    /// Those that approve.
    pub approved: usize,
}

impl Kinds {
    /// Counts answers, of which true is to reject.
    pub(in crate::train::house) fn count(answers: impl IntoIterator<Item = bool>) -> Self {
        let mut kinds = Self::default();
        for rejects in answers {
            *(if rejects { &mut kinds.rejected } else { &mut kinds.approved }) += 1;
        }
        kinds
    }

    /// Returns how many there are together.
    pub const fn all(self) -> usize {
        self.rejected + self.approved
    }

    /// Returns how many there are of the rarer kind.
    pub fn least(self) -> usize {
        self.rejected.min(self.approved)
    }

    fn each(self, other: Self, join: impl Fn(usize, usize) -> usize) -> Self {
        Self { rejected: join(self.rejected, other.rejected), approved: join(self.approved, other.approved) }
    }
}

/// How many more labels it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Needed {
    /// All of them.
    pub labels: usize,
    /// How many of those have to be of each kind.
    pub kinds: Kinds,
}

impl Needed {
    /// Returns what is enough for both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let kinds = self.kinds.each(other.kinds, usize::max);
        Self { labels: self.labels.max(other.labels).max(kinds.all()), kinds }
    }

    /// Says it, such as `480 more, at least 80 of them to reject`.
    pub fn in_words(self) -> String {
        let Self { labels, kinds } = self;
        let of = [(kinds.rejected, "to reject"), (kinds.approved, "to approve")];
        let of: Vec<(usize, &str)> = of.into_iter().filter(|(count, _)| *count > 0).collect();
        match *of {
            [] => format!("{labels} more"),
            [(count, what)] if count == labels => format!("{labels} more, all of them {what}"),
            [(count, what)] => format!("{labels} more, at least {count} of them {what}"),
            _ => format!(
                "{labels} more, at least {} of them to reject and {} to approve",
                kinds.rejected, kinds.approved
            ),
        }
    }
}

/// Which part of the labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::train::house) enum Part {
    /// The older ones.
    Learned,
    /// The newest ones.
    HeldOut,
}

/// How labels come to be learned from or held out.
#[derive(Debug, Clone, Copy)]
pub(in crate::train::house) struct Split {
    /// The share of all that is held out, above 0 and below 1.
    pub(in crate::train::house) held_out: f64,
    /// All that say whether to reject, without those of data sets.
    pub(in crate::train::house) given: Kinds,
    /// How many of the newest are not held out, since the champion may have learned from them.
    pub(in crate::train::house) seen: usize,
}

impl Split {
    /// Returns how many of so many labels are held out.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count")]
    pub(in crate::train::house) fn held_out(&self, labels: usize) -> usize {
        ((labels as f64 * self.held_out) as usize).min(labels)
    }

    /// Returns how many labels it takes in all for so many to come to a part.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at least a count, or cut to the largest"
    )]
    fn in_all(&self, part: Part, wanted: usize) -> usize {
        let (share, come): (f64, &dyn Fn(usize) -> usize) = match part {
            Part::Learned => (1.0 - self.held_out, &|labels| labels - self.held_out(labels)),
            Part::HeldOut => (self.held_out, &|labels| self.held_out(labels)),
        };
        // Rounding may be off by one to either side.
        let least = ((wanted.saturating_sub(1) as f64 / share) as usize).saturating_sub(1);
        let most = ((wanted as f64 / share) as usize).saturating_add(2);
        (least..=most).find(|labels| come(*labels) >= wanted).unwrap_or(most)
    }
}

/// Labels that a gate looks at.
#[derive(Debug, Clone, Copy)]
pub(in crate::train::house) struct Counted<'a> {
    /// How many there are.
    pub(in crate::train::house) kinds: Kinds,
    /// Which part they are, and what of.
    pub(in crate::train::house) part: Part,
    /// Where they come from; `None` where they are all there are.
    pub(in crate::train::house) split: Option<&'a Split>,
}

impl Counted<'_> {
    /// Returns how many more it takes for `all`, and so many of each kind, to be here.
    pub(in crate::train::house) fn needed(&self, all: usize, of_kind: usize) -> Needed {
        let more = |found: usize, wanted: usize, given: fn(&Kinds) -> usize| match wanted.saturating_sub(found) {
            0 => 0,
            here => {
                self.split.map_or(0, |one| one.in_all(self.part, wanted).saturating_sub(given(&one.given))).max(here)
            }
        };
        let kinds = Kinds {
            rejected: more(self.kinds.rejected, of_kind, |given| given.rejected),
            approved: more(self.kinds.approved, of_kind, |given| given.approved),
        };
        Needed { labels: more(self.kinds.all(), all, |given| given.all()).max(kinds.all()), kinds }
    }

    /// Asks for so many, and so many of each kind.
    pub(in crate::train::house) fn enough(&self, gate: Gate, all_min: usize, kind_min: usize) -> Verdict {
        let what = match self.part {
            Part::Learned => "learned from",
            Part::HeldOut => "held out",
        };
        let (all, Kinds { rejected, approved }) = (self.kinds.all(), self.kinds);
        let needed = self.needed(all_min, kind_min);
        let seen = match self.split {
            Some(&Split { seen, .. }) if self.part == Part::HeldOut && seen > 0 => {
                format!("; {seen} more are not newer than all that the champion has learned from, and judge nobody")
            }
            _ => String::new(),
        };
        if needed.labels == 0 {
            let least = self.kinds.least();
            return Verdict::passed(gate, format!("{all} labels were {what}, at least {least} of each kind{seen}"));
        }
        let reason = format!(
            "{all} labels were {what}, {rejected} to reject and {approved} to approve; it takes {all_min}, and {kind_min} of each \
             kind: about {}{seen}",
            needed.in_words()
        );
        Verdict { needed: needed.labels, needed_kinds: needed.kinds, ..Verdict::refused(gate, reason) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needed(part: Part, [rejected, approved]: [usize; 2], given: [usize; 2], [all, kind]: [usize; 2]) -> Needed {
        let split = Split { held_out: 0.2, given: Kinds { rejected: given[0], approved: given[1] }, seen: 0 };
        Counted { kinds: Kinds { rejected, approved }, part, split: Some(&split) }.needed(all, kind)
    }

    #[test]
    fn what_is_missing_in_a_part_is_told_as_labels_in_all() {
        assert_eq!(needed(Part::Learned, [8, 8], [10, 10], [200, 30]).labels, 249 - 20);
        assert_eq!(needed(Part::HeldOut, [2, 2], [10, 10], [100, 20]).labels, 500 - 20);
        let scarce = needed(Part::HeldOut, [4, 196], [20, 980], [100, 20]);
        assert_eq!((scarce.labels, scarce.kinds), (80, Kinds { rejected: 80, approved: 0 }));
        // However many there are in all, what is missing here is missing.
        assert_eq!(needed(Part::HeldOut, [90, 0], [900, 100], [50, 20]).kinds, Kinds { rejected: 0, approved: 20 });
        assert_eq!(needed(Part::HeldOut, [90, 90], [450, 450], [100, 20]), Needed::default());
    }

    #[test]
    fn no_number_of_labels_is_off_by_one() {
        for held_out in [0.05, 0.1, 0.2, 0.3, 1.0 / 3.0, 0.7] {
            let split = Split { held_out, given: Kinds::default(), seen: 0 };
            for wanted in 1..400 {
                let (learned, held) = (split.in_all(Part::Learned, wanted), split.in_all(Part::HeldOut, wanted));
                let come = |labels: usize| (labels - split.held_out(labels), split.held_out(labels));
                assert!(come(learned).0 == wanted && come(learned - 1).0 < wanted, "{held_out} {wanted}: {learned}");
                assert!(come(held).1 == wanted && come(held - 1).1 < wanted, "{held_out} {wanted}: {held}");
            }
        }
    }

    #[test]
    fn the_kind_that_is_missing_is_named() {
        let words = |labels, rejected, approved| Needed { labels, kinds: Kinds { rejected, approved } }.in_words();
        assert_eq!(words(480, 0, 0), "480 more");
        assert_eq!(words(80, 80, 0), "80 more, all of them to reject");
        assert_eq!(words(480, 80, 3), "480 more, at least 80 of them to reject and 3 to approve");
        assert_eq!(words(480, 0, 9), "480 more, at least 9 of them to approve");
    }
}

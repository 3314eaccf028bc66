//! Which of a text's features occur more than once.

use super::counter::{BUCKETS_MAX, Counter};

/// Finds repeated buckets in a list: an open-addressing table of what was seen, whose slots are emptied by a new
/// generation number instead of being written.
///
/// A slot packs generation (12 bits) and bucket (20 bits) into half a word, so that the table of an ordinary text stays
/// in the nearest cache.
#[derive(Debug, Clone, Default)]
pub(super) struct Repeats {
    slots: Vec<u32>,
    generation: u32,
    again: Vec<u32>,
    counter: Counter,
}

/// How often a bucket occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Repeated {
    pub(super) bucket: u32,
    /// At least 2.
    pub(super) count: u32,
}

const BUCKET_BITS: u32 = BUCKETS_MAX.ilog2();
const GENERATION_MAX: u32 = (1 << (u32::BITS - BUCKET_BITS)) - 1;
/// The least slots; a power of two.
const SLOTS_MIN: usize = 4096;

impl Repeats {
    /// Lists those of `buckets`, which are below [`BUCKETS_MAX`], that occur more than once.
    #[inline]
    pub(super) fn find(&mut self, buckets: &[u32]) -> impl Iterator<Item = Repeated> + '_ {
        // At most half full, so that a search ends soon.
        let size = (buckets.len() * 2).next_power_of_two().max(SLOTS_MIN);
        if self.slots.len() < size {
            self.slots.resize(size, 0);
        }
        if self.again.len() <= buckets.len() {
            self.again.resize(buckets.len() + 1, 0);
        }
        self.generation += 1;
        if self.generation > GENERATION_MAX {
            self.slots.fill(0);
            self.generation = 1;
        }
        let (slots, again) = (&mut self.slots[..size], &mut self.again[..=buckets.len()]);
        let mut found = 0;
        for &bucket in buckets {
            let wanted = self.generation << BUCKET_BITS | bucket;
            let mut at = bucket as usize & (size - 1);
            // Two buckets in one slot are rare enough to guess that there are none.
            while slots[at] != wanted && slots[at] >> BUCKET_BITS == self.generation {
                at = (at + 1) & (size - 1);
            }
            // Branching on whether it was there before would be a guess.
            again[found] = bucket;
            found += usize::from(slots[at] == wanted);
            slots[at] = wanted;
        }
        self.counter.reset(found);
        for &bucket in &self.again[..found] {
            self.counter.add(bucket);
        }
        self.found()
    }

    /// Lists what was found last.
    #[inline]
    pub(super) fn found(&self) -> impl Iterator<Item = Repeated> + '_ {
        let counted = self.counter.buckets().iter().zip(self.counter.counts());
        counted.map(|(&bucket, &count)| Repeated { bucket, count: count + 1 })
    }

    /// Returns how often a bucket of the list that was searched last occurs in it.
    #[inline]
    pub(super) fn count(&self, bucket: u32) -> u32 {
        self.counter.count(bucket) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn check(repeats: &mut Repeats, list: &[u32]) {
        let mut expected = BTreeMap::new();
        for &bucket in list {
            *expected.entry(bucket).or_insert(0) += 1;
        }
        expected.retain(|_, count| *count > 1);
        let found: BTreeMap<u32, u32> = repeats.find(list).map(|one| (one.bucket, one.count)).collect();
        assert_eq!(found, expected);
        for bucket in list {
            assert_eq!(repeats.count(*bucket), expected.get(bucket).copied().unwrap_or(1));
        }
    }

    proptest! {
        #[test]
        fn repeated_buckets_are_those_that_a_map_counts(
            lists in prop::collection::vec(prop::collection::vec(prop_oneof![0..50_u32, 0..BUCKETS_MAX], 0..300), 1..4),
        ) {
            let mut repeats = Repeats::default();
            for list in lists {
                check(&mut repeats, &list);
                // All in one slot, too.
                check(&mut repeats, &list.iter().map(|bucket| bucket % 64 * 4096).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn generations_that_run_out_begin_anew() {
        let mut repeats = Repeats { generation: GENERATION_MAX - 1, ..Repeats::default() };
        for _ in 0..4 {
            check(&mut repeats, &[BUCKETS_MAX - 1, 0, BUCKETS_MAX - 1]);
        }
    }
}

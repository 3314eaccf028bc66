//! Counting buckets without sorting them.

/// Counts how often each bucket occurs: an open-addressing table whose slots are emptied by a new generation number
/// instead of being written.
///
/// A slot packs generation (24 bits), bucket (20 bits) and position among the found buckets (20 bits) into one word,
/// so that a look takes one load.
#[derive(Debug, Clone, Default)]
pub(super) struct Counter {
    slots: Vec<u64>,
    mask: usize,
    generation: u64,
    buckets: Vec<u32>,
    counts: Vec<u32>,
    found: usize,
    repeated: Vec<u32>,
    repeats: usize,
}

const FIELD_BITS: u32 = 20;
const FIELD_MASK: u64 = (1 << FIELD_BITS) - 1;
const GENERATION_MAX: u64 = (1 << 24) - 1;
/// One more than the largest bucket that fits into a slot.
pub(super) const BUCKETS_MAX: u32 = 1 << FIELD_BITS;

impl Counter {
    /// Forgets all counts and makes room for up to `additions` calls of [`Counter::add`].
    pub(super) fn reset(&mut self, additions: usize) {
        // At most half full, so that a search ends soon; as small as that allows, so that it stays in the nearest cache.
        let size = (additions * 2).next_power_of_two().max(64);
        if self.slots.len() < size {
            self.slots.resize(size, 0);
        }
        if self.buckets.len() <= additions {
            self.buckets.resize(additions + 1, 0);
            self.counts.resize(additions + 1, 0);
            self.repeated.resize(additions + 1, 0);
        }
        self.mask = size - 1;
        self.found = 0;
        self.repeats = 0;
        self.generation += 1;
        if self.generation > GENERATION_MAX {
            self.slots.fill(0);
            self.generation = 1;
        }
    }

    /// Counts one occurrence of `bucket`, which is below [`BUCKETS_MAX`].
    #[inline]
    pub(super) fn add(&mut self, bucket: u32) {
        let wanted = self.generation << FIELD_BITS | u64::from(bucket);
        let mut at = bucket as usize & self.mask;
        loop {
            let slot = self.slots[at];
            if slot >> FIELD_BITS == wanted {
                let position = (slot & FIELD_MASK) as u32;
                let count = &mut self.counts[position as usize];
                *count += 1;
                // Branching on it would be a guess.
                self.repeated[self.repeats] = position;
                self.repeats += usize::from(*count == 2);
                return;
            }
            if slot >> (2 * FIELD_BITS) != self.generation {
                self.slots[at] = wanted << FIELD_BITS | self.found as u64;
                self.buckets[self.found] = bucket;
                self.counts[self.found] = 1;
                self.found += 1;
                return;
            }
            at = (at + 1) & self.mask;
        }
    }

    /// Returns how often `bucket` was counted since the last reset.
    #[inline]
    pub(super) fn count(&self, bucket: u32) -> u32 {
        let wanted = self.generation << FIELD_BITS | u64::from(bucket);
        let mut at = bucket as usize & self.mask;
        loop {
            let slot = self.slots[at];
            if slot >> FIELD_BITS == wanted {
                return self.counts[(slot & FIELD_MASK) as usize];
            }
            if slot >> (2 * FIELD_BITS) != self.generation {
                return 0;
            }
            at = (at + 1) & self.mask;
        }
    }

    /// Returns the buckets counted since the last reset, in the order of their first occurrence.
    pub(super) fn buckets(&self) -> &[u32] {
        &self.buckets[..self.found]
    }

    /// Returns how often each bucket of [`Counter::buckets`] occurred.
    pub(super) fn counts(&self) -> &[u32] {
        &self.counts[..self.found]
    }

    /// Lists the buckets that occurred more than once, with how often they did.
    pub(super) fn repeated(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.repeated[..self.repeats].iter().map(|&at| (self.buckets[at as usize], self.counts[at as usize]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn counts_as_a_map_does(lists in prop::collection::vec(prop::collection::vec(0..200_u32, 0..300), 1..4)) {
            let mut counter = Counter::default();
            for list in lists {
                counter.reset(list.len());
                let mut map = BTreeMap::new();
                for bucket in list {
                    counter.add(bucket);
                    *map.entry(bucket).or_insert(0) += 1;
                }
                let counted = counter.buckets().iter().copied().zip(counter.counts().iter().copied());
                prop_assert_eq!(counter.buckets().len(), map.len());
                prop_assert_eq!(counted.collect::<BTreeMap<_, _>>(), map.clone());
                prop_assert!((0..201).all(|bucket| counter.count(bucket) == map.get(&bucket).copied().unwrap_or(0)));
                map.retain(|_, count| *count > 1);
                prop_assert_eq!(counter.repeated().collect::<BTreeMap<_, _>>(), map);
            }
        }
    }

    #[test]
    fn generations_that_run_out_begin_anew() {
        let mut counter = Counter { generation: GENERATION_MAX - 1, ..Counter::default() };
        for _ in 0..4 {
            counter.reset(2);
            counter.add(BUCKETS_MAX - 1);
            counter.add(BUCKETS_MAX - 1);
            assert_eq!((counter.buckets(), counter.counts()), (&[BUCKETS_MAX - 1][..], &[2][..]));
        }
    }
}

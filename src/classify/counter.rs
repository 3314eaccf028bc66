//! Counting buckets without sorting them.

/// Counts how often each bucket occurs: an open-addressing table whose slots are emptied by a new generation number
/// instead of being written.
///
/// A slot packs generation (24 bits), bucket (20 bits) and position among the entries (20 bits) into one word, so
/// that a look takes one load.
#[derive(Debug, Clone, Default)]
pub(super) struct Counter {
    slots: Vec<u64>,
    mask: usize,
    generation: u64,
    entries: Vec<Entry>,
}

/// A bucket and how often it occurred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// The bucket.
    pub(super) bucket: u32,
    /// How often it occurred, at least once.
    pub(super) count: u32,
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
        self.mask = size - 1;
        self.entries.clear();
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
                let position = usize::try_from(slot & FIELD_MASK).unwrap_or(usize::MAX);
                if let Some(entry) = self.entries.get_mut(position) {
                    entry.count += 1;
                }
                return;
            }
            if slot >> (2 * FIELD_BITS) != self.generation {
                self.slots[at] = wanted << FIELD_BITS | self.entries.len() as u64 & FIELD_MASK;
                self.entries.push(Entry { bucket, count: 1 });
                return;
            }
            at = (at + 1) & self.mask;
        }
    }

    /// Returns the buckets counted since the last reset, in the order of their first occurrence.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
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
                let counted: BTreeMap<_, _> = counter.entries().iter().map(|entry| (entry.bucket, entry.count)).collect();
                prop_assert_eq!(counted.len(), counter.entries().len());
                prop_assert_eq!(counted, map);
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
            assert_eq!(counter.entries(), [Entry { bucket: BUCKETS_MAX - 1, count: 2 }]);
        }
    }
}

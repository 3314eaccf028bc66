//! The weights at work: one word of memory for each bucket, so that a text walks memory once for all attributes.

use super::artifact::Row;

/// Eight signed bytes for each bucket.
///
/// Each byte is kept 128 higher than it is, and so never negative: eight of them are then added up as two words of
/// four 16-bit lanes, without unpacking.
#[derive(Debug, Clone)]
pub(super) struct Table(Vec<u64>);

/// How many rows fit into a lane: 257 times 255 is the most that 16 bits hold.
const LANE_ROWS_MAX: usize = 257;
/// Every second byte of a word.
const LANES: u64 = 0x00ff_00ff_00ff_00ff;
/// What each byte is kept higher by, in every byte.
const OFFSET: u64 = 0x8080_8080_8080_8080;

impl Table {
    pub(super) fn new(rows: &[Row]) -> Self {
        Self(rows.iter().map(|row| u64::from_le_bytes(row.map(|weight| weight.to_le_bytes()[0])) ^ OFFSET).collect())
    }

    /// Returns one bucket's weights; zeros for a bucket that the table does not have.
    #[inline]
    pub(super) fn row(&self, bucket: u32) -> Row {
        (self.word(bucket) ^ OFFSET).to_le_bytes().map(|byte| i8::from_le_bytes([byte]))
    }

    /// Returns one bucket's weights as [`Lanes`] takes them.
    #[inline]
    fn word(&self, bucket: u32) -> u64 {
        self.0.get(bucket as usize).copied().unwrap_or(OFFSET)
    }

    /// Returns the sums of the weights of `buckets`, exactly.
    #[inline]
    pub(super) fn sum(&self, buckets: &[u32]) -> [i32; 8] {
        let mut sums = [0; 8];
        for some in buckets.chunks(LANE_ROWS_MAX) {
            let mut lanes = Lanes::default();
            for &bucket in some {
                lanes.add(self.word(bucket));
            }
            for (sum, more) in sums.iter_mut().zip(lanes.take()) {
                *sum += more;
            }
        }
        sums
    }
}

/// Adds up the weights of up to [`LANE_ROWS_MAX`] buckets.
#[derive(Debug, Default)]
struct Lanes {
    even: u64,
    odd: u64,
    rows: usize,
}

impl Lanes {
    /// Adds one bucket's weights; not to be called when the lanes are full.
    #[inline]
    fn add(&mut self, word: u64) {
        self.even += word & LANES;
        self.odd += word >> 8 & LANES;
        self.rows += 1;
    }

    /// Returns the sums and empties the lanes.
    #[inline]
    fn take(&mut self) -> [i32; 8] {
        let Self { even, odd, rows } = std::mem::take(self);
        let offset = i32::try_from(rows * 128).unwrap_or(i32::MAX);
        let mut sums = [0; 8];
        for (at, sum) in sums.iter_mut().enumerate() {
            let lanes = if at % 2 == 0 { even } else { odd };
            *sum = i32::try_from(lanes >> (at / 2 * 16) & 0xffff).unwrap_or(i32::MAX) - offset;
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sums_are_those_of_the_rows(
            rows in prop::collection::vec(any::<[i8; 8]>(), 1..20),
            picks in prop::collection::vec(any::<prop::sample::Index>(), 0..700),
        ) {
            let table = Table::new(&rows);
            let buckets: Vec<u32> = picks.iter().map(|pick| u32::try_from(pick.index(rows.len())).unwrap()).collect();
            let mut expected = [0; 8];
            for &bucket in &buckets {
                prop_assert_eq!(table.row(bucket), rows[bucket as usize]);
                for (sum, weight) in expected.iter_mut().zip(rows[bucket as usize]) {
                    *sum += i32::from(weight);
                }
            }
            prop_assert_eq!(table.sum(&buckets), expected);
        }
    }

    #[test]
    fn full_lanes_do_not_spill() {
        for weight in [i8::MAX, i8::MIN] {
            let table = Table::new(&[[weight; 8]]);
            for count in [LANE_ROWS_MAX, LANE_ROWS_MAX + 1] {
                let expected = i32::from(weight) * i32::try_from(count).unwrap();
                assert_eq!(table.sum(&vec![0; count]), [expected; 8]);
            }
        }
        assert_eq!(Table::new(&[]).sum(&[5]), [0; 8]);
    }
}

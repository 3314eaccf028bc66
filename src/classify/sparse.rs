//! Sparse rows in linfa's terms.

use super::Error;
use linfa::{Float, dataset::Records};
use sprs::{CsMatI, CsVecViewI};

/// A compressed sparse row matrix of samples by features, with 32-bit column indices.
///
/// linfa's own `Records` covers dense arrays only; with this wrapper its `DatasetBase`, `Fit`, `FitWith` and
/// `PredictInplace` take hashed text features.
#[derive(Debug, Clone, PartialEq)]
pub struct SparseRecords<F>(CsMatI<F, u32, usize>);

impl<F: Float> SparseRecords<F> {
    /// Wraps rows given as offsets, column indices and values: row `i` is `indices[offsets[i]..offsets[i + 1]]`.
    ///
    /// # Errors
    ///
    /// Refuses parts that do not fit together, and rows whose indices do not rise.
    pub fn new(columns: usize, offsets: Vec<usize>, indices: Vec<u32>, values: Vec<F>) -> Result<Self, Error> {
        let rows = offsets.len().saturating_sub(1);
        CsMatI::try_new((rows, columns), offsets, indices, values)
            .map(Self)
            .map_err(|(_, _, _, error)| Error::Rows { what: error.to_string() })
    }

    /// Returns one row's column indices and values, or `None` past the last row.
    pub fn row(&self, row: usize) -> Option<(&[u32], &[F])> {
        let view: CsVecViewI<'_, F, u32> = self.0.outer_view(row)?;
        let (indices, values) = view.into_raw_storage();
        Some((indices, values))
    }

    /// Lists the rows' column indices and values in order.
    pub fn rows(&self) -> impl Iterator<Item = (&[u32], &[F])> {
        (0..self.0.rows()).filter_map(|row| self.row(row))
    }
}

impl<F: Float> Records for SparseRecords<F> {
    type Elem = F;

    fn nsamples(&self) -> usize {
        self.0.rows()
    }

    fn nfeatures(&self) -> usize {
        self.0.cols()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_as_they_went_in() {
        let records = SparseRecords::new(4, vec![0, 2, 2, 3], vec![0, 3, 1], vec![1.0, 2.0, 3.0]).unwrap();
        assert_eq!((records.nsamples(), records.nfeatures()), (3, 4));
        assert_eq!(records.row(0), Some((&[0, 3][..], &[1.0, 2.0][..])));
        assert_eq!(records.rows().count(), 3);
        assert_eq!(records.row(3), None);
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        assert!(SparseRecords::new(4, vec![0, 2], vec![3, 0], vec![1.0, 2.0]).is_err(), "falling indices");
        assert!(SparseRecords::new(4, vec![0, 1], vec![4], vec![1.0]).is_err(), "a column too many");
        assert!(SparseRecords::new(4, vec![0, 2], vec![1], vec![1.0]).is_err(), "an offset past the end");
    }
}

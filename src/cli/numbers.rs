//! Reads whole numbers among arguments, and says which are possible.

use std::{
    fmt::Display,
    ops::{Bound, RangeBounds},
    str::FromStr,
};

/// Returns a reader of whole numbers within bounds.
pub(crate) fn whole<T>(bounds: impl RangeBounds<T> + Clone) -> impl Fn(&str) -> Result<T, String> + Clone
where
    T: FromStr + PartialOrd + Display,
{
    move |text| {
        let read = text.trim().parse().ok().filter(|number| bounds.contains(number));
        read.ok_or_else(|| match (bounds.start_bound(), bounds.end_bound()) {
            (Bound::Included(least), Bound::Included(most)) => format!("must be a whole number from {least} to {most}"),
            (Bound::Included(least), _) => format!("must be a whole number, at least {least}"),
            _ => "must be a whole number".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_told_which_are() {
        assert_eq!(whole(1..=24)("24"), Ok(24));
        for wrong in ["0", "25", "x", "", "1.5", "99999999999999999999"] {
            assert_eq!(whole(1..=24)(wrong), Err("must be a whole number from 1 to 24".to_owned()));
        }
        assert_eq!(whole::<u64>(1..)("0"), Err("must be a whole number, at least 1".to_owned()));
        assert_eq!(whole::<u64>(..)("-1"), Err("must be a whole number".to_owned()));
    }
}

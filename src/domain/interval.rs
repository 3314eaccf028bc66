//! How sure a counted share is.

/// The standard normal's 97.5 % point: intervals are of 95 %.
const Z: f64 = 1.959_963_984_540_054;

/// Returns Wilson's 95 % interval (Wilson, 1927), its lower and its upper end in [0, 1], of a share in [0, 1] that was
/// counted among `n` rows, more than 0; `n` need not be whole where rows weigh differently.
pub fn wilson(share: f64, n: f64) -> (f64, f64) {
    let denominator = 1.0 + Z * Z / n;
    let centre = (share + Z * Z / (2.0 * n)) / denominator;
    let half = Z / denominator * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_ten_is_as_worked_by_hand() {
        // Centre (0.1 + 3.8415/20) / 1.38415 = 0.21101, half 1.95996/1.38415 * sqrt(0.009 + 0.0096037) = 0.19314.
        let (low, high) = wilson(0.1, 10.0);
        assert!((low - 0.01787).abs() < 1e-4 && (high - 0.40415).abs() < 1e-4, "{low} {high}");
    }

    #[test]
    fn ends_stay_within_what_a_share_can_be() {
        assert_eq!((wilson(0.0, 3.0).0, wilson(1.0, 3.0).1), (0.0, 1.0));
    }
}

//! Finds the scale that a site's old thresholds know: from Ombud's scores to the scores that another service gave the same texts.
//!
//! Quantiles are matched: of a site's comments, as many score at least t on the new scale as scored at least t on the old one, for
//! every t. So a threshold holds as many comments as before, which a regression wouldn't keep: it draws scores to the middle.

use crate::policy::perspective::Scale;

/// Pairs that it takes at least.
pub const PAIRS_MIN: usize = 200;
/// The shares of comments between which the curve is straight, finer at the top, where thresholds are.
const QUANTILES: [f64; 24] = [
    0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.88, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98,
    0.985, 0.99, 0.995, 1.0,
];
/// Thresholds at which the scale is judged: those that sites have.
pub const THRESHOLDS: [f32; 4] = [0.5, 0.7, 0.8, 0.9];

/// A text's score by Ombud and by the other service, both in [0, 1].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Ombud's.
    pub own: f32,
    /// The other's.
    pub logged: f32,
}

/// What a threshold catches, as shares of all comments, in [0, 1].
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct AtThreshold {
    /// The threshold.
    pub threshold: f32,
    /// What it caught.
    pub logged: f64,
    /// What it would catch of Ombud's own scores.
    pub own: f64,
    /// What it would catch on the scale.
    pub scaled: f64,
    /// Comments that fall on the same side of it as they did, by Ombud's own scores.
    pub same_side_own: f64,
    /// Comments that fall on the same side of it as they did, on the scale.
    pub same_side_scaled: f64,
}

/// A scale with what it does at thresholds.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// The scale, of all pairs.
    pub scale: Scale,
    /// What half of the pairs say of a scale that the other half gave.
    pub judged: Vec<AtThreshold>,
}

/// Fits a scale to pairs in the order of their time; `None` where they are too few, or where one of the scores never moves.
pub fn fit(pairs: &[Pair]) -> Option<Fitted> {
    if pairs.len() < PAIRS_MIN {
        return None;
    }
    // Neighbours may be of one discussion; taking turns leaves both halves the same mixture.
    let half = |odd: usize| pairs.iter().skip(odd).step_by(2).copied().collect::<Vec<_>>();
    let (learned, judging) = (half(0), half(1));
    let judge = match_quantiles(&learned)?;
    Some(Fitted {
        scale: match_quantiles(pairs)?,
        judged: THRESHOLDS.iter().map(|threshold| at(*threshold, &judge, &judging)).collect(),
    })
}

fn match_quantiles(pairs: &[Pair]) -> Option<Scale> {
    let sorted = |of: fn(&Pair) -> f32| {
        let mut scores: Vec<f32> = pairs.iter().map(of).collect();
        scores.sort_by(f32::total_cmp);
        scores
    };
    let (own, logged) = (sorted(|pair| pair.own), sorted(|pair| pair.logged));
    let mut knots: Vec<[f32; 2]> = Vec::new();
    for quantile in QUANTILES {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list")]
        let place = (quantile * (pairs.len() - 1) as f64).round() as usize;
        let knot = [own[place], logged[place]];
        match knots.last_mut() {
            // Of several heights over one place the highest counts, so that no comment is let through that was caught.
            Some(last) if last[0] >= knot[0] => last[1] = knot[1],
            _ => knots.push(knot),
        }
    }
    Scale::new(knots).ok()
}

fn at(threshold: f32, scale: &Scale, pairs: &[Pair]) -> AtThreshold {
    let share =
        |is: &dyn Fn(&Pair) -> bool| pairs.iter().filter(|pair| is(pair)).count() as f64 / pairs.len().max(1) as f64;
    let scaled =
        |pair: &Pair| crate::domain::Score::new(pair.own).is_some_and(|own| scale.apply(own).get() >= threshold);
    let own = |pair: &Pair| pair.own >= threshold;
    let logged = |pair: &Pair| pair.logged >= threshold;
    AtThreshold {
        threshold,
        logged: share(&logged),
        own: share(&own),
        scaled: share(&scaled),
        same_side_own: share(&|pair| own(pair) == logged(pair)),
        same_side_scaled: share(&|pair| scaled(pair) == logged(pair)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Score;

    fn pairs(count: usize, logged: impl Fn(f32) -> f32) -> Vec<Pair> {
        let own = |at: usize| (at * 7919 % count) as f32 / count as f32;
        (0..count).map(|at| Pair { own: own(at), logged: logged(own(at)) }).collect()
    }

    #[test]
    fn a_bent_scale_is_found_again_and_thresholds_catch_what_they_caught() {
        let bent = |own: f32| own.sqrt();
        let fitted = fit(&pairs(4000, bent)).unwrap();
        for own in [0.05_f32, 0.3, 0.5, 0.77, 0.95] {
            let told = fitted.scale.apply(Score::new(own).unwrap()).get();
            assert!((told - bent(own)).abs() < 0.03, "{own}: {told}");
        }
        for one in &fitted.judged {
            assert!((one.scaled - one.logged).abs() < 0.02 && one.same_side_scaled > 0.97, "{one:?}");
            assert!((one.own - one.logged).abs() > 0.05, "{one:?}");
        }
    }

    #[test]
    fn shares_are_kept_also_where_the_two_services_differ_on_single_comments() {
        let mut noisy = pairs(4000, |own| own);
        for (at, pair) in noisy.iter_mut().enumerate() {
            pair.logged = (pair.logged * 0.7 + (at * 31 % 100) as f32 * 0.003).clamp(0.0, 1.0);
        }
        for one in fit(&noisy).unwrap().judged {
            assert!((one.scaled - one.logged).abs() < 0.02, "{one:?}");
        }
    }

    #[test]
    fn too_few_and_what_never_moves_give_none() {
        assert_eq!(fit(&pairs(PAIRS_MIN - 1, |own| own)), None);
        assert_eq!(fit(&vec![Pair { own: 0.5, logged: 0.5 }; 1000]), None);
        assert!(fit(&pairs(PAIRS_MIN, |_| 0.5)).is_some(), "a service that always says the same is a level scale");
    }
}

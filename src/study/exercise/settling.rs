//! Whether a positive quantity has come to rest.

use serde::Serialize;

/// What counts as a change: a tenth.
const TENTH: f64 = 1.1;

/// The fewest rows that anything is said of.
const FEWEST: usize = 5;

/// What a positive quantity did at the end of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Course {
    /// It stayed where it was, within a tenth: it has converged.
    Settled,
    /// It went up and down, by more than a tenth, and more so than into any direction.
    Wandering,
    /// It went into one direction, by more than a tenth and by more than twice its scatter about that.
    Drifting,
}

/// The end of a curve, looked at for rest.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Settling {
    /// Where the last fifth begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// The geometric mean over it.
    pub level: f64,
    /// By which factor the quantity changed over it, along the line of least squares through its logarithms.
    pub factor: f64,
    /// The standard deviation of its logarithms about that line.
    pub spread: f64,
    /// What that amounts to.
    pub course: Course,
}

/// Looks at the last fifth of a curve of points `(x, y)`, `y > 0`, in the order of x; `None` where there are fewer than
/// five points in it, or one is not positive.
///
/// The line of least squares through `(x, ln y)` rises by `d` from its first to its last point, and the logarithms have
/// the standard deviation `s` about it, with n − 2 degrees of freedom. The quantity is
///
/// - drifting if `|d| > ln 1.1` and `|d| > 2 s`,
/// - else wandering if `|d| > ln 1.1` or `s > ln 1.1`,
/// - else settled.
///
/// Rows that follow each other are alike, so that no test of significance would hold for a slope through them; this is
/// a statement about sizes.
///
/// ```
/// use softac::study::exercise::{Course, settling};
/// let falling: Vec<_> = (0..50).map(|x| (f64::from(x), 0.5_f64.powi(x))).collect();
/// let found = settling(&falling).ok_or("too few points")?;
/// assert_eq!((found.from, found.to, found.course), (40.0, 49.0, Course::Drifting));
/// assert!((found.factor - 0.5_f64.powi(9)).abs() < 1e-12);
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn settling(curve: &[(f64, f64)]) -> Option<Settling> {
    let last = &curve[curve.len() - curve.len() / 5..];
    if last.len() < FEWEST
        || last.iter().any(|&(x, y)| !(y > 0.0 && y.is_finite() && x.is_finite()))
    {
        return None;
    }
    let (from, to) = (last[0].0, last[last.len() - 1].0);
    let n = last.len() as f64;
    let logs = || last.iter().map(|&(x, y)| (x, y.ln()));
    let (mean_x, mean) = logs().fold((0.0, 0.0), |(a, b), (x, y)| (a + x / n, b + y / n));
    let (xx, xy) = logs().fold((0.0, 0.0), |(xx, xy), (x, y)| {
        (xx + (x - mean_x).powi(2), xy + (x - mean_x) * (y - mean))
    });
    // Where all points are at one place there is no direction.
    let slope = if xx > 0.0 { xy / xx } else { 0.0 };
    let residual = |(x, y)| y - mean - slope * (x - mean_x);
    let squares: f64 = logs().map(|point| f64::powi(residual(point), 2)).sum();
    let (drift, spread) = (slope * (to - from), (squares / (n - 2.0)).sqrt());
    let tenth = TENTH.ln();
    let course = if drift.abs() > tenth && drift.abs() > 2.0 * spread {
        Course::Drifting
    } else if drift.abs() > tenth || spread > tenth {
        Course::Wandering
    } else {
        Course::Settled
    };
    Some(Settling { from, to, level: mean.exp(), factor: drift.exp(), spread, course })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, fill_normal, stream};

    /// `exp` of a course with noise whose successive values are correlated, at 1, 2, …, 500.
    fn curve(
        seed: u64,
        course: impl Fn(f64) -> f64,
        sigma: f64,
        correlation: f64,
    ) -> Vec<(f64, f64)> {
        let mut xi = vec![0.0; 500];
        fill_normal::<f64>(&mut xi, &mut stream(seed, Purpose::Policy));
        let mut state = 0.0;
        let point = |(i, xi): (usize, f64)| {
            state = correlation * state + (1.0 - correlation * correlation).sqrt() * xi;
            let x = (i + 1) as f64;
            (x, (course(x) + sigma * state).exp())
        };
        xi.into_iter().enumerate().map(point).collect()
    }

    fn course(curve: &[(f64, f64)]) -> Course {
        settling(curve).unwrap().course
    }

    #[test]
    fn the_numbers_are_those_of_numpy() {
        // y = np.exp([0.1, -0.2, 0.4, 0.3, 0.5, 0.2]); x = np.arange(24, 30)
        // b, a = np.polyfit(x, np.log(y), 1); r = np.log(y) - a - b * x
        // np.exp([np.log(y).mean(), 5 * b]), np.sqrt((r ** 2).sum() / 4)
        let last = [0.1_f64, -0.2, 0.4, 0.3, 0.5, 0.2];
        let curve: Vec<_> = (0..30)
            .map(|i: i32| (f64::from(i), if i < 24 { 9.0 } else { last[i as usize - 24].exp() }))
            .collect();
        let found = settling(&curve).unwrap();
        assert_eq!((found.from, found.to), (24.0, 29.0));
        let numpy = [1.2419300564485, 1.4292400324179768, 0.23401261667248793];
        for (found, numpy) in [found.level, found.factor, found.spread].into_iter().zip(numpy) {
            assert!((found / numpy - 1.0).abs() < 1e-12, "{found}, {numpy}");
        }
    }

    #[test]
    fn what_decays_to_a_level_has_settled_and_what_goes_on_falling_has_not() {
        for seed in 0..100 {
            let decayed = curve(seed, |x| -2.0 + 3.0 * (-x / 60.0).exp(), 0.03, 0.5);
            assert_eq!(course(&decayed), Course::Settled, "seed {seed}");
            let falling = curve(seed, |x| -x / 200.0, 0.03, 0.5);
            assert_eq!(course(&falling), Course::Drifting, "seed {seed}");
        }
    }

    #[test]
    fn what_goes_up_and_down_wanders() {
        for seed in 0..100 {
            let found = course(&curve(seed, |_| -3.0, 0.4, 0.3));
            assert_eq!(found, Course::Wandering, "seed {seed}");
        }
        let slow = curve(0, |x| (x / 8.0).sin(), 0.0, 0.0);
        assert_eq!(course(&slow), Course::Wandering);
    }

    #[test]
    fn the_unit_does_not_matter() {
        let falling = curve(1, |x| -x / 100.0, 0.2, 0.5);
        let scaled: Vec<_> = falling.iter().map(|&(x, y)| (1e3 * x, 1e-4 * y)).collect();
        let (a, b) = (settling(&falling).unwrap(), settling(&scaled).unwrap());
        assert!((a.factor / b.factor - 1.0).abs() < 1e-10 && (a.spread - b.spread).abs() < 1e-10);
        assert!((b.level / a.level / 1e-4 - 1.0).abs() < 1e-10);
    }

    #[test]
    fn of_too_few_points_or_none_that_has_a_logarithm_nothing_is_said() {
        let constant = |n: usize, y| (0..n).map(|i| (i as f64, y)).collect::<Vec<_>>();
        assert_eq!(settling(&constant(24, 1.0)), None);
        assert_eq!(settling(&[]), None);
        for y in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(settling(&constant(100, y)), None);
        }
        assert_eq!(course(&constant(25, 1e-300)), Course::Settled);
    }
}

//! When a curve begins to fall.

use serde::Serialize;

/// How many times the noise a curve has to lie below its top.
const NOISES: f64 = 5.0;

/// With fewer rows before half of the fall, the noise is that of all rows.
const ENOUGH: usize = 10;

/// Where a curve begins to fall.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Onset {
    /// The last place where it had not yet fallen; none if it had at the first place already.
    pub after: Option<f64>,
    /// The first place from which on it stays below.
    pub at: f64,
    /// Its value there.
    pub value: f64,
    /// The top from which it falls.
    pub top: f64,
    /// The noise of a row at the top, a standard deviation.
    pub noise: f64,
}

/// Where a curve, given as points `(x, y)` in the order of x, begins to fall for good; `None` if it does not, or only
/// after most of its last fifth, or if there are fewer than five points.
///
/// With `g` the running median of three of y, which no single outlier moves,
///
/// - the top is `P = max g`,
/// - half of the fall is done at the first `g < (P + B) / 2`, where `B` is the mean of the last fifth of y,
/// - the noise `s` is that of the rows before ([`noise`]), or of all rows where these are fewer than ten,
/// - the fall begins at the first place from which on `g < P − 5 s` to the end; and `B` must lie below that, too.
///
/// Five, because of a few rows the noise is known roughly, and `P`, the highest of them, lies one or two `s` above
/// the level that they scatter about.
///
/// ```
/// use softac::study::exercise::onset;
/// let curve: Vec<_> = (0..20).map(|x| (f64::from(x), f64::from((8 - x).min(0)))).collect();
/// let found = onset(&curve).ok_or("it falls")?;
/// assert_eq!((found.after, found.at, found.top), (Some(8.0), 9.0, 0.0));
/// # Ok::<(), &str>(())
/// ```
// ANCHOR: onset
#[must_use]
pub fn onset(curve: &[(f64, f64)]) -> Option<Onset> {
    let y: Vec<_> = curve.iter().map(|&(_, y)| y).collect();
    if y.len() < 5 {
        return None;
    }
    let g = running_median(&y);
    let top = g.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let last = &y[y.len() - y.len() / 5..];
    let bottom = last.iter().sum::<f64>() / last.len() as f64;
    let half = g.iter().position(|&g| g < 0.5 * (top + bottom))?;
    let noise = noise(if half < ENOUGH { &y } else { &y[..half] });
    let level = top - NOISES * noise;
    if bottom >= level {
        return None;
    }
    let first = g.iter().rposition(|&g| g >= level).map_or(0, |i| i + 1);
    let &(at, value) = curve.get(first)?;
    let after = first.checked_sub(1).map(|i| curve[i].0);
    Some(Onset { after, at, value, top, noise })
}
// ANCHOR_END: onset

/// The standard deviation of a row about the smooth course of a curve, from at least three rows.
///
/// What a row differs by from the mean of its neighbours, `eᵢ = ½ yᵢ₋₁ − yᵢ + ½ yᵢ₊₁`, holds nothing of a level or of a
/// steady slope; of independent noise with standard deviation `σ` it has `σ √(3/2)` (Gasser, Sroka and
/// Jennen-Steinmetz, "Residual Variance and Residual Pattern in Nonlinear Regression", 1986). The median of `|e|` is
/// taken, so that a few bends do not count, and 1.4826 makes of it the standard deviation of a normal distribution.
#[must_use]
pub fn noise(y: &[f64]) -> f64 {
    let departures = y.windows(3).map(|y| (0.5 * y[0] - y[1] + 0.5 * y[2]).abs());
    1.4826 * median(departures.collect()) / 1.5_f64.sqrt()
}

/// The median of each value and its neighbours; the first and the last stay as they are.
fn running_median(y: &[f64]) -> Vec<f64> {
    let mut g = y.to_vec();
    for (g, y) in g[1..].iter_mut().zip(y.windows(3)) {
        *g = median(y.to_vec());
    }
    g
}

/// The middle value, of an even number the mean of the middle two; NaN of none.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    match n {
        0 => f64::NAN,
        _ if n % 2 == 1 => values[n / 2],
        _ => 0.5 * (values[n / 2 - 1] + values[n / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, fill_normal, stream};

    /// A curve at 100, 200, …, with normal noise.
    fn noisy(n: usize, seed: u64, sigma: f64, y: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
        let mut xi = vec![0.0; n];
        fill_normal::<f64>(&mut xi, &mut stream(seed, Purpose::Policy));
        let point = |(i, xi)| {
            let x = 100.0 * (i + 1) as f64;
            (x, y(x) + sigma * xi)
        };
        xi.into_iter().enumerate().map(point).collect()
    }

    /// A plateau at 0.6 up to 1,500, then an exponential fall to −1.
    fn falling(x: f64) -> f64 {
        if x <= 1_500.0 { 0.6 } else { -1.0 + 1.6 * (-(x - 1_500.0) / 1_000.0).exp() }
    }

    #[test]
    fn a_fall_without_noise_begins_at_the_first_row_below() {
        let found = onset(&noisy(200, 0, 0.0, falling)).unwrap();
        assert_eq!((found.after, found.at, found.top), (Some(1_500.0), 1_600.0, 0.6));
        // The first row that is lower may be the first of all.
        let found = onset(&noisy(50, 0, 0.0, |x| -x)).unwrap();
        assert_eq!((found.after, found.at), (Some(100.0), 200.0));
    }

    #[test]
    fn noise_delays_the_onset_by_no_more_than_it_hides() {
        for seed in 0..200 {
            let sigma = 0.02;
            let found = onset(&noisy(200, seed, sigma, falling)).unwrap();
            // The noise of fifteen rows is known to about a third: the last rows of a plateau may be taken for the
            // beginning of the fall, and 0.2 below it nobody can miss that.
            let seen = 1_500.0 - 1_000.0 * (1.0_f64 - 0.2 / 1.6).ln() + 100.0;
            assert!((1_400.0..=seen).contains(&found.at), "seed {seed}: {found:?}");
            assert!(found.after == Some(found.at - 100.0) && found.noise < 3.0 * sigma);
        }
    }

    #[test]
    fn a_rise_before_the_fall_and_a_single_outlier_do_not_count() {
        let curve = |x: f64| falling(x) - if x < 700.0 { (700.0 - x) / 1_000.0 } else { 0.0 };
        let mut rows = noisy(200, 1, 0.0, curve);
        rows[120].1 = 2.0;
        assert_eq!(onset(&rows).unwrap().at, 1_600.0);
    }

    #[test]
    fn a_level_a_rise_and_a_fall_that_is_taken_back_have_no_onset() {
        for seed in 0..200 {
            assert_eq!(onset(&noisy(300, seed, 0.1, |_| 0.6)), None, "seed {seed}");
        }
        assert_eq!(onset(&noisy(100, 0, 0.01, |x| x / 1_000.0)), None);
        let back = |x: f64| if (2_000.0..8_000.0).contains(&x) { -1.0 } else { 0.6 };
        assert_eq!(onset(&noisy(100, 0, 0.01, back)), None);
        assert_eq!(onset(&[(0.0, 1.0); 30]), None);
        assert_eq!(onset(&[(0.0, 1.0), (1.0, 0.0), (2.0, -1.0), (3.0, -2.0)]), None);
    }

    #[test]
    fn the_noise_is_that_of_the_rows_whatever_the_slope() {
        for (seed, slope) in [(1, 0.0), (2, 1.0), (3, -20.0)] {
            let y: Vec<_> = noisy(20_000, seed, 0.05, |x| slope * x).iter().map(|p| p.1).collect();
            assert!((noise(&y) / 0.05 - 1.0).abs() < 0.05, "{}", noise(&y));
        }
    }
}

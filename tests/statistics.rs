//! The statistics are those of rliable, the library of the paper's authors, on the same scores:
//! `scripts/make_statistics_fixtures.py` has written down what it makes of them.

use approx::assert_relative_eq;
use serde::Deserialize;
use softac::statistics::{Bootstrap, Scores, probability_of_improvement, profile, profile_band};

#[derive(Deserialize)]
struct Fixture {
    resamples: usize,
    improvement_resamples: usize,
    profile_resamples: usize,
    gamma: f64,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    x: Vec<Vec<f64>>,
    y: Vec<Vec<f64>>,
    taus: Vec<f64>,
    aggregates_x: Estimates,
    aggregates_y: Estimates,
    improvement: Estimates,
    profile_x: Estimates,
    profile_y: Estimates,
}

#[derive(Deserialize)]
struct Estimates {
    values: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
}

impl Case {
    fn scores(&self) -> [Scores; 2] {
        [&self.x, &self.y].map(|tasks| Scores::new(tasks.clone()).unwrap())
    }
}

fn fixture() -> Fixture {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/statistics.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn aggregates(scores: &Scores, gamma: f64) -> [f64; 4] {
    [scores.iqm(), scores.mean(), scores.median(), scores.optimality_gap(gamma)]
}

/// How far the shares below two estimates of the 2.5 % quantile may be apart.
///
/// Below an estimate from `R` resamples lies a share with the standard deviation `√(p (1 − p) / R)`: it is the
/// share of `R` independent draws that fall below the quantile. Two independent estimates, from `R` and `S`
/// resamples, differ by `√(p (1 − p) (1/R + 1/S))`; five times that is passed once in 1.7 million.
fn bound(resamples: [f64; 2]) -> f64 {
    5.0 * (0.025 * 0.975 * resamples.map(f64::recip).iter().sum::<f64>()).sqrt()
}

/// Whether each end lies between the two places of ours where the quantile can be, by that bound.
fn agree(theirs: (f64, f64), narrow: (f64, f64), wide: (f64, f64)) -> bool {
    let slack = 1e-12 * (1.0 + theirs.0.abs().max(theirs.1.abs()));
    let within = |x: f64, low: f64, high: f64| low - slack <= x && x <= high + slack;
    within(theirs.0, wide.0, narrow.0) && within(theirs.1, narrow.1, wide.1)
}

/// Intervals that hold a little less, and a little more, than 95 %.
fn around(delta: f64) -> [f64; 2] {
    [-2.0, 2.0].map(|sign| 0.95 + sign * delta)
}

#[test]
fn point_estimates_are_those_of_rliable() {
    let fixture = fixture();
    assert!(fixture.cases.len() >= 4);
    for case in &fixture.cases {
        let [x, y] = case.scores();
        for (scores, expected) in [(&x, &case.aggregates_x), (&y, &case.aggregates_y)] {
            for (found, expected) in aggregates(scores, fixture.gamma).iter().zip(&expected.values)
            {
                assert_relative_eq!(*found, *expected, max_relative = 1e-12, epsilon = 1e-12);
            }
        }
    }
}

#[test]
fn improvements_and_profiles_are_exactly_those_of_rliable() {
    for case in fixture().cases {
        let [x, y] = case.scores();
        let found = probability_of_improvement(&x, &y).unwrap();
        assert_eq!([found], *case.improvement.values, "{}", case.name);
        for (scores, expected) in [(&x, &case.profile_x), (&y, &case.profile_y)] {
            let found: Vec<_> = case.taus.iter().map(|&tau| profile(scores, tau)).collect();
            assert_eq!(found, expected.values, "{}", case.name);
        }
    }
}

#[test]
fn intervals_are_those_of_rliable_within_the_error_of_both_bootstraps() {
    let fixture = fixture();
    let gamma = fixture.gamma;
    for case in &fixture.cases {
        let [x, y] = case.scores();
        let resamples = 50_000;
        let delta = bound([resamples as f64, fixture.resamples as f64]);
        let bootstraps =
            around(delta).map(|confidence| Bootstrap { resamples, seed: 1, confidence });
        for (scores, theirs) in [(&x, &case.aggregates_x), (&y, &case.aggregates_y)] {
            let [narrow, wide] = bootstraps
                .map(|b| b.intervals([scores], |[scores]| aggregates(scores, gamma)).unwrap());
            for (i, (narrow, wide)) in narrow.into_iter().zip(wide).enumerate() {
                let theirs = (theirs.low[i], theirs.high[i]);
                let what = format!("{}, {i}: {theirs:?}, {narrow:?}, {wide:?}", case.name);
                assert!(agree(theirs, narrow, wide), "{what}");
            }
        }
        let delta = bound([resamples as f64, fixture.improvement_resamples as f64]);
        let [narrow, wide] = around(delta).map(|confidence| {
            let bootstrap = Bootstrap { resamples, seed: 1, confidence };
            let improvement = |[x, y]: &[Scores; 2]| [probability_of_improvement(x, y).unwrap()];
            bootstrap.intervals([&x, &y], improvement).unwrap()[0]
        });
        let theirs = (case.improvement.low[0], case.improvement.high[0]);
        assert!(agree(theirs, narrow, wide), "{}: {theirs:?}, {narrow:?}, {wide:?}", case.name);
    }
}

#[test]
fn bands_of_profiles_are_those_of_rliable_within_the_error_of_its_bootstrap() {
    let fixture = fixture();
    // Ours is exact.
    let delta = bound([f64::INFINITY, fixture.profile_resamples as f64]);
    for case in &fixture.cases {
        let [x, y] = case.scores();
        for (scores, theirs) in [(&x, &case.profile_x), (&y, &case.profile_y)] {
            for (i, &tau) in case.taus.iter().enumerate() {
                let [narrow, wide] = around(delta).map(|c| profile_band(scores, tau, c).unwrap());
                let theirs = (theirs.low[i], theirs.high[i]);
                let what = format!("{}, above {tau}: {theirs:?}, {narrow:?}", case.name);
                assert!(agree(theirs, narrow, wide), "{what}");
            }
        }
    }
}

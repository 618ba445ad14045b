//! Two ways to differentiate a mean over samples, and how much they scatter.

use ndarray::Array2;
use softac::random::{Purpose, fill_normal, stream};
use softac::tape::{Tape, TapeError, Var};

use crate::chart::{Axis, Chart, Picture, samples};
use crate::figure::{Control, Figure, Readout, fixed};

const MU: [f64; 3] = [-1.5, 1.5, 0.01];
const SIGMA: [f64; 3] = [0.05, 1.0, 0.01];
/// Samples that the variances are of, and of which so many are drawn.
const SAMPLES: usize = 1000;
const SHOWN: usize = 40;

/// What is differentiated.
#[derive(Clone, Copy, PartialEq)]
enum Target {
    Square,
    Step,
}

const TARGETS: [(&str, Target); 2] =
    [("u²", Target::Square), ("tanh 10u, nearly a jump", Target::Step)];

impl Target {
    fn on_tape(self, u: Var<'_, f64>) -> Var<'_, f64> {
        match self {
            Self::Square => u.square(),
            Self::Step => (u * 10.0).tanh(),
        }
    }

    fn values(self, u: &[f64]) -> Vec<f64> {
        let tape = Tape::new();
        let mut values = vec![0.0; u.len()];
        self.on_tape(tape.params(u)).read_into(&mut values).expect("one row");
        values
    }
}

/// A Gaussian over u, a function of u, and noise that stays what it is.
pub struct Reparameterisation {
    mu: f64,
    sigma: f64,
    target: usize,
    /// How often noise was drawn.
    drawn: u64,
}

impl Default for Reparameterisation {
    fn default() -> Self {
        Self { mu: 1.0, sigma: 0.5, target: 0, drawn: 0 }
    }
}

/// One estimate of the slope for each sample.
struct Estimates {
    score: Vec<f64>,
    with_baseline: Vec<f64>,
    reparameterised: Vec<f64>,
}

impl Reparameterisation {
    fn target(&self) -> Target {
        TARGETS[self.target].1
    }

    /// ξ, `[SAMPLES, 1]`
    fn xi(&self) -> Array2<f64> {
        let mut xi = Array2::zeros((SAMPLES, 1));
        let mut stream = stream(self.drawn, Purpose::Policy);
        fill_normal(xi.as_slice_mut().unwrap_or_default(), &mut stream);
        xi
    }

    /// The slopes in μ, sample by sample, all by the tape. Every sample has a μ of its own there, so that the gradient
    /// of the sum is what each of them has to say.
    fn estimates(&self) -> Result<Estimates, TapeError> {
        let (xi, mu) = (self.xi(), Array2::from_elem((SAMPLES, 1), self.mu));
        let tape = Tape::new();
        let (xi, mu) = (tape.constant(&xi), tape.leaf(&mu)); // [N, 1] each
        let slopes = |loss: Var<'_, f64>| -> Result<Vec<f64>, TapeError> {
            Ok(loss.sum().backward()?.wrt(mu).iter().copied().collect())
        };
        let u = mu + xi * self.sigma;
        // The score function asks how likely the sample is, and takes it as given.
        let f = self.target().on_tape(u).detach();
        let log_density = ((u.detach() - mu) * (1.0 / self.sigma)).square() * -0.5;
        let baseline = self.target().values(&[self.mu])[0];
        Ok(Estimates {
            score: slopes(f * log_density)?,
            with_baseline: slopes((f + (-baseline)) * log_density)?,
            reparameterised: slopes(self.target().on_tape(u))?,
        })
    }

    /// `∂/∂μ E[f(u)]`, by quadrature over the noise.
    fn exact(&self) -> f64 {
        let z = samples([-9.0, 9.0], 4001);
        let step = z[1] - z[0];
        let u: Vec<_> = z.iter().map(|z| self.mu + self.sigma * z).collect();
        let heights = self.target().values(&u);
        let normal =
            |z: f64| softac::elementary::exp(-0.5 * z * z) / (2.0 * std::f64::consts::PI).sqrt();
        let terms = z.iter().zip(heights).map(|(&z, f)| normal(z) * f * z);
        step / self.sigma * terms.sum::<f64>()
    }

    fn function_chart(&self, xi: &Array2<f64>) -> Chart {
        let (low, high) = if self.target() == Target::Square { (-0.4, 4.0) } else { (-1.4, 1.4) };
        let mut chart = Chart::new(
            [0.0, 0.0, 420.0, 190.0],
            Axis::new("u", [-2.0, 2.0]),
            Axis::new("f(u)", [low, high]),
        );
        let all = samples([-2.0, 2.0], 401);
        let bell = |u: f64| {
            let z = (u - self.mu) / self.sigma;
            low + 0.3 * (high - low) * softac::elementary::exp(-0.5 * z * z)
        };
        chart.band("first", all.iter().map(|&u| (u, low, bell(u))));
        chart.line("thin", all.iter().copied().zip(self.target().values(&all)));
        let u: Vec<_> = xi.iter().take(SHOWN).map(|xi| self.mu + self.sigma * xi).collect();
        chart.points("second", u.iter().copied().zip(self.target().values(&u)));
        chart.handle((self.mu, low + 0.15 * (high - low)), Some(("mu", [MU[0], MU[1]])), None);
        chart
    }

    fn estimates_chart(&self, estimates: &Estimates, exact: f64) -> Chart {
        let Estimates { score, with_baseline, reparameterised } = estimates;
        let rows = [
            ("score function", score),
            ("less a baseline", with_baseline),
            ("reparameterised", reparameterised),
        ];
        let reach = rows.map(|(_, slopes)| variance(slopes)).into_iter().fold(1e-4, f64::max);
        let reach = 2.5 * reach.sqrt();
        let x = Axis::new("estimates of ∂L/∂μ, one sample each", [exact - reach, exact + reach]);
        let mut chart = Chart::new([0.0, 196.0, 420.0, 176.0], x, Axis::unmarked("", [0.0, 3.0]));
        chart.rule_x("", exact, "");
        for (i, (name, slopes)) in rows.into_iter().enumerate() {
            let height = 2.0 - i as f64;
            // Beside each other in a fixed order, that one does not hide another.
            let places = slopes.iter().take(4 * SHOWN).enumerate();
            let points =
                places.map(|(i, &slope)| (slope, height + 0.15 + 0.045 * ((i * 7) % 11) as f64));
            chart.points("second faint", points);
            chart.words("small", (exact - 0.98 * reach, height + 0.8), name);
        }
        chart
    }
}

fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len() as f64
}

/// The unbiased one, over n − 1.
fn variance(x: &[f64]) -> f64 {
    let mean = mean(x);
    x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (x.len() - 1) as f64
}

impl Figure for Reparameterisation {
    fn controls(&self) -> Vec<Control> {
        vec![
            Control::slider("mu", "mean μ", MU, self.mu, fixed(self.mu, 2)),
            Control::slider(
                "sigma",
                "standard deviation σ",
                SIGMA,
                self.sigma,
                fixed(self.sigma, 2),
            ),
            Control::choice("target", "f(u)", &TARGETS.map(|(name, _)| name), self.target),
            Control::button("draw", "Other noise"),
        ]
    }

    fn set(&mut self, control: &str, value: f64) {
        match control {
            "mu" => self.mu = value,
            "sigma" => self.sigma = value,
            "target" => self.target = value as usize,
            _ => self.drawn += 1,
        }
    }

    fn readouts(&self) -> Vec<Readout> {
        let Ok(Estimates { score, with_baseline, reparameterised }) = self.estimates() else {
            return Vec::new();
        };
        vec![
            Readout::number("exact", "∂L/∂μ, by quadrature", self.exact(), 4),
            Readout::number("score_mean", "score function, mean of 1,000", mean(&score), 4),
            Readout::number("mean", "reparameterised, mean of 1,000", mean(&reparameterised), 4),
            Readout::number("score_variance", "variance: score function", variance(&score), 3),
            Readout::number(
                "baseline_variance",
                "variance: less a baseline f(μ)",
                variance(&with_baseline),
                3,
            ),
            Readout::number("variance", "variance: reparameterised", variance(&reparameterised), 3),
        ]
    }

    fn picture(&self) -> String {
        let Ok(estimates) = self.estimates() else { return String::new() };
        let about = format!(
            "Samples of u around {} with standard deviation {} on the curve of {}, and what each says about the slope in three ways.",
            fixed(self.mu, 2),
            fixed(self.sigma, 2),
            TARGETS[self.target].0
        );
        Picture::new([420.0, 374.0], &about)
            .with(self.function_chart(&self.xi()))
            .with(self.estimates_chart(&estimates, self.exact()))
            .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variances_are_those_of_the_chapters_formulas() {
        for (mu, sigma) in [(1.0_f64, 0.5_f64), (1.0, 0.1), (-0.7, 0.9)] {
            let figure = Reparameterisation { mu, sigma, ..Reparameterisation::default() };
            let estimates = figure.estimates().unwrap();
            let (m2, s2) = (mu * mu, sigma * sigma);
            let expected = [
                (m2 * m2 / s2 + 14.0 * m2 + 15.0 * s2, &estimates.score),
                (8.0 * m2 + 15.0 * s2, &estimates.with_baseline),
                (4.0 * s2, &estimates.reparameterised),
            ];
            for (exact, slopes) in expected {
                // The variance of a variance of heavy-tailed numbers: a third is more than four of its deviations.
                let ratio = variance(slopes) / exact;
                assert!((ratio - 1.0).abs() < 0.35, "{mu} {sigma}: {ratio}");
            }
            assert!((figure.exact() - 2.0 * mu).abs() < 1e-9);
        }
    }

    #[test]
    fn both_estimators_have_the_same_mean() {
        for target in [0, 1] {
            let figure = Reparameterisation { mu: 0.2, target, ..Reparameterisation::default() };
            let Estimates { score, with_baseline, reparameterised } = figure.estimates().unwrap();
            for slopes in [score, with_baseline, reparameterised] {
                let error = (variance(&slopes) / SAMPLES as f64).sqrt();
                assert!((mean(&slopes) - figure.exact()).abs() < 4.0 * error);
            }
        }
    }

    #[test]
    fn where_the_function_is_nearly_a_jump_the_score_function_scatters_less() {
        let figure = Reparameterisation { mu: 0.0, sigma: 1.0, target: 1, drawn: 0 };
        let estimates = figure.estimates().unwrap();
        assert!(variance(&estimates.reparameterised) > 2.0 * variance(&estimates.score));
    }

    #[test]
    fn noise_stays_until_other_noise_is_asked_for() {
        let mut figure = Reparameterisation::default();
        let before = figure.xi();
        figure.set("mu", 0.3);
        assert_eq!(figure.xi(), before);
        figure.set("draw", 1.0);
        assert_ne!(figure.xi(), before);
    }
}

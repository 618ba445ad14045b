//! The Gaussian before and after tanh, and what becomes of its mass when the logarithm of the Jacobian is not exact.

use ndarray::Array2;
use softac::elementary::{exp, ln, tanh};
use softac::env::SquashedNormal;
use softac::policy::{entropy, gaussian_log_prob, log_tanh_jacobian};
use softac::random::{Purpose, fill_normal, stream};
use softac::tape::Tape;

use crate::chart::{Axis, Chart, Picture, samples};
use crate::figure::{Control, Figure, Readout, fixed};

const MU: [f64; 3] = [-2.0, 2.0, 0.05];
const LOG_SIGMA: [f64; 3] = [-3.0, 2.0, 0.05];
/// Where densities over u are drawn.
const U: [f64; 2] = [-12.0, 12.0];
/// Samples that are drawn as points, and samples of the estimate of the entropy.
const SHOWN: usize = 50;
const SAMPLES: usize = 1000;
/// The Gaussian reaches this far, in standard deviations; beyond lies 10⁻¹⁸ of it.
const REACH: f64 = 9.0;
/// Points of the quadrature. The rule is the trapezoid's, which for what has died away at both ends is exact to
/// rounding.
const NODES: u32 = 2001;

/// How `log(1 − tanh² u)` is computed.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// softac's, `2 (log 2 − u − softplus(−2u))`.
    Stable,
    /// `log(1 − tanh² u + 10⁻⁶)`
    Epsilon,
    /// `log(1 − tanh² u)`
    Naive,
}

const FORMS: [(&str, Form); 3] =
    [("stable", Form::Stable), ("with ε = 10⁻⁶", Form::Epsilon), ("as it is written", Form::Naive)];

impl Form {
    /// `log(1 − tanh² u)` in single precision, as training has it.
    fn log_jacobian(self, u: &[f32]) -> Vec<f32> {
        let written = |epsilon: f32| {
            let one = |&u: &f32| {
                let a = tanh(u);
                ln(1.0 - a * a + epsilon)
            };
            u.iter().map(one).collect()
        };
        match self {
            Self::Stable => {
                let (tape, u) = (Tape::new(), column(u));
                numbers(&log_tanh_jacobian(tape.constant(&u)).value().expect("one column"))
            }
            Self::Epsilon => written(1e-6),
            Self::Naive => written(0.0),
        }
    }
}

fn column<T: Copy>(x: &[T]) -> Array2<T> {
    Array2::from_shape_fn((x.len(), 1), |(i, _)| x[i])
}

fn numbers<T: Copy>(x: &Array2<T>) -> Vec<T> {
    x.iter().copied().collect()
}

/// A squashed Gaussian, and how its density is computed.
pub struct SquashedGaussian {
    mu: f64,
    log_sigma: f64,
    form: usize,
    /// ξ, `[SAMPLES]`, always the same
    xi: Vec<f32>,
}

impl Default for SquashedGaussian {
    fn default() -> Self {
        let mut xi = vec![0.0; SAMPLES];
        fill_normal(&mut xi, &mut stream(0, Purpose::Policy));
        Self { mu: 0.5, log_sigma: -0.5, form: 0, xi }
    }
}

/// What the density looks like at some noise.
struct Density {
    u: Vec<f32>,
    /// log N(u)
    log_gaussian: Vec<f32>,
    /// log π(a), as the form has it
    log_pi: Vec<f32>,
}

impl SquashedGaussian {
    fn sigma(&self) -> f64 {
        exp(self.log_sigma)
    }

    /// The density at `u = μ + σξ`, in single precision.
    fn density(&self, form: Form, xi: &[f32]) -> Density {
        let sigma = exp(self.log_sigma as f32);
        let u: Vec<_> = xi.iter().map(|xi| self.mu as f32 + sigma * xi).collect();
        let (tape, xi) = (Tape::new(), column(xi));
        let log_sigma = Array2::from_elem(xi.dim(), self.log_sigma as f32);
        let log_gaussian = gaussian_log_prob(tape.constant(&xi), tape.constant(&log_sigma));
        let log_gaussian = numbers(&log_gaussian.value().expect("two columns of one length"));
        let jacobian = form.log_jacobian(&u);
        let log_pi = log_gaussian.iter().zip(jacobian).map(|(log, jacobian)| log - jacobian);
        Density { u, log_pi: log_pi.collect(), log_gaussian }
    }

    /// `∫ π(a) da`, of the density as the form has it: 1 if the form is right. It is taken over u, with the exact
    /// `da = (1 − tanh² u) du`.
    fn mass(&self, form: Form) -> f64 {
        let xi = samples([-REACH, REACH], NODES);
        let density = self.density(form, &xi.iter().map(|&xi| xi as f32).collect::<Vec<_>>());
        let step = (xi[1] - xi[0]) * self.sigma();
        step * per_u(&density).map(|(_, height)| height).sum::<f64>()
    }

    /// The estimate `Ĥ = −E[log π]` over the samples.
    fn estimated_entropy(&self, form: Form) -> f64 {
        let log_pi = column(&self.density(form, &self.xi).log_pi);
        let tape = Tape::new();
        entropy(tape.constant(&log_pi)).item().map_or(f64::NAN, f64::from)
    }

    fn form(&self) -> Form {
        FORMS[self.form].1
    }

    /// Noise whose u cover what is drawn.
    fn drawn_noise(&self) -> Vec<f32> {
        let near = samples([-4.5, 4.5], 181).into_iter();
        let wide = samples(U, 241).into_iter().map(|u| (u - self.mu) / self.sigma());
        let mut xi: Vec<f64> = near.chain(wide).collect();
        xi.sort_by(f64::total_cmp);
        xi.into_iter().map(|xi| xi as f32).collect()
    }

    /// How far the picture goes in u.
    fn reach(&self) -> f64 {
        (self.mu.abs() + 4.0 * self.sigma()).clamp(3.0, U[1])
    }

    fn before_chart(&self, density: &Density, shown: &Density) -> Chart {
        let peak = 1.0 / (self.sigma() * (2.0 * std::f64::consts::PI).sqrt());
        let (x, y) = (
            Axis::new("u", [-self.reach(), self.reach()]),
            Axis::new("density over u", [0.0, 1.15 * peak]),
        );
        let mut chart = Chart::new([0.0, 0.0, 210.0, 180.0], x, y);
        let gaussian = density.u.iter().zip(&density.log_gaussian);
        chart.area("first", gaussian.map(|(&u, &log)| (u.into(), exp(f64::from(log)))));
        chart.line("second", per_u(density));
        chart.points("faint", shown.u.iter().take(SHOWN).map(|&u| (u.into(), 0.03 * peak)));
        chart
    }

    fn after_chart(&self, density: &Density, shown: &Density) -> Chart {
        let at = |density: &Density| -> Vec<_> {
            let pairs = density.u.iter().zip(&density.log_pi);
            pairs.map(|(&u, &log)| (tanh(f64::from(u)), exp(f64::from(log)))).collect()
        };
        let curve = at(density);
        let inside = curve.iter().filter(|(a, _)| a.abs() < 0.99);
        let peak = inside.map(|&(_, height)| height).fold(0.5, f64::max).min(20.0);
        let (x, y) =
            (Axis::new("a = tanh u", [-1.0, 1.0]), Axis::new("density over a", [0.0, 1.15 * peak]));
        let mut chart = Chart::new([210.0, 0.0, 210.0, 180.0], x, y);
        chart.line("second", curve);
        let points = shown.u.iter().take(SHOWN).map(|&u| (tanh(f64::from(u)), 0.03 * peak));
        chart.points("faint", points);
        chart
    }

    fn jacobian_chart(&self) -> Chart {
        let (x, y) = (Axis::new("u", U), Axis::new("log(1 − tanh² u)", [-24.0, 1.0]));
        let mut chart = Chart::new([0.0, 186.0, 420.0, 160.0], x, y);
        let u: Vec<_> = samples(U, 481).into_iter().map(|u| u as f32).collect();
        for (_, form) in FORMS {
            let class = if form == self.form() { "second" } else { "thin faint" };
            // What is −∞ goes down out of the field.
            let heights = form.log_jacobian(&u).into_iter().map(|log| f64::from(log).max(-1e3));
            chart.line(class, u.iter().map(|&u| f64::from(u)).zip(heights));
        }
        chart
    }
}

/// `π(a) da/du`: what the form makes of the Gaussian. Where it is right, the Gaussian.
fn per_u(density: &Density) -> impl Iterator<Item = (f64, f64)> + '_ {
    let u: Vec<_> = density.u.iter().map(|&u| f64::from(u)).collect();
    let (tape, in_column) = (Tape::new(), column(&u));
    let exact = numbers(&log_tanh_jacobian(tape.constant(&in_column)).value().expect("one column"));
    let heights = density.log_pi.iter().zip(exact).map(|(&log, exact)| exp(f64::from(log) + exact));
    u.into_iter().zip(heights.collect::<Vec<_>>())
}

impl Figure for SquashedGaussian {
    fn controls(&self) -> Vec<Control> {
        vec![
            Control::slider("mu", "mean μ of u", MU, self.mu, fixed(self.mu, 2)),
            Control::slider(
                "log_sigma",
                "standard deviation σ of u",
                LOG_SIGMA,
                self.log_sigma,
                fixed(self.sigma(), 3),
            ),
            Control::choice("form", "log(1 − tanh² u)", &FORMS.map(|(name, _)| name), self.form),
        ]
    }

    fn set(&mut self, control: &str, value: f64) {
        match control {
            "mu" => self.mu = value,
            "log_sigma" => self.log_sigma = value,
            _ => self.form = value as usize,
        }
    }

    fn readouts(&self) -> Vec<Readout> {
        let exact = SquashedNormal { mu: self.mu, sigma: self.sigma() };
        let mass = self.mass(self.form());
        let mass = match mass.is_finite() {
            true => Readout::number("mass", "mass ∫ π(a) da", mass, 4),
            false => Readout::words("mass", "mass ∫ π(a) da", "infinite"),
        };
        let estimate = self.estimated_entropy(self.form());
        let estimate = match estimate.is_finite() {
            true => Readout::number("estimate", "entropy by 1,000 samples", estimate, 4),
            false => Readout::words("estimate", "entropy by 1,000 samples", "−∞"),
        };
        vec![
            mass,
            Readout::number("entropy", "entropy, nats (log 2 at most)", exact.entropy(), 4),
            estimate,
            Readout::number("mean", "mean of a", exact.mean(), 4),
            Readout::number("std", "standard deviation of a", exact.std(), 4),
        ]
    }

    fn picture(&self) -> String {
        let density = self.density(self.form(), &self.drawn_noise());
        let shown = self.density(self.form(), &self.xi);
        let about = format!(
            "The density of u with mean {} and standard deviation {}, that of a = tanh u, and log(1 − tanh² u) over u, computed {}.",
            fixed(self.mu, 2),
            fixed(self.sigma(), 3),
            FORMS[self.form].0
        );
        Picture::new([420.0, 348.0], &about)
            .with(self.before_chart(&density, &shown))
            .with(self.after_chart(&density, &shown))
            .with(self.jacobian_chart())
            .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(mu: f64, log_sigma: f64) -> SquashedGaussian {
        SquashedGaussian { mu, log_sigma, ..SquashedGaussian::default() }
    }

    #[test]
    fn the_stable_form_keeps_all_mass_and_epsilon_loses_some() {
        for (mu, log_sigma) in [(0.0, -3.0), (2.0, 0.0), (0.0, 2.0), (-2.0, 2.0)] {
            let mass = at(mu, log_sigma).mass(Form::Stable);
            assert!((mass - 1.0).abs() < 1e-4, "{mu} {log_sigma}: {mass}");
        }
        // (1 − tanh² u)/(1 − tanh² u + ε) is ½ at |u| = 7.6; of N(0, e²) a third lies beyond.
        let mass = at(0.0, 2.0).mass(Form::Epsilon);
        assert!(mass < 0.75 && mass > 0.6, "{mass}");
    }

    #[test]
    fn as_it_is_written_the_mass_is_infinite_as_soon_as_the_policy_is_wide() {
        assert!((at(0.0, -1.0).mass(Form::Naive) - 1.0).abs() < 1e-4);
        assert!(!at(0.0, 2.0).mass(Form::Naive).is_finite());
    }

    #[test]
    fn the_estimate_of_the_entropy_meets_the_quadrature() {
        for (mu, log_sigma) in [(0.0, 0.0), (0.5, -0.5), (0.0, 2.0)] {
            let figure = at(mu, log_sigma);
            let exact = SquashedNormal { mu, sigma: figure.sigma() }.entropy();
            let estimate = figure.estimated_entropy(Form::Stable);
            // Four standard errors of log π, whose deviation grows with σ.
            let error = 4.0 * (0.71 + 2.0 * figure.sigma()) / (SAMPLES as f64).sqrt();
            assert!((estimate - exact).abs() < error, "{estimate} {exact}");
        }
    }
}

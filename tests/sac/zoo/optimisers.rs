//! Wrong Adam and wrong averaging.

use softac::nn::AdamConfig;

use super::Row;
use crate::implementation::Optimiser;

/// What can be wrong with Adam.
#[derive(Clone, Copy, PartialEq)]
enum Wrong {
    EpsilonInsideTheRoot,
    NoBiasCorrection,
    StepsFromZero,
    BetasSwapped,
    Ascent,
    /// From the thousandth step on, the bias is corrected as in that step.
    CorrectionStops,
}

/// Adam, with a mistake.
struct WrongAdam {
    config: AdamConfig,
    m: Vec<f64>,
    v: Vec<f64>,
    t: i32,
    wrong: Wrong,
}

impl WrongAdam {
    fn boxed(len: usize, config: AdamConfig, wrong: Wrong) -> Box<dyn Optimiser> {
        let t = if wrong == Wrong::StepsFromZero { -1 } else { 0 };
        Box::new(Self { config, m: vec![0.0; len], v: vec![0.0; len], t, wrong })
    }
}

impl Optimiser for WrongAdam {
    fn step(&mut self, theta: &mut [f64], gradient: &[f64]) {
        self.t += 1;
        let AdamConfig { learning_rate, mut beta1, mut beta2, epsilon } = self.config;
        if self.wrong == Wrong::BetasSwapped {
            (beta1, beta2) = (beta2, beta1);
        }
        let t = if self.wrong == Wrong::CorrectionStops { self.t.min(1_000) } else { self.t };
        for (i, (theta, &g)) in theta.iter_mut().zip(gradient).enumerate() {
            let (m, v) = (&mut self.m[i], &mut self.v[i]);
            *m = beta1 * *m + (1.0 - beta1) * g;
            *v = beta2 * *v + (1.0 - beta2) * g * g;
            let (m_hat, v_hat) = match self.wrong {
                Wrong::NoBiasCorrection => (*m, *v),
                _ => (*m / (1.0 - beta1.powi(t)), *v / (1.0 - beta2.powi(t))),
            };
            let root = match self.wrong {
                Wrong::EpsilonInsideTheRoot => (v_hat + epsilon).sqrt(),
                _ => v_hat.sqrt() + epsilon,
            };
            let direction = if self.wrong == Wrong::Ascent { 1.0 } else { -1.0 };
            *theta += direction * learning_rate * m_hat / root;
        }
    }
}

/// Plain descent.
struct Descent(f64);

impl Optimiser for Descent {
    fn step(&mut self, theta: &mut [f64], gradient: &[f64]) {
        theta.iter_mut().zip(gradient).for_each(|(theta, g)| *theta -= self.0 * g);
    }
}

pub const ROWS: &[Row] = &[
    (
        "ε stands inside Adam's root",
        |sac| sac.adam = |len, config| WrongAdam::boxed(len, config, Wrong::EpsilonInsideTheRoot),
        "epsilon_stands_outside_the_root",
    ),
    (
        "Adam does not correct its bias",
        |sac| sac.adam = |len, config| WrongAdam::boxed(len, config, Wrong::NoBiasCorrection),
        "three_steps_agree_with_the_formula_by_hand",
    ),
    (
        "Adam counts its steps from zero",
        |sac| sac.adam = |len, config| WrongAdam::boxed(len, config, Wrong::StepsFromZero),
        "the_first_step_has_the_length_of_the_learning_rate",
    ),
    (
        "Adam's decays are swapped",
        |sac| sac.adam = |len, config| WrongAdam::boxed(len, config, Wrong::BetasSwapped),
        "three_steps_agree_with_the_formula_by_hand",
    ),
    (
        "Adam's correction of its bias stops at step 1,000",
        |sac| sac.adam = |len, config| WrongAdam::boxed(len, config, Wrong::CorrectionStops),
        "three_thousand_steps_agree_with_the_sums_that_the_moments_are",
    ),
    (
        "Adam climbs",
        |sac| sac.adam = |len, config| WrongAdam::boxed(len, config, Wrong::Ascent),
        "the_first_step_has_the_length_of_the_learning_rate",
    ),
    (
        "descent without moments",
        |sac| sac.adam = |_, config| Box::new(Descent(config.learning_rate)),
        "the_first_step_has_the_length_of_the_learning_rate",
    ),
    (
        "τ and 1 - τ are swapped",
        |sac| sac.polyak = |target, online, tau| softac::nn::polyak(target, online, 1.0 - tau),
        "tau_zero_keeps_and_tau_one_copies",
    ),
    (
        "the targets are always copies",
        |sac| sac.polyak = |target, online, _| target.copy_from_slice(online),
        "the_distance_to_a_constant_shrinks_by_one_minus_tau_a_step",
    ),
];

//! Adam and Polyak averaging.

use softac::nn::{Adam, AdamConfig};

use crate::Implementation;

crate::properties! {
    three_steps_agree_with_the_formula_by_hand,
    three_thousand_steps_agree_with_the_sums_that_the_moments_are,
    the_first_step_has_the_length_of_the_learning_rate,
    epsilon_stands_outside_the_root,
    tau_zero_keeps_and_tau_one_copies,
    the_distance_to_a_constant_shrinks_by_one_minus_tau_a_step,
}

fn three_steps_agree_with_the_formula_by_hand(sac: &Implementation) {
    let config = AdamConfig { learning_rate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-3 };
    let mut adam = (sac.adam)(1, config);
    let mut theta = [1.0_f64];
    let (mut m, mut v, mut expected) = (0.0, 0.0, 1.0_f64);
    for (t, g) in [(1, 0.5), (2, -2.0), (3, 0.25)] {
        m = 0.9 * m + 0.1 * g;
        v = 0.99 * v + 0.01 * g * g;
        let m_hat = m / (1.0 - 0.9_f64.powi(t));
        let v_hat = v / (1.0 - 0.99_f64.powi(t));
        expected -= 0.1 * m_hat / (v_hat.sqrt() + 1e-3);
        adam.step(&mut theta, &[g]);
        assert!((theta[0] - expected).abs() < 1e-15, "step {t}");
    }
}

/// `mₜ = (1 − β₁) Σᵢ β₁ᵗ⁻ⁱ gᵢ` and `vₜ = (1 − β₂) Σᵢ β₂ᵗ⁻ⁱ gᵢ²`, without a recursion that could share a mistake.
fn three_thousand_steps_agree_with_the_sums_that_the_moments_are(sac: &Implementation) {
    const STEPS: usize = 3_000;
    let AdamConfig { learning_rate, beta1, beta2, epsilon } = AdamConfig::with_learning_rate(1e-2);
    let gradient = |i: usize| (0.37 * i as f64).sin() + 0.2 + 1.0 / (1.0 + i as f64);
    let powers = [beta1, beta2].map(|beta| (0..=STEPS).map(|n| beta.powi(n as i32)).collect());
    let [first, second]: [Vec<f64>; 2] = powers;
    let mut adam = (sac.adam)(1, AdamConfig::with_learning_rate(learning_rate));
    let mut theta = [0.0_f64];
    let mut expected = 0.0;
    for t in 1..=STEPS {
        let sum = |powers: &[f64], power| -> f64 {
            (1..=t).map(|i| powers[t - i] * gradient(i).powi(power)).sum()
        };
        let m = (1.0 - beta1) * sum(&first, 1) / (1.0 - first[t]);
        let v = (1.0 - beta2) * sum(&second, 2) / (1.0 - second[t]);
        expected -= learning_rate * m / (v.sqrt() + epsilon);
        adam.step(&mut theta, &[gradient(t)]);
        assert!((theta[0] - expected).abs() < 1e-11, "step {t}: {}, {expected}", theta[0]);
    }
}

#[test]
fn a_changed_learning_rate_keeps_moments_and_count() {
    let config = AdamConfig { learning_rate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-3 };
    let mut adam = Adam::new(1, config);
    let mut theta = [1.0_f64];
    let (mut m, mut v, mut expected) = (0.0, 0.0, 1.0_f64);
    for (t, g, rate) in [(1, 0.5, 0.1), (2, -2.0, 0.03), (3, 0.25, 0.0), (4, 1.0, 0.2)] {
        m = 0.9 * m + 0.1 * g;
        v = 0.99 * v + 0.01 * g * g;
        let m_hat = m / (1.0 - 0.9_f64.powi(t));
        let v_hat = v / (1.0 - 0.99_f64.powi(t));
        expected -= rate * m_hat / (v_hat.sqrt() + 1e-3);
        adam.set_learning_rate(rate);
        adam.step(&mut theta, &[g]);
        assert!((theta[0] - expected).abs() < 1e-15, "step {t}");
        assert_eq!((adam.learning_rate(), adam.steps()), (rate, t as u64));
    }
}

fn the_first_step_has_the_length_of_the_learning_rate(sac: &Implementation) {
    for g in [1e-3, -7.0, 1e5] {
        let mut theta = [0.0_f64];
        (sac.adam)(1, AdamConfig::with_learning_rate(0.01)).step(&mut theta, &[g]);
        assert!((theta[0] + 0.01 * g.signum()).abs() < 1e-6, "gradient {g}");
    }
}

fn epsilon_stands_outside_the_root(sac: &Implementation) {
    // With g = ε the first step is η g / (|g| + ε) = η / 2; inside the root it would be η g / √(g² + ε).
    let config = AdamConfig { epsilon: 1e-2, ..AdamConfig::with_learning_rate(1.0) };
    let mut theta = [0.0_f64];
    (sac.adam)(1, config).step(&mut theta, &[1e-2]);
    assert!((theta[0] + 0.5).abs() < 1e-12);
}

fn tau_zero_keeps_and_tau_one_copies(sac: &Implementation) {
    let mut target = [1.0, -2.0];
    (sac.polyak)(&mut target, &[5.0, 7.0], 0.0);
    assert_eq!(target, [1.0, -2.0]);
    (sac.polyak)(&mut target, &[5.0, 7.0], 1.0);
    assert_eq!(target, [5.0, 7.0]);
}

fn the_distance_to_a_constant_shrinks_by_one_minus_tau_a_step(sac: &Implementation) {
    let mut target = [1.0_f64];
    for _ in 0..50 {
        (sac.polyak)(&mut target, &[0.0], 0.02);
    }
    assert!((target[0] - 0.98_f64.powi(50)).abs() < 1e-15);
}

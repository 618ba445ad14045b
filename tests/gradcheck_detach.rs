//! Every `detach` of SAC carries weight: differences that see through it disagree with the
//! gradient, and differences that hold what is detached agree.

use ndarray::{Array2, array};
use softac::gradcheck::{Checker, Input, Verdict, named};
use softac::nn::{Activation, Mlp};
use softac::random::{Purpose, stream};
use softac::sac::{actor_loss, critic_loss, soft_target, temperature_loss};
use softac::tape::{Tape, Var};

/// With detached nodes held, the gradient by the input called `detached` is zero and everything
/// passes; seen through, just that input's gradient is wrong.
#[track_caller]
fn assert_carries_weight<'p, F>(loss: F, detached: &str, inputs: &[&dyn Input])
where
    F: for<'t> Fn(&'t Tape<'p, f64>, &[Var<'t, f64>]) -> Var<'t, f64>,
{
    let held = Checker::new().check(&loss, inputs).unwrap();
    held.assert_ok();
    let through = Checker::new().unpinned().check(&loss, inputs).unwrap();
    for row in &through.rows {
        let expected =
            if row.path.starts_with(detached) { Verdict::Mismatch } else { Verdict::Pass };
        assert_eq!(row.verdict, expected, "{}\n{through}", row.path);
    }
    for row in held.rows.iter().filter(|row| row.path.starts_with(detached)) {
        assert_eq!((row.analytic, row.numeric), (0.0, 0.0), "{}", row.path);
    }
}

fn column(numbers: [f64; 3]) -> Array2<f64> {
    array![[numbers[0]], [numbers[1]], [numbers[2]]]
}

#[test]
fn the_target_is_constant_in_the_critics_loss() {
    let (q, y) = (column([0.3, -1.0, 2.0]), column([0.5, 0.1, 1.0]));
    let inputs: [&dyn Input; 2] = [&named("q", &q), &named("y", &y)];
    assert_carries_weight(|_, p| critic_loss(p[0], p[1]), "y", &inputs);
}

#[test]
fn the_soft_target_is_constant_in_everything_it_is_made_of() {
    let (r, d) = (column([0.3, -1.0, 2.0]), column([0.25, 0.5, 0.75]));
    let (q, log_pi) = (column([1.0, 2.0, -3.0]), column([-1.0, 0.5, 0.7]));
    let alpha = array![[0.2]];
    let values = column([0.7, 1.1, -0.4]);
    let inputs: [&dyn Input; 6] = [
        &named("value", &values),
        &named("target.r", &r),
        &named("target.d", &d),
        &named("target.q", &q),
        &named("target.alpha", &alpha),
        &named("target.log_pi", &log_pi),
    ];
    assert_carries_weight(
        |_, p| p[0] * soft_target(p[1], p[2], p[3], p[4], p[5], 0.97),
        "target",
        &inputs,
    );
}

#[test]
fn the_log_probability_is_constant_in_the_temperatures_loss() {
    let (log_alpha, log_pi) = (array![[-0.7]], column([-1.0, 0.5, 0.7]));
    let inputs: [&dyn Input; 2] = [&named("log_alpha", &log_alpha), &named("log_pi", &log_pi)];
    assert_carries_weight(|_, p| temperature_loss(p[0], p[1], -1.0), "log_pi", &inputs);
}

#[test]
fn the_temperature_is_constant_in_the_policys_loss() {
    let alpha = array![[0.2]];
    let (log_pi, q) = (column([-1.0, 0.5, 0.7]), column([1.0, 2.0, -3.0]));
    let inputs: [&dyn Input; 3] =
        [&named("alpha", &alpha), &named("log_pi", &log_pi), &named("q_min", &q)];
    assert_carries_weight(|_, p| actor_loss(p[0], p[1], p[2]), "alpha", &inputs);
}

#[test]
fn the_critics_are_frozen_in_the_policys_loss() {
    let critic = Mlp::new(2, &[4], 1, Activation::Tanh);
    let theta = critic.init::<f64>(&mut stream(0, Purpose::Init));
    let (s, a) = (column([0.3, -1.0, 2.0]), column([0.5, 0.1, -0.9]));
    let (alpha, log_pi) = (array![[0.2]], column([-1.0, 0.5, 0.7]));
    let inputs: [&dyn Input; 2] = [&named("a", &a), &named("theta", &theta)];
    assert_carries_weight(
        |tape, p| {
            let q = critic.forward(p[1].detach(), tape.constant(&s).concat(p[0]));
            actor_loss(tape.constant(&alpha), tape.constant(&log_pi), q)
        },
        "theta",
        &inputs,
    );
}

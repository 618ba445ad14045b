//! The critics' loss: a critic with one hidden layer, on a minibatch of five transitions.

use ndarray::{Array2, ArrayView2, Axis, array};
use softac::gradcheck::{gradcheck, named};
use softac::nn::{Activation, Mlp, Params, ParamsError};
use softac::random::{Purpose, stream};
use softac::sac::{critic_loss, soft_target};
use softac::tape::{Tape, Var};

use crate::rungs::{Climbed, Ladder, Rung, normal};

const B: usize = 5;
const S: usize = 3;
const A: usize = 2;
const HIDDEN: usize = 4;
const GAMMA: f64 = 0.9;
const ALPHA: f64 = 0.2;

/// Where the loss is differentiated.
struct Point {
    critic: Mlp,
    theta: Params<f64>,
    /// s beside a, `[B, S + A]`
    s_a: Array2<f64>,
    r: Array2<f64>,           // [B, 1]
    d: Array2<f64>,           // [B, 1]
    q_min_next: Array2<f64>,  // [B, 1]
    log_pi_next: Array2<f64>, // [B, 1]
}

impl Point {
    fn new() -> Self {
        let mut numbers = stream(1, Purpose::Init);
        let critic = Mlp::new(S + A, &[HIDDEN], 1, Activation::Tanh);
        Self {
            theta: critic.init(&mut numbers),
            s_a: normal([B, S + A], &mut numbers),
            r: normal([B, 1], &mut numbers),
            d: array![[0.0], [1.0], [0.0], [0.0], [1.0]],
            q_min_next: normal([B, 1], &mut numbers),
            log_pi_next: normal([B, 1], &mut numbers),
            critic,
        }
    }

    // ANCHOR: by_hand
    /// `y = r + γ (1 − d)(min Q̄ − α log π)`, `[B, 1]`.
    fn target_by_hand(&self) -> Array2<f64> {
        let soft_value = &self.q_min_next - &(ALPHA * &self.log_pi_next);
        &self.r + GAMMA * (1.0 - &self.d) * soft_value
    }

    /// `J = mean ½ (q − y)²` of `q = tanh(X W₁ + 1 b₁) W₂ + 1 b₂`; its gradient in the order W₁, b₁, W₂, b₂.
    fn by_hand(&self) -> Result<Rung, ParamsError> {
        let [w1, b1, w2, b2] = weights(&self.theta)?;
        let hidden = (self.s_a.dot(&w1) + b1).mapv(f64::tanh); // [B, H]
        let q = hidden.dot(&w2) + b2; // [B, 1]
        let error = q - self.target_by_hand(); // [B, 1]
        let loss = 0.5 * error.mapv(|e| e * e).sum() / B as f64;

        let q_bar = error / B as f64; // [B, 1]
        let w2_bar = hidden.t().dot(&q_bar); // [H, 1]
        let b2_bar = q_bar.sum_axis(Axis(0)); // [1]
        let z_bar = q_bar.dot(&w2.t()) * (1.0 - &hidden * &hidden); // [B, H]
        let w1_bar = self.s_a.t().dot(&z_bar); // [S + A, H]
        let b1_bar = z_bar.sum_axis(Axis(0)); // [H]
        let gradient = w1_bar.iter().chain(&b1_bar).chain(&w2_bar).chain(&b2_bar).copied();
        Ok(Rung { loss, gradient: gradient.collect() })
    }
    // ANCHOR_END: by_hand

    // ANCHOR: tape
    /// The same by the crate's equations.
    fn loss<'t, 'p>(&'p self, tape: &'t Tape<'p, f64>, theta: Var<'t, f64>) -> Var<'t, f64> {
        let [r, d, q_min_next, log_pi_next] =
            [&self.r, &self.d, &self.q_min_next, &self.log_pi_next].map(|x| tape.constant(x));
        let y = soft_target(r, d, q_min_next, tape.scalar(ALPHA), log_pi_next, GAMMA);
        critic_loss(self.critic.forward(theta, tape.constant(&self.s_a)), y)
    }
    // ANCHOR_END: tape
}

/// The four blocks of a critic with one hidden layer.
pub fn weights(theta: &Params<f64>) -> Result<[ArrayView2<'_, f64>; 4], ParamsError> {
    let view = |name| theta.view(name);
    Ok([view("0.weight")?, view("0.bias")?, view("1.weight")?, view("1.bias")?])
}

// ANCHOR: ladder
/// The three rungs.
pub fn ladder() -> Climbed {
    let point = Point::new();
    let tape = Tape::new();
    let theta = tape.params(point.theta.as_slice());
    let loss = point.loss(&tape, theta);
    Ok(Ladder {
        name: "the critics' loss by θ",
        by_hand: point.by_hand()?,
        tape: Rung { loss: loss.item()?, gradient: loss.backward()?.leaf(theta).to_vec() },
        differences: gradcheck(|tape, p| point.loss(tape, p[0]), &[&named("theta", &point.theta)])?,
    })
}
// ANCHOR_END: ladder

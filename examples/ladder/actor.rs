//! The policy's loss: a policy whose heads are linear, judged by two critics with one hidden layer each.

use std::f64::consts::PI;

use ndarray::{Array1, Array2, ArrayView2, Axis, Zip, concatenate, s};
use softac::gradcheck::{gradcheck, named};
use softac::nn::{Activation, Mlp, Params, ParamsError};
use softac::policy::SquashedGaussian;
use softac::random::{Purpose, stream};
use softac::sac::{actor_loss, q_min};
use softac::tape::{Tape, Var};

use crate::critic::weights;
use crate::rungs::{Climbed, Ladder, Rung, normal};

const B: usize = 6;
const S: usize = 3;
const A: usize = 2;
const HIDDEN: usize = 4;
const ALPHA: f64 = 0.2;

/// Where the loss is differentiated.
struct Point {
    policy: SquashedGaussian,
    phi: Params<f64>,
    critic: Mlp,
    thetas: [Params<f64>; 2],
    s: Array2<f64>,  // [B, S]
    xi: Array2<f64>, // [B, A]
}

impl Point {
    fn new() -> Self {
        let mut numbers = stream(2, Purpose::Init);
        let policy = SquashedGaussian::new(S, A, &[], Activation::Tanh);
        let critic = Mlp::new(S + A, &[HIDDEN], 1, Activation::Tanh);
        Self {
            phi: policy.mlp().init(&mut numbers),
            thetas: [critic.init(&mut numbers), critic.init(&mut numbers)],
            s: normal([B, S], &mut numbers),
            xi: normal([B, A], &mut numbers),
            policy,
            critic,
        }
    }

    // ANCHOR: by_hand
    /// `J = mean(α log π − min Q)` of `(μ, log σ) = s W + 1 b`; its gradient in the order W, b.
    fn by_hand(&self) -> Result<Rung, ParamsError> {
        let (w, b) = (self.phi.view("0.weight")?, self.phi.view("0.bias")?);
        let heads = self.s.dot(&w) + b; // [B, 2A]
        let (mu, log_sigma) = (heads.slice(s![.., ..A]), heads.slice(s![.., A..]));
        let spread = log_sigma.mapv(f64::exp) * &self.xi; // σ ⊙ ξ, [B, A]
        let a = (&mu + &spread).mapv(f64::tanh); // [B, A]
        let slope = 1.0 - &a * &a; // ∂a/∂u, [B, A]

        let log_normal = -0.5 * (&self.xi * &self.xi) - log_sigma - 0.5 * (2.0 * PI).ln();
        let log_pi = (log_normal - slope.mapv(f64::ln)).sum_axis(Axis(1)); // [B]
        let (q, q_slope) = self.least_critic(&a)?; // [B], [B, A]
        let loss = (ALPHA * log_pi - q).sum() / B as f64;

        let u_bar = (2.0 * ALPHA * a - q_slope * slope) / B as f64; // [B, A]
        let log_sigma_bar = &u_bar * &spread - ALPHA / B as f64; // [B, A]
        let mut heads_bar = Array2::zeros((B, 2 * A));
        heads_bar.slice_mut(s![.., ..A]).assign(&u_bar);
        heads_bar.slice_mut(s![.., A..]).assign(&log_sigma_bar);
        let w_bar = self.s.t().dot(&heads_bar); // [S, 2A]
        let b_bar = heads_bar.sum_axis(Axis(0)); // [2A]
        Ok(Rung { loss, gradient: w_bar.iter().chain(&b_bar).copied().collect() })
    }
    // ANCHOR_END: by_hand

    // ANCHOR: least_critic
    /// The smaller of both critics' values, and its slope by the action: `[B, A] → [B], [B, A]`.
    fn least_critic(&self, a: &Array2<f64>) -> Result<(Array1<f64>, Array2<f64>), ParamsError> {
        let s_a = concatenate![Axis(1), self.s, *a]; // [B, S + A]
        let [first, second] = self.thetas.each_ref().map(|theta| value_and_slope(theta, &s_a));
        let ((mut q, mut q_slope), (other, other_slope)) = (first?, second?);
        let rows = Zip::from(&mut q).and(q_slope.rows_mut()).and(&other).and(other_slope.rows());
        rows.for_each(|q, mut q_slope, &other, other_slope| {
            if other < *q {
                *q = other;
                q_slope.assign(&other_slope);
            }
        });
        Ok((q, q_slope))
    }
    // ANCHOR_END: least_critic

    // ANCHOR: tape
    /// The same by the crate's equations.
    fn loss<'t, 'p>(&'p self, tape: &'t Tape<'p, f64>, phi: Var<'t, f64>) -> Var<'t, f64> {
        let s = tape.constant(&self.s);
        let sample = self.policy.sample(phi, s, tape.constant(&self.xi));
        let s_a = s.concat(sample.action);
        let q = q_min(self.thetas.iter().map(|theta| {
            self.critic.forward(tape.frozen(theta.as_slice()), s_a) // [B, 1]
        }));
        actor_loss(tape.scalar(ALPHA), sample.log_pi, q)
    }
    // ANCHOR_END: tape
}

// ANCHOR: critic_slope
/// `Q = tanh(X W₁ + 1 b₁) W₂ + 1 b₂` and its slope by the action, which are the last columns of X.
fn value_and_slope(
    theta: &Params<f64>,
    s_a: &Array2<f64>,
) -> Result<(Array1<f64>, Array2<f64>), ParamsError> {
    let [w1, b1, w2, b2] = weights(theta)?;
    let hidden = (s_a.dot(&w1) + b1).mapv(f64::tanh); // [B, H]
    let q = (hidden.dot(&w2) + b2).remove_axis(Axis(1)); // [B]
    let z_bar = (1.0 - &hidden * &hidden) * w2.t(); // [B, H]
    let of_actions: ArrayView2<'_, f64> = w1.slice(s![S.., ..]); // [A, H]
    Ok((q, z_bar.dot(&of_actions.t())))
}
// ANCHOR_END: critic_slope

/// The three rungs.
pub fn ladder() -> Climbed {
    let point = Point::new();
    let tape = Tape::new();
    let phi = tape.params(point.phi.as_slice());
    let loss = point.loss(&tape, phi);
    Ok(Ladder {
        name: "the policy's loss by φ",
        by_hand: point.by_hand()?,
        tape: Rung { loss: loss.item()?, gradient: loss.backward()?.leaf(phi).to_vec() },
        differences: gradcheck(|tape, p| point.loss(tape, p[0]), &[&named("phi", &point.phi)])?,
    })
}

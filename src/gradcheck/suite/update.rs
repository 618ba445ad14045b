//! The three losses of an update with all networks behind them.
//!
//! Every set of parameters is a leaf of every loss, so that a gradient that must not flow is
//! checked, too: it is zero, and what is detached is held.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use ndarray::Array2;

use super::case::{Case, Group};
use super::points::Points;
use crate::gradcheck::checker::Checker;
use crate::gradcheck::input::named;
use crate::gradcheck::report::Report;
use crate::nn::{Activation, Mlp, Params};
use crate::policy::{Sample, SquashedGaussian};
use crate::sac::{actor_loss, critic_loss, q_min, soft_target, temperature_loss};
use crate::tape::{Shape, Tape, TapeError, Var};

const OBSERVATION_DIM: usize = 3;
const GAMMA: f64 = 0.99;

pub(super) fn cases(shape: Shape) -> Vec<Case> {
    let losses: [(&str, Loss); 3] =
        [("critics", critics_loss), ("actor", policy_loss), ("temperature", alpha_loss)];
    let mut cases = vec![];
    for activation in [Activation::Relu, Activation::Tanh] {
        cases.extend(losses.map(|(name, loss)| {
            Case::new(Group::Update, format!("{name} {activation:?}"), shape, move |checker| {
                Setting::new(checker, shape, activation).check(checker, loss)
            })
        }));
    }
    cases
}

/// Networks, a batch and its noise.
struct Setting {
    policy: SquashedGaussian,
    critic: Mlp,
    phi: Params<f64>,
    thetas: [Params<f64>; 2],
    targets: [Params<f64>; 2],
    log_alpha: Array2<f64>,
    s: Array2<f64>,
    a: Array2<f64>,
    r: Array2<f64>,
    d: Array2<f64>,
    s_next: Array2<f64>,
    xi: Array2<f64>,
}

/// The parameters as leaves.
struct Leaves<'t> {
    phi: Var<'t, f64>,
    thetas: [Var<'t, f64>; 2],
    targets: [Var<'t, f64>; 2],
    log_alpha: Var<'t, f64>,
}

type Loss = for<'t, 'p> fn(&'p Setting, &'t Tape<'p, f64>, Leaves<'t>) -> Var<'t, f64>;

impl Setting {
    fn new(checker: &Checker, [batch, dim]: Shape, activation: Activation) -> Self {
        let mut points = Points::new(checker);
        let policy = SquashedGaussian::new(OBSERVATION_DIM, dim, &[5, 4], activation);
        let critic = Mlp::new(OBSERVATION_DIM + dim, &[4, 3], 1, activation);
        Self {
            phi: points.init(policy.mlp()),
            thetas: [points.init(&critic), points.init(&critic)],
            targets: [points.init(&critic), points.init(&critic)],
            log_alpha: points.normal([1, 1]),
            s: points.normal([batch, OBSERVATION_DIM]),
            a: points.normal([batch, dim]).mapv(|a| a / (1.0 + a.abs())),
            r: points.normal([batch, 1]),
            d: points.flags([batch, 1]),
            s_next: points.normal([batch, OBSERVATION_DIM]),
            xi: points.normal([batch, dim]),
            policy,
            critic,
        }
    }

    fn check(&self, checker: &Checker, loss: Loss) -> Result<Report, TapeError> {
        let Self { phi, thetas, targets, log_alpha, .. } = self;
        checker.check(
            |tape, p| {
                let (thetas, targets) = ([p[1], p[2]], [p[3], p[4]]);
                loss(self, tape, Leaves { phi: p[0], thetas, targets, log_alpha: p[5] })
            },
            &[
                &named("phi", phi),
                &named("theta1", &thetas[0]),
                &named("theta2", &thetas[1]),
                &named("target1", &targets[0]),
                &named("target2", &targets[1]),
                &named("log_alpha", log_alpha),
            ],
        )
    }

    /// The policy's sample in the states `s`.
    fn sample<'t, 'p>(
        &'p self,
        tape: &'t Tape<'p, f64>,
        phi: Var<'t, f64>,
        s: Var<'t, f64>,
    ) -> Sample<'t, f64> {
        self.policy.sample(phi, s, tape.constant(&self.xi))
    }

    /// The smaller of two critics' values.
    fn q<'t>(&self, thetas: [Var<'t, f64>; 2], s_a: Var<'t, f64>) -> Var<'t, f64> {
        q_min(thetas.map(|theta| self.critic.forward(theta, s_a)))
    }
}

/// Steps 1 and 2 of the update: targets, and the sum of the critics' losses against them.
fn critics_loss<'t, 'p>(
    set: &'p Setting,
    tape: &'t Tape<'p, f64>,
    leaves: Leaves<'t>,
) -> Var<'t, f64> {
    let s_next = tape.constant(&set.s_next);
    let next = set.sample(tape, leaves.phi, s_next);
    let q_next = set.q(leaves.targets, s_next.concat(next.action));
    let (r, d) = (tape.constant(&set.r), tape.constant(&set.d));
    let y = soft_target(r, d, q_next, leaves.log_alpha.exp(), next.log_pi, GAMMA);
    let s_a = tape.constant(&set.s).concat(tape.constant(&set.a));
    let [one, two] = leaves.thetas.map(|theta| critic_loss(set.critic.forward(theta, s_a), y));
    one + two
}

/// Step 3: the policy's loss, with frozen critics.
fn policy_loss<'t, 'p>(
    set: &'p Setting,
    tape: &'t Tape<'p, f64>,
    leaves: Leaves<'t>,
) -> Var<'t, f64> {
    let s = tape.constant(&set.s);
    let sample = set.sample(tape, leaves.phi, s);
    let q = set.q(leaves.thetas.map(Var::detach), s.concat(sample.action));
    actor_loss(leaves.log_alpha.exp(), sample.log_pi, q)
}

/// Step 4: the temperature's loss on the policy's log π.
fn alpha_loss<'t, 'p>(
    set: &'p Setting,
    tape: &'t Tape<'p, f64>,
    leaves: Leaves<'t>,
) -> Var<'t, f64> {
    let sample = set.sample(tape, leaves.phi, tape.constant(&set.s));
    temperature_loss(leaves.log_alpha, sample.log_pi, -1.0)
}

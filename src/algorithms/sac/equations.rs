//! SAC's equations for the gradient checker: each on its own, and the stages of an update with all networks.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use super::actor_loss::actor_loss;
use super::critic_loss::critic_loss;
use super::target::soft_target;
use super::temperature_loss::temperature_loss;
use crate::agent::{Equation, Points, Problem, column, q_min};
use crate::nn::{Activation, Mlp};
use crate::policy::SquashedGaussian;
use crate::tape::{Shape, Var};

const TARGET_ENTROPY: f64 = -1.5;

/// All of them, for a batch size and a number of action dimensions.
pub(super) fn equations(shape: Shape) -> Vec<Equation> {
    let mut equations = vec![
        critic(shape),
        minimum(shape),
        actor(shape),
        temperature(shape),
        target(shape, "soft_target", soft_target, &TARGETS_VARIABLES),
        target(shape, "soft_target undetached", undetached_target, &[]),
    ];
    // Name, loss, and the parameters that no gradient may flow to.
    let stages: [(_, Stage, &[_]); 3] = [
        ("critics", critics_stage, &["phi", "target1", "target2", "log_alpha"]),
        ("actor", actor_stage, &["theta1", "theta2", "target1", "target2", "log_alpha"]),
        ("temperature", temperature_stage, &["phi", "theta1", "theta2", "target1", "target2"]),
    ];
    for activation in [Activation::Relu, Activation::Tanh] {
        equations.extend(stages.map(|(name, stage, constant_in)| {
            Equation::stage(format!("{name} {activation:?}"), move |points| {
                let problem = update(shape, activation, stage, points);
                problem.constant_in(constant_in.iter().copied())
            })
        }));
    }
    equations
}

fn critic(shape: Shape) -> Equation {
    Equation::new("critic_loss", move |points| {
        let (q, y) = (points.normal(column(shape)), points.normal(column(shape)));
        let variables = [("q", q.into()), ("y", y.into())];
        Problem::new(variables, |p, _| critic_loss(p[0], p[1])).constant_in(["y"])
    })
}

fn minimum(shape: Shape) -> Equation {
    Equation::new("q_min", move |points| {
        let q = ["q1", "q2", "q3"].map(|name| (name, points.normal(column(shape)).into()));
        Problem::new(q, |p, _| q_min(p.iter().copied()))
    })
}

fn actor(shape: Shape) -> Equation {
    Equation::new("actor_loss", move |points| {
        let (alpha, log_pi) = (points.normal([1, 1]), points.normal(column(shape)));
        let q = points.normal(column(shape));
        let variables = [("alpha", alpha.into()), ("log_pi", log_pi.into()), ("q_min", q.into())];
        Problem::new(variables, |p, _| actor_loss(p[0], p[1], p[2])).constant_in(["alpha"])
    })
}

fn temperature(shape: Shape) -> Equation {
    Equation::new("temperature_loss", move |points| {
        let (log_alpha, log_pi) = (points.normal([1, 1]), points.normal(column(shape)));
        let variables = [("log_alpha", log_alpha.into()), ("log_pi", log_pi.into())];
        Problem::new(variables, |p, _| temperature_loss(p[0], p[1], TARGET_ENTROPY))
            .constant_in(["log_pi"])
    })
}

const TARGETS_VARIABLES: [&str; 5] = ["r", "d", "q_min_next", "alpha", "log_pi_next"];

type Target = for<'t> fn(
    Var<'t, f64>,
    Var<'t, f64>,
    Var<'t, f64>,
    Var<'t, f64>,
    Var<'t, f64>,
    f64,
) -> Var<'t, f64>;

/// The target is a constant to what is computed from it, so its own gradient is zero. Its formula
/// is checked once more without the `detach`.
fn target(
    shape: Shape,
    name: &'static str,
    target: Target,
    constant_in: &'static [&'static str],
) -> Equation {
    Equation::new(name, move |points| {
        let (r, d) = (points.normal(column(shape)), points.flags(column(shape)));
        let (q, log_pi) = (points.normal(column(shape)), points.normal(column(shape)));
        let alpha = points.normal([1, 1]);
        let values = [r, d, q, alpha, log_pi].map(Into::into);
        let variables = TARGETS_VARIABLES.into_iter().zip(values);
        Problem::new(variables, move |p, _| target(p[0], p[1], p[2], p[3], p[4], 0.97))
            .constant_in(constant_in.iter().copied())
    })
}

/// [`soft_target`] before it is cut off; a test holds their values together.
fn undetached_target<'t>(
    r: Var<'t, f64>,
    d: Var<'t, f64>,
    q_min_next: Var<'t, f64>,
    alpha: Var<'t, f64>,
    log_pi_next: Var<'t, f64>,
    gamma: f64,
) -> Var<'t, f64> {
    let soft_value = q_min_next - alpha.broadcast_like(log_pi_next) * log_pi_next;
    r + d.one_minus() * soft_value * gamma
}

/// The networks of an update.
struct Networks {
    policy: SquashedGaussian,
    critic: Mlp,
}

impl Networks {
    /// The smaller of two critics' values.
    fn q<'t>(&self, thetas: [Var<'t, f64>; 2], s_a: Var<'t, f64>) -> Var<'t, f64> {
        q_min(thetas.map(|theta| self.critic.forward(theta, s_a)))
    }
}

/// All parameters. Each is a variable of each stage, so that a gradient that must not flow is seen.
struct Parameters<'t> {
    phi: Var<'t, f64>,
    thetas: [Var<'t, f64>; 2],
    targets: [Var<'t, f64>; 2],
    log_alpha: Var<'t, f64>,
}

/// A batch and the noise of one action.
struct Batch<'t> {
    s: Var<'t, f64>,
    a: Var<'t, f64>,
    r: Var<'t, f64>,
    d: Var<'t, f64>,
    s_next: Var<'t, f64>,
    xi: Var<'t, f64>,
}

type Stage = for<'t> fn(&Networks, Parameters<'t>, Batch<'t>) -> Var<'t, f64>;

/// A stage of an update, at random parameters and on a random batch.
fn update(
    [batch, dim]: Shape,
    activation: Activation,
    stage: Stage,
    points: &mut Points,
) -> Problem {
    let observation_dim = 3;
    let networks = Networks {
        policy: SquashedGaussian::new(observation_dim, dim, &[5, 4], activation),
        critic: Mlp::new(observation_dim + dim, &[4, 3], 1, activation),
    };
    let variables = [
        ("phi", points.init(networks.policy.mlp()).into()),
        ("theta1", points.init(&networks.critic).into()),
        ("theta2", points.init(&networks.critic).into()),
        ("target1", points.init(&networks.critic).into()),
        ("target2", points.init(&networks.critic).into()),
        ("log_alpha", points.normal([1, 1]).into()),
    ];
    let constants = [
        points.normal([batch, observation_dim]),
        points.actions([batch, dim]),
        points.normal([batch, 1]),
        points.flags([batch, 1]),
        points.normal([batch, observation_dim]),
        points.normal([batch, dim]),
    ];
    Problem::new(variables, move |p, c| {
        let (thetas, targets) = ([p[1], p[2]], [p[3], p[4]]);
        let parameters = Parameters { phi: p[0], thetas, targets, log_alpha: p[5] };
        let batch = Batch { s: c[0], a: c[1], r: c[2], d: c[3], s_next: c[4], xi: c[5] };
        stage(&networks, parameters, batch)
    })
    .with_constants(constants)
}

/// Steps 1 and 2 of the update: targets, and the sum of the critics' losses against them.
fn critics_stage<'t>(
    networks: &Networks,
    Parameters { phi, thetas, targets, log_alpha }: Parameters<'t>,
    Batch { s, a, r, d, s_next, xi }: Batch<'t>,
) -> Var<'t, f64> {
    let next = networks.policy.sample(phi, s_next, xi);
    let q_next = networks.q(targets, s_next.concat(next.action));
    let y = soft_target(r, d, q_next, log_alpha.exp(), next.log_pi, 0.99);
    let s_a = s.concat(a);
    let [one, two] = thetas.map(|theta| critic_loss(networks.critic.forward(theta, s_a), y));
    one + two
}

/// Step 3: the policy's loss, with frozen critics.
fn actor_stage<'t>(
    networks: &Networks,
    Parameters { phi, thetas, log_alpha, .. }: Parameters<'t>,
    Batch { s, xi, .. }: Batch<'t>,
) -> Var<'t, f64> {
    let sample = networks.policy.sample(phi, s, xi);
    let q = networks.q(thetas.map(Var::detach), s.concat(sample.action));
    actor_loss(log_alpha.exp(), sample.log_pi, q)
}

/// Step 4: the temperature's loss on the policy's log π.
fn temperature_stage<'t>(
    networks: &Networks,
    Parameters { phi, log_alpha, .. }: Parameters<'t>,
    Batch { s, xi, .. }: Batch<'t>,
) -> Var<'t, f64> {
    let sample = networks.policy.sample(phi, s, xi);
    temperature_loss(log_alpha, sample.log_pi, -1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use crate::tape::Tape;

    #[test]
    fn the_target_that_is_differentiated_is_the_target_that_is_used() {
        let mut points = Points::new(stream(0, Purpose::Init));
        let p = [(); 5].map(|()| points.normal([1, 1]));
        let tape = Tape::new();
        let [r, d, q, alpha, log_pi] = p.each_ref().map(|x| tape.leaf(x));
        let used = soft_target(r, d, q, alpha, log_pi, 0.97);
        let differentiated = undetached_target(r, d, q, alpha, log_pi, 0.97);
        assert_eq!(used.value().unwrap(), differentiated.value().unwrap());
    }
}

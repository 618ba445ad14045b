//! TD3's equations for the gradient checker: each on its own, and the stages of an update with all networks.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use super::actor_loss::actor_loss;
use super::critic_loss::critic_loss;
use super::target::{smoothed_action, target};
use crate::agent::{Equation, Points, Problem, column, q_min};
use crate::nn::{Activation, Mlp};
use crate::policy::Deterministic;
use crate::tape::{Shape, Var};

/// All of them, for a batch size and a number of action dimensions.
pub(super) fn equations(shape: Shape) -> Vec<Equation> {
    let mut equations = vec![
        action(shape),
        critics_target(shape, "td3 target", target, &["r", "d", "q_min_next"]),
        critics_target(shape, "td3 target undetached", undetached_target, &[]),
        critic(shape),
        actor(shape),
    ];
    // Name, loss, and the parameters that no gradient may flow to.
    let stages: [(_, Stage, &[_]); 2] = [
        ("critics", critics_stage, &["phi", "phi_target", "target1", "target2"]),
        ("actor", actor_stage, &["phi_target", "theta1", "theta2", "target1", "target2"]),
    ];
    for activation in [Activation::Relu, Activation::Tanh] {
        equations.extend(stages.map(|(name, stage, constant_in)| {
            Equation::stage(format!("td3 {name} {activation:?}"), move |points| {
                let problem = update(shape, activation, stage, points);
                problem.constant_in(constant_in.iter().copied())
            })
        }));
    }
    equations
}

/// With points on both sides of both clips.
fn action(shape: Shape) -> Equation {
    Equation::new("td3 smoothed_action", move |points| {
        let (a, xi) = (points.actions(shape), points.normal(shape));
        let variables = [("a", a.into()), ("xi", xi.into())];
        Problem::new(variables, |p, _| smoothed_action(p[0], p[1], 0.6, 0.5))
    })
}

type Target = for<'t> fn(Var<'t, f64>, Var<'t, f64>, Var<'t, f64>, f64) -> Var<'t, f64>;

/// The target is a constant to what is computed from it, so its own gradient is zero. Its formula is checked once more
/// without the `detach`.
fn critics_target(
    shape: Shape,
    name: &'static str,
    target: Target,
    constant_in: &'static [&'static str],
) -> Equation {
    Equation::new(name, move |points| {
        let (r, d) = (points.normal(column(shape)), points.flags(column(shape)));
        let q = points.normal(column(shape));
        let variables = [("r", r.into()), ("d", d.into()), ("q_min_next", q.into())];
        Problem::new(variables, move |p, _| target(p[0], p[1], p[2], 0.97))
            .constant_in(constant_in.iter().copied())
    })
}

/// [`target`](fn@target) before it is cut off; a test holds their values together.
fn undetached_target<'t>(
    r: Var<'t, f64>,
    d: Var<'t, f64>,
    q_min_next: Var<'t, f64>,
    gamma: f64,
) -> Var<'t, f64> {
    r + d.one_minus() * q_min_next * gamma
}

fn critic(shape: Shape) -> Equation {
    Equation::new("td3 critic_loss", move |points| {
        let (q, y) = (points.normal(column(shape)), points.normal(column(shape)));
        let variables = [("q", q.into()), ("y", y.into())];
        Problem::new(variables, |p, _| critic_loss(p[0], p[1])).constant_in(["y"])
    })
}

fn actor(shape: Shape) -> Equation {
    Equation::new("td3 actor_loss", move |points| {
        let q = points.normal(column(shape));
        Problem::new([("q", q.into())], |p, _| actor_loss(p[0]))
    })
}

/// The networks of an update.
struct Networks {
    policy: Deterministic,
    critic: Mlp,
}

/// All parameters. Each is a variable of each stage, so that a gradient that must not flow is seen.
struct Parameters<'t> {
    phi: Var<'t, f64>,
    phi_target: Var<'t, f64>,
    thetas: [Var<'t, f64>; 2],
    targets: [Var<'t, f64>; 2],
}

/// A batch and its smoothing noise.
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
        policy: Deterministic::new(observation_dim, dim, &[5, 4], activation),
        critic: Mlp::new(observation_dim + dim, &[4, 3], 1, activation),
    };
    let variables = [
        ("phi", points.init(networks.policy.mlp()).into()),
        ("phi_target", points.init(networks.policy.mlp()).into()),
        ("theta1", points.init(&networks.critic).into()),
        ("theta2", points.init(&networks.critic).into()),
        ("target1", points.init(&networks.critic).into()),
        ("target2", points.init(&networks.critic).into()),
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
        let (thetas, targets) = ([p[2], p[3]], [p[4], p[5]]);
        let parameters = Parameters { phi: p[0], phi_target: p[1], thetas, targets };
        let batch = Batch { s: c[0], a: c[1], r: c[2], d: c[3], s_next: c[4], xi: c[5] };
        stage(&networks, parameters, batch)
    })
    .with_constants(constants)
}

/// Steps 1 and 2 of the update: targets, and the sum of the critics' losses against them.
fn critics_stage<'t>(
    Networks { policy, critic }: &Networks,
    Parameters { phi_target, thetas, targets, .. }: Parameters<'t>,
    Batch { s, a, r, d, s_next, xi }: Batch<'t>,
) -> Var<'t, f64> {
    let a_next = smoothed_action(policy.action(phi_target, s_next), xi, 0.2, 0.5);
    let s_a_next = s_next.concat(a_next);
    let q_next = q_min(targets.map(|theta| critic.forward(theta, s_a_next)));
    let y = target(r, d, q_next, 0.99);
    let s_a = s.concat(a);
    let [one, two] = thetas.map(|theta| critic_loss(critic.forward(theta, s_a), y));
    one + two
}

/// Step 3: the policy's loss, with the first critic frozen.
fn actor_stage<'t>(
    Networks { policy, critic }: &Networks,
    Parameters { phi, thetas: [theta, _], .. }: Parameters<'t>,
    Batch { s, .. }: Batch<'t>,
) -> Var<'t, f64> {
    actor_loss(critic.forward(theta.detach(), s.concat(policy.action(phi, s))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use crate::tape::Tape;

    #[test]
    fn the_target_that_is_differentiated_is_the_target_that_is_used() {
        let mut points = Points::new(stream(0, Purpose::Init));
        let p = [(); 3].map(|()| points.normal([4, 1]));
        let tape = Tape::new();
        let [r, d, q] = p.each_ref().map(|x| tape.leaf(x));
        let used = target(r, d, q, 0.97);
        let differentiated = undetached_target(r, d, q, 0.97);
        assert_eq!(used.value().unwrap(), differentiated.value().unwrap());
    }
}

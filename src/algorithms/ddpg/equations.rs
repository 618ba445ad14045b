//! The stages of DDPG's update for the gradient checker, with all networks. Each equation on its own is checked with TD3's.

use alloc::format;
use alloc::vec::Vec;

use crate::agent::{Equation, Points, Problem};
use crate::algorithms::td3::{actor_loss, critic_loss, target};
use crate::nn::{Activation, Mlp};
use crate::policy::Deterministic;
use crate::tape::{Shape, Var};

/// All of them, for a batch size and a number of action dimensions.
pub(super) fn equations(shape: Shape) -> Vec<Equation> {
    // Name, loss, and the parameters that no gradient may flow to.
    let stages: [(_, Stage, &[_]); 2] = [
        ("critic", critic_stage, &["phi", "phi_target", "theta_target"]),
        ("actor", actor_stage, &["phi_target", "theta", "theta_target"]),
    ];
    let of_activation = |activation| {
        stages.map(|(name, stage, constant_in)| {
            Equation::stage(format!("ddpg {name} {activation:?}"), move |points| {
                let problem = update(shape, activation, stage, points);
                problem.constant_in(constant_in.iter().copied())
            })
        })
    };
    [Activation::Relu, Activation::Tanh].into_iter().flat_map(of_activation).collect()
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
    theta: Var<'t, f64>,
    theta_target: Var<'t, f64>,
}

/// A batch.
struct Batch<'t> {
    s: Var<'t, f64>,
    a: Var<'t, f64>,
    r: Var<'t, f64>,
    d: Var<'t, f64>,
    s_next: Var<'t, f64>,
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
        ("theta", points.init(&networks.critic).into()),
        ("theta_target", points.init(&networks.critic).into()),
    ];
    let constants = [
        points.normal([batch, observation_dim]),
        points.actions([batch, dim]),
        points.normal([batch, 1]),
        points.flags([batch, 1]),
        points.normal([batch, observation_dim]),
    ];
    Problem::new(variables, move |p, c| {
        let parameters =
            Parameters { phi: p[0], phi_target: p[1], theta: p[2], theta_target: p[3] };
        let batch = Batch { s: c[0], a: c[1], r: c[2], d: c[3], s_next: c[4] };
        stage(&networks, parameters, batch)
    })
    .with_constants(constants)
}

/// Steps 1 and 2 of the update: the targets, and the critic's loss against them.
fn critic_stage<'t>(
    Networks { policy, critic }: &Networks,
    Parameters { phi_target, theta, theta_target, .. }: Parameters<'t>,
    Batch { s, a, r, d, s_next }: Batch<'t>,
) -> Var<'t, f64> {
    let a_next = policy.action(phi_target, s_next);
    let y = target(r, d, critic.forward(theta_target, s_next.concat(a_next)), 0.99);
    critic_loss(critic.forward(theta, s.concat(a)), y)
}

/// Step 3: the policy's loss, with the critic frozen.
fn actor_stage<'t>(
    Networks { policy, critic }: &Networks,
    Parameters { phi, theta, .. }: Parameters<'t>,
    Batch { s, .. }: Batch<'t>,
) -> Var<'t, f64> {
    actor_loss(critic.forward(theta.detach(), s.concat(policy.action(phi, s))))
}

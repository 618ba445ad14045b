//! Wrong densities, and wrong maps to the environment's actions.

use softac::policy::{Gaussian, Sample, gaussian_log_prob, log_tanh_jacobian};
use softac::tape::Var;

use super::Row;

type V<'t> = Var<'t, f64>;

/// A sample whose log-Jacobian is wrong.
fn sample<'t>(g: Gaussian<'t, f64>, xi: V<'t>, jacobian: fn(V<'t>) -> V<'t>) -> Sample<'t, f64> {
    let u = g.mu + g.log_sigma.exp() * xi;
    Sample { action: u.tanh(), log_pi: gaussian_log_prob(xi, g.log_sigma) - jacobian(u) }
}

/// `log(1 − tanh² u + 10⁻⁶)`, as in the first implementations.
fn with_epsilon(u: V<'_>) -> V<'_> {
    (u.tanh().square().one_minus() + 1e-6).ln().sum_columns()
}

pub const ROWS: &[Row] = &[
    (
        "the log-Jacobian has a floor: log(1 - tanh² + 1e-6)",
        |sac| {
            sac.log_tanh_jacobian = with_epsilon;
            sac.sample = |g, xi| sample(g, xi, with_epsilon);
        },
        "the_density_of_the_action_has_mass_one",
    ),
    (
        "the log-Jacobian of the floor, as a function",
        |sac| sac.log_tanh_jacobian = with_epsilon,
        "the_log_jacobian_agrees_with_high_precision_up_to_40_in_both_precisions",
    ),
    (
        "the slope of the log-Jacobian is that of the floor",
        |sac| {
            // Right values, for which the slope of the floor stands in.
            sac.log_tanh_jacobian = |u| {
                let (right, floor) = (log_tanh_jacobian(u), with_epsilon(u));
                (right - floor).detach() + floor
            }
        },
        "the_slope_of_the_log_jacobian_is_minus_two_tanh",
    ),
    (
        "log(1 - tanh²) as it is written, in single precision",
        |sac| sac.log_tanh_jacobian_f32 = |u| u.tanh().square().one_minus().ln().sum_columns(),
        "the_log_jacobian_agrees_with_high_precision_up_to_40_in_both_precisions",
    ),
    (
        "no log-Jacobian",
        |sac| sac.sample = |g, xi| sample(g, xi, |u| (u * 0.0).sum_columns()),
        "the_density_of_the_action_has_mass_one",
    ),
    (
        "the log-Jacobian is added",
        |sac| sac.sample = |g, xi| sample(g, xi, |u| -log_tanh_jacobian(u)),
        "the_density_integrates_to_one_over_the_actions_themselves",
    ),
    (
        "the log-Jacobian leaves out the last of more than three dimensions",
        |sac| {
            sac.sample = |g, xi| {
                sample(g, xi, |u| {
                    let dims = u.shape()[1];
                    log_tanh_jacobian(u.columns(0..if dims > 3 { dims - 1 } else { dims }))
                })
            }
        },
        "log_pi_sums_over_the_action_dimensions",
    ),
    (
        "log π is a mean over the action dimensions",
        |sac| {
            sac.sample = |g, xi| {
                let right = g.sample(xi);
                let dims = g.mu.shape()[1] as f64;
                Sample { log_pi: right.log_pi * (1.0 / dims), ..right }
            }
        },
        "log_pi_sums_over_the_action_dimensions",
    ),
    (
        "log π is summed over the batch",
        |sac| {
            sac.sample = |g, xi| {
                let right = g.sample(xi);
                Sample { log_pi: right.log_pi.sum().broadcast_like(right.log_pi), ..right }
            }
        },
        "the_losses_of_a_batch_are_the_means_of_its_samples",
    ),
    (
        "the scaled action goes into the log-Jacobian",
        |sac| {
            sac.sample = |g, xi| {
                // 1 − (2 tanh u)², in a box twice as wide.
                sample(g, xi, |u| {
                    ((u.tanh() * 2.0).square().one_minus().square()).ln().sum_columns() * 0.5
                })
            }
        },
        "the_density_integrates_to_one_over_the_actions_themselves",
    ),
    (
        "½ ξ² without the half",
        |sac| {
            sac.sample = |g, xi| {
                let right = g.sample(xi);
                Sample { log_pi: right.log_pi - (xi.square() * 0.5).sum_columns(), ..right }
            }
        },
        "the_density_of_the_action_has_mass_one",
    ),
    (
        "all dimensions are scaled by the first one's bounds",
        |sac| {
            sac.to_environment = |space, a, out| {
                let (low, high) = (space.low()[0], space.high()[0]);
                out.iter_mut()
                    .zip(a)
                    .for_each(|(out, a)| *out = low + (high - low) * (a + 1.0) / 2.0);
            }
        },
        "every_dimension_of_the_action_is_scaled_by_its_own_bounds",
    ),
    (
        "the fourth dimension and those after it are scaled by the third one's bounds",
        |sac| {
            sac.to_environment = |space, a, out| {
                for (j, (out, a)) in out.iter_mut().zip(a).enumerate() {
                    let (low, high) = (space.low()[j.min(2)], space.high()[j.min(2)]);
                    *out = low + (high - low) * (a + 1.0) / 2.0;
                }
            }
        },
        "every_dimension_of_the_action_is_scaled_by_its_own_bounds",
    ),
    (
        "the density in the environment's units is that in [-1, 1]",
        |sac| sac.log_scale = |_| 0.0,
        "the_density_integrates_to_one_over_a_scaled_anisotropic_box",
    ),
    (
        "log σ is not bounded",
        |sac| {
            sac.gaussian = |policy, phi, s| {
                let (heads, a) = (policy.mlp().forward(phi, s), policy.action_dim());
                Gaussian { mu: heads.columns(0..a), log_sigma: heads.columns(a..2 * a) }
            }
        },
        "log_sigma_is_clamped_and_has_no_gradient_outside",
    ),
    (
        "log σ is bounded in the first three dimensions alone",
        |sac| {
            sac.gaussian = |policy, phi, s| {
                let (right, a) = (policy.gaussian(phi, s), policy.action_dim());
                let raw = policy.mlp().forward(phi, s).columns(a..2 * a);
                if a <= 3 {
                    return right;
                }
                let log_sigma = right.log_sigma.columns(0..3).concat(raw.columns(3..a));
                Gaussian { log_sigma, ..right }
            }
        },
        "log_sigma_is_clamped_in_every_dimension",
    ),
    (
        "the gradient passes through the clamp of log σ",
        |sac| {
            sac.gaussian = |policy, phi, s| {
                let (right, a) = (policy.gaussian(phi, s), policy.action_dim());
                let raw = policy.mlp().forward(phi, s).columns(a..2 * a);
                Gaussian { log_sigma: (right.log_sigma - raw).detach() + raw, ..right }
            }
        },
        "log_sigma_is_clamped_and_has_no_gradient_outside",
    ),
    (
        "the clamp of log σ sticks inside its bounds too",
        |sac| {
            sac.gaussian = |policy, phi, s| {
                let right = policy.gaussian(phi, s);
                Gaussian { log_sigma: right.log_sigma.detach(), ..right }
            }
        },
        "the_gradient_in_log_sigma_is_the_difference_quotient_inside",
    ),
    (
        "the entropy is reported with the sign of log π",
        |sac| sac.entropy = |log_pi| log_pi.mean(),
        "the_entropy_estimate_meets_the_entropy_by_quadrature",
    ),
];

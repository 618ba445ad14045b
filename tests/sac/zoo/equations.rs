//! Wrong densities, targets and losses.

use std::f64::consts::LN_2;

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
    // The density.
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
        |sac| sac.sample = |g, xi| sample(g, xi, |u| (u - u).sum_columns()),
        "the_density_of_the_action_has_mass_one",
    ),
    (
        "the log-Jacobian is added",
        |sac| sac.sample = |g, xi| sample(g, xi, |u| -log_tanh_jacobian(u)),
        "the_density_integrates_to_one_over_the_actions_themselves",
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
    // The target.
    (
        "the entropy of the target has the wrong sign",
        |sac| {
            sac.soft_target = |[r, d, q, alpha, log_pi], gamma| {
                let soft = q + alpha.broadcast_like(log_pi) * log_pi;
                (r + d.one_minus() * soft * gamma).detach()
            }
        },
        "the_soft_target_is_as_computed_by_hand",
    ),
    (
        "the target has no entropy",
        |sac| sac.soft_target = |[r, d, q, _, _], gamma| (r + d.one_minus() * q * gamma).detach(),
        "the_soft_target_is_as_computed_by_hand",
    ),
    (
        "the entropy stands outside the mask",
        |sac| {
            sac.soft_target = |[r, d, q, alpha, log_pi], gamma| {
                let bonus = alpha.broadcast_like(log_pi) * log_pi * gamma;
                (r + d.one_minus() * q * gamma - bonus).detach()
            }
        },
        "after_termination_the_target_is_the_reward_exactly",
    ),
    (
        "the mask is upside down",
        |sac| {
            sac.soft_target = |[r, d, q, alpha, log_pi], gamma| {
                (r + d * (q - alpha.broadcast_like(log_pi) * log_pi) * gamma).detach()
            }
        },
        "truncation_does_not_cut_the_bootstrap",
    ),
    (
        "the target is not detached",
        |sac| {
            sac.soft_target = |[r, d, q, alpha, log_pi], gamma| {
                r + d.one_minus() * (q - alpha.broadcast_like(log_pi) * log_pi) * gamma
            };
            sac.critic_loss = |q, y| (q - y).square().mean() * 0.5;
        },
        "no_gradient_passes_through_the_target",
    ),
    (
        "the rewards are scaled twice",
        |sac| {
            sac.soft_target = |[r, d, q, alpha, log_pi], gamma| {
                let scaled = r * 5.0;
                softac::sac::soft_target(scaled, d, q, alpha, log_pi, gamma)
            }
        },
        "the_soft_target_is_as_computed_by_hand",
    ),
    (
        "the rewards are normalised, so that their scale is lost",
        |sac| {
            sac.soft_target = |[r, d, q, alpha, log_pi], gamma| {
                let size = (r.square().mean().ln() * -0.5).exp();
                let r = r * size.broadcast_like(r);
                softac::sac::soft_target(r, d, q, alpha, log_pi, gamma)
            }
        },
        "scaling_rewards_and_temperature_scales_values_and_leaves_the_policy",
    ),
    // The critics.
    (
        "the critic's loss has no half",
        |sac| sac.critic_loss = |q, y| (q - y.detach()).square().mean(),
        "the_critic_loss_is_half_the_mean_square_and_its_gradient_the_error",
    ),
    (
        "the critic's loss is a sum over the batch",
        |sac| sac.critic_loss = |q, y| (q - y.detach()).square().sum() * 0.5,
        "the_losses_of_a_batch_are_the_means_of_its_samples",
    ),
    (
        "the critic's loss lets gradients into the target",
        |sac| sac.critic_loss = |q, y| (q - y).square().mean() * 0.5,
        "the_critic_loss_is_half_the_mean_square_and_its_gradient_the_error",
    ),
    (
        "Q of [B] against y of [B, 1]: a loss over [B, B]",
        |sac| {
            sac.critic_loss = |q, y| {
                // E over all pairs of (Qᵢ − yⱼ)², from the first two moments of each.
                let y = y.detach();
                let cross = q.mean() * y.mean() * 2.0;
                (q.square().mean() + y.square().mean() - cross) * 0.5
            }
        },
        "the_losses_of_a_batch_are_the_means_of_its_samples",
    ),
    (
        "shapes are broadcast without asking",
        |sac| {
            sac.critic_loss = |q, y| {
                let [rows, columns] = q.shape();
                let [other_rows, other_columns] = y.shape();
                let both = [rows.max(other_rows), columns.max(other_columns)];
                (q.broadcast(both) - y.detach().broadcast(both)).square().mean() * 0.5
            }
        },
        "a_row_in_place_of_a_column_is_refused_and_not_broadcast",
    ),
    (
        "a mean of the critics in place of their minimum",
        |sac| {
            sac.q_min = |qs| {
                let sum = qs.iter().copied().reduce(|a, b| a + b).unwrap();
                sum * (1.0 / qs.len() as f64)
            }
        },
        "the_minimum_is_taken_sample_by_sample",
    ),
    (
        "the minimum of the critics' means",
        |sac| {
            sac.q_min = |qs| {
                let means = qs.iter().map(|q| q.mean().broadcast_like(*q));
                means.reduce(Var::min).unwrap()
            }
        },
        "the_minimum_is_taken_sample_by_sample",
    ),
    (
        "the first critic judges alone",
        |sac| sac.q_min = |qs| qs[0],
        "the_minimum_over_three_critics_goes_to_the_least",
    ),
    (
        "the largest of the critics",
        |sac| sac.q_min = |qs| -qs.iter().map(|q| -*q).reduce(Var::min).unwrap(),
        "the_minimum_is_taken_sample_by_sample",
    ),
    // The policy.
    (
        "the policy goes down Q",
        |sac| {
            sac.actor_loss =
                |alpha, log_pi, q| (alpha.detach().broadcast_like(log_pi) * log_pi + q).mean();
        },
        "the_actor_loss_is_as_computed_by_hand",
    ),
    (
        "the policy flees entropy",
        |sac| {
            sac.actor_loss =
                |alpha, log_pi, q| -(alpha.detach().broadcast_like(log_pi) * log_pi + q).mean();
        },
        "the_actor_loss_is_as_computed_by_hand",
    ),
    (
        "the policy's loss leaks into α",
        |sac| {
            sac.actor_loss = |alpha, log_pi, q| (alpha.broadcast_like(log_pi) * log_pi - q).mean();
        },
        "every_loss_moves_its_own_parameters_and_no_others",
    ),
    (
        "the critics' loss leaks into α",
        |sac| {
            sac.critic_loss = |q, y| (q - y).square().mean() * 0.5;
            sac.soft_target = |[r, d, q, alpha, log_pi], gamma| {
                let right = softac::sac::soft_target(r, d, q, alpha, log_pi, gamma);
                let alpha = alpha.broadcast_like(right);
                right + alpha - alpha.detach()
            };
        },
        "every_loss_moves_its_own_parameters_and_no_others",
    ),
    (
        "no gradient through the action",
        |sac| {
            sac.sample = |g, xi| {
                let right = g.sample(xi);
                Sample { action: right.action.detach(), ..right }
            }
        },
        "without_temperature_the_policy_follows_the_critic_alone",
    ),
    (
        "the policy's loss is a sum over the batch",
        |sac| {
            sac.actor_loss =
                |alpha, log_pi, q| (alpha.detach().broadcast_like(log_pi) * log_pi - q).sum();
        },
        "the_losses_of_a_batch_are_the_means_of_its_samples",
    ),
    // The temperature.
    (
        "the temperature's loss has the other sign",
        |sac| {
            sac.temperature_loss =
                |log_alpha, log_pi, target| log_alpha.exp() * (log_pi.detach() + target).mean();
        },
        "the_temperature_rises_below_the_target_entropy_and_falls_above",
    ),
    (
        "the temperature's loss lets gradients into the policy",
        |sac| {
            sac.temperature_loss =
                |log_alpha, log_pi, target| -(log_alpha.exp() * (log_pi + target).mean());
        },
        "no_gradient_of_the_temperature_loss_reaches_the_policy",
    ),
    (
        "the temperature's loss is linear in log α",
        |sac| {
            sac.temperature_loss =
                |log_alpha, log_pi, target| -(log_alpha * (log_pi.detach() + target).mean());
        },
        "the_temperature_loss_is_as_computed_by_hand",
    ),
    (
        "the target entropy is subtracted",
        |sac| {
            sac.temperature_loss =
                |log_alpha, log_pi, target| -(log_alpha.exp() * (log_pi.detach() - target).mean());
        },
        "the_temperature_rises_below_the_target_entropy_and_falls_above",
    ),
    (
        "the target entropy is minus the square of the dimensions",
        |sac| sac.target_entropy = |dims| -((dims * dims) as f64),
        "the_target_entropy_is_minus_the_number_of_action_dimensions",
    ),
    (
        "a target entropy that no policy reaches is taken",
        |sac| sac.accepts_target_entropy = |nats| nats.is_finite(),
        "a_target_entropy_beyond_that_of_uniform_actions_is_refused",
    ),
    (
        "the bound on the target entropy is that of a density over [0, 1]",
        |sac| sac.accepts_target_entropy = |nats| nats <= LN_2 - LN_2,
        "a_target_entropy_beyond_that_of_uniform_actions_is_refused",
    ),
];

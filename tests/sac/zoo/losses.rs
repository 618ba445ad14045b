//! Wrong targets and losses.

use softac::policy::Sample;
use softac::tape::Var;

use super::Row;

pub const ROWS: &[Row] = &[
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
        "the_minimum_over_five_critics_goes_to_the_least",
    ),
    (
        "the minimum leaves out the fourth critic",
        |sac| {
            sac.q_min = |qs| {
                let others = qs.iter().enumerate().filter(|(i, _)| *i != 3);
                others.map(|(_, q)| *q).reduce(Var::min).unwrap()
            }
        },
        "the_minimum_over_five_critics_goes_to_the_least",
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
        |sac| sac.accepts_target_entropy = |nats| nats <= 0.0,
        "a_target_entropy_beyond_that_of_uniform_actions_is_refused",
    ),
];

//! The zoo: one mutant for every mistake found in public implementations of TD3, and some that are near.
//!
//! A row names the mistake, puts it in place of a right part, and names the property that must notice.

use std::panic::{AssertUnwindSafe, catch_unwind};

use softac::algorithms::td3::{smoothed_action, target};
use softac::random::fill_normal;

use crate::by_hand::{ByHand, Wrong};
use crate::loop_by_hand::{LoopByHand, Wrong as InLoop};
use crate::{Implementation, Property};

/// A mistake, how it is made, and the property that notices.
type Row = (&'static str, fn(&mut Implementation), &'static str);

const EQUATIONS: &[Row] = &[
    (
        "the smoothing noise is not clipped",
        |td3| {
            td3.smoothed_action = |a, xi, sigma, _| smoothed_action(a, xi, sigma, f64::INFINITY);
        },
        "the_smoothed_action_is_as_computed_by_hand",
    ),
    (
        "the smoothing noise is clipped before it is scaled",
        |td3| {
            td3.smoothed_action = |a, xi, sigma, c| (a + xi.clamp(-c, c) * sigma).clamp(-1.0, 1.0)
        },
        "the_smoothed_action_is_as_computed_by_hand",
    ),
    (
        "the smoothed action leaves the box",
        |td3| td3.smoothed_action = |a, xi, sigma, c| a + (xi * sigma).clamp(-c, c),
        "the_smoothed_action_is_as_computed_by_hand",
    ),
    (
        "the smoothing noise is not scaled",
        |td3| td3.smoothed_action = |a, xi, _, c| (a + xi.clamp(-c, c)).clamp(-1.0, 1.0),
        "without_noise_the_smoothed_action_is_the_policys",
    ),
    (
        "the mask is upside down",
        |td3| td3.target = |[r, d, q], gamma| (r + d * q * gamma).detach(),
        "after_termination_the_target_is_the_reward_exactly",
    ),
    (
        "the target bootstraps after termination",
        |td3| td3.target = |[r, _, q], gamma| (r + q * gamma).detach(),
        "after_termination_the_target_is_the_reward_exactly",
    ),
    (
        "the reward is discounted, too",
        |td3| td3.target = |[r, d, q], gamma| target(r * gamma, d, q, gamma),
        "the_target_is_as_computed_by_hand",
    ),
    (
        "the target is not detached",
        |td3| {
            td3.target = |[r, d, q], gamma| r + d.one_minus() * q * gamma;
            td3.critic_loss = |q, y| (q - y).square().mean();
        },
        "no_gradient_passes_through_the_target",
    ),
    (
        "the critic's loss has the half of SAC's",
        |td3| td3.critic_loss = |q, y| (q - y.detach()).square().mean() * 0.5,
        "the_critic_loss_is_the_mean_square_without_a_half",
    ),
    (
        "the critic's loss lets gradients into the target",
        |td3| td3.critic_loss = |q, y| (q - y).square().mean(),
        "the_critic_loss_is_the_mean_square_without_a_half",
    ),
    (
        "the critic's loss is a sum over the batch",
        |td3| td3.critic_loss = |q, y| (q - y.detach()).square().sum(),
        "the_losses_of_a_batch_are_the_means_of_its_samples",
    ),
    (
        "the policy goes down Q",
        |td3| td3.actor_loss = |q| q.mean(),
        "the_actor_loss_is_minus_the_mean_of_the_values",
    ),
    (
        "the policy's loss is a sum over the batch",
        |td3| td3.actor_loss = |q| -q.sum(),
        "the_losses_of_a_batch_are_the_means_of_its_samples",
    ),
    (
        "the smoothing noise is drawn once for the batch",
        |td3| {
            td3.noise = |rows, actions, stream| {
                let mut xi = ndarray::Array2::zeros((1, actions));
                fill_normal(xi.as_slice_mut().unwrap(), stream);
                xi.broadcast((rows, actions)).unwrap().to_owned()
            }
        },
        "every_number_of_the_target_action_has_noise_of_its_own",
    ),
    (
        "the smoothing noise is drawn once for all actions",
        |td3| {
            td3.noise = |rows, actions, stream| {
                let mut xi = ndarray::Array2::zeros((rows, 1));
                fill_normal(xi.as_slice_mut().unwrap(), stream);
                xi.broadcast((rows, actions)).unwrap().to_owned()
            }
        },
        "every_number_of_the_target_action_has_noise_of_its_own",
    ),
    (
        "the smoothing noise of the fourth action and those after it is that of the third",
        |td3| {
            td3.noise = |rows, actions, stream| {
                let mut xi = ndarray::Array2::zeros((rows, actions));
                fill_normal(xi.as_slice_mut().unwrap(), stream);
                ndarray::Array2::from_shape_fn((rows, actions), |(i, j)| xi[[i, j.min(2)]])
            }
        },
        "every_number_of_the_target_action_has_noise_of_its_own",
    ),
];

macro_rules! update {
    ($mistake:literal, $wrong:ident, $killer:literal) => {
        ($mistake, |td3| td3.updater = |td3| Box::new(ByHand::new(td3, Wrong::$wrong)), $killer)
    };
}

const UPDATES: &[Row] = &[
    update!(
        "the target policy is forgotten",
        TargetPolicyForgotten,
        "the_target_takes_its_action_from_the_target_policy"
    ),
    update!(
        "the target policy never moves",
        TargetPolicyNeverMoves,
        "all_targets_move_with_the_policy_and_only_then"
    ),
    update!(
        "the target policy moves in every update",
        TargetPolicyEveryUpdate,
        "all_targets_move_with_the_policy_and_only_then"
    ),
    update!(
        "the target critics move in every update",
        TargetCriticsEveryUpdate,
        "all_targets_move_with_the_policy_and_only_then"
    ),
    update!(
        "the target policy moves before the policy",
        TargetsBeforePolicy,
        "targets_stay_for_tau_zero_and_are_the_networks_for_tau_one"
    ),
    update!(
        "the policy has no delay",
        PolicyEveryUpdate,
        "all_targets_move_with_the_policy_and_only_then"
    ),
    update!(
        "the policy climbs the minimum over the critics",
        PolicyOnMinimum,
        "the_policy_follows_the_first_critic_alone"
    ),
    update!(
        "the policy is updated before the critics",
        PolicyBeforeCritics,
        "the_policy_follows_the_first_critic_alone"
    ),
    update!(
        "the policy's loss steps the first critic",
        CriticStepped,
        "the_policys_update_does_not_touch_the_critics"
    ),
    update!(
        "the target is the first critic's alone",
        NoMinimum,
        "the_target_of_td3_is_as_computed_by_hand"
    ),
    update!("the target has no smoothing", NoSmoothing, "the_target_of_td3_is_as_computed_by_hand"),
    update!(
        "all transitions have the noise of the first",
        NoiseOfTheFirst,
        "the_noise_moves_the_target_of_each_transition_by_itself"
    ),
];

macro_rules! in_loop {
    ($mistake:literal, $wrong:ident, $killer:literal) => {
        (
            $mistake,
            |td3| {
                td3.learner =
                    |config, env, seed| LoopByHand::boxed(config, env, seed, InLoop::$wrong);
            },
            $killer,
        )
    };
}

const LOOPS: &[Row] = &[
    in_loop!(
        "an episode cut by time counts as terminated",
        TruncationTerminates,
        "the_mask_of_a_minibatch_is_termination_alone"
    ),
    in_loop!(
        "the exploration noise is left out",
        NoExploration,
        "exploration_noise_is_in_units_of_the_half_range"
    ),
    in_loop!(
        "the exploration noise is not scaled by the box",
        NoiseInTheEnvironmentsUnits,
        "exploration_noise_is_in_units_of_the_half_range"
    ),
    in_loop!(
        "all action dimensions have one exploration noise",
        OneNoiseForAllDimensions,
        "exploration_noise_is_in_units_of_the_half_range"
    ),
    in_loop!(
        "an action with noise is not clipped",
        NotClipped,
        "explored_actions_stay_within_the_box_and_reach_it"
    ),
    in_loop!(
        "replay has the action without the noise",
        QuietActionStored,
        "replay_has_the_action_that_the_environment_was_given"
    ),
    in_loop!(
        "the action of an evaluation has noise",
        NoiseInEvaluation,
        "training_explores_and_evaluation_does_not"
    ),
];

fn rows() -> impl Iterator<Item = &'static Row> {
    [EQUATIONS, UPDATES, LOOPS].into_iter().flatten()
}

fn properties() -> impl Iterator<Item = &'static Property> {
    let all =
        [crate::equations::PROPERTIES, crate::pitfalls::PROPERTIES, crate::update::PROPERTIES];
    all.into_iter().flatten()
}

fn has(td3: &Implementation, property: &Property) -> bool {
    catch_unwind(AssertUnwindSafe(|| (property.holds)(td3))).is_ok()
}

#[test]
fn every_mutant_is_killed_by_the_property_that_its_row_names() {
    for &(mistake, make, killer) in rows() {
        let killer = properties().find(|property| property.name == killer).expect(killer);
        let mut mutant = Implementation::of_the_crate();
        make(&mut mutant);
        assert!(!has(&mutant, killer), "{mistake}: {} did not notice", killer.name);
    }
}

#[test]
fn the_crate_survives_in_the_zoo() {
    let crate_itself = Implementation::of_the_crate();
    for property in properties() {
        assert!(has(&crate_itself, property), "{}", property.name);
    }
}

/// What makes a mutant of these must be its mistake, not the hand that wrote them out.
#[test]
fn update_and_loop_by_hand_survive_without_a_mistake() {
    let mut by_hand = Implementation::of_the_crate();
    by_hand.updater = |td3| Box::new(ByHand::new(td3, Wrong::Nothing));
    by_hand.learner = |config, env, seed| LoopByHand::boxed(config, env, seed, InLoop::Nothing);
    for property in properties() {
        assert!(has(&by_hand, property), "{}", property.name);
    }
}

#[test]
fn every_row_names_a_mistake_of_its_own() {
    let mut mistakes: Vec<_> = rows().map(|row| row.0).collect();
    let count = mistakes.len();
    mistakes.sort_unstable();
    mistakes.dedup();
    assert_eq!(mistakes.len(), count);
}

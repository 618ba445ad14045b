//! Right equations, put together wrongly.

use super::Row;
use crate::by_hand::{ByHand, Wrong};

pub const ROWS: &[Row] = &[
    (
        "the next action is the one in the buffer",
        |sac| sac.updater = |config| Box::new(ByHand::new(config, Wrong::BufferActionAsNextAction)),
        "an_update_is_its_equations_in_the_documented_order_and_reports_them",
    ),
    (
        "the policy's sample is that of the targets",
        |sac| sac.updater = |config| Box::new(ByHand::new(config, Wrong::StaleNoise)),
        "an_update_is_its_equations_in_the_documented_order_and_reports_them",
    ),
    (
        "the policy is updated before the critics",
        |sac| sac.updater = |config| Box::new(ByHand::new(config, Wrong::PolicyBeforeCritics)),
        "an_update_is_its_equations_in_the_documented_order_and_reports_them",
    ),
    (
        "the targets are moved before the critics",
        |sac| sac.updater = |config| Box::new(ByHand::new(config, Wrong::TargetsBeforeCritics)),
        "targets_stay_for_tau_zero_and_are_the_critics_for_tau_one",
    ),
    (
        "the policy's loss steps the critics",
        |sac| sac.updater = |config| Box::new(ByHand::new(config, Wrong::CriticsStepped)),
        "the_policys_update_does_not_touch_the_critics",
    ),
    (
        "the action is frozen in the policy's loss",
        |sac| sac.updater = |config| Box::new(ByHand::new(config, Wrong::FrozenAction)),
        "the_critic_of_an_action_moves_the_policy",
    ),
    (
        "α is learned as it is, not through its logarithm",
        |sac| sac.updater = |config| Box::new(ByHand::new(config, Wrong::AlphaItself)),
        "the_temperature_stays_above_zero",
    ),
    (
        "the temperature reported is that after the update",
        |sac| sac.updater = |config| Box::new(ByHand::new(config, Wrong::AlphaReportedAfter)),
        "the_numbers_reported_belong_together",
    ),
    (
        "the critics' loss is reported as a mean",
        |sac| sac.updater = |config| Box::new(ByHand::new(config, Wrong::CriticLossReportedAsMean)),
        "an_update_is_its_equations_in_the_documented_order_and_reports_them",
    ),
    (
        "the intervals are counted within one call, and never come",
        |sac| sac.updater = |config| Box::new(ByHand::new(config, Wrong::LocalCounters)),
        "the_intervals_count_updates",
    ),
    (
        "the targets begin as copies of the first critic",
        |sac| sac.updater = |config| Box::new(ByHand::new(config, Wrong::OneTargetForAll)),
        "the_targets_begin_as_exact_copies_of_critics_that_differ",
    ),
    (
        "the optimiser of log α forgets its moments",
        |sac| sac.updater = |config| Box::new(ByHand::new(config, Wrong::ForgottenMoments)),
        "an_update_is_its_equations_in_the_documented_order_and_reports_them",
    ),
];

//! Right equations, put together wrongly.

use super::Row;
use crate::by_hand::{ByHand, Wrong};
use crate::loop_by_hand::{self, LoopByHand, Wrong as InLoop};

pub const ROWS: &[Row] = &[
    (
        "the next action is the one in the buffer",
        |sac| sac.updater = |sac| Box::new(ByHand::new(sac, Wrong::BufferActionAsNextAction)),
        "an_update_is_its_equations_in_the_documented_order_and_reports_them",
    ),
    (
        "the policy's sample is that of the targets",
        |sac| sac.updater = |sac| Box::new(ByHand::new(sac, Wrong::StaleNoise)),
        "an_update_is_its_equations_in_the_documented_order_and_reports_them",
    ),
    (
        "the policy is updated before the critics",
        |sac| sac.updater = |sac| Box::new(ByHand::new(sac, Wrong::PolicyBeforeCritics)),
        "an_update_is_its_equations_in_the_documented_order_and_reports_them",
    ),
    (
        "the targets are moved before the critics",
        |sac| sac.updater = |sac| Box::new(ByHand::new(sac, Wrong::TargetsBeforeCritics)),
        "targets_stay_for_tau_zero_and_are_the_critics_for_tau_one",
    ),
    (
        "the policy's loss steps the critics",
        |sac| sac.updater = |sac| Box::new(ByHand::new(sac, Wrong::CriticsStepped)),
        "the_policys_update_does_not_touch_the_critics",
    ),
    (
        "the action is frozen in the policy's loss",
        |sac| sac.updater = |sac| Box::new(ByHand::new(sac, Wrong::FrozenAction)),
        "the_critic_of_an_action_moves_the_policy",
    ),
    (
        "α is learned as it is, not through its logarithm",
        |sac| sac.updater = |sac| Box::new(ByHand::new(sac, Wrong::AlphaItself)),
        "the_temperature_stays_above_zero",
    ),
    (
        "the temperature reported is that after the update",
        |sac| sac.updater = |sac| Box::new(ByHand::new(sac, Wrong::AlphaReportedAfter)),
        "the_numbers_reported_belong_together",
    ),
    (
        "the critics' loss is reported as a mean",
        |sac| sac.updater = |sac| Box::new(ByHand::new(sac, Wrong::CriticLossReportedAsMean)),
        "an_update_is_its_equations_in_the_documented_order_and_reports_them",
    ),
    (
        "the intervals are counted within one call, and never come",
        |sac| sac.updater = |sac| Box::new(ByHand::new(sac, Wrong::LocalCounters)),
        "the_intervals_count_updates",
    ),
    (
        "the targets begin as copies of the first critic",
        |sac| sac.updater = |sac| Box::new(ByHand::new(sac, Wrong::OneTargetForAll)),
        "the_targets_begin_as_exact_copies_of_critics_that_differ",
    ),
    (
        "the targets of the first two critics move, and no other",
        |sac| sac.updater = |sac| Box::new(ByHand::new(sac, Wrong::LaterTargetsStay)),
        "an_update_is_its_equations_in_the_documented_order_and_reports_them",
    ),
    (
        "the policy is judged by the first two critics",
        |sac| sac.updater = |sac| Box::new(ByHand::new(sac, Wrong::TwoJudges)),
        "an_update_is_its_equations_in_the_documented_order_and_reports_them",
    ),
    (
        "the optimiser of log α forgets its moments",
        |sac| sac.updater = |sac| Box::new(ByHand::new(sac, Wrong::ForgottenMoments)),
        "an_update_is_its_equations_in_the_documented_order_and_reports_them",
    ),
    (
        "an episode cut by time counts as terminated",
        |sac| {
            sac.learner = |config, env, seed| {
                LoopByHand::boxed(config, env, seed, InLoop::TruncationTerminates)
            }
        },
        "the_mask_of_a_minibatch_is_termination_alone",
    ),
    (
        "the start of the next episode is stored as successor",
        |sac| {
            sac.learner = |config, env, seed| {
                LoopByHand::boxed(config, env, seed, InLoop::ResetObservationAsSuccessor)
            }
        },
        "replay_holds_the_true_successor_and_tells_termination_from_truncation",
    ),
    (
        "the warm-up ends a step early",
        |sac| {
            sac.learner =
                |config, env, seed| LoopByHand::boxed(config, env, seed, InLoop::WarmUpOffByOne)
        },
        "actions_are_uniform_up_to_the_end_of_the_warm_up_and_the_policys_after_it",
    ),
    (
        "the warm-up ends when learning starts",
        |sac| {
            sac.learner = |config, env, seed| {
                LoopByHand::boxed(config, env, seed, InLoop::WarmUpEndsWithLearningStarts)
            }
        },
        "actions_are_uniform_up_to_the_end_of_the_warm_up_and_the_policys_after_it",
    ),
    (
        "replay holds actions in the environment's units",
        |sac| {
            sac.learner =
                |config, env, seed| LoopByHand::boxed(config, env, seed, InLoop::ScaledActionStored)
        },
        "replay_holds_actions_within_one_and_the_environment_sees_its_own_units",
    ),
    (
        "one random stream for everything",
        |sac| {
            sac.learner =
                |config, env, seed| LoopByHand::boxed(config, env, seed, InLoop::OneStream)
        },
        "more_updates_change_neither_warm_up_actions_nor_episode_starts",
    ),
    (
        "rounds of updates are counted within one call",
        |sac| {
            sac.learner =
                |config, env, seed| LoopByHand::boxed(config, env, seed, InLoop::LocalRounds)
        },
        "updates_begin_after_learning_starts_and_come_in_rounds",
    ),
    (
        "replay draws from slots that were never filled",
        |sac| sac.drawn = loop_by_hand::drawn_from_unfilled_slots,
        "every_transition_is_drawn_equally_often",
    ),
    (
        "replay stops when it is full",
        |sac| sac.drawn = loop_by_hand::drawn_without_wraparound,
        "a_buffer_for_one_holds_the_last",
    ),
    (
        "replay draws from its first thousand slots alone",
        |sac| sac.drawn = loop_by_hand::drawn_from_the_first_thousand,
        "every_transition_is_drawn_equally_often",
    ),
    (
        "replay never draws the newest transition",
        |sac| sac.drawn = loop_by_hand::drawn_but_the_last,
        "every_transition_is_drawn_equally_often",
    ),
];

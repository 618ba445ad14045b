//! Loops that are right with one environment, and wrong with several.

use super::Row;
use crate::together_by_hand::{TogetherByHand, Wrong};

macro_rules! in_loop {
    ($mistake:literal, $wrong:ident) => {
        (
            $mistake,
            |sac| {
                sac.together =
                    |config, envs, seed| TogetherByHand::boxed(config, envs, seed, Wrong::$wrong);
            },
            "learning_in_five_environments_is_the_loop_written_out",
        )
    };
}

pub const ROWS: &[Row] = &[
    in_loop!(
        "an episode cut by time counts as terminated if there are several environments",
        TruncationTerminates
    ),
    in_loop!("train_freq counts the steps of all environments", RoundsOfAllSteps),
    in_loop!("with -1, a round has the updates of one environment", UpdatesOfOne),
    in_loop!(
        "the last observation of an episode is counted in the statistics",
        LastObservationCounted
    ),
    in_loop!("the return goes on after a truncation", ReturnOutlivesTruncation),
    in_loop!("the return is that of all environments together", OneReturn),
    in_loop!("the next observation is standardised, but not clipped", NextNotClipped),
    in_loop!("the next observation is not standardised", NextNotStandardised),
    in_loop!("the episodes of all environments have the same seeds", SharedSeeds),
    in_loop!("the seeds of an environment are those of another purpose", SeedsOfAnotherPurpose),
    in_loop!("the uniform actions of all environments are those of the first", FirstWarmUp),
    in_loop!("every environment is given another one's action", ActionsReversed),
];

//! What each stage of an update is computed from, for the name of a number that is not finite.

use alloc::vec;

use super::agent::Ddpg;
use super::inputs::UpdateInputs;
use crate::Scalar;
use crate::agent::{Input, Stage, StageInputs, UpdateError, check_finite};

impl<T: Scalar> Ddpg<T> {
    /// An error if the last sweeps of this stage met a number that is not finite.
    pub(super) fn check_finite(
        &self,
        stage: Stage,
        inputs: UpdateInputs<'_, T>,
    ) -> Result<(), UpdateError> {
        let found = match stage {
            Stage::Targets => self.target_shards.fault.as_ref().map(|fault| (None, fault)),
            Stage::Critics => self.critics.fault().map(|(i, fault)| (Some(i), fault)),
            Stage::Actor | Stage::Temperature => self.actor.fault().map(|fault| (None, fault)),
        };
        check_finite(stage, found, || self.stage_inputs(stage, inputs))
    }

    /// What a stage is computed from, in the order in which it is used, and what it computes.
    fn stage_inputs<'a>(
        &'a self,
        stage: Stage,
        UpdateInputs { batch, .. }: UpdateInputs<'a, T>,
    ) -> StageInputs<'a, T> {
        let theta = &self.critics.online[0].params;
        match stage {
            Stage::Targets => {
                let inputs = vec![
                    Input::Rows("next observation", &batch.next_observations),
                    Input::Params(None, &self.actor_target),
                    Input::Params(Some(0), &self.critics.targets[0]),
                    Input::Rows("reward", &batch.rewards),
                    Input::Rows("terminated", &batch.terminated),
                ];
                StageInputs { inputs, column: "target", params: None }
            }
            Stage::Critics => {
                let inputs = vec![
                    Input::Params(Some(0), theta),
                    Input::Rows("observation", &batch.observations),
                    Input::Rows("action", &batch.actions),
                ];
                StageInputs { inputs, column: "Q", params: Some(theta) }
            }
            Stage::Actor | Stage::Temperature => {
                let inputs = vec![
                    Input::Params(None, &self.actor.params),
                    Input::Rows("observation", &batch.observations),
                    Input::Params(Some(0), theta),
                ];
                StageInputs { inputs, column: "Q", params: Some(&self.actor.params) }
            }
        }
    }
}

//! What each stage of an update is computed from, for the name of a number that is not finite.

use alloc::vec;

use super::agent::Sac;
use super::inputs::UpdateInputs;
use crate::Scalar;
use crate::agent::{Input, Stage, StageInputs, UpdateError, check_finite};

impl<T: Scalar> Sac<T> {
    /// An error if the last sweeps of this stage met a number that is not finite.
    pub(super) fn check_finite(
        &self,
        stage: Stage,
        inputs: UpdateInputs<'_, T>,
    ) -> Result<(), UpdateError> {
        let found = match stage {
            Stage::Targets => self.target_shards.fault.as_ref().map(|fault| (None, fault)),
            Stage::Critics => self.critics.fault().map(|(i, fault)| (Some(i), fault)),
            Stage::Actor => self.actor.fault().map(|fault| (None, fault)),
            Stage::Temperature => {
                let fault = self.log_alpha().and_then(|log_alpha| log_alpha.fault());
                fault.map(|fault| (None, fault))
            }
        };
        let critic = found.and_then(|(critic, _)| critic).unwrap_or(0);
        check_finite(stage, found, || self.stage_inputs(stage, critic, inputs))
    }

    /// What a stage is computed from, in the order in which it is used, and what it computes; that of the critics for
    /// one of them.
    fn stage_inputs<'a>(
        &'a self,
        stage: Stage,
        critic: usize,
        UpdateInputs { batch, noise, .. }: UpdateInputs<'a, T>,
    ) -> StageInputs<'a, T> {
        let actor = &self.actor.params;
        let mut alpha: vec::Vec<_> = self
            .log_alpha()
            .map(|log_alpha| Input::Params(None, &log_alpha.params))
            .into_iter()
            .collect();
        alpha.push(Input::Number("alpha", self.alpha()));
        match stage {
            Stage::Targets => {
                let mut inputs = vec![
                    Input::Rows("next observation", &batch.next_observations),
                    Input::Params(None, actor),
                    Input::Rows("noise", &noise.next),
                ];
                let targets = self.critics.targets.iter().enumerate();
                inputs.extend(targets.map(|(i, target)| Input::Params(Some(i), target)));
                inputs.push(Input::Rows("reward", &batch.rewards));
                inputs.push(Input::Rows("terminated", &batch.terminated));
                inputs.extend(alpha);
                StageInputs { inputs, column: "target", params: None }
            }
            Stage::Critics => {
                let theta = &self.critics.online[critic].params;
                let inputs = vec![
                    Input::Params(Some(critic), theta),
                    Input::Rows("observation", &batch.observations),
                    Input::Rows("action", &batch.actions),
                ];
                StageInputs { inputs, column: "Q", params: Some(theta) }
            }
            Stage::Actor => {
                let mut inputs = vec![
                    Input::Params(None, actor),
                    Input::Rows("observation", &batch.observations),
                    Input::Rows("noise", &noise.current),
                ];
                let critics = self.critics.online.iter().enumerate();
                inputs.extend(critics.map(|(i, critic)| Input::Params(Some(i), &critic.params)));
                inputs.extend(alpha);
                StageInputs { inputs, column: "log_pi", params: Some(actor) }
            }
            Stage::Temperature => {
                let params = self.log_alpha().map(|log_alpha| &log_alpha.params);
                StageInputs { inputs: alpha, column: "log_pi", params }
            }
        }
    }
}

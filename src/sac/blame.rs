//! Which quantity of an update was not finite, by its name: nothing here runs before one is.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use core::ops::Range;

use ndarray::Array2;

use super::agent::Temperature;
use super::fault::{NotFinite, Operation, Stage, Sweep};
use super::shards::{Fault, Spot};
use super::update::Given;
use super::{Sac, UpdateError};
use crate::Scalar;
use crate::nn::Params;

/// A quantity and its value.
type Named = (String, f64);

impl<T: Scalar> Sac<T> {
    /// An error if the last sweeps of this stage met a number that is not finite.
    pub(super) fn check_finite(
        &self,
        stage: Stage,
        given: Given<'_, T>,
    ) -> Result<(), UpdateError> {
        let critics = self.critics.iter().enumerate();
        let found = match stage {
            Stage::Targets => self.target_shards.fault.as_ref().map(|fault| (None, fault)),
            Stage::Critics => critics
                .filter_map(|(i, critic)| Some((Some(i), critic.shards.fault.as_ref()?)))
                .next(),
            Stage::Actor => self.actor.shards.fault.as_ref().map(|fault| (None, fault)),
            Stage::Temperature => {
                let fault = self.log_alpha().and_then(|log_alpha| log_alpha.shards.fault.as_ref());
                fault.map(|fault| (None, fault))
            }
        };
        found.map_or(Ok(()), |(critic, fault)| {
            let error = self.blame(stage, critic, fault, given);
            Err(UpdateError::NotFinite(Box::new(error)))
        })
    }

    /// Names an input if one is at fault, else what the sweep was to compute.
    #[cold]
    fn blame(
        &self,
        stage: Stage,
        critic: Option<usize>,
        fault: &Fault,
        given: Given<'_, T>,
    ) -> NotFinite {
        if fault.origin.is_some_and(|origin| origin.is_input) {
            let input = self.bad_input(stage, critic, &fault.rows, given);
            if let Some((critic, (quantity, value))) = input {
                return NotFinite { stage, critic, quantity, value, operation: None };
            }
        }
        let operation = fault.origin.map(|origin| Operation {
            name: origin.op,
            sweep: if origin.is_adjoint { Sweep::Backward } else { Sweep::Forward },
            index: origin.index,
            value: origin.value,
        });
        let quantity = self.name(stage, critic, fault.spot);
        NotFinite { stage, critic, quantity, value: fault.value, operation }
    }

    /// What a stage computes there.
    fn name(&self, stage: Stage, critic: Option<usize>, spot: Spot) -> String {
        match (spot, stage) {
            (Spot::Loss, _) => "loss".to_string(),
            (Spot::Column(row), Stage::Targets) => format!("target of transition {row}"),
            (Spot::Column(row), Stage::Critics) => format!("Q of transition {row}"),
            (Spot::Column(row), _) => format!("log_pi of transition {row}"),
            (Spot::Gradient(at), _) => {
                let params = match (stage, critic, &self.temperature) {
                    (Stage::Critics, Some(critic), _) => &self.critics[critic].params,
                    (Stage::Temperature, _, Temperature::Learned(log_alpha)) => &log_alpha.params,
                    _ => &self.actor.params,
                };
                format!("gradient of {}", place(params, at))
            }
        }
    }

    /// The first input of a stage that is not finite in these rows, in the order in which the stage uses them,
    /// and the critic that it belongs to.
    fn bad_input(
        &self,
        stage: Stage,
        critic: Option<usize>,
        rows: &Range<usize>,
        Given { batch, noise, .. }: Given<'_, T>,
    ) -> Option<(Option<usize>, Named)> {
        let of = |name, matrix: &Array2<T>| Some((None, in_rows(name, matrix, rows)?));
        let theta = |critic, params| Some((critic, in_parameters(params)?));
        let online = || self.critics.iter().map(|critic| &critic.params).enumerate();
        match stage {
            Stage::Targets => of("next observation", &batch.next_observations)
                .or_else(|| theta(None, &self.actor.params))
                .or_else(|| of("noise", &noise.next))
                .or_else(|| self.targets.iter().enumerate().find_map(|(i, t)| theta(Some(i), t)))
                .or_else(|| of("reward", &batch.rewards))
                .or_else(|| of("terminated", &batch.terminated))
                .or_else(|| Some((None, self.bad_alpha()?))),
            Stage::Critics => theta(critic, &self.critics[critic?].params)
                .or_else(|| of("observation", &batch.observations))
                .or_else(|| of("action", &batch.actions)),
            Stage::Actor => theta(None, &self.actor.params)
                .or_else(|| of("observation", &batch.observations))
                .or_else(|| of("noise", &noise.current))
                .or_else(|| online().find_map(|(i, params)| theta(Some(i), params)))
                .or_else(|| Some((None, self.bad_alpha()?))),
            Stage::Temperature => Some((None, self.bad_alpha()?)),
        }
    }

    /// log α if it is not finite, else α.
    fn bad_alpha(&self) -> Option<Named> {
        let log_alpha = self.log_alpha().and_then(|log_alpha| in_parameters(&log_alpha.params));
        let alpha = self.alpha().as_f64();
        log_alpha.or_else(|| (!alpha.is_finite()).then(|| ("alpha".to_string(), alpha)))
    }
}

/// The first of these rows' numbers that is not finite.
fn in_rows<T: Scalar>(name: &str, matrix: &Array2<T>, rows: &Range<usize>) -> Option<Named> {
    let mut numbers = matrix.indexed_iter().filter(|((row, _), _)| rows.contains(row));
    let ((row, column), x) = numbers.find(|(_, x)| !x.is_finite())?;
    let column = if matrix.ncols() == 1 { String::new() } else { format!("[{column}]") };
    Some((format!("{name}{column} of transition {row}"), x.as_f64()))
}

/// The first parameter that is not finite.
fn in_parameters<T: Scalar>(params: &Params<T>) -> Option<Named> {
    let at = params.as_slice().iter().position(|x| !x.is_finite())?;
    Some((format!("parameter {}", place(params, at)), params.as_slice()[at].as_f64()))
}

/// A place among parameters, by name: `` `0.weight`[3, 5] ``, `` `0.bias`[2] ``.
fn place<T: Scalar>(params: &Params<T>, at: usize) -> String {
    let block = params.blocks().iter().find(|block| block.range().contains(&at));
    let block = block.expect("blocks follow one another without gaps");
    let [rows, columns] = block.shape;
    let (row, column) = ((at - block.start) / columns, (at - block.start) % columns);
    match rows {
        1 => format!("`{}`[{column}]", block.name),
        _ => format!("`{}`[{row}, {column}]", block.name),
    }
}

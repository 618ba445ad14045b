//! What is allowed but makes learning harder.

use super::terms::{Moment, SpaceKind};
use crate::env::far_from_zero::FarFromZero;
use crate::env::space::BoxSpace;

/// Numbers above this are called large: networks learn best from inputs and targets near 1.
pub(super) const LARGE: f64 = 1e4;

/// Something that an environment may do, but that is better otherwise.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Advice {
    /// Components of the observation have no finite bounds.
    #[error(
        "observation components without finite bounds: {count}, the first is {index}; bounds, where \
         they are known, let errors be seen"
    )]
    UnboundedObservation {
        /// The first such component.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// Components of a space have finite bounds of more than 10⁴.
    #[error(
        "{space} components with bounds above 1e4: {count}, the first is {index} with [{low:?}, \
         {high:?}]; choose units in which numbers are near 1"
    )]
    HugeBounds {
        /// Which space.
        space: SpaceKind,
        /// The first such component.
        index: usize,
        /// Its lower bound.
        low: f64,
        /// Its upper bound.
        high: f64,
        /// How many there are.
        count: usize,
    },
    /// Components of the action have bounds that are not `[-x, x]`.
    #[error(
        "action components with bounds that are not symmetric: {count}, the first is {index} with \
         [{low:?}, {high:?}]; the policy begins around the centre, so let that be the action that \
         does nothing"
    )]
    AsymmetricAction {
        /// The first such component.
        index: usize,
        /// Its lower bound.
        low: f64,
        /// Its upper bound.
        high: f64,
        /// How many there are.
        count: usize,
    },
    /// A component without finite bounds had a value of more than 10⁴.
    #[error("{moment}: observation component {index} is {value:?}; scale it, so that it is near 1")]
    LargeObservation {
        /// The call after which the largest was observed.
        moment: Moment,
        /// Which component.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// Components of the observation vary little compared with their distance from zero.
    #[error("{0}")]
    FarFromZero(FarFromZero),
    /// A reward was larger than 10⁴.
    #[error("{moment}: the reward is {value:?}; scale rewards, so that they are near 1")]
    LargeReward {
        /// The step with the largest.
        moment: Moment,
        /// The reward.
        value: f64,
    },
    /// No episode ended.
    #[error("no episode ended within {steps} steps; if none ever does, wrap it in a TimeLimit")]
    NoEnd {
        /// The steps of the longest.
        steps: u32,
    },
}

impl Advice {
    /// The kind of advice, in one word for programs.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::UnboundedObservation { .. } => "unbounded_observation",
            Self::HugeBounds { .. } => "huge_bounds",
            Self::AsymmetricAction { .. } => "asymmetric_action",
            Self::LargeObservation { .. } => "large_observation",
            Self::FarFromZero(_) => "far_from_zero",
            Self::LargeReward { .. } => "large_reward",
            Self::NoEnd { .. } => "no_end",
        }
    }
}

/// What can be said of the spaces alone.
pub(super) fn of_spaces(
    observation: &BoxSpace,
    action: &BoxSpace,
) -> impl Iterator<Item = Advice> + use<> {
    let unbounded = find(observation, |low, high| !(low.is_finite() && high.is_finite()));
    let unbounded =
        unbounded.map(|(index, _, _, count)| Advice::UnboundedObservation { index, count });
    let huge = |space, kind| {
        let is_huge = |x: f64| x.is_finite() && x.abs() > LARGE;
        let found = find(space, |low, high| is_huge(low) || is_huge(high));
        found.map(|(index, low, high, count)| Advice::HugeBounds {
            space: kind,
            index,
            low,
            high,
            count,
        })
    };
    let bounded = |low: f64, high: f64| low.is_finite() && high.is_finite();
    let asymmetric = find(action, |low, high| bounded(low, high) && low != -high);
    let asymmetric = asymmetric.map(|(index, low, high, count)| Advice::AsymmetricAction {
        index,
        low,
        high,
        count,
    });
    let huge = [huge(observation, SpaceKind::Observation), huge(action, SpaceKind::Action)];
    [unbounded].into_iter().chain(huge).chain([asymmetric]).flatten()
}

/// The first dimension with such bounds, its bounds, and the number of all such dimensions.
fn find(space: &BoxSpace, is_such: impl Fn(f64, f64) -> bool) -> Option<(usize, f64, f64, usize)> {
    let bounds = || space.low().iter().zip(space.high()).map(|(&low, &high)| (low, high));
    let count = bounds().filter(|&(low, high)| is_such(low, high)).count();
    let (index, (low, high)) = bounds().enumerate().find(|&(_, (low, high))| is_such(low, high))?;
    Some((index, low, high, count))
}

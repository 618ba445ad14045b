//! Which temperature is the best, and how sure that is.

use serde::Serialize;

use super::arm::{Arm, ArmRun};
use crate::statistics::{Bootstrap, Scores, probability_of_improvement};
use crate::study::compare::{Estimate, estimates};

/// Of so many orders, one is 2.5 %. The bootstrap does not know that two runs may lie above two others by chance: it
/// draws the same two and the same two again.
const ORDERS: f64 = 40.0;

/// An arm against another one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Advantage {
    /// An arm.
    pub x: String,
    /// Another one.
    pub y: String,
    /// The probability that a run of `x` is better than one of `y`.
    #[serde(flatten)]
    pub probability: Estimate,
    /// Whether they can be told apart: the interval lies above ½, and there are so many runs that all of `x` are
    /// better than all of `y` by mere chance in no more than 2.5 % of cases, as of four each.
    pub is_clear: bool,
}

/// The arm with the highest of these numbers; NaN is below all.
pub(super) fn highest(arms: &[Arm], number: impl Fn(&Arm) -> f64) -> &Arm {
    let key = |arm: &Arm| {
        let x = number(arm);
        if x.is_nan() { f64::NEG_INFINITY } else { x }
    };
    let best = arms.iter().reduce(|best, arm| if key(arm) > key(best) { arm } else { best });
    best.expect("there is an arm")
}

/// The arm whose interquartile mean of these numbers is the highest, against each other one.
pub(super) fn advantages(
    arms: &[Arm],
    number: impl Fn(&ArmRun) -> f64,
    bootstrap: &Bootstrap,
) -> Vec<Advantage> {
    let scores = |arm: &Arm| Scores::new(vec![arm.runs.iter().map(&number).collect()]).ok();
    let best = highest(arms, |arm| scores(arm).map_or(f64::NAN, |scores| scores.iqm()));
    let advantage = |other: &Arm| {
        let (x, y) = (scores(best)?, scores(other)?);
        let probability =
            |[x, y]: &[Scores; 2]| [probability_of_improvement(x, y).expect("both have one task")];
        let [probability] = estimates(bootstrap, [&x, &y], probability);
        let above = probability.interval.is_some_and(|(low, _)| low > 0.5);
        let is_clear = above && orders(best.runs.len(), other.runs.len()) >= ORDERS;
        let (x, y) = (best.ent_coef.clone(), other.ent_coef.clone());
        Some(Advantage { x, y, probability, is_clear })
    };
    arms.iter().filter(|arm| arm.ent_coef != best.ent_coef).filter_map(advantage).collect()
}

/// In how many orders the runs of two arms can stand, as far as the arms go: `(n + m)! / (n! m!)`. If both are alike,
/// all are as probable.
pub(super) fn orders(n: usize, m: usize) -> f64 {
    (1..=m).map(|i| (n + i) as f64 / i as f64).product()
}

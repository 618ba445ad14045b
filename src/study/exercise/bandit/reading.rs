//! What the numbers say, in sentences.

use super::super::words::{number, short};
use super::{BanditFindings, BanditPoint};

/// A learned probability this far from the curve is not on it.
const CLOSE: f64 = 1e-3;

impl BanditFindings {
    pub(super) fn policy_sentence(&self) -> String {
        let (cold, hot) = (short(self.cold.probability), short(self.hot.probability));
        if self.gap() == 0.0 {
            return format!(
                "The arms are equal: the first is taken with probability {cold} at α = 0, with {hot} at α = ∞, and \
                 with the same in between."
            );
        }
        // At this temperature the better arm has ¾.
        let half = self.gap().abs() / 3.0_f64.ln();
        format!(
            "The first arm is taken with probability {cold} at α = 0, which is greedy, and with {hot} at α = ∞, which \
             is uniform. The policy is half-way, at three to one, where α = Δ / ln 3 = {}.",
            number(half)
        )
    }

    pub(super) fn learned_sentence(&self) -> String {
        let all: Vec<_> = self.learned().collect();
        let worst = all.iter().max_by(|a, b| f64::total_cmp(&error(a), &error(b)));
        let (Some(first), Some(last), Some(worst)) = (all.first(), all.last(), worst) else {
            return "No policy was learned.".into();
        };
        let (policies, least) = (all.len(), number(first.alpha));
        let (most, distance) = (number(last.alpha), number(error(worst)));
        if error(worst) < CLOSE {
            return format!(
                "Gradient descent on the tape finds the same: {policies} learned policies from α = {least} to {most} \
                 lie within {distance} of the curve."
            );
        }
        let off = all.iter().filter(|point| error(point) >= CLOSE).count();
        format!(
            "Of {policies} learned policies from α = {least} to {most}, {} not on the curve; the farthest is \
             {distance} from it, at α = {}.",
            if off == 1 { "1 is".into() } else { format!("{off} are") },
            number(worst.alpha)
        )
    }

    pub(super) fn value_sentence(&self) -> String {
        let all = || [&self.cold].into_iter().chain(&self.curve).chain([&self.hot]);
        let falls = all().zip(all().skip(1)).all(|(a, b)| a.exponential_mean >= b.exponential_mean);
        let (cold, hot) = (self.cold.exponential_mean, self.hot.exponential_mean);
        let course = match (falls, cold == hot) {
            (_, true) => format!("is {} at every α", short(cold)),
            (true, _) => format!(
                "falls from {}, the greater reward, at α = 0 to {}, the mean, at α = ∞",
                short(cold),
                short(hot)
            ),
            (false, _) => format!(
                "goes from {} at α = 0 to {} at α = ∞, without falling all along",
                short(cold),
                short(hot)
            ),
        };
        let middle = self.curve[self.curve.len() / 2];
        format!(
            "The soft value without the worth of uniform randomness, V − α log 2, {course}. V itself grows with α: at \
             α = {} it is {}, of which {} is reward and {} is entropy.",
            number(middle.alpha),
            number(middle.soft_value),
            number(middle.expected_reward),
            number(middle.alpha * middle.entropy)
        )
    }
}

/// How far a policy that was learned is off.
fn error(point: &BanditPoint) -> f64 {
    point.error().unwrap_or(0.0)
}

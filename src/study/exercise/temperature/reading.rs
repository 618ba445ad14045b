//! What the numbers say, in sentences.

use super::super::words::{count, estimate, list, number};
use super::TemperatureFindings;
use super::advantage::{Advantage, highest};
use super::arm::Arm;

/// With fewer runs, a bootstrap interval is narrower than it should be.
const ENOUGH: usize = 10;

impl TemperatureFindings {
    pub(super) fn performance_sentence(&self) -> String {
        let best = highest(&self.arms, |arm| arm.final_return.value);
        format!(
            "At the end ent_coef = {} has the highest return, {}. {}",
            best.ent_coef,
            estimate(&best.final_return),
            certainty(&self.best, "ends higher than")
        )
    }

    pub(super) fn speed_sentence(&self) -> String {
        let fastest = highest(&self.arms, |arm| arm.mean_return.value);
        format!(
            "Over the training ent_coef = {} has the highest mean return, {}. {}",
            fastest.ent_coef,
            estimate(&fastest.mean_return),
            certainty(&self.fastest, "learns faster than")
        )
    }

    pub(super) fn threshold_sentence(&self) -> String {
        let uniform = number(self.uniform_return);
        let Some(threshold) = self.threshold else {
            return format!(
                "No temperature ends above uniform actions, whose mean return is {uniform}."
            );
        };
        let arm = |arm: &Arm| {
            let steps = arm.steps.as_ref()?;
            Some(format!("ent_coef = {} {}", arm.ent_coef, steps.text()))
        };
        let arms: Vec<_> = self.arms.iter().filter_map(arm).collect();
        format!(
            "{} % of the way from uniform actions ({uniform}) to the best final return is a return of {}: {}.",
            100.0 * self.fraction,
            number(threshold),
            arms.join("; ")
        )
    }

    pub(super) fn entropy_sentence(&self) -> Option<String> {
        let fixed = |arm: &Arm| {
            let alpha: f64 = arm.ent_coef.parse().ok()?;
            Some((alpha, arm.entropy?.value))
        };
        let mut fixed: Vec<_> = self.arms.iter().filter_map(fixed).collect();
        if fixed.len() < 2 {
            return None;
        }
        fixed.sort_by(|a, b| a.0.total_cmp(&b.0));
        let rises = fixed.is_sorted_by(|a, b| a.1 < b.1);
        let how = if rises { "is more at every higher" } else { "is not simply more at a higher" };
        let text = |&(alpha, nats): &(f64, f64)| format!("{} nats at {alpha:?}", number(nats));
        let texts: Vec<_> = fixed.iter().map(text).collect();
        Some(format!("The entropy at the end {how} fixed temperature: {}.", list(&texts)))
    }

    pub(super) fn caution(&self) -> Option<String> {
        let fewest = self.arms.iter().map(|arm| arm.runs.len()).min()?;
        match fewest {
            1 => {
                Some("A single run of a temperature gives no interval: nothing is settled.".into())
            }
            n if n < ENOUGH => Some(format!(
                "The intervals are of {} for each temperature; of fewer than ten they are too narrow.",
                count(n, "run")
            )),
            _ => None,
        }
    }
}

/// Over which other arms the lead is certain, and over which it is not.
fn certainty(advantages: &[Advantage], verb: &str) -> String {
    let (clear, open): (Vec<_>, Vec<_>) = advantages.iter().partition(|a| a.is_clear);
    let names = |advantages: &[&Advantage]| {
        let name = |a: &&Advantage| format!("{} (P = {})", a.y, estimate(&a.probability));
        list(&advantages.iter().map(name).collect::<Vec<_>>())
    };
    let clear_text = format!("It {verb} {}", names(&clear));
    let open_text = format!("cannot be told from {}", names(&open));
    match (clear.is_empty(), open.is_empty()) {
        (true, true) => "There is no other temperature.".into(),
        (false, true) => format!("{clear_text}."),
        (true, false) => format!("It {open_text}."),
        (false, false) => format!("{clear_text}, and {open_text}."),
    }
}

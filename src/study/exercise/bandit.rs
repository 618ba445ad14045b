//! The bandit exercise: the Boltzmann policy of two arms for every temperature, in closed form and learned.

mod learn;
mod reading;

use std::f64::consts::LN_2;

use serde::Serialize;

use self::learn::learned_probability;
use super::findings::Findings;
use super::words::{number, short};
use crate::draw::chart::{Chart, Marks, Reference, Scale, Series};
use crate::env::TwoArms;
use crate::tape::TapeError;
use crate::train::rows::csv_of;

/// The temperatures reach from 10⁻² to 10² times the difference of the rewards.
const DECADES: i32 = 2;
/// Temperatures in a decade.
const PER_DECADE: i32 = 30;
/// Of so many temperatures one is learned at.
const LEARNED_EVERY: i32 = 10;

/// What the bandit exercise found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BanditFindings {
    /// The rewards of the two arms.
    pub rewards: [f64; 2],
    /// The limit of no temperature.
    pub cold: BanditPoint,
    /// Temperatures in between, the least first.
    pub curve: Vec<BanditPoint>,
    /// The limit of infinite temperature, whose `alpha` and `soft_value` JSON writes as `null`.
    pub hot: BanditPoint,
}

/// The two arms at one temperature.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BanditPoint {
    /// The temperature α.
    pub alpha: f64,
    /// The probability of the first arm under the Boltzmann policy.
    pub probability: f64,
    /// The probability of the first arm that was learned, where it was.
    pub learned: Option<f64>,
    /// What the Boltzmann policy gets.
    pub expected_reward: f64,
    /// Its entropy, in nats.
    pub entropy: f64,
    /// `V − α log 2`, between the greater reward and the mean.
    pub exponential_mean: f64,
    /// The soft value `V`.
    pub soft_value: f64,
}

impl BanditPoint {
    fn new(arms: &TwoArms, alpha: f64) -> Self {
        Self {
            alpha,
            probability: arms.probability(alpha),
            learned: None,
            expected_reward: arms.expected_reward(alpha),
            entropy: arms.entropy(alpha),
            exponential_mean: arms.exponential_mean(alpha),
            soft_value: arms.soft_value(alpha),
        }
    }

    /// How far the learned probability lies from the Boltzmann policy's, where there is one.
    fn error(&self) -> Option<f64> {
        self.learned.map(|learned| (learned - self.probability).abs())
    }
}

impl BanditFindings {
    /// Computes the curves, and learns the policy at some of their temperatures.
    ///
    /// # Errors
    /// What the tape refused, where a number is not finite.
    pub fn new(arms: &TwoArms) -> Result<Self, TapeError> {
        // Equal arms have no scale of their own.
        let unit = if arms.gap() == 0.0 { 1.0 } else { arms.gap().abs() };
        let point = |i: i32| {
            let alpha = unit * libm::pow(10.0, f64::from(i) / f64::from(PER_DECADE));
            let mut point = BanditPoint::new(arms, alpha);
            if i % LEARNED_EVERY == 0 {
                point.learned = Some(learned_probability(arms, alpha)?);
            }
            Ok(point)
        };
        let ends = DECADES * PER_DECADE;
        Ok(Self {
            rewards: arms.rewards(),
            cold: BanditPoint::new(arms, 0.0),
            curve: (-ends..=ends).map(point).collect::<Result<_, _>>()?,
            hot: BanditPoint::new(arms, f64::INFINITY),
        })
    }

    fn learned(&self) -> impl Iterator<Item = &BanditPoint> {
        self.curve.iter().filter(|point| point.learned.is_some())
    }

    fn gap(&self) -> f64 {
        self.rewards[0] - self.rewards[1]
    }

    /// What a learned policy attains, `E[r] + α H`, less what the entropy of the uniform one is worth.
    fn attained(&self, point: &BanditPoint) -> Option<f64> {
        let p = point.learned?;
        let surprise = |p: f64| if p > 0.0 { -p * p.ln() } else { 0.0 };
        let [r1, r2] = self.rewards;
        let entropy = surprise(p) + surprise(1.0 - p);
        Some(p * r1 + (1.0 - p) * r2 + point.alpha * (entropy - LN_2))
    }
}

impl Findings for BanditFindings {
    const NAME: &'static str = "bandit";

    fn table(&self) -> Vec<Vec<String>> {
        let header = ["α", "π*(1)", "learned", "E[r]", "H (nats)", "V − α log 2", "V"];
        let decade = |(i, _): &(usize, &BanditPoint)| i % PER_DECADE as usize == 0;
        let between = self.curve.iter().enumerate().filter(decade).map(|(_, point)| point);
        let row = |point: &BanditPoint| {
            vec![
                number(point.alpha),
                number(point.probability),
                point.learned.map_or("–".into(), number),
                number(point.expected_reward),
                number(point.entropy),
                number(point.exponential_mean),
                number(point.soft_value),
            ]
        };
        let points = [&self.cold].into_iter().chain(between).chain([&self.hot]);
        [header.map(String::from).to_vec()].into_iter().chain(points.map(row)).collect()
    }

    fn reading(&self) -> Vec<String> {
        vec![self.policy_sentence(), self.learned_sentence(), self.value_sentence()]
    }

    fn charts(&self) -> Vec<Chart> {
        let series = |label: &str, y: fn(&BanditPoint) -> f64| {
            Series::new(label, self.curve.iter().map(|point| (point.alpha, y(point))).collect())
        };
        let marks = |label: &str, y: &dyn Fn(&BanditPoint) -> Option<f64>| Marks {
            label: label.into(),
            points: self.learned().filter_map(|point| Some((point.alpha, y(point)?))).collect(),
        };
        let reference = |label: &str, y| Reference { label: label.into(), y };
        let [r1, r2] = self.rewards.map(short);
        let x_label = "temperature α (reward per nat)";
        let learned = "learned on the tape";
        let policy = Chart {
            title: format!("two arms with rewards {r1} and {r2}: the Boltzmann policy"),
            x_label: x_label.into(),
            y_label: "probability of the first arm".into(),
            series: vec![series("1 / (1 + exp(−Δ/α))", |point| point.probability)],
            marks: vec![marks(learned, &|point| point.learned)],
            references: vec![
                reference("α → 0", self.cold.probability),
                reference("α → ∞", self.hot.probability),
            ],
            x_scale: Scale::Log,
            ..Chart::default()
        };
        let value = Chart {
            title: "its value, between the greater reward and the mean".into(),
            x_label: x_label.into(),
            y_label: "reward".into(),
            series: vec![
                series("V − α log 2", |point| point.exponential_mean),
                series("E[r]", |point| point.expected_reward),
            ],
            marks: vec![marks(learned, &|point| self.attained(point))],
            references: vec![
                reference("max r", self.cold.expected_reward),
                reference("mean r", self.hot.expected_reward),
            ],
            x_scale: Scale::Log,
            ..Chart::default()
        };
        vec![policy, value]
    }

    fn data(&self) -> Vec<(String, String)> {
        let points = [self.cold].into_iter().chain(self.curve.clone()).chain([self.hot]);
        vec![(Self::NAME.into(), csv_of(points))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(rewards: [f64; 2]) -> BanditFindings {
        BanditFindings::new(&TwoArms::new(rewards).unwrap()).unwrap()
    }

    #[test]
    fn the_reading_says_what_the_numbers_say() {
        let text = findings([1.0, 0.0]).reading().join("\n");
        for part in [
            "with probability 1 at α = 0, which is greedy, and with 0.5 at α = ∞",
            "where α = Δ / ln 3 = 0.910",
            "13 learned policies from α = 0.010 to 100.0 lie within",
            "falls from 1, the greater reward, at α = 0 to 0.5, the mean, at α = ∞",
            "at α = 1.000 it is 1.313, of which 0.731 is reward and 0.582 is entropy",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        let text = findings([2.0, 2.0]).reading().join("\n");
        assert!(
            text.contains("The arms are equal: the first is taken with probability 0.5"),
            "{text}"
        );
        assert!(text.contains("V − α log 2, is 2 at every α"), "{text}");
        let text = findings([-4.0, 6.0]).reading().join("\n");
        assert!(text.contains("with probability 0 at α = 0") && text.contains("= 9.102"), "{text}");
    }

    #[test]
    fn a_policy_that_was_not_learned_is_not_praised() {
        let mut spoiled = findings([1.0, 0.0]);
        let at = spoiled.curve.iter().position(|point| point.learned.is_some()).unwrap();
        spoiled.curve[at].learned = Some(0.8);
        let text = spoiled.reading().join("\n");
        assert!(
            text.contains("1 is not on the curve; the farthest is 0.200 from it, at α = 0.010")
        );
        spoiled.curve.iter_mut().for_each(|point| point.learned = None);
        assert!(spoiled.reading().contains(&"No policy was learned.".to_string()));
    }

    #[test]
    fn learned_policies_attain_the_soft_value() {
        let found = findings([0.5, 2.0]);
        for point in found.learned() {
            let missing = point.exponential_mean - found.attained(point).unwrap();
            assert!((-1e-9..1e-6).contains(&missing), "{missing} at {}", point.alpha);
        }
    }

    #[test]
    fn the_table_and_the_data_hold_both_limits() {
        let found = findings([1.0, 0.0]);
        let table = found.table();
        assert_eq!(table.len(), 1 + 1 + 5 + 1);
        assert!(table.iter().all(|row| row.len() == table[0].len()));
        assert_eq!(table[1][..4], ["0", "1.000", "–", "1.000"]);
        assert_eq!(table[7][..4], ["∞", "0.500", "–", "0.500"]);
        assert_eq!(table[7][6], "∞");
        let [(_, csv)] = &found.data()[..] else { panic!("one file") };
        let lines: Vec<_> = csv.lines().collect();
        assert_eq!(lines.len(), 1 + 121 + 2);
        assert!(lines[0].starts_with("alpha,probability,learned,expected_reward,entropy,"));
        assert!(lines[1].starts_with("0.0,1.0,,1.0,0.0,1.0,1.0"), "{}", lines[1]);
        assert!(lines[123].starts_with("inf,0.5,,0.5,"), "{}", lines[123]);
    }
}

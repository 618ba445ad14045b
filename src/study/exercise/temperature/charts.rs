//! Learning curves, and what temperature does to entropy.

use super::TemperatureFindings;
use super::arm::Arm;
use crate::draw::chart::{Chart, Reference};
use crate::study::compare::series;

impl TemperatureFindings {
    pub(super) fn return_chart(&self) -> Chart {
        let reference = |label: &str, y| Reference { label: label.into(), y };
        let way = format!("{} % of the way", 100.0 * self.fraction);
        let threshold = self.threshold.map(|y| reference(&way, y));
        let uniform = reference("uniform actions", self.uniform_return);
        let references = threshold.into_iter().chain([uniform]).collect();
        let percent = 100.0 * self.comparison.confidence;
        Chart {
            title: format!("{}: interquartile mean, {percent} % interval", self.env),
            y_label: "return".into(),
            references,
            ..self.comparison.sample_efficiency()
        }
    }

    pub(super) fn entropy_chart(&self) -> Chart {
        let line = |arm: &Arm| {
            let points = arm.entropies.iter().map(|p| (p.timesteps as f64, p.iqm)).collect();
            series(format!("ent_coef={}", arm.ent_coef), points)
        };
        Chart {
            title: "entropy of the policy, likewise".into(),
            x_label: "environment steps".into(),
            y_label: "nats".into(),
            series: self.arms.iter().map(line).collect(),
            ..Chart::default()
        }
    }
}

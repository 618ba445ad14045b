//! The numbers that an update reports.

use crate::agent::{Column, Metrics, Plot};

/// What an update saw, each number before the parameters it belongs to were changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UpdateMetrics {
    /// Sum of the critics' losses.
    pub critic_loss: f64,
    /// Mean of the first critic's Q(s, a) over the batch.
    pub q_mean: f64,
    /// The policy's loss, where the update had its turn.
    pub actor_loss: Option<f64>,
}

impl Metrics for UpdateMetrics {
    const COLUMNS: &'static [Column] = &[
        Column::new("train/critic_loss").shown_as("critic loss"),
        Column::new("train/q_mean").shown_as("Q").plotted(Plot {
            file: "q_values",
            title: "the first critic's mean value",
            y_label: "Q (discounted reward)",
            log: false,
        }),
        Column::new("train/actor_loss").shown_as("actor loss"),
    ];

    fn values(&self) -> impl Iterator<Item = Option<f64>> {
        let Self { critic_loss, q_mean, actor_loss } = *self;
        [Some(critic_loss), Some(q_mean), actor_loss].into_iter()
    }
}

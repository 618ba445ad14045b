//! The numbers that an update reports.

use crate::agent::{Column, Metrics, Plot};

/// What an update saw, each number before the parameters it belongs to were changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UpdateMetrics {
    /// Sum of the critics' losses.
    pub critic_loss: f64,
    /// Mean of the first critic's Q(s, a) over the batch.
    pub q_mean: f64,
    /// α, as used by all losses of this update.
    pub ent_coef: f64,
    /// What only an update of the policy sees.
    pub actor: Option<ActorMetrics>,
}

/// What an update of policy and temperature saw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ActorMetrics {
    /// The policy's loss.
    pub actor_loss: f64,
    /// The entropy estimate Ĥ over the batch, in nats.
    pub entropy: f64,
    /// The temperature's loss, if it is learned.
    pub ent_coef_loss: Option<f64>,
}

impl Metrics for UpdateMetrics {
    const COLUMNS: &'static [Column] = &[
        Column::new("train/critic_loss").shown_as("critic loss"),
        Column::new("train/q_mean"),
        Column::new("train/actor_loss").shown_as("actor loss"),
        Column::new("train/entropy").shown_as("entropy").plotted(Plot {
            file: "entropy",
            title: "entropy of the policy",
            y_label: "entropy (nats)",
            log: false,
        }),
        Column::new("train/ent_coef").shown_as("α").plotted(Plot {
            file: "temperature",
            title: "temperature",
            y_label: "temperature α (reward per nat)",
            log: true,
        }),
        Column::new("train/ent_coef_loss"),
    ];

    fn values(&self) -> impl Iterator<Item = Option<f64>> {
        let Self { critic_loss, q_mean, ent_coef, actor } = *self;
        [
            Some(critic_loss),
            Some(q_mean),
            actor.map(|actor| actor.actor_loss),
            actor.map(|actor| actor.entropy),
            Some(ent_coef),
            actor.and_then(|actor| actor.ent_coef_loss),
        ]
        .into_iter()
    }
}

//! Mistakes of the zoo, each with the scene that shows what becomes of it.

use softac::env::Probe;
use softac::sac::EntCoef;
use softac_figures_zoo::{Row, rows};

use super::scene::{Place, Quantity, Scene, Task};

/// A mistake on show.
pub struct Bug {
    /// The zoo's name for it.
    pub mistake: &'static str,
    /// What is wrong, in one line.
    pub about: &'static str,
    pub scene: Scene,
}

impl Bug {
    /// The mistake in the zoo, with the property that tells.
    pub fn row(&self) -> &'static Row {
        rows().find(|row| row.0 == self.mistake).expect("the zoo has every mistake on show")
    }
}

const fn scene(task: Task, quantity: Quantity, place: Place, ent_coef: EntCoef) -> Scene {
    Scene { task, quantity, place, ent_coef, policy_delay: 1 }
}

const fn probe(probe: Probe, quantity: Quantity, alpha: f64) -> Scene {
    scene(Task::Probe(probe), quantity, Place::Equation, EntCoef::Fixed(alpha))
}

const fn learned(quantity: Quantity, place: Place, initial: f64) -> Scene {
    scene(Task::Probe(Probe::Action), quantity, place, EntCoef::Auto { initial })
}

const FIRST: Quantity = Quantity::Q(0.0, 0.0);
const LAST: Quantity = Quantity::Q(1.0, 0.0);

/// The mistakes on show.
pub const BUGS: [Bug; 15] = [
    Bug {
        mistake: "the entropy of the target has the wrong sign",
        about: "y = r + γ (1 − d)(min Q̄ + α log π): randomness is fined",
        scene: probe(Probe::Delayed, FIRST, 0.5),
    },
    Bug {
        mistake: "the entropy stands outside the mask",
        about: "y = r + γ (1 − d) min Q̄ − γ α log π: randomness after the end is paid for",
        scene: probe(Probe::Delayed, LAST, 0.5),
    },
    Bug {
        mistake: "the mask is upside down",
        about: "d stands for 1 − d: the future counts after the end, and only there",
        scene: probe(Probe::Delayed, FIRST, 0.5),
    },
    Bug {
        mistake: "Q of [B] against y of [B, 1]: a loss over [B, B]",
        about: "every Q is drawn to every y: what broadcasting makes of a forgotten dimension",
        scene: probe(Probe::Observation, Quantity::Contrast, 0.1),
    },
    Bug {
        mistake: "the critic's loss is a sum over the batch",
        about: "J_Q is 16 times as large, and so is its gradient",
        scene: probe(Probe::Delayed, FIRST, 0.5),
    },
    Bug {
        mistake: "the policy goes down Q",
        about: "J_π = E[α log π + min Q]",
        scene: probe(Probe::Action, Quantity::MeanAction, 0.1),
    },
    Bug {
        mistake: "no gradient through the action",
        about: "the critics see a detached action: only log π is left to move the policy",
        scene: probe(Probe::Action, Quantity::MeanAction, 0.1),
    },
    Bug {
        mistake: "no log-Jacobian",
        about: "log π is that of the Gaussian before the tanh",
        scene: probe(Probe::Constant, Quantity::Entropy, 0.5),
    },
    Bug {
        mistake: "the temperature's loss has the other sign",
        about: "J(α) = E[α (log π + H̄)]",
        scene: learned(Quantity::Alpha, Place::Equation, 0.3),
    },
    Bug {
        mistake: "the target entropy is subtracted",
        about: "J(α) = E[−α (log π − H̄)]: the target is +1 nat in place of −1",
        scene: learned(Quantity::Alpha, Place::Equation, 0.3),
    },
    Bug {
        mistake: "α is learned as it is, not through its logarithm",
        about: "Adam's steps of η = 0.01 are taken by α itself, which begins at 0.05",
        scene: learned(Quantity::Alpha, Place::Update, 0.05),
    },
    Bug {
        mistake: "τ and 1 - τ are swapped",
        about: "θ̄ ← (1 − τ) θ + τ θ̄: the targets are nearly copies, at once",
        scene: probe(Probe::Delayed, Quantity::TargetQ(0.0, 0.0), 0.5),
    },
    Bug {
        mistake: "the policy's loss steps the critics",
        about: "the critics are not frozen: they, too, learn to make the loss of the policy small",
        scene: learned(Quantity::Q(0.0, 0.5), Place::Update, 0.1),
    },
    Bug {
        mistake: "the intervals are counted within one call, and never come",
        about: "policy_delay is 2, and every call begins to count at 1",
        scene: Scene { policy_delay: 2, ..learned(Quantity::MeanAction, Place::Update, 0.1) },
    },
    Bug {
        mistake: "an episode cut by time counts as terminated",
        about: "d = 1 where only a time limit ended the episode",
        scene: scene(Task::CutChain, Quantity::Middle, Place::Loop, EntCoef::Fixed(0.05)),
    },
];

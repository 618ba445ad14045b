//! The holes, in the order of the book.

use std::str::FromStr;

/// A hole, as its author knows it.
#[derive(Debug, PartialEq, Eq)]
pub struct Hole {
    /// Its place in the order, from 1.
    pub number: usize,
    /// The name of its files, without the number.
    pub name: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// The page of the book, in `docs/src/`.
    pub chapter: &'static str,
    /// Why its tests fail before anybody has touched it.
    pub unfilled: Unfilled,
    /// From a nudge to nearly everything.
    pub hints: &'static [&'static str],
}

/// What is wrong with a hole that nobody has touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfilled {
    /// The code is missing: every test meets a `todo!`.
    Missing,
    /// There is a mistake in it. This test is the first that notices, with a message that says this.
    Mistaken {
        /// The name of the test.
        test: &'static str,
        /// Some of its message.
        says: &'static str,
    },
}

impl Hole {
    /// The name of its files: `01_entropy`.
    #[must_use]
    pub fn file(&self) -> String {
        format!("{:02}_{}", self.number, self.name)
    }
}

/// What is no hole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no hole `{0}`; they have the numbers 1 to {count} (`cargo run -- list`)", count = HOLES.len())]
pub struct NoSuchHole(String);

impl FromStr for &'static Hole {
    type Err = NoSuchHole;

    /// A number, or a name with or without its number: `9`, `09`, `log_pi`, `09_log_pi`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.parse().ok();
        let named =
            |hole: &&Hole| Some(hole.number) == number || hole.name == text || hole.file() == text;
        HOLES.iter().find(named).ok_or_else(|| NoSuchHole(text.into()))
    }
}

/// All of them.
pub static HOLES: [Hole; 18] = [
    Hole {
        number: 1,
        name: "entropy",
        title: "Entropy",
        chapter: "entropy.md",
        unfilled: Unfilled::Missing,
        hints: &[
            "An iterator over `p` with `map` and `sum`, or a loop. `p.ln()` is the natural logarithm.",
            "`0.0 * 0.0_f64.ln()` is NaN: leave out what has probability 0, `filter(|&&p| p > 0.0)`.",
        ],
    },
    Hole {
        number: 2,
        name: "soft_value",
        title: "The soft value of a state",
        chapter: "soft-values.md",
        unfilled: Unfilled::Missing,
        hints: &[
            "An expectation over actions is a sum of probability times what is in the brackets. `q.iter().zip(pi)` goes through both.",
            "Σ π (Q − α log π), over the actions with π > 0.",
        ],
    },
    Hole {
        number: 3,
        name: "soft_maximum",
        title: "The soft maximum",
        chapter: "soft-bellman.md",
        unfilled: Unfilled::Mistaken {
            test: "large_values_do_not_overflow",
            says: "got       inf",
        },
        hints: &[
            "α log Σ exp(Q/α) = c + α log Σ exp((Q − c)/α), for every c.",
            "With the largest value for c no exponential is more than 1, and one of them is 1. `fold(f64::NEG_INFINITY, f64::max)` finds it.",
        ],
    },
    Hole {
        number: 4,
        name: "soft_bellman",
        title: "One round of soft value iteration",
        chapter: "soft-bellman.md",
        unfilled: Unfilled::Missing,
        hints: &[
            "For each state a list of Q, one for each action; `soft_maximum` of that list is the state's new value.",
            "Q = task.rewards[s][a] + γ Σ p · v[s′] over the pairs (s′, p) of task.successors[s][a].",
        ],
    },
    Hole {
        number: 5,
        name: "boltzmann",
        title: "The Boltzmann policy",
        chapter: "boltzmann.md",
        unfilled: Unfilled::Missing,
        hints: &[
            "First the weights exp(Q/α), then divide each by their sum.",
            "A constant taken from all values cancels in the quotient: take the largest, so that nothing overflows.",
        ],
    },
    Hole {
        number: 6,
        name: "softplus",
        title: "A vector–Jacobian product",
        chapter: "tape.md",
        unfilled: Unfilled::Missing,
        hints: &[
            "The derivative of log(1 + eˣ) is eˣ/(1 + eˣ). x̄ is z̄ times that.",
            "eˣ/(1 + eˣ) = 1/(1 + e⁻ˣ), which is a number for every x. `Zip::from(x_bar).and(at.inputs[0]).and(at.cotangent)`.",
        ],
    },
    Hole {
        number: 7,
        name: "linear",
        title: "The adjoints of a layer",
        chapter: "tape.md",
        unfilled: Unfilled::Missing,
        hints: &[
            "X̄ is [B, I] and has to come from Z̄ [B, O] and W [I, O]; W̄ is [I, O] and comes from X [B, I] and Z̄.",
            "X̄ = Z̄ Wᵀ, W̄ = Xᵀ Z̄, b̄ = 1ᵀ Z̄: the sum of the rows of Z̄.",
        ],
    },
    Hole {
        number: 8,
        name: "reparameterise",
        title: "A sample with a gradient",
        chapter: "reparameterisation.md",
        unfilled: Unfilled::Mistaken {
            test: "the_mean_moves_the_sample_one_to_one",
            says: "No gradient comes through",
        },
        hints: &["What is constant here is ξ, and it comes in as one. Who else is detached?"],
    },
    Hole {
        number: 9,
        name: "log_pi",
        title: "The log-probability of a squashed action",
        chapter: "squashed-gaussian.md",
        unfilled: Unfilled::Missing,
        hints: &[
            "Two terms of shape [B, A], subtracted, and their columns added up: `sum_columns`.",
            "log(1 − tanh² u) = 2 (log 2 − u − softplus(−2u)): `(-u - (u * -2.0).softplus() + LN_2) * 2.0`.",
        ],
    },
    Hole {
        number: 10,
        name: "q_min",
        title: "The smaller of two critics",
        chapter: "clipped-double-q.md",
        unfilled: Unfilled::Mistaken {
            test: "it_is_taken_sample_by_sample",
            says: "That is the minimum of the means",
        },
        hints: &[
            "`Var::min` works element by element. What is averaged before it cannot be told apart after it.",
        ],
    },
    Hole {
        number: 11,
        name: "soft_target",
        title: "The soft target",
        chapter: "target-networks.md",
        unfilled: Unfilled::Missing,
        hints: &[
            "First the soft value of the next state, [B, 1]; then mask and discount it; then add the reward.",
            "(r + d.one_minus() * soft_value * gamma).detach(), where the entropy is in soft_value.",
        ],
    },
    Hole {
        number: 12,
        name: "truncation",
        title: "Termination and truncation",
        chapter: "target-networks.md",
        unfilled: Unfilled::Mistaken {
            test: "where_a_time_limit_ends_the_episode_the_future_goes_on",
            says: "A time limit is the end of our patience",
        },
        hints: &[
            "Two questions are answered with one `if`: where did the step lead, and is there a future from there?",
            "s′ is always `last`. d is 1 if `step.terminated`, and that alone.",
        ],
    },
    Hole {
        number: 13,
        name: "polyak",
        title: "Polyak averaging",
        chapter: "target-networks.md",
        unfilled: Unfilled::Mistaken {
            test: "the_target_goes_its_share_of_the_way",
            says: "θ and θ̄ are exchanged",
        },
        hints: &[
            "With τ = 0.005 the target is to stay nearly where it is: which of the two has the weight 1 − τ?",
        ],
    },
    Hole {
        number: 14,
        name: "critic_loss",
        title: "The critics' loss",
        chapter: "critic-loss.md",
        unfilled: Unfilled::Mistaken {
            test: "it_is_half_the_mean_square",
            says: "That is the sum over the minibatch",
        },
        hints: &[
            "An expectation over the minibatch is `mean`.",
            "y is constant to this loss, whoever computed it: `y.detach()`.",
        ],
    },
    Hole {
        number: 15,
        name: "actor_loss",
        title: "The policy's loss: what is constant in it",
        chapter: "actor-loss.md",
        unfilled: Unfilled::Mistaken {
            test: "the_policy_climbs_the_critic",
            says: "No gradient comes back from the critics",
        },
        hints: &[
            "Three things go into the loss besides φ: two critics' parameters and α. All three are constant, and the action is not.",
            "Move `.detach()` from the action to `theta` and to `alpha`.",
        ],
    },
    Hole {
        number: 16,
        name: "temperature_loss",
        title: "The temperature's loss",
        chapter: "temperature-loss.md",
        unfilled: Unfilled::Missing,
        hints: &[
            "The mean of log π + H̄, where log π is detached; times α = exp(log α); and the sign.",
            "`log_pi.detach() + target_entropy` is [B, 1], its `mean()` and `log_alpha.exp()` are [1, 1].",
        ],
    },
    Hole {
        number: 17,
        name: "adam",
        title: "Adam",
        chapter: "algorithm.md",
        unfilled: Unfilled::Mistaken {
            test: "the_first_step_has_the_length_of_the_learning_rate",
            says: "m and v began at zero and are too small",
        },
        hints: &[
            "Compare the line with the formula from left to right: what is m divided by, and v? Where does the root end?",
            "m / (1 − β₁ⁿ) with `BETA1.powi(self.n)`; (v / (1 − β₂ⁿ)).sqrt() + EPSILON.",
        ],
    },
    Hole {
        number: 18,
        name: "update",
        title: "The whole update",
        chapter: "algorithm.md",
        unfilled: Unfilled::Missing,
        hints: &[
            "α is read once, before anything moves, and all of the update has that α.",
            "The targets have the noise of s′, the policy that of s. The policy comes after the critics that judge it, the temperature gets \
             the log π that the policy's step returned, and the target critics come last.",
        ],
    },
];

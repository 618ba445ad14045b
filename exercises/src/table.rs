//! A task with few states and few actions, all of it known.

/// States and actions by number. `rewards[s][a]` is paid for action `a` in state `s`, and `successors[s][a]` has the
/// states that may follow, with their probabilities.
#[derive(Clone, Debug)]
pub struct Task {
    /// `r(s, a)`
    pub rewards: Vec<Vec<f64>>,
    /// `s′` and `p(s′ | s, a)`
    pub successors: Vec<Vec<Vec<(usize, f64)>>>,
    /// γ
    pub gamma: f64,
    /// α
    pub alpha: f64,
}

impl Task {
    /// One state that leads back to itself. Work pays 1, rest pays 0; γ = 0.9, α = 0.5.
    #[must_use]
    pub fn work_or_rest() -> Self {
        let rewards = vec![vec![1.0, 0.0]];
        Self { rewards, successors: vec![vec![vec![(0, 1.0)]; 2]], gamma: 0.9, alpha: 0.5 }
    }

    /// Three states in a row, and being in the last one pays 1. The second action leads right with probability 0.8
    /// and else left, the first one the other way round; γ = 0.9, α = 0.2.
    #[must_use]
    pub fn corridor() -> Self {
        let around = |s: usize| {
            let (left, right) = (s.saturating_sub(1), (s + 1).min(2));
            vec![vec![(left, 0.8), (right, 0.2)], vec![(left, 0.2), (right, 0.8)]]
        };
        let rewards = vec![vec![0.0; 2], vec![0.0; 2], vec![1.0; 2]];
        Self { rewards, successors: (0..3).map(around).collect(), gamma: 0.9, alpha: 0.2 }
    }
}

/// `α log Σₐ exp(Q(a)/α)`, the value of the best policy for these values of actions.
#[must_use]
pub fn soft_maximum(q: &[f64], alpha: f64) -> f64 {
    let largest = q.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = q.iter().map(|q| ((q - largest) / alpha).exp()).sum();
    largest + alpha * sum.ln()
}

//! Whether the critics promise more than the policy gets.

use ndarray::Array2;
use rand::Rng;
use softac::Numerics;
use softac::agent::Algorithm;
use softac::env::{Env, EnvError, Pendulum};
use softac::learner::{Learner, LearnerError};
use softac::random::{Purpose, fill_normal, lane_stream, stream};
use softac::sac::{Sac, q_min};
use softac::tape::{Tape, TapeError, Var};

/// Pendulums that are played together.
const B: usize = 8;
/// Steps at whose states and actions the values are looked at: half an episode.
const LOOKED_AT: usize = 100;
/// Steps that are played. What comes after them counts for `γ⁶⁰⁰`, a four-hundredth.
const PLAYED: usize = 700;

/// How much higher the smaller critic's value is than what the policy then gets, on average: the bias of `minᵢ Qᵢ(s, a)`
/// over the states that the policy comes through.
///
/// # Formula
/// `E[minᵢ Qᵢ(sₜ, aₜ) − Gₜ]` with the soft return `Gₜ = rₜ + γ (Gₜ₊₁ − α log π(aₜ₊₁|sₜ₊₁))` of the policy with its
/// noise, without a time limit.
///
/// # Errors
/// What the pendulum or the tape refused.
pub fn q_bias(learner: &Learner<f32>, seed: u64) -> Result<f64, LearnerError> {
    let sac = learner.sac();
    let mut pendulums = Pendulums::start(seed)?;
    let mut noise = lane_stream(seed, Purpose::Evaluation, 1);
    let mut kept: Tape<'static, f32> = Tape::with_numerics(Numerics::Portable);
    let mut xi = Array2::zeros((B, 1));
    let mut played = Vec::with_capacity(PLAYED);
    for t in 0..PLAYED {
        fill_normal(xi.as_slice_mut().unwrap_or_default(), &mut noise);
        let pass = kept.recycle();
        let inputs = (&pendulums.observations, &xi);
        let (actions, choice) = choose(sac, &pass, inputs, t < LOOKED_AT)?;
        kept = pass.recycle();
        let rewards = pendulums.step(learner, &actions)?;
        played.push(Moment { rewards, ..choice });
    }
    let (gamma, alpha) = (sac.settings().gamma, f64::from(sac.alpha()));
    Ok(mean_excess(&played, gamma, alpha))
}

/// One step of all pendulums.
#[derive(Clone, Copy)]
struct Moment {
    rewards: [f64; B],
    log_pi: [f64; B],
    /// `minᵢ Qᵢ`, where it is looked at.
    q: Option<[f64; B]>,
}

/// The mean of `Q − G`, from the end backwards.
fn mean_excess(played: &[Moment], gamma: f64, alpha: f64) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    // G − α log π of the step after.
    let mut after = [0.0; B];
    for moment in played.iter().rev() {
        for (i, after) in after.iter_mut().enumerate() {
            let soft_return = moment.rewards[i] + gamma * *after;
            if let Some(q) = moment.q {
                sum += q[i] - soft_return;
                count += 1.0;
            }
            *after = soft_return - alpha * moment.log_pi[i];
        }
    }
    sum / count
}

/// What the policy does in these states, `[B, 3]`, and the critics' values of it if they are asked.
fn choose<'p>(
    sac: &'p Sac<f32>,
    tape: &Tape<'p, f32>,
    (observations, xi): (&'p Array2<f32>, &'p Array2<f32>),
    with_values: bool,
) -> Result<([f32; B], Moment), TapeError> {
    let s = tape.constant(observations); // [B, 3]
    let phi = tape.frozen(sac.actor().params().as_slice());
    let sample = sac.policy().sample(phi, s, tape.constant(xi));
    let q = with_values.then(|| {
        q_min(sac.critics().iter().map(|critic| {
            let theta = tape.frozen(critic.params().as_slice());
            sac.critic().forward(theta, s.concat(sample.action))
        })) // [B, 1]
    });
    let column = |column: Var<'_, f32>| {
        let mut numbers = [0.0; B];
        column.read_into(&mut numbers)?;
        Ok::<_, TapeError>(numbers)
    };
    let log_pi = column(sample.log_pi)?.map(f64::from);
    let q = q.map(column).transpose()?.map(|q| q.map(f64::from));
    Ok((column(sample.action)?, Moment { rewards: [0.0; B], log_pi, q }))
}

struct Pendulums {
    each: [Pendulum; B],
    /// s, `[B, 3]`
    observations: Array2<f32>,
}

impl Pendulums {
    fn start(seed: u64) -> Result<Self, EnvError> {
        let mut starts = stream(seed, Purpose::Evaluation);
        let mut each = [(); B].map(|()| Pendulum::new());
        let mut observations = Array2::zeros((B, 3));
        let mut observation = [0.0; 3];
        for (pendulum, mut row) in each.iter_mut().zip(observations.rows_mut()) {
            pendulum.reset(starts.next_u64(), &mut observation)?;
            row.iter_mut().zip(observation).for_each(|(to, from)| *to = from as f32);
        }
        Ok(Self { each, observations })
    }

    /// Takes the policy's actions, in [−1, 1], and gives the rewards.
    fn step(&mut self, learner: &Learner<f32>, actions: &[f32; B]) -> Result<[f64; B], EnvError> {
        let (mut rewards, mut torque, mut observation) = ([0.0; B], [0.0], [0.0; 3]);
        let rows = self.observations.rows_mut();
        for (i, (pendulum, mut row)) in self.each.iter_mut().zip(rows).enumerate() {
            learner.action_box().to_environment(&actions[i..=i], &mut torque);
            rewards[i] = pendulum.step(&torque, &mut observation)?.reward;
            row.iter_mut().zip(observation).for_each(|(to, from)| *to = from as f32);
        }
        Ok(rewards)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_excess_is_that_of_the_soft_return_by_hand() {
        let moment = |reward, log_pi, q: Option<f64>| Moment {
            rewards: [reward; B],
            log_pi: [log_pi; B],
            q: q.map(|q| [q; B]),
        };
        // G₂ = 3, G₁ = 2 + ½ (3 − 0.1 · 5), G₀ = 1 + ½ (G₁ − 0.1 · (−4)).
        let played =
            [moment(1.0, 9.0, Some(4.0)), moment(2.0, -4.0, Some(4.0)), moment(3.0, 5.0, None)];
        let (g1, g0) = (3.25, 1.0 + 0.5 * 3.65);
        let expected = 0.5 * ((4.0 - g0) + (4.0 - g1));
        assert!((mean_excess(&played, 0.5, 0.1) - expected).abs() < 1e-12);
    }
}

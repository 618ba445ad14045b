//! # 18 · The whole update, filled

use softac::replay::Batch;
use softac::sac::Noise;
use softac::tape::TapeError;
use softac_holes::agent::Agent;

/// One update of everything.
pub fn update(agent: &mut Agent, batch: &Batch<f64>, noise: &Noise<f64>) -> Result<(), TapeError> {
    let alpha = agent.alpha();
    let y = agent.targets(batch, &noise.next, alpha)?; // [B, 1]
    agent.step_critics(batch, &y)?;
    let log_pi = agent.step_policy(batch, &noise.current, alpha)?; // [B, 1]
    agent.step_temperature(&log_pi)?;
    agent.move_targets();
    Ok(())
}

//! # 18 · The whole update
//!
//! Steps 0 to 5 of the chapter's table: read α; the targets y; the critics; the policy; the temperature; the target critics. Put
//! them together, each with what it needs.
//!
//! Chapter: `docs/src/algorithm.md`.

use softac::replay::Batch;
use softac::sac::Noise;
use softac::tape::TapeError;
use softac_holes::agent::Agent;

/// One update of everything.
///
/// | step | method |
/// |---|---|
/// | read α | `agent.alpha()` |
/// | the targets y | `agent.targets(batch, xi, alpha)?` |
/// | the critics | `agent.step_critics(batch, &y)?` |
/// | the policy, and log π before it moved | `agent.step_policy(batch, xi, alpha)?` |
/// | the temperature | `agent.step_temperature(&log_pi)?` |
/// | the target critics | `agent.move_targets()` |
///
/// `noise.current` is the noise ξ of the actions in s, `noise.next` that of the actions in s′.
pub fn update(agent: &mut Agent, batch: &Batch<f64>, noise: &Noise<f64>) -> Result<(), TapeError> {
    todo!("the steps in their order")
}

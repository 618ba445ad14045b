//! How much memory learning takes: known once the networks are made, before the first update.

use super::agent::Temperature;
use super::{Sac, Trained};
use crate::Scalar;

/// The memory that updates work in, in bytes. Nothing is added to it later, once there is
/// [room](Sac::make_room) for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "std", derive(serde::Serialize))]
pub struct Memory {
    /// φ, θᵢ and log α.
    pub parameters: usize,
    /// θ̄ᵢ
    pub targets: usize,
    /// One number for each parameter.
    pub gradients: usize,
    /// Adam's m and v, two numbers for each parameter.
    pub moments: usize,
    /// Values and adjoints of everything in between, with the lists that say where they lie.
    pub activations: usize,
}

impl<T: Scalar> Sac<T> {
    /// The memory that updates work in.
    ///
    /// ```
    /// use softac::random::{Purpose, stream};
    /// use softac::replay::Batch;
    /// use softac::sac::{Noise, Sac, SacConfig};
    ///
    /// let config = SacConfig { net_arch: vec![32, 32], ..SacConfig::default() };
    /// let mut sac = Sac::<f32>::new(config, 3, 1, &mut stream(0, Purpose::Init))?;
    /// sac.make_room(&Batch::new(64, 3, 1), &Noise::new(64, 1))?;
    /// let memory = sac.memory();
    /// // The policy, two critics and log α; the targets have no log α and no policy.
    /// let (policy, critic) = (3 * 32 + 32 + 32 * 32 + 32 + 32 * 2 + 2, 4 * 32 + 32 + 32 * 32 + 32 + 32 + 1);
    /// assert_eq!(memory.parameters, (policy + 2 * critic + 1) * 4);
    /// assert_eq!(memory.targets, 2 * critic * 4);
    /// assert_eq!(memory.moments, 2 * memory.parameters);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn memory(&self) -> Memory {
        let log_alpha = match &self.temperature {
            Temperature::Fixed(_) => None,
            Temperature::Learned(log_alpha) => Some(&**log_alpha),
        };
        let trained = || [&self.actor].into_iter().chain(&self.critics).chain(log_alpha);
        let bytes = |numbers: usize| numbers * size_of::<T>();
        let parameters = bytes(trained().map(Trained::len).sum());
        let tapes = trained().map(|trained| trained.shards.bytes()).sum::<usize>();
        Memory {
            parameters,
            targets: bytes(self.targets.iter().map(|target| target.as_slice().len()).sum()),
            gradients: parameters,
            moments: 2 * parameters,
            activations: (tapes + self.target_shards.bytes()).saturating_sub(parameters),
        }
    }
}

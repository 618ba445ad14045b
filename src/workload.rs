//! The work of one update: counted from the shapes, done by the engine, and done by the matrix products
//! alone, so that the one can be measured against the other.

mod product;

use crate::Scalar;
use crate::agent::settings::OffPolicySettings;
use crate::agent::{Algorithm, NetworkPass, PassGradient, Settings, UpdateNoise};
use crate::algorithms::sac::Sac;
use crate::learner::LearnerError;
use crate::random::{Purpose, Stream, fill_normal, fill_uniform, stream};
use crate::replay::{Batch, ReplayBuffer, ReplayError, Transition};
pub use product::{ProductMemory, ProductOperands, ProductShape, Transposed, product};

/// What updates need: networks, and a replay buffer full of random transitions; of Soft Actor-Critic unless another
/// algorithm is named.
///
/// Whatever an algorithm does in every k-th update alone, such as TD3's step of the policy, is done as often here.
pub struct Workload<T: Scalar, A: Algorithm<T> = Sac<T>> {
    algorithm: A,
    replay: ReplayBuffer<T>,
    batch: Batch<T>,
    noise: A::Noise,
    streams: [Stream; 2],
    products: Vec<UpdateProduct>,
    /// How often the products were done.
    rounds: u64,
    operands: Operands<T>,
}

/// A product, and the update that it belongs to: every so many-th.
#[derive(Clone, Copy)]
struct UpdateProduct {
    shape: ProductShape,
    every: u64,
}

impl<T: Scalar, A: Algorithm<T>> Workload<T, A> {
    /// Updates of this kind, for observations and actions of these dimensions.
    ///
    /// ```
    /// use softac::sac::SacConfig;
    /// use softac::workload::Workload;
    ///
    /// let config = SacConfig { net_arch: vec![64, 64].into(), ..SacConfig::default() };
    /// let mut work = Workload::<f32>::new(config, 3, 1)?;
    /// work.update()?;
    /// assert!(work.flop() > 30e6);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A hyperparameter that cannot be.
    pub fn new<S>(
        settings: S,
        observation_dim: usize,
        action_dim: usize,
    ) -> Result<Self, LearnerError>
    where
        S: Settings<Algorithm<T> = A>,
        A: Algorithm<T, Settings = S>,
    {
        let batch_size = settings.off_policy().batch_size;
        let init = &mut stream(0, Purpose::Init);
        let algorithm = A::new(settings, observation_dim, action_dim, init)?;
        let passes = algorithm.passes();
        let products: Vec<_> = passes.iter().flat_map(|pass| products(pass, batch_size)).collect();
        Ok(Self {
            operands: Operands::new(&products),
            products,
            rounds: 0,
            replay: random_transitions(observation_dim, action_dim)?,
            batch: Batch::new(batch_size, observation_dim, action_dim),
            noise: A::Noise::new(batch_size, action_dim),
            streams: [Purpose::Replay, Purpose::Policy].map(|purpose| stream(0, purpose)),
            algorithm,
        })
    }

    /// One update of everything, on a minibatch drawn for it.
    ///
    /// # Errors
    /// [`LearnerError::Tape`] for a dimension of zero; [`LearnerError::Diverged`] where a number is not finite.
    pub fn update(&mut self) -> Result<(), LearnerError> {
        let [replay, policy] = &mut self.streams;
        self.replay.sample(&mut self.batch, replay)?;
        self.noise.draw(policy);
        let number = self.algorithm.updates() + 1;
        let updated = self.algorithm.update(&self.batch, &self.noise);
        updated.map(|_metrics| ()).map_err(|error| LearnerError::in_update(error, number, number))
    }

    /// The matrix products of one update and nothing else, by the same kernel: those of the first update, then those of
    /// the second, and so on.
    pub fn products_alone(&mut self) {
        let numerics = self.algorithm.settings().off_policy().numerics;
        let mut memory = ProductMemory::new();
        self.each_product(|operands| product(numerics, operands, &mut memory));
    }

    /// Shows the operands of each product of one update, for another kernel to be measured on; those of the next update
    /// when it is called again.
    pub fn each_product(&mut self, mut compute: impl FnMut(ProductOperands<'_, T>)) {
        self.rounds += 1;
        let rounds = self.rounds;
        let due = |product: &&UpdateProduct| rounds.is_multiple_of(product.every);
        let Operands { left, right, result } = &mut self.operands;
        for &UpdateProduct { shape, .. } in self.products.iter().filter(due) {
            let ProductShape { m, k, n, .. } = shape;
            let (left, right) = (&left[..m * k], &right[..k * n]);
            compute(ProductOperands { shape, left, right, result: &mut result[..m * n] });
        }
    }

    /// Floating-point operations in the products of one update: a multiplication and an addition for each term. Products
    /// that are done in every k-th update count with a share of 1/k.
    #[must_use]
    pub fn flop(&self) -> f64 {
        self.products.iter().map(|product| product.shape.flop() / product.every as f64).sum()
    }
}

/// The products of a pass for a minibatch of this size.
fn products(pass: &NetworkPass, batch_size: usize) -> Vec<UpdateProduct> {
    let layers = || pass.layers.iter().copied();
    let product = |m, k, n, transposed| ProductShape { m, k, n, transposed };
    let forward =
        |[inputs, outputs]: [usize; 2]| product(batch_size, inputs, outputs, Transposed::Neither);
    let input_gradient =
        |[inputs, outputs]: [usize; 2]| product(batch_size, outputs, inputs, Transposed::Right);
    // A column of weights has the gradient of a row.
    let weight_gradient = |[inputs, outputs]: [usize; 2]| match outputs {
        1 => product(1, batch_size, inputs, Transposed::Neither),
        _ => product(inputs, batch_size, outputs, Transposed::Left),
    };
    let mut of_one: Vec<_> = layers().map(forward).collect();
    if pass.gradient != PassGradient::None {
        // What flows through all layers but the first.
        of_one.extend(layers().skip(1).map(input_gradient));
    }
    match pass.gradient {
        PassGradient::None => {}
        PassGradient::Parameters => of_one.extend(layers().map(weight_gradient)),
        PassGradient::LastInputs(inputs) => {
            of_one.extend(layers().take(1).map(|[_, outputs]| input_gradient([inputs, outputs])));
        }
    }
    let all = (0..pass.count).flat_map(|_| of_one.iter());
    all.map(|&shape| UpdateProduct { shape, every: pass.every }).collect()
}

/// Memory for the operands of any of the products: the same for all, so that it stays in the caches.
struct Operands<T> {
    left: Vec<T>,
    right: Vec<T>,
    result: Vec<T>,
}

impl<T: Scalar> Operands<T> {
    fn new(products: &[UpdateProduct]) -> Self {
        let largest = |len: fn(&ProductShape) -> usize| {
            products.iter().map(|product| len(&product.shape)).max().unwrap_or(0)
        };
        let mut numbers = stream(0, Purpose::Init);
        let mut matrix = |len| {
            let mut matrix = vec![T::zero(); len];
            fill_uniform(&mut matrix, 1.0, &mut numbers);
            matrix
        };
        Self {
            left: matrix(largest(|product| product.m * product.k)),
            right: matrix(largest(|product| product.k * product.n)),
            result: matrix(largest(|product| product.m * product.n)),
        }
    }
}

/// Transitions in the buffer: enough that a minibatch comes from all over memory.
const TRANSITIONS: usize = 10_000;

fn random_transitions<T: Scalar>(s: usize, a: usize) -> Result<ReplayBuffer<T>, ReplayError> {
    let mut replay = ReplayBuffer::new(TRANSITIONS, s, a)?;
    let mut numbers = stream(0, Purpose::Environment);
    let (mut states, mut action) = (vec![T::zero(); 2 * s + 1], vec![T::zero(); a]);
    for _ in 0..TRANSITIONS {
        fill_normal(&mut states, &mut numbers);
        fill_uniform(&mut action, 1.0, &mut numbers);
        replay.push(Transition {
            observation: &states[..s],
            action: &action,
            reward: states[2 * s],
            next_observation: &states[s..2 * s],
            terminated: false,
            truncated: false,
        })?;
    }
    Ok(replay)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::settings::NetArch;
    use crate::algorithms::ddpg::DdpgConfig;
    use crate::algorithms::sac::SacConfig;
    use crate::algorithms::td3::Td3Config;

    /// Operations for a batch of 7, from multiply-adds for one transition.
    fn flop(multiply_adds: u32) -> f64 {
        f64::from(2 * 7 * multiply_adds)
    }

    #[test]
    fn the_operations_of_an_update_are_counted_from_its_shapes() {
        let config = SacConfig { net_arch: vec![5].into(), batch_size: 7, ..SacConfig::default() };
        let work = Workload::<f32>::new(config, 3, 2).unwrap();
        // Multiply-adds for one transition: policy 3-5-4, critics 5-5-1.
        let (policy, critic) = (3 * 5 + 5 * 4, 5 * 5 + 5);
        let targets = policy + 2 * critic;
        let critics = 2 * (critic + critic + 5);
        let actor = policy + 2 * critic + (policy + 5 * 4) + (5 + 5 * 2);
        assert_eq!(work.flop(), flop(targets + critics + actor));
    }

    #[test]
    fn hidden_layers_of_their_own_count_for_each_network() {
        let net_arch = NetArch { pi: vec![4], qf: vec![6, 2] };
        let config = DdpgConfig { net_arch, batch_size: 7, ..DdpgConfig::default() };
        let work = Workload::<f32, _>::new(config, 3, 2).unwrap();
        // Policy 3-4-2, critic 5-6-2-1.
        let (policy, critic) = (3 * 4 + 4 * 2, 5 * 6 + 6 * 2 + 2);
        let (targets, critic_step) = (policy + critic, critic + critic + 6 * 2 + 2);
        let actor = policy + critic + (policy + 4 * 2) + (2 + 6 * 2 + 6 * 2);
        assert_eq!(work.flop(), flop(targets + critic_step + actor));
    }

    #[test]
    fn a_deterministic_policy_is_judged_by_one_critic_and_counts_by_its_delay() {
        // Policy 3-5-2, critics 5-5-1.
        let (policy, critic) = (3 * 5 + 5 * 2, 5 * 5 + 5);
        let critic_step = critic + critic + 5;
        let actor = policy + critic + (policy + 5 * 2) + (5 + 5 * 2);
        let config = Td3Config { net_arch: vec![5].into(), batch_size: 7, ..Td3Config::default() };
        for policy_delay in [1, 2, 5] {
            let config = Td3Config { policy_delay, ..config.clone() };
            let td3 = Workload::<f32, _>::new(config, 3, 2).unwrap();
            let always = policy + 2 * critic + 2 * critic_step;
            let expected = flop(always) + flop(actor) / policy_delay as f64;
            assert!((td3.flop() - expected).abs() < 1e-9 * expected);
        }
        let config =
            DdpgConfig { net_arch: vec![5].into(), batch_size: 7, ..DdpgConfig::default() };
        let ddpg = Workload::<f32, _>::new(config, 3, 2).unwrap();
        assert_eq!(ddpg.flop(), flop(policy + critic + critic_step + actor));
    }

    #[test]
    fn products_come_in_the_updates_that_they_belong_to() {
        let config = Td3Config { net_arch: vec![5].into(), batch_size: 7, ..Td3Config::default() };
        let mut td3 = Workload::<f32, _>::new(config, 3, 2).unwrap();
        let mut round = || {
            let mut flop = 0.0;
            td3.each_product(|product| flop += product.shape.flop());
            flop
        };
        let [first, second, third, fourth] = [(); 4].map(|()| round());
        assert!(first < second);
        assert_eq!((third, fourth), (first, second));
        assert_eq!(td3.flop(), f64::midpoint(first, second));
    }
}

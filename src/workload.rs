//! The work of one update: counted from the shapes, done by the engine, and done by the matrix products
//! alone, so that the one can be measured against the other.

use crate::Scalar;
use crate::kernel::{Left, Output, Product, Start};
use crate::learner::LearnerError;
use crate::random::{Purpose, Stream, fill_normal, fill_uniform, stream};
use crate::replay::{Batch, ReplayBuffer, ReplayError, Transition};
use crate::sac::{Noise, Sac, SacConfig};

/// What updates need: networks, and a replay buffer full of random transitions.
pub struct Workload<T: Scalar> {
    sac: Sac<T>,
    replay: ReplayBuffer<T>,
    batch: Batch<T>,
    noise: Noise<T>,
    streams: [Stream; 2],
    products: Vec<ProductShape>,
    operands: Operands<T>,
}

impl<T: Scalar> Workload<T> {
    /// Updates of this kind, for observations and actions of these dimensions.
    ///
    /// ```
    /// use softac::sac::SacConfig;
    /// use softac::workload::Workload;
    ///
    /// let config = SacConfig { net_arch: vec![64, 64], ..SacConfig::default() };
    /// let mut work = Workload::<f32>::new(config, 3, 1)?;
    /// work.update()?;
    /// assert!(work.flop() > 30e6);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A hyperparameter that cannot be.
    pub fn new(
        config: SacConfig,
        observation_dim: usize,
        action_dim: usize,
    ) -> Result<Self, LearnerError> {
        let batch_size = config.batch_size;
        let sac = Sac::new(config, observation_dim, action_dim, &mut stream(0, Purpose::Init))?;
        let products = products(&sac);
        Ok(Self {
            operands: Operands::new(&products),
            products,
            replay: random_transitions(observation_dim, action_dim)?,
            batch: Batch::new(batch_size, observation_dim, action_dim),
            noise: Noise::new(batch_size, action_dim),
            streams: [Purpose::Replay, Purpose::Policy].map(|purpose| stream(0, purpose)),
            sac,
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
        let number = self.sac.updates() + 1;
        let updated = self.sac.update(&self.batch, &self.noise);
        updated.map(|_metrics| ()).map_err(|error| LearnerError::in_update(error, number, number))
    }

    /// The matrix products of one update and nothing else, by the same kernel.
    pub fn products_alone(&mut self) {
        let numerics = self.sac.config().numerics;
        self.each_product(
            |ProductOperands {
                 shape: ProductShape { m, k, n, transposed },
                 left,
                 right,
                 result,
             }| {
                Product {
                    numerics,
                    shape: [m, k, n],
                    left: if transposed { Left::Transposed(left) } else { Left::Rows(left) },
                    right,
                    start: Start::Zero,
                    output: Output { data: result, stride: n },
                }
                .compute();
            },
        );
    }

    /// Shows the operands of each product of one update, for another kernel to be measured on.
    pub fn each_product(&mut self, mut compute: impl FnMut(ProductOperands<'_, T>)) {
        let Operands { left, right, result } = &mut self.operands;
        for &shape in &self.products {
            let ProductShape { m, k, n, .. } = shape;
            let (left, right) = (&left[..m * k], &right[..k * n]);
            compute(ProductOperands { shape, left, right, result: &mut result[..m * n] });
        }
    }

    /// Floating-point operations in the products of one update: a multiplication and an addition for
    /// each term.
    #[must_use]
    pub fn flop(&self) -> f64 {
        self.products.iter().map(|product| product.flop()).sum()
    }
}

/// `C: [M, N] = A B` with sums of K terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProductShape {
    /// Rows of A and C.
    pub m: usize,
    /// Columns of A, rows of B.
    pub k: usize,
    /// Columns of B and C.
    pub n: usize,
    /// Whether Aᵀ lies in memory instead of A.
    pub transposed: bool,
}

/// A product's operands, each row after row.
pub struct ProductOperands<'a, T> {
    /// Their shapes.
    pub shape: ProductShape,
    /// A: `[M, K]`, or Aᵀ: `[K, M]`
    pub left: &'a [T],
    /// B: `[K, N]`
    pub right: &'a [T],
    /// C: `[M, N]`
    pub result: &'a mut [T],
}

impl ProductShape {
    /// Floating-point operations.
    #[must_use]
    pub fn flop(self) -> f64 {
        2.0 * self.m as f64 * self.k as f64 * self.n as f64
    }
}

/// The products of one update, in the order of [`Sac::update`], with the policy's step in it.
fn products<T: Scalar>(sac: &Sac<T>) -> Vec<ProductShape> {
    let batch = sac.config().batch_size;
    let actions = sac.policy().action_dim();
    let widths = |mlp: &crate::nn::Mlp| -> Vec<[usize; 2]> {
        mlp.layers().iter().map(|layer| [layer.inputs(), layer.outputs()]).collect()
    };
    let (policy, critic) = (widths(sac.policy().mlp()), widths(sac.critic()));
    let product = |m, k, n| ProductShape { m, k, n, transposed: false };
    let forward = |[inputs, outputs]: [usize; 2]| product(batch, inputs, outputs);
    let input_gradient = |[inputs, outputs]: [usize; 2]| product(batch, outputs, inputs);
    let weight_gradient = |[inputs, outputs]: [usize; 2]| ProductShape {
        transposed: true,
        ..product(inputs, batch, outputs)
    };
    let mut all = Vec::new();
    let trained = |all: &mut Vec<_>, layers: &[[usize; 2]]| {
        all.extend(layers.iter().copied().map(weight_gradient));
        all.extend(layers[1..].iter().copied().map(input_gradient));
    };
    let critics = sac.critics().len();
    // The targets, and the policy's own pass.
    for _ in 0..2 {
        all.extend(policy.iter().copied().map(forward));
        all.extend((0..critics).flat_map(|_| critic.iter().copied().map(forward)));
    }
    trained(&mut all, &policy);
    for _ in 0..critics {
        // Its own step.
        all.extend(critic.iter().copied().map(forward));
        trained(&mut all, &critic);
        // What it tells the policy: the gradient by the actions.
        all.extend(critic[1..].iter().copied().map(input_gradient));
        all.push(product(batch, critic[0][1], actions));
    }
    all
}

/// Memory for the operands of any of the products: the same for all, so that it stays in the caches.
struct Operands<T> {
    left: Vec<T>,
    right: Vec<T>,
    result: Vec<T>,
}

impl<T: Scalar> Operands<T> {
    fn new(products: &[ProductShape]) -> Self {
        let largest = |len: fn(&ProductShape) -> usize| products.iter().map(len).max().unwrap_or(0);
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

    #[test]
    fn the_operations_of_an_update_are_counted_from_its_shapes() {
        let config = SacConfig { net_arch: vec![5], batch_size: 7, ..SacConfig::default() };
        let work = Workload::<f32>::new(config, 3, 2).unwrap();
        // Multiply-adds for one transition: policy 3-5-4, critics 5-5-1.
        let (policy, critic) = (3 * 5 + 5 * 4, 5 * 5 + 5);
        let targets = policy + 2 * critic;
        let critics = 2 * (critic + critic + 5);
        let actor = policy + 2 * critic + (policy + 5 * 4) + 2 * (5 + 5 * 2);
        assert_eq!(work.flop(), f64::from(2 * 7 * (targets + critics + actor)));
    }
}

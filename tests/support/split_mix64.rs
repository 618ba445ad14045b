//! The numbers that go into a lockstep with PyTorch, as `scripts/lockstep_inputs.py` draws them, to the bit.

use ndarray::Array2;
use softac::Scalar;
use softac::nn::Mlp;
use softac::replay::Batch;

/// The generator of Steele, Lea and Flood (2014), and what the script makes of its words: few bits over a power of
/// two, exact in `f32` too.
pub struct SplitMix64(pub u64);

impl SplitMix64 {
    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = self.0;
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Within (−1, 1), of variance 1/3.
    fn uniform(&mut self) -> f64 {
        (2.0 * (self.word() >> 48) as f64 - 65535.0) / 65536.0
    }

    /// Nearly normal, of mean 0 and variance 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() / 2.0
    }

    fn matrix(
        &mut self,
        shape: (usize, usize),
        mut draw: impl FnMut(&mut Self) -> f64,
    ) -> Array2<f64> {
        Array2::from_shape_simple_fn(shape, || draw(self))
    }

    /// Parameters uniform in ±2⁻ᵏ, the greatest such bound within PyTorch's 1/√I.
    pub fn fill<T: Scalar>(&mut self, theta: &mut [T], network: &Mlp) {
        for layer in network.layers() {
            let mut bound = 1.0;
            while bound * bound * layer.inputs() as f64 > 1.0 {
                bound /= 2.0;
            }
            for block in layer.blocks() {
                theta[block.range()].fill_with(|| T::of(bound * self.uniform()));
            }
        }
    }

    /// A batch of B transitions with observations of S and actions of A numbers.
    pub fn batch<T: Scalar>(&mut self, [b, s, a]: [usize; 3]) -> Batch<T> {
        let states = self.matrix((b, s), Self::normal);
        let actions = self.matrix((b, a), Self::uniform);
        let drift = self.matrix((b, s), Self::normal);
        let ends = |g: &mut Self| if g.uniform() < -0.75 { 1.0 } else { 0.0 };
        let terminated = self.matrix((b, 1), ends);
        let reward = |i, j| actions[[i, j]] * (states[[i, j]] - actions[[i, j]] / 2.0);
        let rewards = Array2::from_shape_fn((b, 1), |(i, _)| (0..a).map(|j| reward(i, j)).sum());
        let next_observations = Array2::from_shape_fn((b, s), |(i, j)| {
            0.75 * states[[i, j]] + 0.25 * actions[[i, 0]] + 0.5 * drift[[i, j]]
        });
        let of = |x: Array2<f64>| x.mapv(T::of);
        Batch {
            observations: of(states),
            actions: of(actions),
            rewards: of(rewards),
            next_observations: of(next_observations),
            terminated: of(terminated),
        }
    }

    /// Noise of an update.
    pub fn noise<T: Scalar>(&mut self, [b, _, a]: [usize; 3]) -> Array2<T> {
        self.matrix((b, a), Self::normal).mapv(T::of)
    }
}

/// FNV-1a, over whole words.
pub struct Digest(pub u64);

impl Digest {
    pub fn record(&mut self, numbers: &[f64]) {
        for x in numbers {
            self.0 = (self.0 ^ x.to_bits()).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

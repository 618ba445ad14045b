//! The self-test that an export carries: observations, and what the policy has to make of them.
//!
//! Only those that the policy met itself are stored. The others are computed alike here and on the device, from
//! integers and single additions and multiplications.

use super::reference::{Reference, Status};
use super::rollout::Rollout;

/// Observations that the policy met.
pub const ON_POLICY: usize = 64;
/// Random ones after them: every other one within the range of what was met, the others in eight times that.
pub const RANDOM: usize = 128;
/// Edges after them: observations that were met, with one component replaced by each of [`EDGES`] in turn, and at last
/// observations all of whose components are the same edge.
pub const AT_EDGES: usize = 64;
/// All of them.
pub const VECTORS: usize = ON_POLICY + RANDOM + AT_EDGES;

/// Zeros, subnormal numbers, the least normal one, ones, what overflows in a sum, the greatest, infinities, NaN.
pub const EDGES: [u32; 16] = [
    0x0000_0000,
    0x8000_0000,
    0x0000_0001,
    0x8000_0001,
    0x007f_ffff,
    0x0080_0000,
    0x3f80_0000,
    0xbf80_0000,
    0x5f80_0000,
    0xdf80_0000,
    0x7f7f_ffff,
    0xff7f_ffff,
    0x7f80_0000,
    0xff80_0000,
    0x7fc0_0000,
    0xffc0_0000,
];

/// What a hash begins with: FNV-1a, a word at a time.
pub const HASH_START: u32 = 0x811c_9dc5;

/// One step of FNV-1a. Each word that differs makes the hash differ, because both operations can be undone.
#[must_use]
pub fn hashed(hash: u32, word: u32) -> u32 {
    (hash ^ word).wrapping_mul(0x0100_0193)
}

/// The word that stands for a weight of eight bits.
pub(super) fn word_of_int8(weight: i8) -> u32 {
    u32::from(weight as u8)
}

/// A number without a pattern: the finaliser of MurmurHash3.
fn mixed(word: u32) -> u32 {
    let word = (word ^ (word >> 16)).wrapping_mul(0x85eb_ca6b);
    let word = (word ^ (word >> 13)).wrapping_mul(0xc2b2_ae35);
    word ^ (word >> 16)
}

/// Uniform in [−1, 1), exactly.
fn unit(word: u32) -> f32 {
    (word >> 8) as f32 * (1.0 / 8_388_608.0) - 1.0
}

/// The observations, and a hash of what the policy makes of each.
#[derive(Clone, Debug, PartialEq)]
pub struct SelfTest {
    /// 64 observations that the policy met.
    pub on_policy: Vec<Vec<f32>>,
    /// Middle and half of the range of each component.
    pub ranges: Vec<(f32, f32)>,
    /// For each of the 256 vectors what [`outcome`] makes of status and action.
    pub expected: Vec<u32>,
}

impl SelfTest {
    /// From what the policy met, and what it is to give.
    pub fn of(rollout: &Rollout, reference: &mut dyn Reference) -> Self {
        let on_policy = rollout.spread(ON_POLICY).map(<[f32]>::to_vec).collect();
        let mut test = Self { on_policy, ranges: rollout.ranges(), expected: Vec::new() };
        let mut action = vec![0.0; reference.network().axes.len()];
        test.expected = (0..VECTORS)
            .map(|i| {
                let status = reference.act(&test.observation(i), &mut action);
                outcome(status, &action)
            })
            .collect();
        test
    }

    /// The i-th observation, `[S]`.
    #[must_use]
    pub fn observation(&self, i: usize) -> Vec<f32> {
        let met = &self.on_policy[i % ON_POLICY];
        let last = i >= VECTORS - EDGES.len();
        let dim = met.len();
        let component = |j: usize| match i {
            ..ON_POLICY => met[j],
            _ if i < ON_POLICY + RANDOM => {
                let (middle, half) = self.ranges[j];
                let reach = if i.is_multiple_of(2) { half } else { 8.0 * half };
                middle + reach * unit(mixed((i * dim + j) as u32))
            }
            _ if last || j == (i / EDGES.len()) % dim => f32::from_bits(EDGES[i % EDGES.len()]),
            _ => met[j],
        };
        (0..dim).map(component).collect()
    }
}

/// The hash of what was made of an observation.
#[must_use]
pub fn outcome(status: Status, action: &[f32]) -> u32 {
    action.iter().fold(hashed(HASH_START, status as u32), |hash, a| hashed(hash, a.to_bits()))
}

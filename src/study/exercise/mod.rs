//! Exercises: questions about the temperature, answered from data.
//!
//! Each takes what was trained or computed and gives [`Findings`]: numbers, a plot, and a reading of them in sentences,
//! none of which is said unless the numbers say it.
//!
//! | file | holds |
//! |---|---|
//! | `findings.rs` | [`Findings`]: numbers, plot and reading of an exercise |
//! | `entropy.rs` | [`EntropyFindings`]: when entropy begins to fall, and whether α converges |
//! | `onset.rs`, `settling.rs` | [`onset()`] and [`settling()`]: what beginning to fall and converging mean |
//! | `temperature.rs`, `temperature/` | [`TemperatureFindings`]: fixed temperatures and a learned one compared |
//! | `bandit.rs`, `bandit/` | [`BanditFindings`]: the Boltzmann policy of two arms, in closed form and learned |
//! | `words.rs` | numbers in sentences |
//!
//! Another exercise is another type with [`Findings`], and a command for it in `src/cli/exercise/`.

mod bandit;
mod entropy;
mod findings;
mod onset;
mod settling;
mod temperature;
mod words;

pub use bandit::{BanditFindings, BanditPoint};
pub use entropy::{EntropyFindings, EntropyRow, EntropyRun, Level};
pub use findings::Findings;
pub use onset::{Onset, noise, onset};
pub use settling::{Course, Settling, settling};
pub use temperature::{Advantage, Arm, ArmRun, StepsTo, TemperatureFindings, TemperatureOptions};

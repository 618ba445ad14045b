//! What the device does, and the host beside it: the same functions, so that the same bits can be asked for.

#![no_std]

extern crate alloc;

#[cfg(target_os = "none")]
pub mod device;
mod image;
mod training;
mod worn;

pub use image::{read_image, write_image};
pub use training::{Failed, Training};
pub use worn::WornMotor;

use softac::Numerics;
use softac::sac::SacConfig;

/// The heap of the device in bytes: what `softac bench --memory-plan --obs 3 --act 1 --hidden 32,32 --batch 32
/// --buffer-size 4000 --optimize-memory-usage` says on a host, where pointers are twice as wide.
pub const HEAP_BYTES: usize = 320_975;

/// Environment steps that a program takes, unless it is built with another number in `STEPS`.
#[must_use]
pub fn steps() -> u64 {
    option_env!("STEPS").and_then(|steps| steps.parse().ok()).unwrap_or(300)
}

/// Hyperparameters for Pendulum in little memory. `portable` makes the bits those of every other machine.
#[must_use]
pub fn settings() -> SacConfig {
    SacConfig {
        numerics: Numerics::Portable,
        net_arch: alloc::vec![32, 32].into(),
        batch_size: 32,
        buffer_size: 4_000,
        optimize_memory_usage: true,
        learning_starts: 100,
        learning_rate: 2e-3,
        tau: 0.01,
        ..SacConfig::default()
    }
}

/// The `main` of a program that does `run`, on the device or on a host.
#[macro_export]
macro_rules! main {
    ($run:path) => {
        #[cfg(target_os = "none")]
        #[cortex_m_rt::entry]
        fn main() -> ! {
            $crate::device::start(|out| $run(out))
        }

        #[cfg(not(target_os = "none"))]
        fn main() -> Result<(), $crate::Failed> {
            struct Out;
            impl core::fmt::Write for Out {
                fn write_str(&mut self, text: &str) -> core::fmt::Result {
                    use std::io::Write;
                    std::io::stdout().write_all(text.as_bytes()).map_err(|_| core::fmt::Error)
                }
            }
            $run(&mut Out)
        }
    };
}

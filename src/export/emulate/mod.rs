//! Exports on emulated devices: built, run, compared to the bit and measured.
//!
//! QEMU computes what the device computes, and counts instructions. It knows nothing of cycles, of wait states of the
//! flash or of caches.
//!
//! | file | holds |
//! |---|---|
//! | `machine.rs` | [`Machine`]: what is emulated |
//! | `subject.rs` | [`Subject`]: an export to be run |
//! | `bench.rs` | a folder in which an export is built and run |
//! | `tool.rs` | compilers, and QEMU itself |
//! | `image.rs` | what lies in the flash |
//! | `harness/` | from reset to main, the measurements, a linker script for each machine: none of it is needed on a device of one's own |

mod bench;
mod image;
mod machine;
mod subject;
mod tool;

use serde::Serialize;

pub use machine::{Machine, Optimise};
pub use subject::Subject;

use self::bench::{Bench, REPEATS};
use super::error::ExportError;
use super::reference::Reference;

/// What running an export on an emulated machine came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// The machine's name.
    pub machine: &'static str,
    /// What the build was made for.
    pub optimised_for: &'static str,
    /// What the self-test returned: 0 where every vector has its bits.
    pub selftest: i64,
    /// How many observations host and device acted on.
    pub observations: usize,
    /// In how many of them status or action differ in any bit.
    pub differences: usize,
    /// Instructions that an action takes, the mean over the first 100 observations.
    pub instructions: f64,
    /// Bytes of the stack that an action takes at most.
    pub stack_bytes: i64,
    /// Bytes of the flash for the parameters.
    pub weight_bytes: usize,
    /// Bytes of the flash for everything else that an action needs: instructions, constants, and the functions
    /// that the compiler brings along.
    pub code_bytes: usize,
    /// Names in the program that tell of a panic or of a heap: there should be none.
    pub unwanted_symbols: Vec<String>,
}

impl Measured {
    /// Whether host and device agree, and nothing is in the program that should not be.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.selftest == 0 && self.differences == 0 && self.unwanted_symbols.is_empty()
    }
}

/// Builds an export for a machine, runs it there, and compares it with the host's.
///
/// # Errors
/// [`ExportError::NoTool`] names what has to be installed; [`ExportError::Tool`] is what a compiler or QEMU refused.
pub fn emulate(
    machine: Machine,
    optimise: Optimise,
    subject: &Subject<'_>,
    reference: &mut dyn Reference,
) -> Result<Measured, ExportError> {
    let bench = Bench::new(machine, optimise, subject, reference)?;
    let policy = bench.build_policy(subject)?;
    bench.link("main.c", &["main.o", &policy], &[])?;
    bench.link("size.c", &["with.o", &policy], &[])?;
    bench.link("size.c", &["without.o", &policy], &["-DWITHOUT_POLICY"])?;
    let (with, without) = (bench.image("with.o.elf")?, bench.image("without.o.elf")?);
    let macs = reference.network().multiply_accumulates().max(1);
    let count = subject.observations.len().min((machine.budget() / macs).max(100));
    let observations = &subject.observations[..count];
    bench.write("observations.bin", &bench::bytes(observations))?;
    bench.run("main.o.elf")?;
    let report = bench.read("measured.txt")?;
    let number = |name| measured(&report, name).ok_or_else(|| bench.garbled("measured.txt"));
    let weight_bytes = subject.source.parameter_bytes;
    Ok(Measured {
        machine: machine.name(),
        optimised_for: optimise.name(),
        selftest: number("selftest")?,
        observations: count,
        differences: bench.differences(observations, reference)?,
        instructions: number("instructions")? as f64 / f64::from(REPEATS),
        stack_bytes: number("stack")?,
        weight_bytes,
        code_bytes: with.flash.saturating_sub(without.flash + weight_bytes),
        unwanted_symbols: with.unwanted(),
    })
}

impl Optimise {
    fn name(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Speed => "speed",
        }
    }
}

/// The number behind a name in the lines of a report.
fn measured(report: &str, name: &str) -> Option<i64> {
    let line = report.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::tool::Tool;
    use super::*;

    #[test]
    fn numbers_are_read_by_their_names() {
        let report = "selftest -1\ninstructions 2290000\n";
        assert_eq!(measured(report, "selftest"), Some(-1));
        assert_eq!(measured(report, "instructions"), Some(2_290_000));
        assert_eq!(measured(report, "stack"), None);
    }

    #[test]
    fn a_missing_tool_is_named_with_what_installs_it() {
        let folder = tempfile::TempDir::new().unwrap();
        let tool = Tool::of_package("no-such-compiler-anywhere", "gcc-of-nowhere");
        let error = tool.run(folder.path(), ["--version"], &[]).unwrap_err().to_string();
        assert!(error.contains("no-such-compiler-anywhere"), "{error}");
        assert!(error.contains("apt-get install gcc-of-nowhere"), "{error}");
    }
}

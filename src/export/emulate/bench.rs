//! Building and running.

use std::fs;

use tempfile::TempDir;

use super::image::Image;
use super::machine::{Machine, Optimise};
use super::subject::Subject;
use super::tool::Tool;
use crate::export::error::ExportError;
use crate::export::reference::Reference;
use crate::export::source::Language;

/// Calls whose instructions are counted.
pub(super) const REPEATS: u32 = 200;

const HARNESS: [(&str, &str); 9] = [
    ("board.h", include_str!("harness/board.h")),
    ("names.h", include_str!("harness/names.h")),
    ("main.c", include_str!("harness/main.c")),
    ("size.c", include_str!("harness/size.c")),
    ("cortex_m.c", include_str!("harness/cortex_m.c")),
    ("cortex_m.ld", include_str!("harness/cortex_m.ld")),
    ("riscv.c", include_str!("harness/riscv.c")),
    ("riscv.ld", include_str!("harness/riscv.ld")),
    ("shim.rs", include_str!("harness/shim.rs")),
];

/// A folder in which an export is built and run.
pub(super) struct Bench {
    folder: TempDir,
    machine: Machine,
    optimise: Optimise,
    /// What the harness has to know of the policy.
    definitions: Vec<String>,
}

impl Bench {
    pub fn new(
        machine: Machine,
        optimise: Optimise,
        subject: &Subject<'_>,
        reference: &dyn Reference,
    ) -> Result<Self, ExportError> {
        let folder = TempDir::new().map_err(ExportError::io("create", &std::env::temp_dir()))?;
        let network = reference.network();
        let definitions = [
            ("NAME", subject.name.to_string()),
            ("OBSERVATIONS", network.observations().to_string()),
            ("ACTIONS", network.axes.len().to_string()),
            ("REPEATS", format!("{REPEATS}u")),
        ];
        let definitions = definitions.map(|(name, value)| format!("-D{name}={value}")).to_vec();
        let bench = Self { folder, machine, optimise, definitions };
        for (name, text) in HARNESS {
            bench.write(name, text.as_bytes())?;
        }
        Ok(bench)
    }

    /// The export as an object or a library of objects, without the harness's definitions; its file.
    pub fn build_policy(&self, subject: &Subject<'_>) -> Result<String, ExportError> {
        match subject.language {
            Language::C => {
                self.write("policy.c", subject.source.text.as_bytes())?;
                self.compile("policy.c", "policy.o", &[])?;
                Ok("policy.o".into())
            }
            Language::Rust => {
                self.write("policy.rs", subject.source.text.as_bytes())?;
                let level = match self.optimise {
                    Optimise::Size => "-Copt-level=s",
                    Optimise::Speed => "-Copt-level=3",
                };
                let target = self.machine.rust_target();
                let cpu = format!("-Ctarget-cpu={}", self.machine.rust_cpu());
                let arguments = [
                    "--edition=2024",
                    "--crate-type=staticlib",
                    "--target",
                    target,
                    &cpu,
                    level,
                    "-Cpanic=abort",
                    "-Ccodegen-units=1",
                    "-Dwarnings",
                    "shim.rs",
                    "-o",
                    "libpolicy.a",
                ];
                let built =
                    Tool::rustc().run(self.folder.path(), arguments, &[("NAME", subject.name)]);
                built.map_err(|error| missing_target(error, target))?;
                Ok("libpolicy.a".into())
            }
        }
    }

    /// Compiles a file of the harness and links it with what is there, to `<first object>.elf`.
    pub fn link(&self, source: &str, objects: &[&str], more: &[&str]) -> Result<(), ExportError> {
        let [board, script] = self.machine.board();
        let definitions = self.definitions.iter().map(String::as_str);
        self.compile(
            source,
            objects[0],
            &definitions.chain(more.iter().copied()).collect::<Vec<_>>(),
        )?;
        self.compile(board, "board.o", &[])?;
        let elf = format!("{}.elf", objects[0]);
        let link = [
            "-nostdlib",
            "-nostartfiles",
            "-static",
            "-Wl,--gc-sections",
            "-Wl,-z,noexecstack",
            "-T",
            script,
        ];
        let rest = ["board.o", "-lgcc", "-o", &elf];
        let arguments = self.machine.flags().iter().copied().chain(link);
        let arguments = arguments.chain(objects.iter().copied()).chain(rest);
        self.machine.compiler().run(self.folder.path(), arguments, &[]).map(drop)
    }

    fn compile(&self, source: &str, object: &str, definitions: &[&str]) -> Result<(), ExportError> {
        let level = match self.optimise {
            Optimise::Size => "-Os",
            Optimise::Speed => "-O2",
        };
        let plain = ["-std=gnu99", "-ffreestanding", "-ffunction-sections", "-fdata-sections"];
        let warnings = ["-Wall", "-Wextra", "-Werror", level, "-c", source, "-o", object];
        let arguments = self.machine.flags().iter().copied().chain(plain).chain(warnings);
        let arguments = arguments.chain(definitions.iter().copied());
        self.machine.compiler().run(self.folder.path(), arguments, &[]).map(drop)
    }

    pub fn image(&self, elf: &str) -> Result<Image, ExportError> {
        let run = |part| self.machine.binutils(part).run(self.folder.path(), [elf], &[]);
        Image::of(&run("size")?, &run("nm")?).ok_or_else(|| self.garbled(elf))
    }

    /// Runs a program in the emulator; its files lie in the folder.
    pub fn run(&self, elf: &str) -> Result<(), ExportError> {
        let arguments = self.machine.emulation().into_iter().chain([elf.into()]);
        self.machine.emulator().run(self.folder.path(), arguments, &[]).map(drop)
    }

    /// In how many outcomes the device's bits are not the host's.
    pub fn differences(
        &self,
        observations: &[&[f32]],
        reference: &mut dyn Reference,
    ) -> Result<usize, ExportError> {
        let found = self.read_bytes("actions.bin")?;
        let mut action = vec![0.0; reference.network().axes.len()];
        let size = 4 * (1 + action.len());
        if found.len() != observations.len() * size {
            return Err(self.garbled("actions.bin"));
        }
        let pairs = observations.iter().zip(found.chunks_exact(size));
        let differs = pairs.filter(|(observation, found)| {
            let status = reference.act(observation, &mut action) as u32;
            let words = std::iter::once(status).chain(action.iter().map(|a| a.to_bits()));
            !words.flat_map(u32::to_le_bytes).eq(found.iter().copied())
        });
        Ok(differs.count())
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), ExportError> {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).map_err(ExportError::io("write", &path))
    }

    fn read_bytes(&self, name: &str) -> Result<Vec<u8>, ExportError> {
        let path = self.folder.path().join(name);
        fs::read(&path).map_err(ExportError::io("read", &path))
    }

    pub fn read(&self, name: &str) -> Result<String, ExportError> {
        Ok(String::from_utf8_lossy(&self.read_bytes(name)?).into_owned())
    }

    pub fn garbled(&self, name: &str) -> ExportError {
        let reason = format!("it left a {name} that cannot be understood");
        ExportError::Tool { tool: self.machine.name().into(), reason }
    }
}

/// As they lie in the file that the device reads.
pub(super) fn bytes(observations: &[&[f32]]) -> Vec<u8> {
    observations.iter().flat_map(|x| x.iter().flat_map(|x| x.to_le_bytes())).collect()
}

/// What the compiler says without the target's library is of no help to those who do not know rustup.
fn missing_target(error: ExportError, target: &str) -> ExportError {
    match error {
        ExportError::Tool { reason, .. } if reason.contains("can't find crate for `core`") => {
            ExportError::NoTool {
                tool: format!("Rust's library for {target}"),
                install: format!("rustup target add {target}"),
            }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_target_is_named_with_what_installs_it() {
        let reason = "error[E0463]: can't find crate for `core`".to_string();
        let error = ExportError::Tool { tool: "rustc".into(), reason };
        let error = missing_target(error, "thumbv7m-none-eabi").to_string();
        assert!(error.contains("rustup target add thumbv7m-none-eabi"), "{error}");
    }
}

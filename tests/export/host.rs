//! Exports compiled and run on this machine.

use std::fs;
use std::process::Command;

use softac::export::{Language, Reference, Source};
use tempfile::{TempDir, tempdir};

/// A command that has to succeed; what it printed.
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{error}");
    String::from_utf8(output.stdout).unwrap()
}

/// A program that holds an export.
pub struct Program {
    folder: TempDir,
}

impl Program {
    /// C with these flags besides those that nothing may be wrong with.
    pub fn of_c(source: &Source, flags: &[&str]) -> Self {
        let folder = tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        fs::write(file("policy.c"), &source.text).unwrap();
        fs::write(file("policy.h"), source.header.as_ref().unwrap()).unwrap();
        fs::write(file("driver.c"), include_str!("driver.c")).unwrap();
        let strict = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-ffreestanding", "-nostdlib"];
        let mut cc = Command::new("cc");
        run(cc.args(flags).args(strict).args(["-c", "policy.c"]).current_dir(&folder));
        let link = ["driver.c", "policy.o", "-o", "program"];
        run(Command::new("cc").args(link).current_dir(&folder));
        Self { folder }
    }

    /// Rust with these flags.
    pub fn of_rust(source: &Source, flags: &[&str]) -> Self {
        let folder = tempdir().unwrap();
        fs::write(folder.path().join("policy.rs"), &source.text).unwrap();
        fs::write(folder.path().join("driver.rs"), include_str!("driver.rs")).unwrap();
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let arguments = ["--edition=2024", "-Dwarnings", "driver.rs", "-o", "program"];
        run(Command::new(rustc).args(arguments).args(flags).current_dir(&folder));
        Self { folder }
    }

    pub fn of(language: Language, source: &Source) -> Vec<Self> {
        match language {
            Language::C => vec![
                Self::of_c(source, &["-std=c99"]),
                Self::of_c(source, &["-std=gnu99", "-O3", "-march=native"]),
            ],
            Language::Rust => vec![
                Self::of_rust(source, &["-Copt-level=0"]),
                Self::of_rust(source, &["-Copt-level=3", "-Ctarget-cpu=native"]),
            ],
        }
    }

    /// What the self-test returns, and status and action for each observation, as bytes.
    pub fn outcomes(&self, observations: &[Vec<f32>]) -> (i32, Vec<u8>) {
        let [from, to] = ["observations", "outcomes"].map(|name| self.folder.path().join(name));
        let bytes: Vec<u8> = observations.iter().flatten().flat_map(|x| x.to_le_bytes()).collect();
        fs::write(&from, bytes).unwrap();
        let mut program = Command::new(self.folder.path().join("program"));
        let selftest = run(program.args([&from, &to]));
        (selftest.parse().unwrap(), fs::read(to).unwrap())
    }
}

/// The same of the host's own policy.
pub fn expected(reference: &mut dyn Reference, observations: &[Vec<f32>]) -> Vec<u8> {
    let mut action = vec![0.0; reference.network().axes.len()];
    let mut bytes = Vec::new();
    for observation in observations {
        let status = reference.act(observation, &mut action) as u32;
        bytes.extend(status.to_le_bytes());
        bytes.extend(action.iter().flat_map(|a| a.to_le_bytes()));
    }
    bytes
}

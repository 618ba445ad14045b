//! The emulated machines, and the tools that build for them.

use std::ffi::OsString;

use super::tool::Tool;

/// A machine that QEMU emulates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    /// A Cortex-M4 with its single-precision unit: QEMU's `mps2-an386`.
    CortexM4f,
    /// A Cortex-M3, which computes floating point in software: QEMU's `mps2-an385`.
    CortexM3,
    /// A 32-bit RISC-V without floating point (rv32imac): QEMU's `virt`.
    Riscv32,
}

/// What a build is made for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Optimise {
    /// `-Os`, `opt-level = "s"`.
    #[default]
    Size,
    /// `-O2`, `opt-level = 3`.
    Speed,
}

impl Machine {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::CortexM4f, Self::CortexM3, Self::Riscv32];

    /// The name by which it is asked for.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CortexM4f => "cortex-m4f",
            Self::CortexM3 => "cortex-m3",
            Self::Riscv32 => "riscv32",
        }
    }

    /// Roughly how many multiply-accumulates QEMU is to be asked for, so that it takes seconds.
    pub(super) fn budget(self) -> usize {
        match self {
            Self::CortexM4f => 100_000_000,
            Self::CortexM3 | Self::Riscv32 => 10_000_000,
        }
    }

    pub(super) fn rust_target(self) -> &'static str {
        match self {
            Self::CortexM4f => "thumbv7em-none-eabihf",
            Self::CortexM3 => "thumbv7m-none-eabi",
            Self::Riscv32 => "riscv32imac-unknown-none-elf",
        }
    }

    pub(super) fn rust_cpu(self) -> &'static str {
        match self {
            Self::CortexM4f => "cortex-m4",
            Self::CortexM3 => "cortex-m3",
            Self::Riscv32 => "generic-rv32",
        }
    }

    pub(super) fn compiler(self) -> Tool {
        self.binutils("gcc")
    }

    pub(super) fn binutils(self, part: &'static str) -> Tool {
        let (name, package) = match (self, part) {
            (Self::Riscv32, "gcc") => ("riscv64-unknown-elf-gcc", "gcc-riscv64-unknown-elf"),
            (Self::Riscv32, "nm") => ("riscv64-unknown-elf-nm", "binutils-riscv64-unknown-elf"),
            (Self::Riscv32, _) => ("riscv64-unknown-elf-size", "binutils-riscv64-unknown-elf"),
            (_, "gcc") => ("arm-none-eabi-gcc", "gcc-arm-none-eabi"),
            (_, "nm") => ("arm-none-eabi-nm", "binutils-arm-none-eabi"),
            _ => ("arm-none-eabi-size", "binutils-arm-none-eabi"),
        };
        Tool::of_package(name, package)
    }

    /// What the compiler is told about the processor.
    pub(super) fn flags(self) -> &'static [&'static str] {
        match self {
            Self::CortexM4f => {
                &["-mthumb", "-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard"]
            }
            Self::CortexM3 => &["-mthumb", "-mcpu=cortex-m3"],
            // By the older specification rv32imac has the instructions for CSRs, and is that of GCC's library.
            Self::Riscv32 => {
                &["-march=rv32imac", "-misa-spec=2.2", "-mabi=ilp32", "-mcmodel=medany"]
            }
        }
    }

    /// From reset to main, and where things lie in memory.
    pub(super) fn board(self) -> [&'static str; 2] {
        match self {
            Self::CortexM4f | Self::CortexM3 => ["cortex_m.c", "cortex_m.ld"],
            Self::Riscv32 => ["riscv.c", "riscv.ld"],
        }
    }

    pub(super) fn emulator(self) -> Tool {
        match self {
            Self::CortexM4f | Self::CortexM3 => {
                Tool::of_package("qemu-system-arm", "qemu-system-arm")
            }
            Self::Riscv32 => Tool::of_package("qemu-system-riscv32", "qemu-system-misc"),
        }
    }

    /// A nanosecond for each instruction, so that the clock counts them; files by semihosting.
    pub(super) fn emulation(self) -> Vec<OsString> {
        let machine = match self {
            Self::CortexM4f => &["-M", "mps2-an386"][..],
            Self::CortexM3 => &["-M", "mps2-an385"],
            Self::Riscv32 => &["-M", "virt", "-bios", "none"],
        };
        let common =
            ["-display", "none", "-monitor", "none", "-serial", "none", "-icount", "shift=0"];
        let files = ["-semihosting-config", "enable=on,target=native", "-kernel"];
        machine.iter().chain(&common).chain(&files).map(OsString::from).collect()
    }
}

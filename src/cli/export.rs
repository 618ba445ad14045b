//! `softac export`

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use softac::Scalar;
use softac::agent::Algorithm;
use softac::env::Env;
use softac::export::emulate::{Machine, Measured, Optimise, Subject, emulate};
use softac::export::{
    ExportError, Language, Model, Provenance, Quantised, Reference, ReturnLoss, Rollout, SelfTest,
    Single, Source, files, onnx, return_loss, source,
};
use softac::train::{Config, RunFolder, Work};

use super::error::CliError;
use super::export_report::{Report, STEPS, what_is_wrong};
use super::gym::Gym;

/// Write a run's policy for another place: C99 or Rust for a microcontroller, ONNX, safetensors
#[derive(Args)]
#[command(after_help = "\
Examples:
  softac export runs/Pendulum-v1/seed-0 --format c --emulate cortex-m4f
  softac export runs/Pendulum-v1/seed-0 --format rust --best --name pendulum --out src/pendulum.rs
  softac export runs/Pendulum-v1/seed-0 --format c --quantize int8 --max-return-loss 5
  softac export runs/Pendulum-v1/seed-0 --format onnx")]
pub struct Export {
    /// The run folder
    run: PathBuf,
    /// What to write
    #[arg(long, value_enum)]
    format: Format,
    /// Take the policy of the best evaluation during training instead of the last one
    #[arg(long)]
    best: bool,
    /// What the names of the functions begin with
    #[arg(long, default_value = "policy")]
    name: String,
    /// The file [default: NAME.c, NAME.rs, … in the run's folder export]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write over files that exist
    #[arg(long)]
    force: bool,
    /// Compute in integers (c and rust)
    #[arg(long, value_enum)]
    quantize: Option<Quantize>,
    /// Write nothing if the integers may lose more of the return: the upper end of a 95 % interval
    #[arg(
        long,
        value_name = "RETURN",
        requires = "quantize",
        value_parser = loss,
        allow_negative_numbers = true
    )]
    max_return_loss: Option<f64>,
    /// Episodes in which the return of the integers is compared
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(2..))]
    episodes: u32,
    /// Build it, run it on machines that QEMU emulates, and measure it (c and rust)
    #[arg(long, value_enum, value_delimiter = ',', value_name = "MACHINE")]
    emulate: Vec<MachineName>,
    /// What emulated builds are optimised for
    #[arg(long, value_enum, default_value = "size")]
    optimise: OptimiseFor,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    gym: Gym,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// C99, which is C++ as well, with its header
    C,
    /// A Rust module, no_std
    Rust,
    /// ONNX, opset 17
    Onnx,
    /// softac's own, in single precision with portable numerics
    Safetensors,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Quantize {
    /// Weights of eight bits, activations of sixteen
    Int8,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MachineName {
    /// With single precision in hardware
    #[value(name = "cortex-m4f")]
    CortexM4f,
    /// Without floating point
    #[value(name = "cortex-m3")]
    CortexM3,
    /// rv32imac, without floating point
    Riscv32,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OptimiseFor {
    Size,
    Speed,
}

fn loss(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|x: &f64| x.is_finite());
    number.ok_or_else(|| "it must be a number".into())
}

impl Export {
    pub fn run(self, out: &mut impl Write) -> Result<(), CliError> {
        let folder = RunFolder::open(&self.run)?;
        let config = folder.config()?;
        let report =
            config.with_types(Exported { command: &self, folder: &folder, config: &config })?;
        if self.json {
            writeln!(out, "{}", serde_json::json!(report))?;
        } else {
            report.print(out)?;
        }
        let wrong = report.emulated.iter().find(|measured| !measured.is_right());
        wrong.map_or(Ok(()), |measured| Err(CliError::DeviceDiffers(what_is_wrong(measured))))
    }

    fn export<T: Scalar>(&self, folder: &RunFolder, config: &Config) -> Result<Report, CliError> {
        let language = self.language()?;
        let mut trained = if self.best { folder.best_policy::<T>()? } else { folder.policy()? };
        let mut single = Single::of(&trained)?;
        let provenance = Provenance::of(&single, config);
        let path = self.path(folder);
        let Some(language) = language else {
            let mut report = Report::new(single.network(), provenance);
            files::prepare(&path, self.force)?;
            match self.format {
                Format::Onnx => files::write(&path, &onnx(single.network(), &report.provenance))?,
                _ => single.saved().save(&path)?,
            }
            report.files.push(path);
            return Ok(report);
        };
        let task = config.run.task().map_err(|error| folder.damaged_config(error))?;
        let env = self.gym.make(&task, self.json).map_err(ExportError::from)?;
        let mut env = config.run.wrap(env);
        let seed = config.run.eval_seed;
        let rollout = Rollout::of(env.as_mut(), &mut trained, &mut single, seed, STEPS)?;
        let mut report = match self.quantize {
            None => self.write(language, &path, provenance, None, &mut single, &rollout)?,
            Some(Quantize::Int8) => {
                let mut integers = Quantised::of(single.network(), &rollout);
                let loss = self.loss(env.as_mut(), &mut single, &mut integers, seed)?;
                let provenance = Provenance { quantize: Some("int8"), ..provenance };
                let mut report =
                    self.write(language, &path, provenance, Some(integers), &mut single, &rollout)?;
                report.return_loss = Some(loss);
                report
            }
        };
        report.deviation = Some(rollout.deviation);
        Ok(report)
    }

    /// What the integers lose, unless it may be too much.
    fn loss(
        &self,
        env: &mut dyn Env,
        single: &mut Single,
        integers: &mut Quantised,
        seed: u64,
    ) -> Result<ReturnLoss, ExportError> {
        let loss = return_loss(env, single, integers, self.episodes as usize, seed)?;
        let (low, high) = (loss.loss_low, loss.loss_high);
        match self.max_return_loss {
            Some(max) if high > max || high.is_nan() => {
                Err(ExportError::ReturnLoss { low, high, max })
            }
            _ => Ok(loss),
        }
    }

    /// Writes the source, and runs it where that is asked for.
    fn write(
        &self,
        language: Language,
        path: &Path,
        provenance: Provenance,
        mut integers: Option<Quantised>,
        single: &mut Single,
        rollout: &Rollout,
    ) -> Result<Report, ExportError> {
        let test = match &mut integers {
            Some(integers) => SelfTest::of(rollout, integers),
            None => SelfTest::of(rollout, single),
        };
        let model = integers.as_ref().map_or(Model::Float(single.network()), Model::Int8);
        let source = source(language, &self.name, model, &provenance, &test)?;
        let mut report = Report::new(single.network(), provenance);
        report.weight_bytes = Some(source.parameter_bytes);
        let header = path.with_extension("h");
        files::prepare(path, self.force)?;
        if let Some(text) = &source.header {
            files::prepare(&header, self.force)?;
            files::write(&header, text.as_bytes())?;
            report.files.push(header);
        }
        files::write(path, source.text.as_bytes())?;
        report.files.insert(0, path.to_path_buf());
        let reference: &mut dyn Reference = match &mut integers {
            Some(integers) => integers,
            None => single,
        };
        report.emulated = self.emulated(language, &source, reference, rollout)?;
        Ok(report)
    }

    fn emulated(
        &self,
        language: Language,
        source: &Source,
        reference: &mut dyn Reference,
        rollout: &Rollout,
    ) -> Result<Vec<Measured>, ExportError> {
        let random = rollout.random(0);
        // In turn, so that however few the machine manages there are some of both.
        let pairs = rollout.iter().zip(&random);
        let observations = pairs.flat_map(|(met, random)| [met, random]).collect();
        let subject = Subject { language, name: &self.name, source, observations };
        let optimise = match self.optimise {
            OptimiseFor::Size => Optimise::Size,
            OptimiseFor::Speed => Optimise::Speed,
        };
        let run = |machine: &MachineName| {
            let machine = match machine {
                MachineName::CortexM4f => Machine::CortexM4f,
                MachineName::CortexM3 => Machine::CortexM3,
                MachineName::Riscv32 => Machine::Riscv32,
            };
            emulate(machine, optimise, &subject, reference)
        };
        self.emulate.iter().map(run).collect()
    }

    /// The language of a source; none for what is no source.
    fn language(&self) -> Result<Option<Language>, CliError> {
        let language = match self.format {
            Format::C => Some(Language::C),
            Format::Rust => Some(Language::Rust),
            Format::Onnx | Format::Safetensors => None,
        };
        let (quantized, emulated) = (self.quantize.is_some(), !self.emulate.is_empty());
        if language.is_none() && (quantized || emulated) {
            let flag = if quantized { "--quantize" } else { "--emulate" };
            return Err(CliError::Usage(format!("{flag} is for --format c and --format rust")));
        }
        Ok(language)
    }

    fn path(&self, folder: &RunFolder) -> PathBuf {
        let extension = match self.format {
            Format::C => "c",
            Format::Rust => "rs",
            Format::Onnx => "onnx",
            Format::Safetensors => "safetensors",
        };
        let default = || folder.path().join("export").join(format!("{}.{extension}", self.name));
        self.out.clone().unwrap_or_else(default)
    }
}

/// The export, once the number type is known.
struct Exported<'a> {
    command: &'a Export,
    folder: &'a RunFolder,
    config: &'a Config,
}

impl Work for Exported<'_> {
    type Output = Result<Report, CliError>;

    fn run<T: Scalar, A: Algorithm<T>>(self) -> Self::Output {
        self.command.export::<T>(self.folder, self.config)
    }
}

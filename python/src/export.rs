//! A policy as a file for another place.

use std::path::{Path, PathBuf};

use softac::Scalar;
use softac::env::Env;
use softac::export::{
    ExportError, Language, Model, Provenance, Reference, Rollout, SelfTest, Single, files, onnx,
    source,
};
use softac::train::{Config, SavedPolicy};

/// Steps of the rollout from which an export takes its test vectors, as the command does.
const STEPS: usize = 10_000;

/// The format of an export, its names, and its file.
pub struct Target<'a> {
    /// `c`, `rust`, `onnx` or `safetensors`.
    pub format: &'a str,
    /// The name that the functions of a source begin with.
    pub name: &'a str,
    pub path: &'a Path,
    pub overwrite: bool,
}

/// Writes the policy: the files. Sources carry vectors of what the policy sees in `env`.
pub fn export<T: Scalar>(
    mut trained: SavedPolicy<T>,
    config: &Config,
    target: &Target<'_>,
    env: Option<&mut dyn Env>,
) -> Result<Vec<PathBuf>, ExportError> {
    let mut single = Single::of(&trained)?;
    let provenance = Provenance::of(&single, config);
    files::prepare(target.path, target.overwrite)?;
    let language = match target.format {
        "c" => Language::C,
        "rust" => Language::Rust,
        "onnx" => {
            files::write(target.path, &onnx(single.network(), &provenance))?;
            return Ok(vec![target.path.into()]);
        }
        _ => {
            single.saved().save(target.path)?;
            return Ok(vec![target.path.into()]);
        }
    };
    let env = env.expect("Python gives an environment for sources");
    let rollout = Rollout::of(env, &mut trained, &mut single, config.run.eval_seed, STEPS)?;
    let test = SelfTest::of(&rollout, &mut single);
    let source = source(language, target.name, Model::Float(single.network()), &provenance, &test)?;
    let mut written = vec![target.path.to_path_buf()];
    if let Some(text) = &source.header {
        let header = target.path.with_extension("h");
        files::prepare(&header, target.overwrite)?;
        files::write(&header, text.as_bytes())?;
        written.push(header);
    }
    files::write(target.path, source.text.as_bytes())?;
    Ok(written)
}

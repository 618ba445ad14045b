//! The files of a run.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::Table;

use super::{Config, EvaluationRow, MetricsRow, SavedPolicy, TrainError};
use crate::Scalar;

const CONFIG: &str = "config.toml";
const METRICS: &str = "metrics.csv";
const EVALUATIONS: &str = "evaluations.csv";
const POLICY: &str = "policy.safetensors";
const PLOTS: &str = "plots";

/// A run's folder: `config.toml`, `metrics.csv`, `evaluations.csv`, `events.out.tfevents.…`, `plots/`,
/// `policy.safetensors`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Makes the folder of a new run, and writes its configuration.
    ///
    /// # Errors
    /// [`TrainError::RunExists`] if there is anything at this path but an empty folder.
    pub fn create(path: &Path, config: &Config) -> Result<Self, TrainError> {
        let exists = || TrainError::RunExists(path.to_path_buf());
        if path.exists() {
            let empty = fs::read_dir(path).map(|mut entries| entries.next().is_none());
            empty.unwrap_or(false).then_some(()).ok_or_else(exists)?;
        }
        let text = config.to_toml()?;
        fs::create_dir_all(path).map_err(TrainError::io("create", path))?;
        let plots = path.join(PLOTS);
        // Of two trainings that begin at once in the same folder, it is whose makes this one.
        fs::create_dir(&plots).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => exists(),
            _ => TrainError::io("create", &plots)(error),
        })?;
        let run = Self { path: path.to_path_buf() };
        write_whole(&run.path.join(CONFIG), text.as_bytes())?;
        Ok(run)
    }

    /// Makes `runs/<env>/seed-<seed>`, or `…-2`, `…-3`, … where that exists.
    ///
    /// # Errors
    /// What the system said about the path.
    pub fn create_numbered(runs: &Path, config: &Config) -> Result<Self, TrainError> {
        let name = format!("seed-{}", config.run.seed);
        let folder = runs.join(&config.run.env);
        let names = std::iter::once(name.clone()).chain((2..).map(|n| format!("{name}-{n}")));
        for name in names {
            match Self::create(&folder.join(name), config) {
                Err(TrainError::RunExists(_)) => {}
                created => return created,
            }
        }
        unreachable!("there are infinitely many names")
    }

    /// The folder of a run that was made before.
    ///
    /// # Errors
    /// A path that leads nowhere; [`TrainError::NotARun`] if there is no configuration in it.
    pub fn open(path: &Path) -> Result<Self, TrainError> {
        fs::metadata(path).map_err(TrainError::io("open", path))?;
        if !path.join(CONFIG).is_file() {
            return Err(TrainError::NotARun { folder: path.to_path_buf(), missing: CONFIG });
        }
        Ok(Self { path: path.to_path_buf() })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where its plots are.
    #[must_use]
    pub fn plots(&self) -> PathBuf {
        self.path.join(PLOTS)
    }

    /// Its configuration.
    ///
    /// # Errors
    /// A file that cannot be read, or is no configuration.
    pub fn config(&self) -> Result<Config, TrainError> {
        let path = self.path.join(CONFIG);
        let bytes = fs::read(&path).map_err(TrainError::io("read", &path))?;
        parse_config(bytes).map_err(|reason| TrainError::damaged(&path, reason))
    }

    /// That the configuration cannot be used, for this reason.
    #[must_use]
    pub fn damaged_config(&self, reason: impl ToString) -> TrainError {
        TrainError::damaged(&self.path.join(CONFIG), reason)
    }

    /// The rows of `metrics.csv`.
    ///
    /// # Errors
    /// A file that cannot be read, or holds other things.
    pub fn metrics(&self) -> Result<Vec<MetricsRow>, TrainError> {
        read_rows(&self.path.join(METRICS))
    }

    /// The rows of `evaluations.csv`.
    ///
    /// # Errors
    /// A file that cannot be read, or holds other things.
    pub fn evaluations(&self) -> Result<Vec<EvaluationRow>, TrainError> {
        read_rows(&self.path.join(EVALUATIONS))
    }

    /// The policy. Its precision is the configuration's.
    ///
    /// # Errors
    /// A file that cannot be read, or is no policy of this precision.
    pub fn policy<T: Scalar>(&self) -> Result<SavedPolicy<T>, TrainError> {
        SavedPolicy::load(&self.path.join(POLICY))
    }

    /// Writes the policy over the last one.
    ///
    /// # Errors
    /// What the system said about the path.
    pub fn save_policy<T: Scalar>(&self, policy: &SavedPolicy<T>) -> Result<(), TrainError> {
        policy.save(&self.path.join(POLICY))
    }

    pub(super) fn metrics_writer(&self) -> Result<RowWriter, TrainError> {
        RowWriter::create::<MetricsRow>(self.path.join(METRICS))
    }

    pub(super) fn evaluations_writer(&self) -> Result<RowWriter, TrainError> {
        RowWriter::create::<EvaluationRow>(self.path.join(EVALUATIONS))
    }
}

/// A CSV file that grows row by row; each row is on disk when it has been written.
pub(super) struct RowWriter {
    path: PathBuf,
    writer: csv::Writer<File>,
}

impl RowWriter {
    /// A file that holds the header.
    fn create<R: Serialize + Default>(path: PathBuf) -> Result<Self, TrainError> {
        let mut file = File::create_new(&path).map_err(TrainError::io("create", &path))?;
        let header = columns::<R>().join(",") + "\n";
        file.write_all(header.as_bytes()).map_err(TrainError::io("write", &path))?;
        Ok(Self { path, writer: csv::WriterBuilder::new().has_headers(false).from_writer(file) })
    }

    pub fn write(&mut self, row: &impl Serialize) -> Result<(), TrainError> {
        let written = self.writer.serialize(row).map_err(io::Error::from);
        let flushed = written.and_then(|()| self.writer.flush());
        flushed.map_err(TrainError::io("write", &self.path))
    }
}

/// The names of the columns of these rows.
pub(super) fn columns<R: Serialize + Default>() -> Vec<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.serialize(R::default()).expect("a row of numbers can be written to memory");
    let text = writer.into_inner().expect("memory can be flushed");
    let header = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    String::from_utf8_lossy(header).split(',').map(String::from).collect()
}

fn read_rows<R>(path: &Path) -> Result<Vec<R>, TrainError>
where
    R: Serialize + DeserializeOwned + Default,
{
    let file = File::open(path).map_err(TrainError::io("read", path))?;
    let mut reader = csv::Reader::from_reader(file);
    let header = reader.headers().map_err(|error| TrainError::damaged(path, error))?;
    let columns = columns::<R>();
    if *header != columns {
        let reason = format!("its first line is not `{}`", columns.join(","));
        return Err(TrainError::damaged(path, reason));
    }
    let rows: Result<_, _> = reader.deserialize().collect();
    rows.map_err(|error| TrainError::damaged(path, error))
}

/// The configuration in `config.toml`, or what is wrong with the file.
fn parse_config(bytes: Vec<u8>) -> Result<Config, String> {
    let text = String::from_utf8(bytes).map_err(|error| error.to_string())?;
    let table: Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
    if !table.contains_key("env") {
        return Err("it has no `env`".into());
    }
    Config::from_table(table).map_err(|error| match error {
        TrainError::ConfigSyntax { reason, .. } => reason,
        other => other.to_string(),
    })
}

/// Writes a file whole or not at all: to a temporary file beside it, which then takes its name.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), TrainError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let write = || -> io::Result<()> {
        let mut file = temporary_file().tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(TrainError::io("write", path))
}

/// A temporary file that, once it has its name, is as readable as any other.
fn temporary_file() -> tempfile::Builder<'static, 'static> {
    #[cfg_attr(not(unix), allow(unused_mut, reason = "only there are files made private"))]
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}

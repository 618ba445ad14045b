//! A state as a safetensors file: numbers and bytes as tensors, words in the header.
//!
//! Tensors go straight between the file and the memory where they are used, some thousand numbers at a time:
//! a replay buffer of gigabytes needs no second copy.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use safetensors::tensor::{Dtype, Metadata, TensorInfo};
use serde::{Deserialize, Serialize};

use super::error::TrainError;
use crate::Scalar;
use crate::files;
use crate::state::{StateError, Visitor, for_each_chunk};
use crate::tape::Shape;

const FORMAT: &str = "softac-state-1";
/// The key in the header's metadata.
const KEY: &str = "softac";

/// What is not a tensor; JSON in the header's metadata.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    format: String,
    words: BTreeMap<String, Vec<u64>>,
}

/// Shows a state to a visitor.
pub trait Show<T>: FnMut(&mut dyn Visitor<T>) -> Result<(), StateError> {}

impl<T, F: FnMut(&mut dyn Visitor<T>) -> Result<(), StateError>> Show<T> for F {}

/// Writes a new file with the state that is shown, and sees it to the disk.
///
/// # Errors
/// A file that exists or cannot be written, or what the state refused.
pub fn write_state<T: Scalar>(path: &Path, mut show: impl Show<T>) -> Result<(), TrainError> {
    let refused = |error: StateError| TrainError::damaged(path, error);
    let mut inventory = Inventory::default();
    show(&mut inventory).map_err(refused)?;
    let header = inventory.header().map_err(|reason| TrainError::damaged(path, reason))?;
    let file = File::create_new(path).map_err(TrainError::io("create", path))?;
    let mut writer = Writer { file: BufWriter::new(file), error: None };
    writer.put(&header);
    show(&mut writer).map_err(refused)?;
    writer.finish().map_err(TrainError::io("write", path))
}

/// Reads a file into the state that is shown, which must be made of the same pieces.
///
/// # Errors
/// A file that is damaged, or of another state.
pub fn read_state<T: Scalar>(path: &Path, mut show: impl Show<T>) -> Result<(), TrainError> {
    read(path, &mut show)
        .and_then(Reader::finish)
        .map_err(|reason| TrainError::damaged(path, reason))
}

/// Reads those pieces of a file that are shown, which may have others.
///
/// # Errors
/// As [`read_state`].
pub fn read_part_of_state<T: Scalar>(
    path: &Path,
    mut show: impl Show<T>,
) -> Result<(), TrainError> {
    read(path, &mut show).map(drop).map_err(|reason| TrainError::damaged(path, reason))
}

fn read<T: Scalar>(path: &Path, show: &mut impl Show<T>) -> Result<Reader, String> {
    let mut reader = Reader::open(path)?;
    show(&mut reader).map_err(|error| error.to_string())?;
    Ok(reader)
}

pub(super) fn dtype<T: Scalar>() -> Dtype {
    if T::NAME == "f32" { Dtype::F32 } else { Dtype::F64 }
}

/// Reads numbers from little-endian bytes, some thousand at a time.
pub(super) fn read_numbers<T: Scalar>(mut source: impl Read, values: &mut [T]) -> io::Result<()> {
    const CHUNK: usize = 4096;
    let mut bytes = vec![0; CHUNK.min(values.len()) * size_of::<T>()];
    for values in values.chunks_mut(CHUNK) {
        let bytes = &mut bytes[..size_of_val(values)];
        source.read_exact(bytes)?;
        for (value, bytes) in values.iter_mut().zip(bytes.chunks_exact(size_of::<T>())) {
            let mut number = value.to_le_bytes();
            number.as_mut().copy_from_slice(bytes);
            *value = T::from_le_bytes(&number);
        }
    }
    Ok(())
}

/// Notes what there is.
#[derive(Default)]
struct Inventory {
    tensors: Vec<(String, TensorInfo)>,
    end: usize,
    words: BTreeMap<String, Vec<u64>>,
}

impl Inventory {
    fn add(&mut self, name: &str, dtype: Dtype, shape: Vec<usize>, len: usize) {
        let data_offsets = (self.end, self.end + len);
        self.end = data_offsets.1;
        self.tensors.push((name.into(), TensorInfo { dtype, shape, data_offsets }));
    }

    /// The length of the header and the header.
    fn header(self) -> Result<Vec<u8>, String> {
        let words = Words { format: FORMAT.into(), words: self.words };
        let words = serde_json::to_string(&words).map_err(|error| error.to_string())?;
        let metadata = Some(HashMap::from([(KEY.to_string(), words)]));
        let metadata = Metadata::new(metadata, self.tensors).map_err(|error| error.to_string())?;
        let mut text = serde_json::to_vec(&metadata).map_err(|error| error.to_string())?;
        // The first tensor begins at a multiple of eight.
        text.resize(text.len().next_multiple_of(8), b' ');
        Ok([&(text.len() as u64).to_le_bytes(), text.as_slice()].concat())
    }
}

impl<T: Scalar> Visitor<T> for Inventory {
    fn numbers(&mut self, name: &str, shape: Shape, values: &mut [T]) -> Result<(), StateError> {
        self.add(name, dtype::<T>(), shape.to_vec(), size_of_val(values));
        Ok(())
    }

    fn bytes(&mut self, name: &str, bytes: &mut [u8]) -> Result<(), StateError> {
        self.add(name, Dtype::U8, vec![bytes.len()], bytes.len());
        Ok(())
    }

    fn words(&mut self, name: &str, words: &mut Vec<u64>) -> Result<(), StateError> {
        self.words.insert(name.into(), words.clone());
        Ok(())
    }
}

/// Writes the tensors, one after another.
struct Writer {
    file: BufWriter<File>,
    /// What the system said first; nothing is written after that.
    error: Option<io::Error>,
}

impl Writer {
    fn put(&mut self, bytes: &[u8]) {
        if self.error.is_none() {
            self.error = self.file.write_all(bytes).err();
        }
    }

    fn finish(mut self) -> io::Result<()> {
        self.error.map_or(Ok(()), Err)?;
        self.file.flush()?;
        self.file.get_ref().sync_all()
    }
}

impl<T: Scalar> Visitor<T> for Writer {
    fn numbers(&mut self, _name: &str, _shape: Shape, values: &mut [T]) -> Result<(), StateError> {
        for_each_chunk(values, |bytes| self.put(bytes));
        Ok(())
    }

    fn bytes(&mut self, _name: &str, bytes: &mut [u8]) -> Result<(), StateError> {
        self.put(bytes);
        Ok(())
    }

    fn words(&mut self, _name: &str, _words: &mut Vec<u64>) -> Result<(), StateError> {
        Ok(())
    }
}

/// Gives the tensors back.
struct Reader {
    file: BufReader<File>,
    /// Where the first tensor begins.
    data: u64,
    metadata: Metadata,
    words: BTreeMap<String, Vec<u64>>,
    /// The tensors that nobody has asked for.
    left: BTreeSet<String>,
}

impl Reader {
    fn open(path: &Path) -> Result<Self, String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let mut file = files::open(path).map_err(|e| text(&e))?;
        let file_len = file.metadata().map_err(|e| text(&e))?.len();
        let mut len = [0; 8];
        file.read_exact(&mut len).map_err(|e| text(&e))?;
        let len = u64::from_le_bytes(len);
        let rest = file_len.saturating_sub(8);
        let header_len = usize::try_from(len).ok().filter(|_| len <= rest);
        let mut header = vec![0; header_len.ok_or("its header is longer than the file")?];
        file.read_exact(&mut header).map_err(|e| text(&e))?;
        let metadata: Metadata = serde_json::from_slice(&header).map_err(|e| text(&e))?;
        if metadata.data_len() as u64 != rest - len {
            return Err("its tensors do not fit its length".into());
        }
        let words = metadata.metadata().as_ref().and_then(|map| map.get(KEY));
        let words = words.ok_or("its header holds no state of softac")?;
        let Words { format, words } = serde_json::from_str(words).map_err(|e| text(&e))?;
        if format != FORMAT {
            return Err(format!("its format is `{format}`, this version reads `{FORMAT}`"));
        }
        let left = metadata.offset_keys().into_iter().collect();
        Ok(Self { file: BufReader::new(file), data: 8 + len, metadata, words, left })
    }

    /// Goes to where this tensor begins.
    fn seek(&mut self, name: &str, dtype: Dtype, shape: &[usize]) -> Result<(), StateError> {
        let missing = || StateError::new(name, "it is not in the file");
        let info = self.metadata.info(name).ok_or_else(missing)?;
        if (info.dtype, info.shape.as_slice()) != (dtype, shape) {
            let reason = format!("{:?} {:?}, expected {dtype:?} {shape:?}", info.dtype, info.shape);
            return Err(StateError::new(name, reason));
        }
        let start = SeekFrom::Start(self.data + info.data_offsets.0 as u64);
        self.left.remove(name);
        self.file.seek(start).map_err(|error| failed(name, &error))?;
        Ok(())
    }

    fn finish(self) -> Result<(), String> {
        let left = self.left.iter().chain(self.words.keys()).next();
        left.map_or(Ok(()), |name| Err(format!("`{name}` is no part of the state")))
    }
}

fn failed(name: &str, error: &io::Error) -> StateError {
    StateError::new(name, error.to_string())
}

impl<T: Scalar> Visitor<T> for Reader {
    fn numbers(&mut self, name: &str, shape: Shape, values: &mut [T]) -> Result<(), StateError> {
        self.seek(name, dtype::<T>(), &shape)?;
        read_numbers(&mut self.file, values).map_err(|error| failed(name, &error))
    }

    fn bytes(&mut self, name: &str, bytes: &mut [u8]) -> Result<(), StateError> {
        self.seek(name, Dtype::U8, &[bytes.len()])?;
        self.file.read_exact(bytes).map_err(|error| failed(name, &error))
    }

    fn words(&mut self, name: &str, words: &mut Vec<u64>) -> Result<(), StateError> {
        let missing = || StateError::new(name, "it is not in the file");
        *words = self.words.remove(name).ok_or_else(missing)?;
        Ok(())
    }

    fn words_if_any(&mut self, name: &str, words: &mut Vec<u64>) -> Result<(), StateError> {
        *words = self.words.remove(name).unwrap_or_default();
        Ok(())
    }
}

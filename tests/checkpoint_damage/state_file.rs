//! A checkpoint's state, taken apart and put together again otherwise.

use serde_json::{Map, Value, json};

const METADATA: &str = "__metadata__";
const KEY: &str = "softac";

/// The parts of `state.safetensors`.
#[derive(Clone)]
pub struct StateFile {
    /// The tensors by name.
    pub tensors: Map<String, Value>,
    /// The format, and words by name.
    pub described: Value,
    /// The tensors' numbers.
    pub data: Vec<u8>,
}

impl StateFile {
    pub fn of(bytes: &[u8]) -> Self {
        let len = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let (header, data) = bytes[8..].split_at(len);
        let mut tensors: Map<String, Value> = serde_json::from_slice(header).unwrap();
        let metadata = tensors.remove(METADATA).unwrap();
        let described = serde_json::from_str(metadata[KEY].as_str().unwrap()).unwrap();
        Self { tensors, described, data: data.to_vec() }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut header = self.tensors.clone();
        header.insert(METADATA.into(), json!({ KEY: self.described.to_string() }));
        framed(Value::Object(header).to_string().as_bytes(), &self.data)
    }

    /// The words of this name.
    pub fn words(&mut self, name: &str) -> &mut Vec<Value> {
        self.described["words"][name].as_array_mut().unwrap()
    }

    /// The numbers of this tensor.
    pub fn data_of(&mut self, name: &str) -> &mut [u8] {
        let offset = |i: usize| self.tensors[name]["data_offsets"][i].as_u64().unwrap() as usize;
        let (start, end) = (offset(0), offset(1));
        &mut self.data[start..end]
    }

    /// Adds a tensor of bytes after the last one.
    pub fn push(&mut self, name: &str, bytes: &[u8]) {
        let start = self.data.len();
        self.data.extend(bytes);
        let offsets = [start, self.data.len()];
        let tensor = json!({ "dtype": "U8", "shape": [bytes.len()], "data_offsets": offsets });
        self.tensors.insert(name.into(), tensor);
    }

    /// Takes the tensor away that ends where the data ends.
    pub fn pop(&mut self, name: &str) {
        let removed = self.tensors.remove(name).unwrap();
        assert_eq!(removed["data_offsets"][1], self.data.len());
        self.data.truncate(removed["data_offsets"][0].as_u64().unwrap() as usize);
    }
}

/// A safetensors file with this header.
pub fn framed(header: &[u8], data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header, data].concat()
}

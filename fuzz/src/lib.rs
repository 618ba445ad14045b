//! What the fuzz targets have in common.

#[path = "../../tests/checkpoint_damage/sample.rs"]
pub mod sample;

use std::borrow::Cow;
use std::fs;
use std::path::Path;

/// Gives a target an input to begin with; where `cargo fuzz` looks for it.
pub fn seed(target: &str, name: &str, input: &[u8]) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&corpus).expect("a folder that can be written to");
    fs::write(corpus.join(name), input).expect("a folder that can be written to");
}

/// The file that an input stands for. Of safetensors files a fuzzer hardly ever gets the length of the header
/// right: an input with a line break in it is a header and the tensors after it; any other is the file.
pub fn framed(input: &[u8]) -> Cow<'_, [u8]> {
    match input.iter().position(|&byte| byte == b'\n') {
        None => input.into(),
        Some(end) => {
            let (header, data) = (&input[..end], &input[end + 1..]);
            [&(end as u64).to_le_bytes(), header, data].concat().into()
        }
    }
}

/// The input that stands for a file.
pub fn unframed(file: &[u8]) -> Vec<u8> {
    let (len, rest) = file.split_first_chunk().expect("a safetensors file");
    let (header, data) = rest.split_at(u64::from_le_bytes(*len) as usize);
    [header, b"\n", data].concat()
}

/// What `read` gives; it may take no more memory than the file justifies.
pub fn within_memory<R>(file: &[u8], usual: u64, read: impl FnOnce() -> R) -> R {
    let mut result = None;
    let allocated = allocation_counter::measure(|| result = Some(read()));
    let (bytes, len) = (allocated.bytes_total, file.len());
    assert!(bytes <= usual + 64 * len as u64, "{bytes} bytes of memory for a file of {len}");
    result.expect("it was read")
}

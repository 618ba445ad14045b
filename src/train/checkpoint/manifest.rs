//! What a checkpoint consists of, with a checksum for every file and one for the manifest itself.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::files::{self, hex};

const FORMAT: &str = "softac-checkpoint-1";

/// The manifest's name in the checkpoint.
pub(super) const NAME: &str = "manifest.json";

/// `manifest.json`
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    format: String,
    /// Environment steps done.
    pub timesteps: u64,
    files: BTreeMap<String, Entry>,
    /// SHA-256 of this manifest with nothing in this place.
    sha256: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    bytes: u64,
    sha256: String,
}

impl Manifest {
    /// Of these files of a folder, after so many environment steps.
    pub fn of(folder: &Path, names: &[&str], timesteps: u64) -> io::Result<Self> {
        let entry = |name: &&str| Ok((name.to_string(), Entry::of(&folder.join(name))?));
        let files = names.iter().map(entry).collect::<io::Result<_>>()?;
        Ok(Self { format: FORMAT.into(), timesteps, files, sha256: String::new() }.sealed())
    }

    /// With its own checksum.
    fn sealed(mut self) -> Self {
        self.sha256.clear();
        self.sha256 = hex(&Sha256::digest(self.text()));
        self
    }

    /// As it stands in the file.
    pub fn text(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("texts and numbers are JSON");
        text + "\n"
    }

    /// Reads a manifest, and checks that each of these files of its folder is what it says, to the bit.
    pub fn check(folder: &Path, names: &[&str]) -> Result<Self, String> {
        let path = folder.join(NAME);
        let text = files::read(&path).map_err(|error| format!("{NAME}: {error}"))?;
        let wrong = |reason: &dyn std::fmt::Display| format!("{NAME}: {reason}");
        let found: Self = serde_json::from_slice(&text).map_err(|error| wrong(&error))?;
        if found.format != FORMAT {
            let reason = format!("its format is `{}`, this version reads `{FORMAT}`", found.format);
            return Err(wrong(&reason));
        }
        // Before it speaks of others. As text, so that whatever may be changed shows.
        let found = found.sealed();
        if text != found.text().as_bytes() {
            return Err(wrong(&"its own checksum differs"));
        }
        let is = Self::of(folder, names, found.timesteps).map_err(|error| error.to_string())?;
        for (name, entry) in &is.files {
            if found.files.get(name) != Some(entry) {
                return Err(format!(
                    "{name} is not the file that was written: its checksum differs"
                ));
            }
        }
        if found != is {
            return Err(wrong(&"it lists files that are no part of a checkpoint"));
        }
        Ok(is)
    }
}

impl Entry {
    fn of(path: &Path) -> io::Result<Self> {
        let named = |error: io::Error| {
            let name = path.file_name().unwrap_or_default().display();
            io::Error::new(error.kind(), format!("{name}: {error}"))
        };
        let mut file = files::open(path).map_err(named)?;
        let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
        loop {
            let len = file.read(&mut buffer).map_err(named)?;
            if len == 0 {
                return Ok(Self { bytes, sha256: hex(&hash.finalize()) });
            }
            hash.update(&buffer[..len]);
            bytes += len as u64;
        }
    }
}

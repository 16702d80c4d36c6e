//! Files of survey microdata, read with the digest of their bytes.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use pluriverse_agents::profile::microdata::{self, Microdata, MicrodataSettings};
use pluriverse_engine::record::manifest::InputDigest;
use pluriverse_worlds::survey::Survey;

use super::asset::AssetError;

/// Passes bytes on and digests them.
struct Digesting {
    file: File,
    hasher: blake3::Hasher,
}

impl Read for Digesting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        Ok(count)
    }
}

const BUFFER: usize = 1 << 18;

/// Reads the answers to these items from a file; `name` is what the manifest calls it.
///
/// # Errors
/// Everything that is wrong with the file, each on its own, or that it cannot be opened.
pub fn read(
    path: &Path,
    name: &str,
    survey: &Survey,
    items: &[Arc<str>],
    settings: &MicrodataSettings,
) -> Result<(Microdata, InputDigest), Vec<AssetError>> {
    let file = File::open(path).map_err(|error| {
        vec![AssetError {
            message: format!("cannot read microdata {}: {error}", path.display()),
            help: Some(
                "paths are relative to the scenario file; no microdata come with this program, you get the file from \
                 the survey's owners"
                    .to_owned(),
            ),
        }]
    })?;
    let mut source = Digesting { file, hasher: blake3::Hasher::new() };
    let read = microdata::read(BufReader::with_capacity(BUFFER, &mut source), survey, items, settings);
    let read = read.map_err(|faults| {
        faults.iter().map(|fault| AssetError::new(format!("{}: {fault}", path.display()))).collect::<Vec<_>>()
    })?;
    let blake3 = source.hasher.finalize().to_hex().to_string();
    Ok((read, InputDigest { name: format!("microdata {name}"), blake3 }))
}

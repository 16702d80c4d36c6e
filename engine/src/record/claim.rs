//! Claiming a run directory: one process writes a run, and another run is never overwritten.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// Held open, and locked, by the process that writes a run; gone when the run has ended.
const LOCK: &str = ".lock";

/// A manifest that was being written when the process died, before anything else was.
const UNBORN: &str = "manifest.tmp";

/// Whether a directory may already hold something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Claiming {
    /// It must be empty or not there yet.
    Fresh,
    /// It holds an interrupted run, to be taken up.
    TakeUp,
}

/// A directory that nobody else can write a run to.
#[derive(Debug)]
pub struct Claim {
    path: PathBuf,
    /// Unlocked by the system when the process ends, however it ends.
    _lock: File,
}

/// Why a directory cannot be claimed.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// It holds something already.
    #[error("{path} is not empty")]
    Taken {
        /// The directory.
        path: String,
    },
    /// Another process writes a run to it.
    #[error("another process is writing a run to {path}")]
    Busy {
        /// The directory.
        path: String,
    },
    /// The file system said no.
    #[error("cannot write to {path}: {source}")]
    Io {
        /// The directory.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Claim {
    /// Claims a directory, which is made when it is not there.
    pub fn on(path: &Path, claiming: Claiming) -> Result<Self, ClaimError> {
        let shown = || path.display().to_string();
        let io = |source| ClaimError::Io { path: shown(), source };
        std::fs::create_dir_all(path).map_err(io)?;
        let lock = File::options().create(true).append(true).open(path.join(LOCK)).map_err(io)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ClaimError::Busy { path: shown() }),
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        let claim = Self { path: path.to_owned(), _lock: lock };
        if claiming == Claiming::Fresh && !Self::is_free(path).map_err(io)? {
            claim.release().map_err(io)?;
            return Err(ClaimError::Taken { path: shown() });
        }
        Ok(claim)
    }

    /// Whether another process writes a run to a directory.
    pub fn is_busy(path: &Path) -> bool {
        let lock = File::options().append(true).open(path.join(LOCK));
        lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// Claims the first directory of these names that is not there yet.
    pub fn first_free(names: impl Iterator<Item = PathBuf>) -> Result<Self, ClaimError> {
        for path in names {
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)
                    .map_err(|source| ClaimError::Io { path: parent.display().to_string(), source })?;
            }
            // Making the directory decides between processes that come at the same moment.
            match std::fs::create_dir(&path) {
                Ok(()) => return Self::on(&path, Claiming::Fresh),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(ClaimError::Io { path: path.display().to_string(), source }),
            }
        }
        Err(ClaimError::Taken { path: "every name".to_owned() })
    }

    /// Whether a directory holds nothing, or only what a claim that came to nothing left behind.
    pub fn is_free(path: &Path) -> std::io::Result<bool> {
        if !path.exists() {
            return Ok(true);
        }
        for entry in std::fs::read_dir(path)? {
            let name = entry?.file_name();
            if name != LOCK && name != UNBORN {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Lets go of the directory.
    pub fn release(self) -> std::io::Result<()> {
        std::fs::remove_file(self.path.join(LOCK))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claimed_directory_cannot_be_claimed_again_until_it_is_let_go() {
        let folder = std::env::temp_dir().join(format!("pluriverse-claim-{}", std::process::id()));
        let claim = Claim::on(&folder, Claiming::Fresh).expect("free");
        for claiming in [Claiming::Fresh, Claiming::TakeUp] {
            assert!(matches!(Claim::on(&folder, claiming), Err(ClaimError::Busy { .. })));
        }
        assert!(Claim::is_busy(&folder));
        claim.release().expect("let go");
        assert!(!Claim::is_busy(&folder));
        std::fs::write(folder.join("thesis.tex"), "precious").expect("written");
        assert!(matches!(Claim::on(&folder, Claiming::Fresh), Err(ClaimError::Taken { .. })));
        let names = [folder.clone(), folder.join("a"), folder.join("b")];
        let first = Claim::first_free(names.clone().into_iter()).expect("a is free");
        let second = Claim::first_free(names.into_iter()).expect("b is free");
        assert_eq!((first.path(), second.path()), (&*folder.join("a"), &*folder.join("b")));
        assert!(Claim::on(&folder, Claiming::TakeUp).is_ok());
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}

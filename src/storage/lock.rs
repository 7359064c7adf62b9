//! A lock that allows one build of an output, or one deploy to a folder, at a time. The kernel frees it when all
//! processes that hold it have ended, however they ended. The worker process of a build holds it too, as its standard
//! error.

use crate::error::{Error, ErrorKind, Result};
use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long the processes of a build that was killed may take to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// See the [module](self).
pub struct Lock(File);

/// The source of an error that somebody else is at work, who will end.
#[derive(Debug)]
pub struct Held;

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("somebody else is at work")
    }
}

impl std::error::Error for Held {}

impl Held {
    /// Whether `error` is worth another attempt later.
    pub fn is_cause_of(error: &Error) -> bool {
        std::error::Error::source(error).is_some_and(|source| source.is::<Held>())
    }
}

impl Lock {
    /// Takes the lock, and waits up to five seconds for a build that is ending.
    ///
    /// # Errors
    /// One with the message `held` and the `hint` if the lock is still held.
    pub fn take(path: &Path, held: &str, hint: &str) -> Result<Lock> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path);
        let file = file.map_err(|error| Error::output(path, error))?;
        let patient_until = Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock(file)),
                Err(TryLockError::Error(error)) => return Err(Error::output(path, error)),
                Err(TryLockError::WouldBlock) if Instant::now() < patient_until => sleep(Duration::from_millis(20)),
                Err(TryLockError::WouldBlock) => {
                    let error = Error::new(ErrorKind::Output, held).with_source(Held);
                    return Err(error.with_path(path).with_hint(hint));
                }
            }
        }
    }

    /// Another handle of the same lock, which is free when all handles are dropped.
    pub fn again(&self) -> Result<Lock> {
        let again = self.0.try_clone().map(Lock);
        again.map_err(|error| Error::new(ErrorKind::Internal, format!("cannot share the lock: {error}")))
    }

    /// A standard stream for a child process, which then holds the lock too. Its output there is not read.
    pub fn share(&self) -> io::Result<Stdio> {
        self.0.try_clone().map(Stdio::from)
    }
}

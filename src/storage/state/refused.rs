//! The reasons why the state file cannot be used.

use crate::error::{Error, ErrorKind};
use rusqlite::ErrorCode;
use std::fmt;
use std::io::{self, Write};
use std::path::Path;

/// The version of the tables and of the records in them.
pub const VERSION: i64 = 4;

/// See the [module](self).
pub enum Refused {
    Database(rusqlite::Error),
    /// The file is of this version, which is not known.
    Version(i64),
    /// A record or a path in it is damaged.
    Record,
    /// The list in the output cannot be written.
    List(io::Error),
}

impl Refused {
    /// Whether the system is at fault, as with a full disk. The file itself may be sound.
    pub fn is_of_the_system(&self) -> bool {
        use ErrorCode::*;
        let Refused::Database(error) = self else { return matches!(self, Refused::List(_)) };
        let code = error.sqlite_error_code();
        matches!(
            code,
            Some(CannotOpen | DatabaseBusy | DatabaseLocked | DiskFull | OutOfMemory | PermissionDenied)
                | Some(FileLockingProtocolFailed | ReadOnly | SystemIoFailure)
        )
    }

    pub fn into_error(self, path: &Path) -> Error {
        // The error of SQLite does not say that a disk is full.
        if let Some(error) =
            path.parent().filter(|_| self.is_of_the_system()).and_then(|folder| try_to_write(folder).err())
        {
            return Error::output(path, error);
        }
        Error::new(ErrorKind::Output, format!("the state of the last build: {self}")).with_path(path)
    }
}

/// Writes a few kilobytes, to get the error of the system.
fn try_to_write(folder: &Path) -> io::Result<()> {
    let mut file = tempfile::tempfile_in(folder)?;
    file.write_all(&[1; 64 << 10])?;
    file.sync_all()
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Database(error) => write!(f, "{error}"),
            Refused::Version(version) => write!(f, "it is of version {version}, this program knows version {VERSION}"),
            Refused::Record => f.write_str("it is damaged"),
            Refused::List(error) => write!(f, "{error}"),
        }
    }
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Refused {
        Refused::List(error)
    }
}

impl From<rusqlite::Error> for Refused {
    fn from(error: rusqlite::Error) -> Refused {
        Refused::Database(error)
    }
}

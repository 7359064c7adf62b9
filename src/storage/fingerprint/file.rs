//! How a file is known again: by its bytes, and without reading them where the file system vouches for it.

pub use blake3::Hasher;
use serde::{Deserialize, Serialize};
use std::fs::{File, Metadata};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// 128 bits of BLAKE3.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hash(pub [u8; 16]);

impl Hash {
    pub fn of(bytes: &[u8]) -> Hash {
        Hash::from(&blake3::hash(bytes))
    }

    /// 32 digits.
    pub fn hex(self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.0))
    }
}

impl From<&blake3::Hash> for Hash {
    fn from(whole: &blake3::Hash) -> Hash {
        let mut hash = [0; 16];
        hash.copy_from_slice(&whole.as_bytes()[..16]);
        Hash(hash)
    }
}

/// The hash of a file's bytes.
pub fn hash_file(path: &Path) -> io::Result<Hash> {
    let mut hasher = Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(Hash::from(&hasher.finalize()))
}

/// What the file system says of a file: the same again means the same bytes, as git takes it. With the time at which
/// its entry changed, because a scan may be replaced by one of the same size and date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStamp {
    len: u64,
    /// Nanoseconds since 1970.
    modified: i64,
    /// Likewise; negative: of an object in a store, what the store calls this version of it.
    changed: i64,
}

/// The coarsest clock of a file system (FAT): within it a file may change twice and show one time.
const GRAIN: Duration = Duration::from_secs(2);

impl FileStamp {
    pub fn of(path: &Path) -> io::Result<FileStamp> {
        std::fs::metadata(path).map(|metadata| FileStamp::from(&metadata))
    }

    /// Of an object in a store, which names each version of it.
    pub fn of_object(len: u64, modified: i64, version: Hash) -> FileStamp {
        let version = version.0.iter().take(8).fold(0, |all, byte| (all << 8) | i64::from(*byte));
        FileStamp { len, modified, changed: version | i64::MIN }
    }

    /// Bytes of the file.
    pub fn bytes(&self) -> u64 {
        self.len
    }

    /// Whether the file has been left alone long enough, so that a later change will show.
    pub fn is_settled(&self) -> bool {
        if self.changed < 0 {
            return true;
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let nanoseconds = |time: Duration| i64::try_from(time.as_nanos()).unwrap_or(i64::MAX);
        self.modified.max(self.changed) < nanoseconds(now.saturating_sub(GRAIN))
    }
}

#[cfg(unix)]
impl From<&Metadata> for FileStamp {
    fn from(metadata: &Metadata) -> FileStamp {
        use std::os::unix::fs::MetadataExt;
        let time = |seconds: i64, nanoseconds: i64| seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds);
        FileStamp {
            len: metadata.len(),
            modified: time(metadata.mtime(), metadata.mtime_nsec()),
            changed: time(metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

#[cfg(not(unix))]
impl From<&Metadata> for FileStamp {
    fn from(metadata: &Metadata) -> FileStamp {
        let since = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
        let modified = i64::try_from(since.as_nanos()).unwrap_or(i64::MAX);
        FileStamp { len: metadata.len(), modified, changed: modified }
    }
}

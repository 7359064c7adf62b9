//! The reasons to make something anew: a fingerprint of everything that it was made from, field by field. Also how a
//! file is recognised: by its bytes, or, without reading them, by its size and times.
//!
//! Three kinds of fingerprint keep a cheap change cheap: *tiles* (a master's bytes, how it is tiled), *documents* (the
//! content of the JSON), *pages* (the content of the HTML). A fingerprint holds a hash for each field, so that a build
//! can say which field changed.
//!
//! [`FileStamp`] holds the time of change beside size and date, so that a scan that is replaced by one of the same size
//! and date (`cp -p`, `rsync -t`) is noticed. A file that changed within two seconds of being read is read again by the
//! next build. For an object in a store, the stamp holds its ETag in the place of the time of change; records and
//! comparisons need no second case.

pub use blake3::Hasher;
use serde::{Deserialize, Serialize};
use std::fs::Metadata;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Something that files are made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Field {
    /// The bytes of a master.
    Source,
    /// The number of an image in its file.
    Page,
    TileSize,
    Quality,
    Subsampling,
    Huffman,
    Formats,
    Background,
    MaxSize,
    MaxResolution,
    Lossless,
    /// The version of the code: another version makes other files from the same input.
    Program,
    /// The description of an item or a collection.
    Description,
    /// Order, labels and sizes of an item's pages.
    Pages,
    /// The members of a collection.
    Members,
    /// The collection above.
    Collection,
    BaseUrl,
    Templates,
    Neighbours,
    Breadcrumbs,
    /// Title, language and address of the site.
    Site,
    /// The annotations of curators and programs.
    Annotations,
    /// The files with the text of pages.
    Text,
    /// Which versions of the IIIF APIs are written.
    Apis,
    /// The bytes of the watermark, and how it is burned in. Not there without a watermark.
    Watermark,
    /// What is cut out of a file because it is withheld. Not there if nothing is.
    Withheld,
    /// Whether a PDF is made of an item, and how. Not there if none is.
    Pdf,
}

impl Field {
    /// The name in messages and logs.
    pub fn name(self) -> &'static str {
        match self {
            Field::Source => "source",
            Field::Page => "page",
            Field::TileSize => "tile-size",
            Field::Quality => "quality",
            Field::Subsampling => "subsampling",
            Field::Huffman => "huffman",
            Field::Formats => "formats",
            Field::Background => "background",
            Field::MaxSize => "max-size",
            Field::MaxResolution => "max-resolution",
            Field::Lossless => "lossless",
            Field::Program => "program",
            Field::Description => "description",
            Field::Pages => "pages",
            Field::Annotations => "annotations",
            Field::Text => "text",
            Field::Members => "members",
            Field::Collection => "collection",
            Field::BaseUrl => "base-url",
            Field::Templates => "templates",
            Field::Neighbours => "neighbours",
            Field::Breadcrumbs => "breadcrumbs",
            Field::Site => "site",
            Field::Apis => "apis",
            Field::Watermark => "watermark",
            Field::Withheld => "withheld",
            Field::Pdf => "pdf",
        }
    }
}

/// See the [module](self). Fields are in the order in which they were added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint(Vec<(Field, u64)>);

impl Fingerprint {
    /// Adds the value of `field`.
    pub fn with(mut self, field: Field, value: &(impl Serialize + ?Sized)) -> Fingerprint {
        self.0.push((field, hashed(value)));
        self
    }

    /// The hash of the value of `field`, if it has one.
    pub fn of(&self, field: Field) -> Option<u64> {
        self.0.iter().find(|(own, _)| *own == field).map(|(_, hash)| *hash)
    }

    /// Without the fields that hold sizes and times of files, which differ from one copy of a project to the next.
    pub fn without_times(&self) -> Fingerprint {
        let is_kept = |(field, _): &&(Field, u64)| !matches!(field, Field::Source | Field::Text);
        Fingerprint(self.0.iter().filter(is_kept).copied().collect())
    }

    /// The fields whose value is not that of `before`, then the fields that only `before` has.
    pub fn changes(&self, before: &Fingerprint) -> Vec<Field> {
        let changed = self.0.iter().filter(|entry| !before.0.contains(entry));
        let gone = before.0.iter().filter(|(field, _)| self.0.iter().all(|(own, _)| own != field));
        changed.chain(gone).map(|(field, _)| *field).collect()
    }
}

/// A 64-bit hash of a value: enough to see that it changed.
pub fn hashed(value: &(impl Serialize + ?Sized)) -> u64 {
    let mut hasher = Hasher::new();
    // A hasher accepts everything, and nothing that is hashed here is of unknown length.
    let done = postcard::to_io(value, &mut hasher);
    debug_assert!(done.is_ok(), "a value cannot be hashed");
    let mut first = [0; 8];
    hasher.finalize_xof().fill(&mut first);
    u64::from_le_bytes(first)
}

/// Why something was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It was not there before.
    New,
    /// The value of this field changed.
    Changed(Field),
    /// The files are gone.
    Missing,
    /// The last build ended while the files were made.
    Unfinished,
    /// The files are not as they were written.
    Damaged,
    /// The user asked for it.
    Forced,
}

impl Reason {
    /// The name in logs.
    pub fn name(self) -> &'static str {
        match self {
            Reason::New => "new",
            Reason::Changed(field) => field.name(),
            Reason::Missing => "missing",
            Reason::Unfinished => "unfinished",
            Reason::Damaged => "damaged",
            Reason::Forced => "forced",
        }
    }

    /// For readers: `source changed`.
    pub fn in_words(self) -> String {
        match self {
            Reason::Changed(field) => format!("{} changed", field.name()),
            other => other.name().to_owned(),
        }
    }
}

/// Why the files with the fingerprint `now` must be made if those that exist were made from `before`. Empty: they need
/// not be made.
pub fn reasons(now: &Fingerprint, before: Option<&Fingerprint>) -> Vec<Reason> {
    match before {
        None => vec![Reason::New],
        Some(before) => now.changes(before).into_iter().map(Reason::Changed).collect(),
    }
}

/// 128 bits of BLAKE3.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Hash(pub [u8; 16]);

impl Hash {
    /// The hash of `bytes`.
    pub fn of(bytes: &[u8]) -> Hash {
        Hash::from(&blake3::hash(bytes))
    }

    /// 32 hexadecimal digits.
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
    hasher.update_reader(crate::config::files::open(path)?)?;
    Ok(Hash::from(&hasher.finalize()))
}

/// Size and times of a file. If they are the same again, the bytes are taken to be the same, as git does. The time at which
/// the file's entry changed is one of them, because a scan may be replaced by one of the same size and date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStamp {
    len: u64,
    /// Nanoseconds since 1970.
    modified: i64,
    /// Nanoseconds since 1970. Negative for an object in a store: its version, as the store names it.
    changed: i64,
}

/// The step of the coarsest clock of a file system (FAT): a file may change twice within it and show one time.
const GRAIN: Duration = Duration::from_secs(2);

impl FileStamp {
    /// The stamp of a file on disk.
    pub fn of(path: &Path) -> io::Result<FileStamp> {
        std::fs::metadata(path).map(|metadata| FileStamp::from(&metadata))
    }

    /// The stamp of an object in a store, which names each version of it.
    pub fn of_object(len: u64, modified: i64, version: Hash) -> FileStamp {
        let version = version.0.iter().take(8).fold(0, |all, byte| (all << 8) | i64::from(*byte));
        FileStamp { len, modified, changed: version | i64::MIN }
    }

    /// The size of the file in bytes.
    pub fn bytes(&self) -> u64 {
        self.len
    }

    /// Whether the file has been unchanged long enough that a later change will show.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_names_its_field() {
        let before = Fingerprint::default().with(Field::Quality, &80).with(Field::TileSize, &512);
        let now = Fingerprint::default().with(Field::Quality, &90).with(Field::TileSize, &512);
        assert_eq!(reasons(&now, Some(&before)), [Reason::Changed(Field::Quality)]);
        assert_eq!(reasons(&now, Some(&now)), []);
        assert_eq!(reasons(&now, None), [Reason::New]);
        let marked = now.clone().with(Field::Watermark, &1);
        assert_eq!(reasons(&now, Some(&marked)), [Reason::Changed(Field::Watermark)]);
    }

    #[test]
    fn a_value_is_not_taken_for_its_neighbour() {
        let hashed = |value: &[&str]| Fingerprint::default().with(Field::Pages, value);
        assert_ne!(hashed(&["ab", "c"]), hashed(&["a", "bc"]));
    }
}

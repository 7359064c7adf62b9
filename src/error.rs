//! The error type of the library.
//!
//! An error has a kind, which states who must act ([`ErrorKind`]), a message, the file (and line) that it is about, and
//! most often a hint. The library never prints it.

pub use crate::diagnostics::shown_path;
use crate::diagnostics::{Code, path_as_text};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// `Result` with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// Who must act on an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The site owner: `iiif-build.toml`, flags, environment.
    Config,
    /// The curator: metadata files, names, ids.
    Content,
    /// The curator: an image file that is broken, unsupported or too large.
    Image,
    /// The theme author.
    Template,
    /// The administrator of the disk or the file system.
    Output,
    /// The operator.
    Network,
    /// The operator: other work must be done first.
    Unfinished,
    /// No action is needed: the user ended the command.
    Interrupted,
    /// The developers of iiif-build: an invariant of the program is broken.
    Internal,
}

impl ErrorKind {
    /// One word, for the beginning of a message and for JSON logs.
    pub fn name(self) -> &'static str {
        match self {
            ErrorKind::Config => "config",
            ErrorKind::Content => "content",
            ErrorKind::Image => "image",
            ErrorKind::Template => "template",
            ErrorKind::Output => "output",
            ErrorKind::Network => "network",
            ErrorKind::Unfinished => "unfinished",
            ErrorKind::Interrupted => "interrupted",
            ErrorKind::Internal => "internal",
        }
    }
}

/// Line and column in a text file, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
}

impl Position {
    /// The position of byte `offset` in `text`; columns count characters.
    pub fn of(text: &str, offset: usize) -> Position {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Position { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }
}

/// See the [module](self). Serialized and read again, it has lost its source.
#[derive(Clone, Serialize, Deserialize)]
pub struct Error(Box<Detail>);

#[derive(Clone, Serialize, Deserialize)]
struct Detail {
    kind: ErrorKind,
    code: Option<Code>,
    message: String,
    #[serde(serialize_with = "lossy")]
    path: Option<PathBuf>,
    position: Option<Position>,
    hint: Option<String>,
    #[serde(skip)]
    has_written: bool,
    #[serde(skip)]
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error without path, position and hint.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        let (code, path, position, hint, has_written, source) = (None, None, None, None, false, None);
        Error(Box::new(Detail { kind, code, message: message.into(), path, position, hint, has_written, source }))
    }

    /// An image that cannot be read. A caller that knows the path adds it.
    pub fn image(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Image, message)
    }

    /// A failed write, with the message of the system.
    pub fn output(path: &Path, error: std::io::Error) -> Error {
        let hint = hint_of_system(error.kind());
        let mut failed =
            Error::new(ErrorKind::Output, format!("cannot write: {error}")).with_path(path).with_source(error);
        failed.0.hint = hint.map(str::to_owned);
        failed
    }

    /// A failed read, with the message of the system. `kind`: who must act on an error of this file.
    pub fn read(kind: ErrorKind, path: &Path, error: std::io::Error) -> Error {
        Error::new(kind, format!("cannot read: {error}")).with_path(path).with_source(error)
    }

    /// Adds the code of a diagnostic.
    pub fn with_code(mut self, code: Code) -> Error {
        self.0.code = Some(code);
        self
    }

    /// Adds the path that the error is about, unless it has one.
    pub fn with_path(mut self, path: impl Into<PathBuf>) -> Error {
        self.0.path.get_or_insert_with(|| path.into());
        self
    }

    /// Replaces the path if it is `copy`, a copy that was read in place of `path`.
    pub fn not_of_copy(mut self, copy: &Path, path: &Path) -> Error {
        if self.path() == Some(copy) {
            self.0.path = Some(path.to_path_buf());
        }
        self
    }

    /// Adds the position in the file.
    pub fn with_position(mut self, position: Position) -> Error {
        self.0.position = Some(position);
        self
    }

    /// Adds a sentence about what the reader can do.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Error {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds what the error is about before its message.
    pub fn with_context(mut self, context: &str) -> Error {
        self.0.message = format!("{context}: {}", self.0.message);
        self
    }

    /// Adds that files were written before it ended the build.
    pub fn after_writing(mut self) -> Error {
        self.0.has_written = true;
        self
    }

    /// Adds the error that caused it.
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Error {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// Whether files were written before it ended a build.
    pub fn has_written(&self) -> bool {
        self.0.has_written
    }

    /// Who must act.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The code for scripts: that of its diagnostic, else the name of its kind.
    pub fn code(&self) -> &'static str {
        self.0.code.map_or(self.0.kind.name(), Code::name)
    }

    /// Whether the error concerns one image, so that others may still succeed.
    pub fn is_of_one_image(&self) -> bool {
        !matches!(self.0.kind, ErrorKind::Output | ErrorKind::Interrupted)
    }

    /// Whether the same may succeed later although nobody changes the project: the network failed, the disk was full, or too
    /// many files were open.
    pub fn may_pass(&self) -> bool {
        let causes = std::iter::successors(std::error::Error::source(self), |cause| cause.source());
        let mut systems = causes.filter_map(|cause| cause.downcast_ref::<std::io::Error>());
        self.0.kind == ErrorKind::Network || systems.any(is_shortage)
    }

    /// The message without path and hint.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The file or folder that it is about.
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// The position in the file, for text files.
    pub fn position(&self) -> Option<Position> {
        self.0.position
    }

    /// A sentence that states what the reader can do.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
}

/// `ENFILE` and `EMFILE`, the same numbers on all systems that have them.
const TOO_MANY_FILES: [i32; 2] = [23, 24];

fn is_shortage(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    let has_too_many_files = cfg!(unix) && error.raw_os_error().is_some_and(|number| TOO_MANY_FILES.contains(&number));
    has_too_many_files || matches!(error.kind(), StorageFull | QuotaExceeded)
}

/// Serializes a path as text, segment by segment as it is; bytes that are not UTF-8 are replaced.
fn lossy<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    path.as_deref().map(path_as_text).serialize(serializer)
}

/// What a user can do about a failed write.
fn hint_of_system(kind: io::ErrorKind) -> Option<&'static str> {
    match kind {
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => {
            Some("is the folder there, and may you write in it? --output chooses another")
        }
        io::ErrorKind::ReadOnlyFilesystem => Some("the disk can only be read: --output chooses another"),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Some("the disk is full: `iiif-build plan` says how much a site needs, --output chooses another disk")
        }
        _ => None,
    }
}

/// `path:line:column: message`, without kind and hint.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.0.path {
            write!(f, "{}:", shown_path(path))?;
            if let Some(Position { line, column }) = self.0.position {
                write!(f, "{line}:{column}:")?;
            }
            write!(f, " ")?;
        }
        write!(f, "{}", self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} error: {self}", self.0.kind.name())?;
        match &self.0.hint {
            Some(hint) => write!(f, " (hint: {hint})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn position_counts_lines_and_characters_from_one() {
        let text = "a\né = x";
        assert_eq!(Position::of(text, 0), Position { line: 1, column: 1 });
        assert_eq!(Position::of(text, text.find('x').unwrap()), Position { line: 2, column: 5 });
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_not_unicode_is_shown_with_its_bytes() {
        use std::os::unix::ffi::OsStrExt;
        let path = Path::new(std::ffi::OsStr::from_bytes(b"M\xfcller/\xe9.png"));
        assert_eq!(shown_path(path), r"M\xfcller/\xe9.png");
        assert!(serde_json::to_string(&Error::image("broken").with_path(path)).unwrap().contains(r"M\\xfcller"));
    }

    #[test]
    fn a_shortage_passes_and_a_mistake_does_not() {
        use std::io::{Error as System, ErrorKind as Kind};
        let read = |error| Error::read(ErrorKind::Content, Path::new("item.toml"), error);
        assert!(read(System::from(Kind::StorageFull)).may_pass() && !read(System::from(Kind::NotFound)).may_pass());
        assert_eq!(read(System::from_raw_os_error(24)).may_pass(), cfg!(unix));
        assert!(Error::new(ErrorKind::Network, "no answer").may_pass() && !Error::image("torn").may_pass());
    }

    #[test]
    fn the_first_path_stays() {
        let error = Error::image("broken").with_path("a.tif").with_path("b");
        assert_eq!(error.to_string(), "a.tif: broken");
    }
}

//! Diagnostics: findings in a collection that its curator should know, each with a stable [`Code`].
//!
//! A [`Diagnostic`] stops nothing. An error does, and it may have a code too. A collection or an item can accept
//! warnings ([`Accepted`]): they become notes, which are shown but need no action.
//!
//! Diagnostics are rare on purpose, because a curator who reads two false warnings does not read the third. A gap is
//! reported in a series that has nearly all its numbers, an odd size in a page that has the shape of the others. An
//! order that metadata lists is taken as right.

mod code;
#[cfg(feature = "site")]
pub mod syntax;
#[cfg(feature = "site")]
pub mod words;

pub use code::{Code, Severity};

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Component, Path, PathBuf};

/// See the [module](self).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind of the diagnostic.
    pub code: Code,
    /// That of the code, or [`Severity::Note`] if the warning is accepted.
    pub severity: Severity,
    /// The message without the path.
    pub message: String,
    /// The files or folders that it is about, the most important one first.
    pub paths: Vec<PathBuf>,
    /// A sentence about what the reader can do.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// A diagnostic with the severity of its code.
    pub fn new(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic { code, severity: code.severity(), message: message.into(), paths: vec![], hint: None }
    }

    /// The warning that ids point at this machine, because `base-url` is not set.
    pub fn no_base_url(base_url: &str) -> Diagnostic {
        Diagnostic::new(Code::NoBaseUrl, format!("ids point at {base_url}: set base-url before you publish"))
    }

    /// Adds a file or folder that it is about.
    pub fn with_path(mut self, path: impl Into<PathBuf>) -> Diagnostic {
        self.paths.push(path.into());
        self
    }

    /// Adds files or folders that it is about.
    pub fn with_paths(mut self, paths: impl IntoIterator<Item = PathBuf>) -> Diagnostic {
        self.paths.extend(paths);
        self
    }

    /// Adds a sentence about what the reader can do.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Diagnostic {
        self.hint = Some(hint.into());
        self
    }

    /// Whether the curator should act on it.
    pub fn is_warning(&self) -> bool {
        self.severity == Severity::Warning
    }
}

/// `path: message`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = self.paths.first() {
            write!(f, "{}: ", shown_path(path))?;
        }
        f.write_str(&self.message)
    }
}

/// A path in words, without the `.` of folders that are named by `.`.
pub fn shown_path(path: &Path) -> String {
    path_as_text(&plain(path))
}

/// A path as text. Bytes that are not Unicode are written as `\xfc`, so that two names never look the same.
pub fn path_as_text(path: &Path) -> String {
    let mut shown = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        shown.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| shown.push_str(&format!("\\x{byte:02x}")));
    }
    shown
}

/// The path without segments `.`. The URL of a bucket stays as it is.
fn plain(path: &Path) -> Cow<'_, Path> {
    let is_url = path.to_str().is_some_and(|text| text.contains("://"));
    if is_url {
        return Cow::Borrowed(path);
    }
    let plain: PathBuf = path.components().filter(|part| *part != Component::CurDir).collect();
    if plain.as_os_str().is_empty() { Cow::Borrowed(Path::new(".")) } else { Cow::Owned(plain) }
}

/// The warnings that are accepted, by folder.
#[derive(Debug, Clone, Default)]
pub struct Accepted {
    everywhere: BTreeSet<Code>,
    below: BTreeMap<PathBuf, BTreeSet<Code>>,
}

impl Accepted {
    /// Accepts `codes` in the whole project.
    pub fn everywhere(codes: &[Code]) -> Accepted {
        Accepted { everywhere: codes.iter().copied().collect(), below: BTreeMap::new() }
    }

    /// Accepts `codes` below `folder`.
    pub fn below(&mut self, folder: &Path, codes: &[Code]) {
        if !codes.is_empty() {
            self.below.entry(folder.to_path_buf()).or_default().extend(codes);
        }
    }

    /// Adds the folders of `other`.
    pub fn join(&mut self, other: Accepted) {
        self.below.extend(other.below);
    }

    /// Makes a note of a warning that is accepted for all of its paths.
    pub fn apply_accept(&self, mut diagnostic: Diagnostic) -> Diagnostic {
        let holds = |path: &Path| self.below.get(path).is_some_and(|codes| codes.contains(&diagnostic.code));
        let is_accepted = self.everywhere.contains(&diagnostic.code)
            || (!diagnostic.paths.is_empty() && diagnostic.paths.iter().all(|path| path.ancestors().any(holds)));
        if diagnostic.is_warning() && is_accepted {
            diagnostic.severity = Severity::Note;
        }
        diagnostic
    }
}

/// Refuses a list of accepted codes that contains one which is never a warning.
pub fn check_accepted(codes: &[Code]) -> Result<(), String> {
    match codes.iter().find(|code| code.severity() != Severity::Warning) {
        None => Ok(()),
        Some(code) => {
            let (name, severity) = (code.name(), code.severity().name());
            Err(format!("`accept` names {name:?}, which is no warning but always {} {severity}", article(severity)))
        }
    }
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_shown_without_the_dots_of_folders() {
        for (path, shown) in [
            ("././scans/1.png", "scans/1.png"),
            ("./.", "."),
            (".", "."),
            ("", "."),
            ("a/./b", "a/b"),
            ("../a", "../a"),
            ("/srv/./a", "/srv/a"),
            ("s3://bucket/a/./b", "s3://bucket/a/./b"),
        ] {
            assert_eq!(shown_path(Path::new(path)), shown, "{path}");
        }
    }

    #[test]
    fn a_warning_is_accepted_only_below_the_folder_that_says_so() {
        let mut accepted = Accepted::everywhere(&[Code::NoBaseUrl]);
        accepted.below(Path::new("content/a"), &[Code::PageGap]);
        let severity = |code, paths: &[&str]| {
            accepted.apply_accept(Diagnostic::new(code, "").with_paths(paths.iter().map(PathBuf::from))).severity
        };
        assert_eq!(severity(Code::PageGap, &["content/a/b"]), Severity::Note);
        assert_eq!(severity(Code::PageGap, &["content/ab"]), Severity::Warning);
        assert_eq!(severity(Code::PageGap, &["content/a/1", "content/b/1"]), Severity::Warning);
        assert_eq!(severity(Code::OddSize, &["content/a"]), Severity::Warning);
        assert_eq!(severity(Code::NoBaseUrl, &[]), Severity::Note);
    }
}

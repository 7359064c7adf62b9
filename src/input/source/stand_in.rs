//! Files that stand for others, which are not on this machine: pointers of Git LFS and git-annex, placeholders of
//! folders in a cloud, empty files. Their owner must fetch the real files; the program does not.

use crate::config::files;
use crate::diagnostics::Code;
use crate::error::{Error, ErrorKind};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A pointer is shorter (the specification of Git LFS).
const MAX_BYTES: u64 = 1024;

/// The first line of a pointer, in all versions of Git LFS.
const LFS: [&str; 3] = [
    "version https://git-lfs.github.com/spec/",
    "version https://hawser.github.com/spec/",
    "version http://git-media.io/v/",
];

/// Where git-annex keeps files: a pointer begins with it, and a link leads there.
const ANNEX: &str = "/annex/objects/";

/// See the [module](self).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandIn {
    GitLfs,
    GitAnnex,
    /// A placeholder of iCloud Drive.
    Cloud,
    Empty,
}

impl StandIn {
    /// What the file at `path` stands for; `None`: it is not known to be a stand-in.
    pub fn at(path: &Path) -> Option<StandIn> {
        let metadata = fs::metadata(path).ok().filter(|metadata| metadata.is_file() && metadata.len() <= MAX_BYTES)?;
        if metadata.len() == 0 {
            return Some(StandIn::Empty);
        }
        let mut bytes = vec![];
        files::open(path).ok()?.take(MAX_BYTES).read_to_end(&mut bytes).ok()?;
        StandIn::of(&bytes)
    }

    /// The same for the bytes of a file that may also be empty.
    pub fn of(bytes: &[u8]) -> Option<StandIn> {
        if bytes.len() as u64 > MAX_BYTES {
            return None;
        }
        let begins_with = |start: &str| bytes.starts_with(start.as_bytes());
        match LFS.into_iter().any(begins_with) {
            true => Some(StandIn::GitLfs),
            false => begins_with(ANNEX).then_some(StandIn::GitAnnex),
        }
    }

    /// The same for a link whose target is not there.
    pub fn of_link(link: &Path) -> Option<StandIn> {
        let target = fs::read_link(link).ok()?;
        let target = format!("/{}", target.to_string_lossy().replace('\\', "/"));
        target.contains(ANNEX).then_some(StandIn::GitAnnex)
    }

    /// The path of the file that the placeholder `name` in `folder` stands for: `.0001.tif.icloud` stands for `0001.tif`.
    pub fn of_name(name: &str, folder: &Path) -> Option<PathBuf> {
        let real = name.strip_prefix('.')?.strip_suffix(".icloud").filter(|real| !real.is_empty())?;
        Some(folder.join(real))
    }

    /// What is said of such a file.
    pub fn message(self) -> &'static str {
        match self {
            StandIn::GitLfs => "the file is a pointer of Git LFS: the scan itself is not on this machine",
            StandIn::GitAnnex => "the file is a pointer of git-annex: the scan itself is not on this machine",
            StandIn::Cloud => "the file is only in iCloud, not on this machine",
            StandIn::Empty => "the file is empty",
        }
    }

    pub fn hint(self) -> &'static str {
        match self {
            StandIn::GitLfs => "run `git lfs pull`; in CI, check out with LFS",
            StandIn::GitAnnex => "run `git annex get`",
            StandIn::Cloud => "download it in the Finder, or keep the folder on this machine",
            StandIn::Empty => "was it copied completely? Fetch it again",
        }
    }

    pub fn error(self, kind: ErrorKind, path: &Path) -> Error {
        Error::new(kind, self.message()).with_code(Code::NotFetched).with_path(path).with_hint(self.hint())
    }
}

impl From<StandIn> for io::Error {
    fn from(stand_in: StandIn) -> io::Error {
        io::Error::other(format!("{}; {}", stand_in.message(), stand_in.hint()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_known_by_their_first_line() {
        let lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
        assert_eq!(StandIn::of(lfs.as_bytes()), Some(StandIn::GitLfs));
        assert_eq!(StandIn::of(b"/annex/objects/SHA256E-s12--4d7a.tif\n"), Some(StandIn::GitAnnex));
        let long = format!("{lfs}{}", "x".repeat(2000));
        for other in ["", "version 1", "II*\0", long.as_str()] {
            assert_eq!(StandIn::of(other.as_bytes()), None, "{other}");
        }
        let name = |name: &str| StandIn::of_name(name, Path::new("a"));
        assert_eq!(name(".0001.tif.icloud"), Some(PathBuf::from("a/0001.tif")));
        assert_eq!((name(".icloud"), name("a.icloud"), name("..icloud")), (None, None, None));
    }
}

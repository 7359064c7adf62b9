//! Checks the files of BagIt bags against their manifests (RFC 8493, sections 2.1.3 and 3).
//!
//! Manifests are hostile: a path that leaves its bag, by dots or by a link, is refused and never opened.

use crate::config::files;
use crate::diagnostics::{Code, Diagnostic};
use crate::error::{Error, ErrorKind, Position, Result};
use crate::model::address::normalised;
use rayon::prelude::*;
use sha2::digest::DynDigest;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Bytes that are read at once.
const BUFFER: usize = 256 << 10;

/// The folder with the payload.
const PAYLOAD: &str = "data";

/// The findings of the check.
#[derive(Default)]
pub struct Checked {
    pub diagnostics: Vec<Diagnostic>,
    pub failures: Vec<Error>,
}

/// Reads every file that a manifest of the `bags` lists. Runs on the current rayon pool.
pub fn check(bags: &[PathBuf]) -> Checked {
    let mut checked = Checked::default();
    for bag in bags {
        match Bag::read(bag, &mut checked.failures) {
            Ok(read) => read.check(&mut checked),
            Err(error) => checked.failures.push(error),
        }
    }
    checked
}

/// A checksum that a manifest states.
struct Stated {
    algorithm: Algorithm,
    hex: String,
}

struct Bag<'a> {
    folder: &'a Path,
    /// By path below the bag.
    stated: BTreeMap<String, Vec<Stated>>,
    /// Files of the payload by their normalised paths: names may have been written down in another Unicode form.
    payload: BTreeMap<String, String>,
}

impl Bag<'_> {
    fn read<'a>(folder: &'a Path, failures: &mut Vec<Error>) -> Result<Bag<'a>> {
        let unreadable = |error| Error::read(ErrorKind::Content, folder, error);
        let mut bag = Bag { folder, stated: BTreeMap::new(), payload: payload(folder).map_err(unreadable)? };
        let mut manifests = vec![];
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            manifests
                .extend(entry.map_err(unreadable)?.file_name().into_string().ok().filter(|name| is_manifest(name)));
        }
        manifests.sort();
        if !manifests.iter().any(|name| name.starts_with("manifest-")) {
            failures.push(bad("the bag has no manifest").with_path(folder));
        }
        for name in manifests {
            if let Err(error) = bag.manifest(&name) {
                failures.push(error);
            }
        }
        Ok(bag)
    }

    fn manifest(&mut self, name: &str) -> Result<()> {
        let path = self.folder.join(name);
        let unreadable = |error| Error::read(ErrorKind::Content, &path, error);
        let word = name.trim_end_matches(".txt").rsplit('-').next().unwrap_or_default();
        let algorithm = Algorithm::ALL.into_iter().find(|algorithm| algorithm.name() == word).ok_or_else(|| {
            let known = Algorithm::ALL.map(Algorithm::name).join(", ");
            bad(format!("checksums of the kind {word:?} are not known here; expected {known}")).with_path(&path)
        })?;
        let text = files::read_to_string(&path, files::METADATA).map_err(unreadable)?;
        let is_payload = name.starts_with("manifest-");
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let (hex, file) = stated(line, algorithm, is_payload)
                .map_err(|why| bad(why).with_path(&path).with_position(Position { line: index + 1, column: 1 }))?;
            self.stated.entry(file).or_default().push(Stated { algorithm, hex });
        }
        Ok(())
    }

    fn check(&self, checked: &mut Checked) {
        let failed = self.stated.par_iter().filter_map(|(file, stated)| self.check_file(file, stated).err());
        checked.failures.extend(failed.collect::<Vec<_>>());
        let listed: BTreeSet<String> = self.stated.keys().map(|file| normalised(file)).collect();
        let unlisted = self.payload.iter().filter(|(normal, _)| !listed.contains(*normal));
        checked.diagnostics.extend(unlisted.map(|(_, file)| {
            let diagnostic = Diagnostic::new(Code::ChecksumUnlisted, "no manifest of the bag lists this file");
            diagnostic.with_path(self.folder.join(file))
        }));
    }

    fn check_file(&self, file: &str, stated: &[Stated]) -> Result<()> {
        let written = self.folder.join(file);
        let other_form = || self.payload.get(&normalised(file)).map(|file| self.folder.join(file));
        let path = if written.exists() { written } else { other_form().unwrap_or(written) };
        let unreadable = |error| Error::read(ErrorKind::Content, &path, error);
        if !path.is_file() {
            let absent = Error::new(ErrorKind::Content, "a manifest of the bag lists this file, and it is not there");
            return Err(absent.with_code(Code::ChecksumAbsent).with_path(&path));
        }
        let (inner, outer) =
            (path.canonicalize().map_err(unreadable)?, self.folder.canonicalize().map_err(unreadable)?);
        if !inner.starts_with(outer) {
            return Err(bad("a manifest lists a link that leads out of the bag").with_path(&path));
        }
        let found = digests(&path, stated).map_err(unreadable)?;
        match stated.iter().zip(found).find(|(stated, found)| stated.hex != *found) {
            None => Ok(()),
            Some((Stated { algorithm, hex }, found)) => {
                let message = format!("the {} is {found}, but the bag's manifest says {hex}", algorithm.name());
                let mismatch = Error::new(ErrorKind::Content, message).with_code(Code::ChecksumMismatch);
                Err(mismatch.with_path(&path).with_hint("the file was changed or damaged: take it from another copy"))
            }
        }
    }
}

/// The algorithms that the specification names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

impl Algorithm {
    const ALL: [Algorithm; 4] = [Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512];

    /// Its name in the file names of manifests.
    fn name(self) -> &'static str {
        match self {
            Algorithm::Md5 => "md5",
            Algorithm::Sha1 => "sha1",
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha512 => "sha512",
        }
    }

    fn digest(self) -> Box<dyn DynDigest> {
        match self {
            Algorithm::Md5 => Box::new(md5::Md5::default()),
            Algorithm::Sha1 => Box::new(sha1::Sha1::default()),
            Algorithm::Sha256 => Box::new(sha2::Sha256::default()),
            Algorithm::Sha512 => Box::new(sha2::Sha512::default()),
        }
    }

    fn hex_digits(self) -> usize {
        self.digest().output_size() * 2
    }
}

fn bad(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::Content, why).with_code(Code::BadManifest)
}

fn is_manifest(name: &str) -> bool {
    (name.starts_with("manifest-") || name.starts_with("tagmanifest-")) && name.ends_with(".txt")
}

/// The checksum and the path in a line. The error states the fault of the line.
fn stated(line: &str, algorithm: Algorithm, is_payload: bool) -> std::result::Result<(String, String), String> {
    let (hex, file) = line.split_once([' ', '\t']).ok_or("expected a checksum, white space and a path")?;
    let file = file.trim_start_matches([' ', '\t']);
    let file = file.strip_prefix('*').unwrap_or(file);
    if hex.len() != algorithm.hex_digits() || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(format!("{hex:?} is no {} checksum", algorithm.name()));
    }
    let file =
        file.replace("%0D", "\r").replace("%0d", "\r").replace("%0A", "\n").replace("%0a", "\n").replace("%25", "%");
    let file = file.strip_prefix("./").unwrap_or(&file);
    let is_within = file.split('/').all(|name| !matches!(name, "" | "." | ".." | "~") && !name.contains(['\\', '\0']));
    if !is_within || Path::new(file).is_absolute() || file.starts_with('~') {
        return Err(format!("the path {file:?} leads out of the bag"));
    }
    if is_payload && !file.starts_with("data/") {
        return Err(format!("the path {file:?} is none of the payload; it should begin with data/"));
    }
    Ok((hex.to_ascii_lowercase(), file.to_owned()))
}

/// The checksums of a file, all in one reading.
fn digests(path: &Path, stated: &[Stated]) -> io::Result<Vec<String>> {
    let mut digests: Vec<_> = stated.iter().map(|stated| stated.algorithm.digest()).collect();
    let (mut file, mut buffer) = (files::open(path)?, vec![0; BUFFER]);
    loop {
        let read = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        digests.iter_mut().for_each(|digest| digest.update(&buffer[..read]));
    }
    let hex = |digest: Box<dyn DynDigest>| digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(digests.into_iter().map(hex).collect())
}

/// Every file below `data/`, of any name; links to folders are not followed.
fn payload(bag: &Path) -> io::Result<BTreeMap<String, String>> {
    let (mut files, mut folders) = (BTreeMap::new(), vec![PAYLOAD.to_owned()]);
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(bag.join(&folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() || entry.path().is_file() {
                files.insert(normalised(&path), path);
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(path: &str) -> std::result::Result<(String, String), String> {
        stated(&format!("{}  {path}", "ab".repeat(16)), Algorithm::Md5, true)
    }

    #[test]
    fn lines_are_read_as_the_specification_and_old_tools_write_them() {
        for (written, file) in [
            ("data/a b.tif", "data/a b.tif"),
            ("*data/a", "data/a"),
            ("./data/a", "data/a"),
            ("data/a%0Ab%25", "data/a\nb%"),
        ] {
            assert_eq!(line(written).unwrap().1, file);
        }
    }

    #[test]
    fn paths_that_leave_the_bag_are_refused() {
        for path in ["../a", "data/../../a", "/etc/passwd", "~/a", "data//a", "data\\..\\a", "a", ""] {
            assert!(line(path).is_err(), "{path}");
        }
        assert!(stated("abc data/a", Algorithm::Md5, true).is_err());
    }
}

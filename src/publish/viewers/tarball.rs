//! Unpacks an npm package in memory: a gzipped tar archive whose entries are below `package/`.
//!
//! Nothing in it decides where a file is written: names are compared with those that a site needs. An archive that has
//! anything but plain files is refused as a whole.

use super::package::Package;
use crate::error::{Error, ErrorKind, Result};
use flate2::read::GzDecoder;
use std::io::{self, Read};
use std::path::{Component, Path};
use tar::{Archive, Entry, EntryType};

/// Most bytes of a package. The largest has 6 MB.
pub const MAX_PACKED: u64 = 16 << 20;

/// Most bytes of everything in a package. The largest has 25 MB.
const MAX_UNPACKED: u64 = 96 << 20;

/// The folder that all entries of an npm package are in.
const TOP: &str = "package/";

/// A file of the site: its name below the folder of the viewer, and its bytes.
pub type File = (String, Vec<u8>);

/// The files of the package that a site needs, under their names in the site.
///
/// # Errors
/// The archive is broken or too large, an entry is no plain file or has a name that leads elsewhere, or a file is missing.
pub fn unpacked(packed: &[u8], package: &Package) -> Result<Vec<File>> {
    let files = read(packed, package).map_err(|error| refused(package, &error.to_string()))?;
    let is_there = |to: &str| files.iter().any(|(name, _)| name == to || (to.ends_with('/') && name.starts_with(to)));
    match package.files.iter().find(|(_, to)| !is_there(to)) {
        Some((from, _)) => Err(refused(package, &format!("it lacks {from}"))),
        None => Ok(files),
    }
}

fn read(packed: &[u8], package: &Package) -> io::Result<Vec<File>> {
    // The end of what may be read looks like the end of the archive in the middle of a file.
    let mut archive = Archive::new(GzDecoder::new(packed).take(MAX_UNPACKED));
    let mut files: Vec<File> = vec![];
    for entry in archive.entries()? {
        let mut entry = entry?;
        let Some(path) = plain_path(&entry)? else { continue };
        let Some(name) = path.strip_prefix(TOP).and_then(|path| package.target(path)) else { continue };
        if files.iter().any(|(other, _)| *other == name) {
            return Err(invalid(format!("{path} is there twice")));
        }
        let mut bytes = vec![];
        entry.read_to_end(&mut bytes)?;
        files.push((name, bytes));
    }
    Ok(files)
}

/// The path of an entry. `None`: it is a folder, or only describes the archive.
fn plain_path<R: Read>(entry: &Entry<'_, R>) -> io::Result<Option<String>> {
    let path = String::from_utf8(entry.path_bytes().into_owned());
    let path = path.map_err(|_| invalid("a name in it is not UTF-8".to_owned()))?;
    match entry.header().entry_type() {
        EntryType::XGlobalHeader => return Ok(None),
        EntryType::Regular | EntryType::Directory => {}
        _ => return Err(invalid(format!("{path} is neither a file nor a folder"))),
    }
    if !is_plain(&path) {
        return Err(invalid(format!("the name {path:?} leads out of it")));
    }
    Ok((entry.header().entry_type() == EntryType::Regular).then_some(path))
}

/// Whether it is a path of plain names, on any system.
pub fn is_plain(path: &str) -> bool {
    let is_name = |part: Component<'_>| matches!(part, Component::Normal(_));
    !path.is_empty() && !path.contains(['\\', ':', '\0']) && Path::new(path).components().all(is_name)
}

fn invalid(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

fn refused(package: &Package, why: &str) -> Error {
    let (name, version) = (package.name, package.version);
    Error::new(ErrorKind::Config, format!("the npm package {name} {version} cannot be unpacked: {why}"))
}

//! The list of everything that is ours in an output, which lies in the output itself: `.iiif-build/output.jsonl`.
//!
//! One JSON object a line: whose site it is; then each image, each image for Image API 2 and each other file; at the end a
//! digest of the records, once the build came to its end. The list names published files only, and it holds no time, no
//! absolute path and nothing random. It is not published itself: `serve`, `deploy` and the files of `hosting` leave
//! `.iiif-build/` out.
//!
//! Files are listed before they are made, and taken off the list after they are removed. So at any moment the list holds
//! every file of ours. A project remembers the hash of the list that it wrote last. That is how it notices that an output
//! is not the one that its records are about.

use super::{FOLDER, PROGRAM};
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::model::LanguageMap;
use crate::storage::fingerprint::{Hash, Hasher};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The path of the list in an output.
pub const FILE: &str = ".iiif-build/output.jsonl";

/// The path of a list that is not complete.
const PARTIAL: &str = ".iiif-build/output.partial";

/// The version of the lines.
const FORMAT: u32 = 1;

/// Longer lines are none of ours: an id has at most some hundred characters, a path a few thousand.
const MAX_LINE: u64 = 1 << 20;

/// The first line: whose site it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Head {
    program: String,
    format: u32,
    /// The address of the site.
    pub base_url: String,
    /// The title of the site; empty if there is none.
    pub title: LanguageMap,
}

impl Head {
    /// The site of a project.
    pub fn of(config: &Config) -> Head {
        let base_url = config.base_url.as_str().to_owned();
        Head { program: PROGRAM.to_owned(), format: FORMAT, base_url, title: config.title.clone() }
    }
}

/// One of the other lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry<'a> {
    /// The id of an image.
    Image(Cow<'a, str>),
    /// The id of an image that is linked for Image API 2.
    Image2(Cow<'a, str>),
    /// The path of a document or a static file.
    File(Cow<'a, str>),
    /// The digest of the records, at the end of a complete build.
    Records(Cow<'a, str>),
}

/// The list in an output.
#[derive(Debug, PartialEq, Eq)]
pub struct SiteList {
    pub head: Head,
    pub images: BTreeSet<String>,
    pub images_2: BTreeSet<String>,
    pub files: BTreeSet<String>,
}

impl SiteList {
    /// The list in `output`. `None`: there is none, or none that this program can have written.
    pub fn read(output: &Path) -> Result<Option<SiteList>> {
        let path = output.join(FILE);
        let Some(file) = open(&path)? else { return Ok(None) };
        SiteList::parse(BufReader::new(file)).map_err(|error| Error::read(ErrorKind::Output, &path, error))
    }

    fn parse(mut lines: impl BufRead) -> io::Result<Option<SiteList>> {
        let head = next_line(&mut lines)?.and_then(|line| serde_json::from_slice::<Head>(&line).ok());
        let Some(head) = head.filter(|head| head.program == PROGRAM && head.format == FORMAT) else { return Ok(None) };
        let (images, images_2, files) = Default::default();
        let mut list = SiteList { head, images, images_2, files };
        while let Some(line) = next_line(&mut lines)? {
            // A path must not lead out of the output.
            let is_valid = match serde_json::from_slice(&line) {
                Ok(Entry::Image(id)) => is_name(&id) && list.images.insert(id.into_owned()),
                Ok(Entry::Image2(id)) => is_name(&id) && list.images_2.insert(id.into_owned()),
                Ok(Entry::File(path)) => is_inside(&path) && list.files.insert(path.into_owned()),
                Ok(Entry::Records(_)) => true,
                Err(_) => false,
            };
            if !is_valid {
                return Ok(None);
            }
        }
        Ok(Some(list))
    }

    /// The hash of the list in `output`. `None`: there is none.
    pub fn hash(output: &Path) -> Result<Option<Hash>> {
        let path = output.join(FILE);
        let Some(file) = open(&path)? else { return Ok(None) };
        let mut hasher = Hasher::new();
        hasher.update_reader(file).map_err(|error| Error::read(ErrorKind::Output, &path, error))?;
        Ok(Some(Hash::from(&hasher.finalize())))
    }
}

/// Only a file of its own: a link could lead anywhere.
fn open(path: &Path) -> Result<Option<File>> {
    match path.symlink_metadata() {
        Ok(kind) if kind.is_file() => {
            File::open(path).map(Some).map_err(|error| Error::read(ErrorKind::Output, path, error))
        }
        _ => Ok(None),
    }
}

fn next_line(lines: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = vec![];
    io::Read::take(lines, MAX_LINE).read_until(b'\n', &mut line)?;
    Ok((!line.is_empty()).then_some(line))
}

/// Writes the lines of a list. `entries` calls its argument for each entry, in a fixed order.
pub fn write_lines<E: From<io::Error>>(
    out: &mut dyn Write,
    head: &Head,
    entries: impl FnOnce(&mut dyn FnMut(Entry<'_>) -> io::Result<()>) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    write_line(out, head)?;
    entries(&mut |entry| write_line(out, &entry))
}

fn write_line(out: &mut dyn Write, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

/// The new list of an output, complete and on the disk, beside the old one.
pub struct Written {
    partial: PathBuf,
    target: PathBuf,
}

impl Written {
    /// Writes a list beside that of `output`.
    ///
    /// # Errors
    /// The disk cannot be written; an error of `write`.
    pub fn new<E: From<io::Error>>(
        output: &Path,
        write: impl FnOnce(&mut dyn Write) -> std::result::Result<(), E>,
    ) -> std::result::Result<Written, E> {
        let partial = output.join(PARTIAL);
        fs::create_dir_all(output.join(FOLDER))?;
        let mut file = BufWriter::new(File::create(&partial)?);
        write(&mut file)?;
        // After a power cut the list must not be older than the files.
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        Ok(Written { partial, target: output.join(FILE) })
    }

    /// Moves the list to its place.
    pub fn publish(self) -> io::Result<()> {
        fs::rename(&self.partial, &self.target)
    }
}

/// Removes the unfinished list that a killed build left. The caller has the lock of the output.
pub fn sweep(output: &Path) -> io::Result<()> {
    match fs::remove_file(output.join(PARTIAL)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Whether a relative path stays within its folder.
pub fn is_inside(path: &str) -> bool {
    path.split('/').all(|segment| !matches!(segment, "" | "." | ".."))
}

/// Whether it is the name of one file or folder.
pub fn is_name(id: &str) -> bool {
    is_inside(id) && !id.contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "{\"program\":\"iiif-build\",\"format\":1,\"base-url\":\"https://a.example/\",\"title\":{}}\n";

    fn parsed(lines: &str) -> Option<SiteList> {
        SiteList::parse(format!("{HEAD}{lines}").as_bytes()).unwrap()
    }

    #[test]
    fn what_is_written_is_read() {
        let root = tempfile::tempdir().unwrap();
        let head: Head = serde_json::from_str(HEAD).unwrap();
        let entries = [Entry::Image("a_1".into()), Entry::Image2("a_1".into()), Entry::File("a/ü \"1\".pdf".into())];
        let written = Written::new::<io::Error>(root.path(), |out| {
            write_lines(out, &head, |add| entries.iter().cloned().try_for_each(add))
        });
        let written = written.unwrap();
        assert_eq!(SiteList::read(root.path()).unwrap(), None, "it is not in its place yet");
        written.publish().unwrap();
        assert!(SiteList::hash(root.path()).unwrap().is_some());
        let list = SiteList::read(root.path()).unwrap().unwrap();
        assert_eq!((&list.head, list.images.len(), list.images_2.len()), (&head, 1, 1));
        assert!(list.files.contains("a/ü \"1\".pdf"));
    }

    #[test]
    fn a_list_that_leads_elsewhere_or_is_of_another_program_is_none() {
        assert!(parsed("{\"image\":\"a\"}\n{\"records\":\"0\"}\n").is_some());
        for line in [
            "{\"image\":\"../a\"}",
            "{\"file\":\"../../x\"}",
            "{\"file\":\"/etc/passwd\"}",
            "{\"other\":\"a\"}",
            "cut sho",
        ] {
            assert!(parsed(&format!("{{\"image\":\"b\"}}\n{line}\n")).is_none(), "{line}");
        }
        let other = HEAD.replace("iiif-build", "other");
        assert!(SiteList::parse(other.as_bytes()).unwrap().is_none());
        assert!(SiteList::parse(&b"{}\n"[..]).unwrap().is_none());
    }
}

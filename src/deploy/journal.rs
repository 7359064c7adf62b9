//! What a deploy has put, written down here as it goes: one that was interrupted need not put it again. Lost, it costs
//! that and nothing else.

use crate::error::{Error, Result};
use crate::fingerprint::Hash;
use crate::state::FOLDER;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// What the last deploy from here wrote.
#[derive(Default)]
pub struct Past {
    /// It, and the one that it went on from: it may have ended before the target heard of it.
    pub owners: Vec<String>,
    /// Marks of units. None of them was put again since.
    pub done: HashSet<Hash>,
}

fn line(mark: Hash) -> String {
    format!("{:032x}\n", u128::from_be_bytes(mark.0))
}

/// See the [module](self).
pub struct Journal {
    file: File,
    path: PathBuf,
}

pub fn path(root: &Path, target: &str) -> PathBuf {
    let name = percent_encoding::utf8_percent_encode(target, percent_encoding::NON_ALPHANUMERIC);
    root.join(FOLDER).join(format!("deploy-{name}.journal"))
}

impl Past {
    /// A line that a kill cut off says nothing.
    pub fn read(path: &Path) -> Past {
        let Ok(file) = File::open(path) else { return Past::default() };
        let mut lines = BufReader::new(file).lines().map_while(std::result::Result::ok);
        let owners = lines.next().unwrap_or_default().split(' ').map(str::to_owned).collect();
        let hash = |line: String| u128::from_str_radix(&line, 16).ok().filter(|_| line.len() == 32);
        Past { owners, done: lines.filter_map(hash).map(|hash| Hash(hash.to_be_bytes())).collect() }
    }
}

impl Journal {
    /// Instead of what was there: `owner` goes on from `before`, whose `done` is still there.
    pub fn begin(path: PathBuf, owner: &str, before: Option<&str>, done: &[Hash]) -> Result<Journal> {
        let begin = || -> io::Result<File> {
            let mut file = NamedTempFile::new_in(path.parent().unwrap_or(&path))?;
            let owners: Vec<&str> = [Some(owner), before].into_iter().flatten().collect();
            let marks: String = done.iter().map(|mark| line(*mark)).collect();
            file.write_all(format!("{}\n{marks}", owners.join(" ")).as_bytes())?;
            Ok(file.persist(&path)?)
        };
        let file = begin().map_err(|error| Error::output(&path, error))?;
        Ok(Journal { file, path })
    }

    /// A unit is there with all its files.
    pub fn done(&mut self, mark: Hash) -> Result<()> {
        self.file.write_all(line(mark).as_bytes()).map_err(|error| Error::output(&self.path, error))
    }

    /// Nothing of it is needed any more.
    pub fn end(&self) -> Result<()> {
        fs::remove_file(&self.path).map_err(|error| Error::output(&self.path, error))
    }
}

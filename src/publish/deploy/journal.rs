//! The journal of a deploy, on this machine: the artifacts that it has put so far. A deploy that continues an
//! interrupted one does not put them again. If the journal is lost, they are put again.

use crate::error::{Error, Result};
use crate::storage::fingerprint::Hash;
use crate::storage::lock::Lock;
use crate::storage::state::FOLDER;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The journal of the last deploy of this project.
pub struct JournalHistory {
    /// The owner of that deploy, then that of the deploy that it continued: it may have ended before it wrote its own
    /// name to the target.
    pub owners: Vec<String>,
    /// Journal keys of the artifacts that it put.
    pub done: HashSet<Hash>,
    path: PathBuf,
    /// Keeps other deploys of this project to this target out.
    lock: Lock,
}

fn line(key: Hash) -> String {
    format!("{}\n", key.hex())
}

/// See the [module](self).
pub struct Journal {
    file: File,
    path: PathBuf,
    _lock: Lock,
}

impl JournalHistory {
    /// Reads the journal of deploys to `target` from the project in `root`. A line that was cut off by a kill is
    /// skipped.
    pub fn open(root: &Path, target: &str) -> Result<JournalHistory> {
        let folder = root.join(FOLDER);
        fs::create_dir_all(&folder).map_err(|error| Error::output(&folder, error))?;
        let name = percent_encoding::utf8_percent_encode(target, percent_encoding::NON_ALPHANUMERIC);
        let file = |ending: &str| folder.join(format!("deploy-{name}.{ending}"));
        let lock = Lock::take(&file("lock"), "another deploy to this target is running", "wait until it has ended")?;
        let path = file("journal");
        let Ok(journal) = File::open(&path) else {
            return Ok(JournalHistory { owners: vec![], done: HashSet::new(), path, lock });
        };
        let mut lines = BufReader::new(journal).lines().map_while(std::result::Result::ok);
        let owners = lines.next().unwrap_or_default().split(' ').map(str::to_owned).collect();
        let hash = |line: String| u128::from_str_radix(&line, 16).ok().filter(|_| line.len() == 32);
        let done = lines.filter_map(hash).map(|hash| Hash(hash.to_be_bytes())).collect();
        Ok(JournalHistory { owners, done, path, lock })
    }

    /// The owner of the `unfinished` deploy of a target, if it was a deploy of this project: the artifacts that it put
    /// are certainly there.
    pub fn continues(&self, unfinished: &Option<String>) -> Option<String> {
        unfinished.clone().filter(|owner| self.owners.contains(owner))
    }

    /// Begins the journal of `owner` instead, which continues `before` and has put `done` already.
    pub fn followed_by(self, owner: &str, before: Option<&str>, done: &[Hash]) -> Result<Journal> {
        let begin = || -> io::Result<File> {
            let mut file = NamedTempFile::new_in(self.path.parent().unwrap_or(&self.path))?;
            let owners: Vec<&str> = [Some(owner), before].into_iter().flatten().collect();
            let keys: String = done.iter().map(|key| line(*key)).collect();
            file.write_all(format!("{}\n{keys}", owners.join(" ")).as_bytes())?;
            Ok(file.persist(&self.path)?)
        };
        let file = begin().map_err(|error| Error::output(&self.path, error))?;
        Ok(Journal { file, path: self.path, _lock: self.lock })
    }
}

impl Journal {
    /// An artifact is there with all its files.
    pub fn done(&mut self, key: Hash) -> Result<()> {
        self.file.write_all(line(key).as_bytes()).map_err(|error| Error::output(&self.path, error))
    }

    /// The deploy is complete: removes the journal.
    pub fn end(&self) -> Result<()> {
        fs::remove_file(&self.path).map_err(|error| Error::output(&self.path, error))
    }
}

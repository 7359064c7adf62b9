//! What a deploy has put, written down here as it goes: one that was interrupted need not put it again. Lost, it costs
//! that and nothing else.

use crate::error::{Error, Result};
use crate::storage::fingerprint::Hash;
use crate::storage::state::{FOLDER, Lock};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// What the last deploy from here wrote.
pub struct Past {
    /// It, and the one that it went on from: it may have ended before the target heard of it.
    pub owners: Vec<String>,
    /// Marks of units. None of them was put again since.
    pub done: HashSet<Hash>,
    path: PathBuf,
    /// Nobody else deploys to that target from here: whoever did has ended.
    lock: Lock,
}

fn line(mark: Hash) -> String {
    format!("{}\n", mark.hex())
}

/// See the [module](self).
pub struct Journal {
    file: File,
    path: PathBuf,
    _lock: Lock,
}

impl Past {
    /// What deploys to `target` from the project in `root` left. A line that a kill cut off says nothing.
    pub fn open(root: &Path, target: &str) -> Result<Past> {
        let folder = root.join(FOLDER);
        fs::create_dir_all(&folder).map_err(|error| Error::output(&folder, error))?;
        let name = percent_encoding::utf8_percent_encode(target, percent_encoding::NON_ALPHANUMERIC);
        let file = |ending: &str| folder.join(format!("deploy-{name}.{ending}"));
        let lock = Lock::take(&file("lock"), "another deploy to this target is running", "wait until it has ended")?;
        let path = file("journal");
        let Ok(journal) = File::open(&path) else {
            return Ok(Past { owners: vec![], done: HashSet::new(), path, lock });
        };
        let mut lines = BufReader::new(journal).lines().map_while(std::result::Result::ok);
        let owners = lines.next().unwrap_or_default().split(' ').map(str::to_owned).collect();
        let hash = |line: String| u128::from_str_radix(&line, 16).ok().filter(|_| line.len() == 32);
        let done = lines.filter_map(hash).map(|hash| Hash(hash.to_be_bytes())).collect();
        Ok(Past { owners, done, path, lock })
    }

    /// The owner of an `unfinished` deploy, if that was one from here: what it put is there for sure, unless somebody else
    /// deployed since.
    pub fn goes_on_from(&self, unfinished: &Option<String>) -> Option<String> {
        unfinished.clone().filter(|owner| self.owners.contains(owner))
    }

    /// Instead of it: `owner` goes on from `before`, whose `done` is still there.
    pub fn followed_by(self, owner: &str, before: Option<&str>, done: &[Hash]) -> Result<Journal> {
        let begin = || -> io::Result<File> {
            let mut file = NamedTempFile::new_in(self.path.parent().unwrap_or(&self.path))?;
            let owners: Vec<&str> = [Some(owner), before].into_iter().flatten().collect();
            let marks: String = done.iter().map(|mark| line(*mark)).collect();
            file.write_all(format!("{}\n{marks}", owners.join(" ")).as_bytes())?;
            Ok(file.persist(&self.path)?)
        };
        let file = begin().map_err(|error| Error::output(&self.path, error))?;
        Ok(Journal { file, path: self.path, _lock: self.lock })
    }
}

impl Journal {
    /// A unit is there with all its files.
    pub fn done(&mut self, mark: Hash) -> Result<()> {
        self.file.write_all(line(mark).as_bytes()).map_err(|error| Error::output(&self.path, error))
    }

    /// Nothing of it is needed any more.
    pub fn end(&self) -> Result<()> {
        fs::remove_file(&self.path).map_err(|error| Error::output(&self.path, error))
    }
}

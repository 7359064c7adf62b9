//! The project's own files, each copied to its own path: those below `static/`, and those that descriptions link to.

use crate::build::run::Run;
use crate::build::stages::Running;
use crate::error::{Error, ErrorKind, Result};
use crate::input::source::ContentSource;
use crate::model::Attachment;
use crate::model::address::SitePath;
use crate::storage::fingerprint::{Field, FileStamp, Fingerprint};
use crate::storage::state::{DocumentRecord, PreviousBuild};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Under which they are recorded: no folder of the site has such a name.
pub const STATIC: &str = ".static";

/// See the [module](self).
pub struct Statics(BTreeMap<SitePath, Static>);

struct Static {
    path: PathBuf,
    /// `None`: it changed just now and may change again unseen.
    stamp: Option<FileStamp>,
}

impl Static {
    fn new(path: PathBuf, source: &ContentSource) -> Static {
        let stamp = source.stamp(&path).ok().filter(FileStamp::is_settled);
        Static { path, stamp }
    }
}

impl Statics {
    /// Of the folder, if there is one, and of `attachments`, before which those of the folder win.
    pub fn gather(folder: &Path, attachments: Vec<Attachment>, source: &ContentSource) -> Result<Statics> {
        let of = |attachment: Attachment| (attachment.target, Static::new(attachment.source, source));
        let mut files: BTreeMap<SitePath, Static> = attachments.into_iter().map(of).collect();
        if folder.is_dir() {
            gather(folder, &SitePath::root(), &mut files)?;
        }
        Ok(Statics(files))
    }

    pub fn has(&self, path: &SitePath) -> bool {
        self.0.contains_key(path)
    }

    pub fn paths(&self) -> impl Iterator<Item = &SitePath> {
        self.0.keys()
    }

    /// Where the last build copied files that nobody wants there any more.
    pub fn gone<'a>(&self, known: &'a PreviousBuild) -> BTreeSet<&'a str> {
        let then = known.documents.get(STATIC).into_iter().flat_map(|then| &then.files);
        then.map(String::as_str).filter(|file| !self.has(&SitePath::root().join(file))).collect()
    }

    /// What is recorded of them when they are copied, if some may have changed.
    pub fn due(&self, run: &Run<'_>) -> Option<DocumentRecord> {
        let record = self.record();
        let is_as_recorded = record.documents.is_some() && run.known.documents.get(STATIC) == Some(&record);
        let are_there = || self.paths().all(|path| run.directory.has(path));
        let is_due = !is_as_recorded || !are_there() || run.doubts_documents() || run.config.force;
        is_due.then_some(record)
    }

    fn record(&self) -> DocumentRecord {
        let all: Option<Vec<_>> = self.0.iter().map(|(path, file)| Some((path, file.stamp?))).collect();
        DocumentRecord {
            documents: all.map(|all| Fingerprint::default().with(Field::Source, &all)),
            pages: None,
            files: self.0.keys().map(|path| path.as_str().to_owned()).collect(),
        }
    }

    /// Copies those whose bytes are not there yet.
    pub fn publish(&self, run: &Run<'_>, stage: &Running<'_>) -> Result<()> {
        for (path, file) in &self.0 {
            let local = run.source.local(&file.path)?;
            stage.published(local.attribute_to(&file.path, run.directory.copy(path, &local.path))?);
        }
        Ok(())
    }
}

/// Hidden files that hosts look for in what they serve.
const FOR_HOSTS: [&str; 2] = [".htaccess", ".nojekyll"];

fn gather(folder: &Path, path: &SitePath, files: &mut BTreeMap<SitePath, Static>) -> Result<()> {
    let unreadable = |error| Error::read(ErrorKind::Config, folder, error);
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>).map_err(unreadable)?;
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let (source, path) = (entry.path(), path.join(&name));
        if source.is_dir() {
            gather(&source, &path, files)?;
        } else if FOR_HOSTS.contains(&name.as_str()) || crate::input::content::naming::junk(&name).is_none() {
            files.insert(path, Static::new(source, &ContentSource::Folder));
        }
    }
    Ok(())
}

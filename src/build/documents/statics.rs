//! The project's own files, each copied to its own path: those below `static/`, and those that descriptions link to.
//!
//! Each file has its own record, so that only a file that changed is read (from a bucket: fetched) and copied.
//!
//! A file is copied again if its path, size or date changed.

use super::occupied::{self, Occupied};
use crate::build::run::Run;
use crate::build::stages::{Running, Stages};
use crate::diagnostics::{Code, Diagnostic};
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::input::content::naming;
use crate::input::source::{ContentSource, StandIn};
use crate::model::Attachment;
use crate::model::address::SitePath;
use crate::storage::fingerprint::{Field, FileStamp, Fingerprint};
use crate::storage::state::{DocumentRecord, PreviousBuild};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The folder under which files are recorded: no folder of the site has such a name. Earlier versions had one record of
/// this name for all files.
const FOLDER: &str = ".static";

/// See the [module](self).
pub struct Statics(BTreeMap<SitePath, Static>);

struct Static {
    source: PathBuf,
    /// The key of its record.
    key: String,
    /// Its record once it is copied. Without a fingerprint if it changed just now: it may change again unseen.
    record: DocumentRecord,
}

impl Static {
    fn new(file: PathBuf, path: &SitePath, source: &ContentSource) -> Static {
        let stamp = source.stamp(&file).ok().filter(FileStamp::is_settled);
        let documents = stamp.map(|stamp| Fingerprint::default().with(Field::Source, &stamp));
        let record = DocumentRecord { documents, pages: None, files: vec![path.as_str().to_owned()] };
        Static { source: file, key: format!("{FOLDER}/{}", path.as_str()), record }
    }

    fn is_as_recorded(&self, previous: &PreviousBuild) -> bool {
        self.record.documents.is_some() && previous.documents.get(&self.key) == Some(&self.record)
    }
}

impl Statics {
    /// The files of the folder, if there is one, and `attachments`. Where both have the same path, the folder wins. What
    /// cannot be copied, such as a pipe, is a failure.
    pub fn gather(
        folder: &Path,
        attachments: Vec<Attachment>,
        source: &ContentSource,
        stages: &Stages<'_>,
    ) -> Result<Statics> {
        let mut files = BTreeMap::new();
        for Attachment { source: file, target } in attachments.into_iter().filter(|one| is_real(&one.source, stages)) {
            let file = Static::new(file, &target, source);
            files.insert(target, file);
        }
        if folder.is_dir() {
            gather(folder, &mut files, stages)?;
        }
        Ok(Statics(files))
    }

    pub fn has(&self, path: &SitePath) -> bool {
        self.0.contains_key(path)
    }

    pub fn paths(&self) -> impl Iterator<Item = &SitePath> {
        self.0.keys()
    }

    /// The keys of their records.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(|file| file.key.as_str())
    }

    /// Paths to which the last build copied files that are not wanted there any more.
    pub fn gone<'a>(&self, previous: &'a PreviousBuild) -> BTreeSet<&'a str> {
        let records = previous.documents.range(FOLDER.to_owned()..).take_while(|(key, _)| key.starts_with(FOLDER));
        let copied = records.filter(|(key, _)| is_key(key)).flat_map(|(_, record)| &record.files);
        copied.map(String::as_str).filter(|file| !self.has(&SitePath::root().join(file))).collect()
    }

    /// The files that may have to be copied, and those whose places somebody else's files occupy.
    pub fn due(&self, run: &Run<'_>) -> (DueStatics<'_>, Vec<Occupied>) {
        let anyway = run.doubts_documents() || run.config.force;
        let is_due = |(path, file): &(&SitePath, &Static)| {
            anyway || !file.is_as_recorded(run.previous) || !run.directory.has(path)
        };
        let mut due: BTreeMap<_, _> = self.0.iter().filter(is_due).collect();
        let mut occupied = vec![];
        due.retain(|_, file| {
            let before = run.previous.documents.get(&file.key);
            let found = occupied::take(&mut file.record.clone(), before, run);
            let is_free = found.is_empty();
            occupied.extend(found);
            is_free
        });
        (DueStatics(due), occupied)
    }
}

/// Static files that may not be in the site as they are now.
pub struct DueStatics<'a>(BTreeMap<&'a SitePath, &'a Static>);

impl DueStatics<'_> {
    pub fn has(&self, path: &SitePath) -> bool {
        self.0.contains_key(path)
    }

    /// The records of the files once they are copied, with their keys.
    pub fn records(&self) -> impl Iterator<Item = (&str, &DocumentRecord)> {
        self.0.values().map(|file| (file.key.as_str(), &file.record))
    }

    /// Copies the files whose bytes are not there yet, side by side. Runs on the current rayon pool.
    pub fn publish(&self, run: &Run<'_>, stage: &Running<'_>) -> Result<()> {
        self.0.par_iter().try_for_each(|(path, file)| {
            let here = run.source.local(&file.source)?;
            stage.published(here.attribute_to(&file.source, run.directory.copy(path, &here.path))?);
            Ok(())
        })
    }
}

fn is_key(key: &str) -> bool {
    key.strip_prefix(FOLDER).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Why a folder of static files is not copied twice.
const AGAIN: &str = "a link to a folder that is read under another path";

/// Hidden files that hosts look for in a site.
const FOR_HOSTS: [&str; 2] = [".htaccess", ".nojekyll"];

/// Whether a file is no pointer to another one. A pointer is a failure. An empty file can be meant.
fn is_real(file: &Path, stages: &Stages<'_>) -> bool {
    let pointer = StandIn::at(file).filter(|stand_in| *stand_in != StandIn::Empty);
    stages.fail_all(pointer.into_iter().map(|pointer| pointer.error(ErrorKind::Content, file)).collect());
    pointer.is_none()
}

fn gather(folder: &Path, files: &mut BTreeMap<SitePath, Static>, stages: &Stages<'_>) -> Result<()> {
    let walked = files::walk(folder, ErrorKind::Config, |_| false)?;
    for file in walked.files {
        let names = file.strip_prefix(folder).unwrap_or(&file).iter().map(OsStr::to_string_lossy);
        let (path, name) = names.fold((SitePath::root(), None), |(path, _), name| (path.join(&name), Some(name)));
        let name = name.unwrap_or_default();
        let is_wanted = FOR_HOSTS.contains(&&*name) || naming::junk(&name).is_none();
        if is_wanted && is_real(&file, stages) {
            let file = Static::new(file.clone(), &path, &ContentSource::Folder);
            files.insert(path, file);
        }
    }
    let again = |link| Diagnostic::new(Code::LinkAgain, AGAIN).with_path(link);
    stages.found(walked.again.into_iter().map(again).collect());
    let refused = |(path, why): (PathBuf, _)| Error::read(ErrorKind::Config, &path, why);
    stages.fail_all(walked.others.into_iter().map(refused).collect());
    Ok(())
}

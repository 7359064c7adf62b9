//! The project's own files, each copied to its own path: those below `static/`, and those that descriptions link to.
//!
//! Each file has its own record, so that only a file that changed is read (from a bucket: fetched) and copied.
//!
//! A file is copied again if its path, size or date changed, or what is cut out of it.
//!
//! The file with the text of a page is published only if it can be read as such. That is found out when the file is new
//! or changed, and for each version of the program.

use super::texts;
use crate::build::run::Run;
use crate::build::stages::{Running, Stages};
use crate::diagnostics::{Code, Diagnostic};
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::input::source::{ContentSource, StandIn};
use crate::input::withheld::{cuts, junk};
use crate::model::address::SitePath;
use crate::model::{Attachment, AttachmentForm, Cuts};
use crate::storage::fingerprint::{Field, FileStamp, Fingerprint, Hash};
use crate::storage::output::Published;
use crate::storage::state::{DocumentRecord, PreviousBuild};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The folder under which files are recorded: no folder of the site has such a name. Earlier versions had one record of
/// this name for all files.
const FOLDER: &str = ".static";

/// Another version may refuse other texts.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// See the [module](self).
pub struct Statics(BTreeMap<SitePath, Static>);

struct Static {
    source: PathBuf,
    form: AttachmentForm,
    /// The key of its record.
    key: String,
    /// Its record once it is copied. Without a fingerprint if it changed just now: it may change again unseen.
    record: DocumentRecord,
}

impl Static {
    fn new(file: PathBuf, form: AttachmentForm, path: &SitePath, source: &ContentSource) -> Static {
        let stamp = source.stamp(&file).ok().filter(FileStamp::is_settled);
        let print = stamp.map(|stamp| Fingerprint::default().with(Field::Source, &stamp));
        let documents = print.map(|print| match &form {
            AttachmentForm::Whole => print,
            AttachmentForm::PageText => print.with(Field::Program, PROGRAM),
            AttachmentForm::Cut(cuts) => print.with(Field::Withheld, cuts),
        });
        let record = DocumentRecord { documents, pages: None, files: vec![path.as_str().to_owned()] };
        Static { source: file, form, key: format!("{FOLDER}/{}", path.as_str()), record }
    }

    /// Whether it is a file that may be published: no pointer to another one, and no text that cannot be read. The latter
    /// is a failure when the text is used.
    fn is_accepted(&self, previous: &PreviousBuild, source: &ContentSource, stages: &Stages<'_>) -> bool {
        match self.form {
            AttachmentForm::PageText => self.is_as_recorded(previous) || texts::is_text(&self.source, source),
            AttachmentForm::Whole | AttachmentForm::Cut(_) => is_real(&self.source, stages),
        }
    }

    fn publish(&self, path: &SitePath, run: &Run<'_>) -> Result<Published> {
        let here = run.source.local(&self.source)?;
        let published = match &self.form {
            AttachmentForm::Whole | AttachmentForm::PageText => run.directory.copy(path, &here.path),
            AttachmentForm::Cut(cuts) => publish_cut(path, &here.path, cuts, run),
        };
        here.attribute_to(&self.source, published)
    }

    fn is_as_recorded(&self, previous: &PreviousBuild) -> bool {
        self.record.documents.is_some() && previous.documents.get(&self.key) == Some(&self.record)
    }
}

impl Statics {
    /// The files of the folder, if there is one, and `attachments`. Where both have the same path, the folder wins. What
    /// cannot be copied, such as a pipe, is a failure. Runs on the current rayon pool.
    pub fn gather(
        folder: &Path,
        attachments: Vec<Attachment>,
        source: &ContentSource,
        previous: &PreviousBuild,
        stages: &Stages<'_>,
    ) -> Result<Statics> {
        let file = |Attachment { source: file, target, form }| {
            let file = Static::new(file, form, &target, source);
            file.is_accepted(previous, source, stages).then_some((target, file))
        };
        let mut files: BTreeMap<SitePath, Static> = attachments.into_par_iter().filter_map(file).collect();
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

    /// The files that may have to be copied.
    pub fn due(&self, run: &Run<'_>) -> DueStatics<'_> {
        let anyway = run.doubts_documents() || run.config.force;
        let is_due = |(path, file): &(&SitePath, &Static)| {
            anyway || !file.is_as_recorded(run.previous) || !run.directory.has(path)
        };
        DueStatics(self.0.iter().filter(is_due).collect())
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
            stage.published(file.publish(path, run)?);
            Ok(())
        })
    }
}

fn is_key(key: &str) -> bool {
    key.strip_prefix(FOLDER).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Publishes what is left of the file `source`.
fn publish_cut(path: &SitePath, source: &Path, cuts: &Cuts, run: &Run<'_>) -> Result<Published> {
    let bytes = files::read(source, files::METADATA).map_err(|error| Error::read(ErrorKind::Content, source, error))?;
    let left = cuts::without(&bytes, &cuts.ranges).filter(|_| Hash::of(&bytes).hex() == cuts.original);
    let Some(left) = left else {
        let changed = Error::new(ErrorKind::Content, "the file changed while it was published without withheld parts");
        return Err(changed.with_path(source).with_hint("build again"));
    };
    run.directory.publish(path, &left)
}

/// Why a folder of static files is not copied twice.
const AGAIN: &str = "a link to a folder that is read under another path";

/// Hidden files and folders that hosts look for in a site.
const FOR_HOSTS: [&str; 3] = [".htaccess", ".nojekyll", ".well-known"];

/// Whether a file is no pointer to another one. A pointer is a failure. An empty file can be meant.
fn is_real(file: &Path, stages: &Stages<'_>) -> bool {
    let pointer = StandIn::at(file).filter(|stand_in| *stand_in != StandIn::Empty);
    stages.fail_all(pointer.into_iter().map(|pointer| pointer.error(ErrorKind::Content, file)).collect());
    pointer.is_none()
}

/// Whether a file or folder of this name is left out.
fn is_junk(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    junk(&name).is_some() && !FOR_HOSTS.contains(&&*name)
}

fn gather(folder: &Path, files: &mut BTreeMap<SitePath, Static>, stages: &Stages<'_>) -> Result<()> {
    let walked = files::walk(folder, ErrorKind::Config, is_junk)?;
    for file in walked.files {
        let names = file.strip_prefix(folder).unwrap_or(&file).iter().map(OsStr::to_string_lossy);
        let path = names.fold(SitePath::root(), |path, name| path.join(&name));
        if is_real(&file, stages) {
            let file = Static::new(file.clone(), AttachmentForm::Whole, &path, &ContentSource::Folder);
            files.insert(path, file);
        }
    }
    let again = |link| Diagnostic::new(Code::LinkAgain, AGAIN).with_path(link);
    stages.found(walked.again.into_iter().map(again).collect());
    let refused = |(path, why): (PathBuf, _)| Error::read(ErrorKind::Config, &path, why);
    stages.fail_all(walked.others.into_iter().map(refused).collect());
    Ok(())
}

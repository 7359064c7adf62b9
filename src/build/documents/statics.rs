//! The project's own files, each copied to its own path: those below `static/`, and those that descriptions link to.
//!
//! Each file has its own record, so that only a file that changed is read (from a bucket: fetched) and copied.
//!
//! A file is copied again if its path, size or date changed, or what is cut out of it.
//!
//! The file with the text of a page is published only if it can be read as such. That is found out when the file is new
//! or changed, and for each version of the program.

use super::occupied::{self, Occupied};
use super::settled::Settled;
use crate::build::run::Run;
use crate::build::stages::{Running, Stages};
use crate::build::texts;
use crate::config::files::{self, Walked};
use crate::diagnostics::{Code, Diagnostic, shown_path};
use crate::error::{Error, ErrorKind, Result};
use crate::input::media::captions;
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
use std::io;
use std::path::{Path, PathBuf};

/// The folder under which files are recorded: no folder of the site has such a name. Earlier versions had one record of
/// this name for all files.
const FOLDER: &str = ".static";

/// Another version may refuse other texts.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// See the [module](self).
#[derive(Default)]
pub struct Statics {
    files: BTreeMap<SitePath, Static>,
    /// Those of the project's folder.
    own: BTreeSet<SitePath>,
    /// Copies that stay as they are, whatever became of their sources.
    kept: BTreeSet<SitePath>,
    failures: Vec<Error>,
}

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
            AttachmentForm::PageText | AttachmentForm::Captions => print.with(Field::Program, PROGRAM),
            AttachmentForm::Cut(cuts) => print.with(Field::Withheld, cuts),
        });
        let record = DocumentRecord { documents, pages: None, files: vec![path.as_str().to_owned()] };
        Static { source: file, form, key: key(path), record }
    }

    /// Whether it is a file that may be published: no pointer to another one, and no text that cannot be read. The latter
    /// is a failure when the text is used.
    fn is_accepted(&self, previous: &PreviousBuild, source: &ContentSource, stages: &Stages<'_>) -> bool {
        match self.form {
            AttachmentForm::PageText => self.is_as_recorded(previous) || texts::is_text(&self.source, source),
            AttachmentForm::Whole | AttachmentForm::Captions | AttachmentForm::Cut(_) => is_real(&self.source, stages),
        }
    }

    fn publish(&self, path: &SitePath, run: &Run<'_>) -> Result<Published> {
        let here = run.source.local(&self.source)?;
        let published = match &self.form {
            AttachmentForm::Whole | AttachmentForm::PageText => run.directory.copy(path, &here.path),
            AttachmentForm::Captions => publish_captions(path, &here.path, run),
            AttachmentForm::Cut(cuts) => publish_cut(path, &here.path, cuts, run),
        };
        here.attribute_to(&self.source, published)
    }

    fn is_as_recorded(&self, previous: &PreviousBuild) -> bool {
        self.record.documents.is_some() && previous.documents.get(&self.key) == Some(&self.record)
    }
}

impl Statics {
    /// The files of the folder, if there is one, and `attachments`. Where both have the same path, the folder wins. The
    /// copies `kept` stay as they are. What cannot be copied, such as a pipe, is a [failure](Statics::take_failures). Runs on
    /// the current rayon pool.
    pub fn gather(
        folder: &Path,
        attachments: Vec<Attachment>,
        kept: Vec<SitePath>,
        source: &ContentSource,
        previous: &PreviousBuild,
        stages: &Stages<'_>,
    ) -> Statics {
        let file = |Attachment { source: file, target, form }| {
            let file = Static::new(file, form, &target, source);
            file.is_accepted(previous, source, stages).then_some((target, file))
        };
        let files = attachments.into_par_iter().filter_map(file).collect();
        let mut statics = Statics { files, kept: kept.into_iter().collect(), ..Statics::default() };
        if folder.is_dir() {
            match files::walk(folder, ErrorKind::Content, is_junk) {
                Ok(walked) => statics.add_folder(walked, folder, stages),
                Err(unreadable) => statics.failures.push(unreadable),
            }
        }
        statics
    }

    /// Files that cannot be published, and why.
    pub fn take_failures(&mut self) -> Vec<Error> {
        std::mem::take(&mut self.failures)
    }

    /// Adds what was found below `folder`.
    fn add_folder(&mut self, walked: Walked, folder: &Path, stages: &Stages<'_>) {
        for file in walked.files {
            let below = file.strip_prefix(folder).unwrap_or(&file);
            let names: Option<Vec<&str>> = below.iter().map(OsStr::to_str).collect();
            if !is_real(&file, stages) {
                continue;
            }
            let entered = names.ok_or_else(|| "it is not valid Unicode".to_owned());
            match entered.and_then(|names| SitePath::root().enter(&names.join("/"))) {
                Ok(path) => {
                    self.own.insert(path.clone());
                    let file = Static::new(file, AttachmentForm::Whole, &path, &ContentSource::Folder);
                    self.files.insert(path, file);
                }
                Err(why) => {
                    let why = format!("its name cannot be part of an address: {why}");
                    let refused = Error::new(ErrorKind::Content, why).with_code(Code::RefusedName).with_path(file);
                    self.failures.push(refused.with_hint("rename it"));
                }
            }
        }
        let again = |link| Diagnostic::new(Code::LinkAgain, AGAIN).with_path(link);
        stages.found(walked.again.into_iter().map(again).collect());
        self.failures.extend(walked.others.into_iter().map(|(path, why)| match why.kind() {
            io::ErrorKind::NotFound => {
                let dangling = Error::new(ErrorKind::Content, "the link leads to nothing").with_path(path);
                dangling.with_hint("is the disk mounted? Else remove the link")
            }
            _ => Error::read(ErrorKind::Content, &path, why),
        }));
    }

    /// Takes out the files of the folder that cannot stand beside the addresses of the site, `taken`: a file where the site has
    /// a folder, a folder where it has a file, a name that differs from one of the site's only in case or in the form of
    /// Unicode. A file with exactly the address of a document takes its place. Returns warnings about names that are one on
    /// some systems.
    pub fn settle(&mut self, taken: impl Iterator<Item = SitePath>) -> Vec<Diagnostic> {
        let Settled { refused, same } = Settled::of(&self.own, taken);
        for (path, other) in refused {
            if let Some(file) = self.files.remove(&path) {
                self.own.remove(&path);
                let why = format!("it cannot stand beside the address {other:?} of the site");
                self.failures.push(
                    Error::new(ErrorKind::Content, why)
                        .with_code(Code::IdTaken)
                        .with_path(file.source)
                        .with_hint("rename it"),
                );
            }
        }
        let same = same.into_iter().map(|pair| pair.map(|path| self.files.get(&path)));
        let found = |[one, two]: [Option<&Static>; 2]| {
            let (one, two) = (one?, two?);
            let message = format!("some systems take it for the same file as {}", shown_path(&one.source));
            Some(Diagnostic::new(Code::SameName, message).with_path(&two.source))
        };
        same.filter_map(found).collect()
    }

    pub fn has(&self, path: &SitePath) -> bool {
        self.files.contains_key(path)
    }

    pub fn paths(&self) -> impl Iterator<Item = &SitePath> {
        self.files.keys().chain(&self.kept)
    }

    /// The keys of their records.
    pub fn keys(&self) -> impl Iterator<Item = String> {
        self.paths().map(key)
    }

    /// Paths to which the last build copied files that are not wanted there any more.
    pub fn gone<'a>(&self, previous: &'a PreviousBuild) -> BTreeSet<&'a str> {
        let records = previous.documents.range(FOLDER.to_owned()..).take_while(|(key, _)| key.starts_with(FOLDER));
        let copied = records.filter(|(key, _)| is_key(key)).flat_map(|(_, record)| &record.files);
        let is_wanted = |path: &SitePath| self.has(path) || self.kept.contains(path);
        copied.map(String::as_str).filter(|file| !is_wanted(&SitePath::root().join(file))).collect()
    }

    /// The files that may have to be copied, and those whose places somebody else's files occupy.
    pub fn due(&self, run: &Run<'_>) -> (DueStatics<'_>, Vec<Occupied>) {
        let anyway = run.doubts_documents() || run.config.force;
        let is_due = |(path, file): &(&SitePath, &Static)| {
            anyway || !file.is_as_recorded(run.previous) || !run.directory.has(path)
        };
        let mut due: BTreeMap<_, _> = self.files.iter().filter(is_due).collect();
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

    /// Copies the files whose bytes are not there yet, side by side. A file that cannot be read is a failure; returns the
    /// keys of their records. Runs on the current rayon pool.
    pub fn publish(&self, run: &Run<'_>, stage: &Running<'_>) -> Result<Vec<String>> {
        let copy = |(path, file): (&&SitePath, &&Static)| {
            match file.publish(path, run) {
                Ok(outcome) => stage.published(outcome),
                Err(error) if matches!(error.kind(), ErrorKind::Output | ErrorKind::Interrupted) => return Err(error),
                Err(error) => {
                    stage.fail(error);
                    return Ok(Some(file.key.clone()));
                }
            }
            Ok(None)
        };
        Ok(self.0.par_iter().map(copy).collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    }
}

/// The key of the record of a file.
fn key(path: &SitePath) -> String {
    format!("{FOLDER}/{}", path.as_str())
}

fn is_key(key: &str) -> bool {
    key.strip_prefix(FOLDER).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Publishes captions as WebVTT.
fn publish_captions(path: &SitePath, source: &Path, run: &Run<'_>) -> Result<Published> {
    let bytes = files::read(source, files::TEXT).map_err(|error| Error::read(ErrorKind::Content, source, error))?;
    run.directory.publish(path, captions::webvtt(&bytes, source)?.webvtt.as_bytes())
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

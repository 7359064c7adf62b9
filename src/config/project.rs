//! The complete settings of a project.

use super::bucket::RemoteContent;
use super::file::FILE_NAME;
use super::resources::Resources;
use super::target::Target;
use crate::diagnostics::Code;
use crate::model::address::BaseUrl;
use crate::model::settings::{Granularity, ImageSettings, Lossless, OlderApis, Originals, PdfSettings, TableSettings};
use crate::model::{Day, Feed, LanguageMap, MasterRole, OaiPmh, OtherViewer, PagePattern, SiteViewer};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A project's settings, complete and valid. [`Config::load`] makes one; its fields can be changed afterwards.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// The project's folder.
    pub root: PathBuf,
    /// The folder of the content, by default `content` in the project. For content in a bucket it is the URL of `remote`,
    /// and paths below it are only names.
    pub content: PathBuf,
    /// The bucket that holds the content. `None`: the content is in a folder.
    pub remote: Option<RemoteContent>,
    /// The folder of the site, by default `public` in the project. Files that an earlier build made and this one does not
    /// are removed from it.
    pub output: PathBuf,
    /// The folder of the project's own templates. It need not exist.
    pub templates: PathBuf,
    /// A folder that is copied into the site as it is. It need not exist.
    pub static_files: PathBuf,
    /// The URL at which the site is published; all ids begin with it. By default [`LOCAL_BASE_URL`](super::LOCAL_BASE_URL).
    pub base_url: BaseUrl,
    /// Whether `base_url` is not the default.
    pub base_url_is_set: bool,
    /// The title of the site. Empty, the default: the root collection's label.
    pub title: LanguageMap,
    /// BCP 47 tag of the site's language, by default `none`: not known.
    pub language: String,
    /// How much text of a page one annotation holds, by default a line.
    pub text_granularity: Granularity,
    /// The APIs that are also published in version 2, by default none.
    pub older: OlderApis,
    /// What becomes of originals with parts that are withheld, unless a collection or an item says otherwise.
    pub originals: Originals,
    /// How the PDF of an item is made, unless a collection or an item says otherwise. `None`, the default: none is made.
    pub pdf: Option<PdfSettings>,
    /// Viewers that item pages lead to: the site's own `viewers`, then those of other sites, by default four well-known ones.
    pub open_in: Vec<OtherViewer>,
    /// Other viewers that the site has itself, by default none.
    pub viewers: Vec<SiteViewer>,
    /// How tables of items and pages are read.
    pub tables: TableSettings,
    /// Which master of a page is published if it has several: the first of this list that it has. By default edited masters
    /// come before raw ones.
    pub masters: Vec<MasterRole>,
    /// The feeds for harvesters, by default none.
    pub discovery: BTreeSet<Feed>,
    /// The OAI Static Repository's description of itself.
    pub oai_pmh: OaiPmh,
    /// A rule of the project for the names of page files. `None`: the usual rules.
    pub page_pattern: Option<PagePattern>,
    /// The places that the site can be deployed to, by name.
    pub targets: BTreeMap<String, Target>,
    /// Warnings that are only notes in this project.
    pub accept: Vec<Code>,
    /// How images are published, unless a collection or an item overrides it.
    pub images: ImageSettings,
    /// Overrides `images.lossless` and that of all collections and items.
    pub lossless: Option<Lossless>,
    /// The part of the machine that a build may use.
    pub resources: Resources,
    /// The day that embargoes are compared with, by default today.
    pub today: Day,
    /// Stop at the first image that fails. By default the others are made and the failures are reported at the end.
    pub fail_fast: bool,
    /// The items whose images are made, by default all.
    pub scope: Scope,
    /// If the images that must be made have more pixels than this, documents are made first and a later build makes the
    /// images: for a preview. `None`, the default: one build makes everything.
    pub defer_beyond: Option<u64>,
    /// Make everything in `scope` again, even if nothing changed, and overwrite files in the output that this program did not
    /// write. Implies `adopt`.
    pub force: bool,
    /// Build into an output that holds files of which it is not known that this project made them: the site of another
    /// project, or one whose records are lost.
    pub adopt: bool,
    /// Check the files of images that are unchanged, and make the damaged ones again.
    pub verify: bool,
    /// Write nothing if there are warnings.
    pub strict: bool,
    /// Build although metadata has mistakes and nothing is published yet. By default such a build writes nothing; what is
    /// published already stays as it is in any case.
    pub keep_going: bool,
    /// Read all files of BagIt bags and compare them with their manifests.
    pub checksums: bool,
}

impl Config {
    /// What is never content, also if the content is the project's own folder: the site, templates, static files, settings.
    pub fn own_places(&self) -> [PathBuf; 4] {
        let settings = self.root.join(FILE_NAME);
        [self.output.clone(), self.static_files.clone(), self.templates.clone(), settings]
    }

    /// A file's path below the content folder, as it is recorded.
    pub fn relative(&self, path: &Path) -> String {
        let names = path.strip_prefix(&self.content).unwrap_or(path).iter();
        names.map(|name| name.to_string_lossy()).collect::<Vec<_>>().join("/")
    }
}

/// The items whose images a build makes. The images of other items that are there are published as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// Images of all items.
    All,
    /// Items with these ids. An id that no item has is an error.
    Items(BTreeSet<String>),
    /// No images. The masters need not even be there.
    Documents,
}

impl Scope {
    /// Whether the images of the item with this id are made.
    pub fn holds(&self, item: &str) -> bool {
        match self {
            Scope::All => true,
            Scope::Items(ids) => ids.contains(item),
            Scope::Documents => false,
        }
    }
}

/// Settings that override those of the file: flags and environment. `None` and empty: the file's setting, or the default.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Overrides {
    /// See [`Config::base_url`].
    pub base_url: Option<String>,
    /// The target whose `base-url` is taken, unless `base_url` is given.
    pub target: Option<String>,
    /// Relative to the current folder, not to the project.
    pub output: Option<PathBuf>,
    /// See [`Resources::jobs`].
    pub jobs: Option<usize>,
    /// Bytes: see [`Resources::memory`].
    pub memory: Option<u64>,
    /// See [`Resources::worker`].
    pub worker: Option<PathBuf>,
    /// See [`Config::fail_fast`].
    pub fail_fast: bool,
    /// See [`Config::today`].
    pub today: Option<Day>,
    /// See [`Config::lossless`].
    pub lossless: Option<Lossless>,
    /// See [`Config::force`].
    pub force: bool,
    /// See [`Config::adopt`].
    pub adopt: bool,
    /// See [`Config::verify`].
    pub verify: bool,
    /// See [`Config::keep_going`].
    pub keep_going: bool,
    /// Makes the images of items with these ids only. Empty: of all.
    pub only: Vec<String>,
    /// Makes no images: [`Scope::Documents`].
    pub documents_only: bool,
}

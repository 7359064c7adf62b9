//! The content that SCAN finds: the catalog of collections, items and pages, and the list of all files.

use super::{AnnotationSet, Description, Doubt, ImageId, ItemId, LanguageMap, MasterRole, TextFile};
use crate::diagnostics::{Accepted, Code, Diagnostic};
use crate::model::address::SitePath;
use crate::model::settings::{ImageSettings, PdfSettings};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The content that SCAN found.
#[derive(Debug)]
pub struct Catalog {
    /// The collection of the content folder itself.
    pub root: Collection,
    /// Files that are not part of the site, with the reason.
    pub ignored: Vec<Ignored>,
    /// The ignored files that a description withholds; a folder stands for all files in it.
    pub withheld: Vec<PathBuf>,
    /// Folders whose own description cannot be read.
    pub unreadable: Vec<PathBuf>,
    /// The addresses that withheld items and pages would have, as far as their files' names do not show them.
    pub withheld_addresses: Vec<WithheldAddress>,
    /// Warnings that are accepted are notes.
    pub diagnostics: Vec<Diagnostic>,
    /// The warnings that are accepted, by folder.
    pub accepted: Accepted,
}

impl Catalog {
    /// All items, in the order of the collections.
    pub fn items(&self) -> Vec<&Item> {
        fn gather<'a>(collection: &'a Collection, items: &mut Vec<&'a Item>) {
            for member in &collection.members {
                match member {
                    Member::Item(item) => items.push(item),
                    Member::Collection(inner) => gather(inner, items),
                }
            }
        }
        let mut items = vec![];
        gather(&self.root, &mut items);
        items
    }
}

impl Collection {
    /// Changes all items in it and below.
    pub fn change_items(&mut self, change: &mut dyn FnMut(&mut Item)) {
        for member in &mut self.members {
            match member {
                Member::Item(item) => change(item),
                Member::Collection(inner) => inner.change_items(change),
            }
        }
    }
}

/// An address that withheld content would have.
#[derive(Debug, Clone)]
pub enum WithheldAddress {
    /// An item, or a collection with everything below it.
    Folder {
        /// Its folder in the site.
        path: SitePath,
        /// The ids of its images begin with it.
        id: String,
    },
    /// A page of an item that is published.
    Page {
        /// The item's folder in the site.
        item: SitePath,
        /// The item's id.
        id: String,
        /// The part of the image's id that names the page.
        token: String,
    },
    /// An image that was published.
    Image(ImageId),
}

impl WithheldAddress {
    /// The address of a folder whose description gives it no `id` of its own.
    pub fn folder(path: SitePath) -> WithheldAddress {
        let id = path.segments().collect::<Vec<_>>().join("-");
        WithheldAddress::Folder { path, id }
    }
}

/// A folder of items and collections.
#[derive(Debug)]
pub struct Collection {
    /// The folder in the site; empty for the root.
    pub path: SitePath,
    /// The folder in the content.
    pub folder: PathBuf,
    /// Its description, which overrides metadata files.
    pub description: Description,
    /// In the natural order of their folder names.
    pub members: Vec<Member>,
    /// The files that its description links to.
    pub files: Vec<Attachment>,
    /// Its metadata has a mistake.
    pub doubt: Option<Doubt>,
}

/// An entry of a collection.
#[derive(Debug)]
pub enum Member {
    /// A folder of items and collections.
    Collection(Collection),
    /// A folder of pages.
    Item(Item),
}

/// A digitised object: its description and its pages.
#[derive(Debug)]
pub struct Item {
    /// The id of the item.
    pub id: ItemId,
    /// The folder in the site.
    pub path: SitePath,
    /// The folder in the content.
    pub folder: PathBuf,
    /// Its description, which overrides metadata files.
    pub description: Description,
    /// How the images are published.
    pub images: ImageSettings,
    /// How its PDF is made. `None`: none is made.
    pub pdf: Option<PdfSettings>,
    /// In order.
    pub pages: Vec<Page>,
    /// Images that belong to the item as a whole.
    pub companions: Vec<Companion>,
    /// The annotations of its files, one set for each file.
    pub annotations: Vec<AnnotationSet>,
    /// The files that its description links to.
    pub files: Vec<Attachment>,
    /// Its metadata has a mistake.
    pub doubt: Option<Doubt>,
}

/// A file of the project that is published beside documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The file in the project.
    pub source: PathBuf,
    /// The path in the site.
    pub target: SitePath,
    /// How it is published.
    pub form: AttachmentForm,
}

/// How a file is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttachmentForm {
    /// As it is.
    Whole,
    /// As it is, if it can be read as the text of a page.
    PageText,
    /// As WebVTT in UTF-8.
    Captions,
    /// Without parts that are withheld.
    Cut(Cuts),
}

/// The parts to cut out of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cuts {
    /// Bytes of the file, in order.
    pub ranges: Vec<Range<usize>>,
    /// The hash of the file in which the ranges were found.
    pub original: String,
}

impl Item {
    /// Every image file of the item, with all copies of pages.
    pub fn image_files(&self) -> impl Iterator<Item = &Path> {
        let pages = self.pages.iter().filter(|page| page.image.is_some()).flat_map(Page::files);
        let beside = self.pages.iter().flat_map(|page| &page.companions).chain(&self.companions);
        pages.chain(beside.filter(|companion| !companion.is_recording()).map(|companion| companion.path.as_path()))
    }

    /// Every file with sound or video, and its page.
    pub fn recordings(&self) -> impl Iterator<Item = (&Path, &Page)> {
        self.pages.iter().flat_map(|page| {
            let layers = page.companions.iter().filter(|companion| companion.is_recording());
            let own = page.files().filter(|_| page.recording.is_some());
            own.chain(layers.map(|layer| layer.path.as_path())).map(move |path| (path, page))
        })
    }
}

/// A page of an item. It becomes one canvas, or several if its file is a multi-page TIFF.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// The page token: the part of the file name that identifies the page in its item.
    pub token: String,
    /// The label of the page.
    pub label: LanguageMap,
    /// The rule that named the page, in words.
    pub rule: &'static str,
    /// The kind of master, if the file name states it.
    pub master: Option<MasterRole>,
    /// The name that a missing file would have, if it is known.
    pub expected: Option<String>,
    /// The curator's description of the page.
    pub description: Option<Arc<Description>>,
    /// `None`, without a recording either: the page exists, but there is no scan of it.
    pub image: Option<PathBuf>,
    /// Sound or video instead of an image.
    pub recording: Option<PathBuf>,
    /// The label of the image or recording among its layers.
    pub image_label: LanguageMap,
    /// Further images on it.
    pub companions: Vec<Companion>,
    /// The file with its text.
    pub text: Option<TextFile>,
    /// All files that hold the page by their names, its own among them, those first that names rank first; PROBE decides
    /// which of them is the page's. Empty: there is no other.
    pub copies: Vec<PageCopy>,
}

/// One of several files that hold a page by their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageCopy {
    /// The file.
    pub path: PathBuf,
    /// The form that its name or its folder states.
    pub role: Option<MasterRole>,
    /// The place of that form in the setting `masters`; files with the lowest rank come before others.
    pub rank: usize,
    /// The token that it gets if it turns out to be a page of its own.
    pub token: String,
}

impl Page {
    /// Its image or recording.
    pub fn file(&self) -> Option<&Path> {
        self.image.as_deref().or(self.recording.as_deref())
    }

    /// The files that hold it by their names: its own, or all copies.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let own = self.file().filter(|_| self.copies.is_empty());
        own.into_iter().chain(self.copies.iter().map(|copy| copy.path.as_path()))
    }
}

/// An image or a recording that belongs to a page or an item but is not a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Companion {
    /// The file.
    pub path: PathBuf,
    /// Identifies the image in its item, like a page token.
    pub token: String,
    /// Its role for the page or item.
    pub role: CompanionRole,
}

impl Companion {
    /// Whether it is sound or video.
    pub fn is_recording(&self) -> bool {
        self.role.is_recording()
    }
}

impl CompanionRole {
    /// Whether it is sound or video.
    pub fn is_recording(&self) -> bool {
        matches!(self, CompanionRole::Recording { .. } | CompanionRole::Sequel)
    }
}

/// The role of an image or a recording for the page or item that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum CompanionRole {
    /// The whole page in other light or from another time (Presentation API 3, Choice).
    Layer { label: LanguageMap },
    /// The recording in another format or quality (Presentation API 3, Choice).
    Recording { label: LanguageMap },
    /// A recording that follows that of the page, on the same canvas.
    Sequel,
    /// Painted on a part of the page: left, top, width and height on the canvas.
    Detail { label: LanguageMap, at: [u32; 4] },
    /// `placeholderCanvas`
    Placeholder,
    /// `accompanyingCanvas`
    Accompanying,
    /// Shown for the page with sound or video, or the ranges, that name it: as thumbnail, of a range also before or beside.
    Picture { file: String },
}

/// A file that is not part of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// The file or folder.
    pub path: PathBuf,
    /// The diagnostic about it.
    pub code: Code,
    /// The reason, in words.
    pub reason: &'static str,
}

/// One file, or a page that has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentFile {
    /// `None`: a page without a file.
    pub path: Option<PathBuf>,
    /// The path below the item's folder; for a file of no item, below the content folder. Empty: there is no file.
    pub inner: String,
    /// The use of the file.
    pub role: FileRole,
    /// The item that the file belongs to.
    pub item: Option<SitePath>,
    /// The page token; for an image that is no page, its token among the images of the item.
    pub page: Option<String>,
    /// The kind of master, if the file name states it.
    pub master: Option<MasterRole>,
    /// The label of a page.
    pub label: LanguageMap,
    /// The file with the text of a page: a path like `inner`.
    pub text: String,
    /// The name that a missing file would have, if it is known.
    pub expected: Option<String>,
    /// The rule that named a page, or the reason why a file is not published, in words.
    pub rule: Cow<'static, str>,
    /// The diagnostic about a file that is not published.
    pub code: Option<Code>,
}

/// The use of a file of the content folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum FileRole {
    Page,
    Recording,
    /// A page of which there is no scan.
    Missing,
    Layer,
    Detail,
    Sequel,
    Placeholder,
    Accompanying,
    Thumbnail,
    Text,
    Metadata,
    Annotations,
    /// Published as it is, because a description links to it.
    Linked,
    Ignored,
    /// Not published, because of an error.
    Refused,
}

impl FileRole {
    /// All roles.
    pub const ALL: [FileRole; 15] = [
        FileRole::Page,
        FileRole::Recording,
        FileRole::Missing,
        FileRole::Layer,
        FileRole::Detail,
        FileRole::Sequel,
        FileRole::Placeholder,
        FileRole::Accompanying,
        FileRole::Thumbnail,
        FileRole::Text,
        FileRole::Metadata,
        FileRole::Annotations,
        FileRole::Linked,
        FileRole::Ignored,
        FileRole::Refused,
    ];

    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            FileRole::Page => "page",
            FileRole::Recording => "recording",
            FileRole::Missing => "missing",
            FileRole::Layer => "layer",
            FileRole::Detail => "detail",
            FileRole::Sequel => "sequel",
            FileRole::Placeholder => "placeholder",
            FileRole::Accompanying => "accompanying",
            FileRole::Thumbnail => "thumbnail",
            FileRole::Text => "text",
            FileRole::Metadata => "metadata",
            FileRole::Annotations => "annotations",
            FileRole::Linked => "linked",
            FileRole::Ignored => "ignored",
            FileRole::Refused => "refused",
        }
    }

    /// Whether the file is a page of its item.
    pub fn is_page(self) -> bool {
        matches!(self, FileRole::Page | FileRole::Recording | FileRole::Missing)
    }
}

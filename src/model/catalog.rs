//! What SCAN finds below `content/`.

use super::{AnnotationSet, Description, ItemId, LanguageMap, MasterRole};
use crate::diagnostics::{Accepted, Code, Diagnostic};
use crate::model::address::SitePath;
use crate::model::settings::ImageSettings;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What SCAN found below `content/`.
#[derive(Debug)]
pub struct Catalog {
    pub root: Collection,
    /// Files that are not part of the site, with the reason.
    pub ignored: Vec<Ignored>,
    /// Those of them that a description withholds: files, and folders with all that is in them.
    pub withheld: Vec<PathBuf>,
    /// What somebody should know, as far as it is accepted a note.
    pub diagnostics: Vec<Diagnostic>,
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

/// A folder of items and collections.
#[derive(Debug)]
pub struct Collection {
    /// Its folder in the site; the root's is empty.
    pub path: SitePath,
    pub description: Description,
    /// In natural order of their folder names.
    pub members: Vec<Member>,
    pub files: Vec<Attachment>,
}

#[derive(Debug)]
pub enum Member {
    Collection(Collection),
    Item(Item),
}

/// A digitised thing: its description and its pages.
#[derive(Debug)]
pub struct Item {
    pub id: ItemId,
    /// Its folder in the site.
    pub path: SitePath,
    /// Its folder in the content.
    pub folder: PathBuf,
    pub description: Description,
    /// How its images are published.
    pub images: ImageSettings,
    pub pages: Vec<Page>,
    /// Images that belong to the item as a whole.
    pub companions: Vec<Companion>,
    pub annotations: Vec<AnnotationSet>,
    pub files: Vec<Attachment>,
}

/// A file of the project that a description links to, published as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub source: PathBuf,
    pub target: SitePath,
}

impl Item {
    /// Every image file of it.
    pub fn image_files(&self) -> impl Iterator<Item = &Path> {
        let pages = self.pages.iter().filter_map(|page| page.image.as_deref());
        let beside = self.pages.iter().flat_map(|page| &page.companions).chain(&self.companions);
        pages.chain(beside.filter(|companion| !companion.is_recording()).map(|companion| companion.path.as_path()))
    }

    /// Every file with sound or video, and the page that it is of.
    pub fn recordings(&self) -> impl Iterator<Item = (&Path, &Page)> {
        self.pages.iter().flat_map(|page| {
            let layers = page.companions.iter().filter(|companion| companion.is_recording());
            page.recording.iter().chain(layers.map(|layer| &layer.path)).map(move |path| (path.as_path(), page))
        })
    }
}

/// A view of an item: what becomes a canvas, or several if its file is a multi-page TIFF.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// The page token: what of the file name tells this page from the others.
    pub token: String,
    pub label: LanguageMap,
    /// The rule that named it, in words.
    pub rule: &'static str,
    /// What kind of master its file is, if the name says so.
    pub master: Option<MasterRole>,
    /// The file that it would be in, where it is known by name and not there.
    pub expected: Option<String>,
    /// What a curator says of it, where he does.
    pub description: Option<Arc<Description>>,
    /// Without one, and without a recording: the item is known to have such a page, but there is no scan of it.
    pub image: Option<PathBuf>,
    /// Sound or video instead of an image.
    pub recording: Option<PathBuf>,
    /// What the image or recording is called among its layers.
    pub image_label: LanguageMap,
    /// Further images on it.
    pub companions: Vec<Companion>,
    /// The file with its text.
    pub text: Option<PathBuf>,
}

impl Page {
    /// Its image or recording.
    pub fn file(&self) -> Option<&Path> {
        self.image.as_deref().or(self.recording.as_deref())
    }
}

/// An image or a recording that belongs to a page or an item without being its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Companion {
    pub path: PathBuf,
    /// Tells it from the other images of the item, like a page token.
    pub token: String,
    pub role: CompanionRole,
}

impl Companion {
    pub fn is_recording(&self) -> bool {
        self.role.is_recording()
    }
}

impl CompanionRole {
    pub fn is_recording(&self) -> bool {
        matches!(self, CompanionRole::Recording { .. } | CompanionRole::Sequel)
    }
}

/// What an image or a recording is to the page or item that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    pub path: PathBuf,
    pub code: Code,
    pub reason: &'static str,
}

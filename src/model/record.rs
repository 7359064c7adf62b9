//! The records in the metadata files of an archive, in one form for all formats: METS, EAD, a row of a table.

use super::{Description, LanguageMap};
use crate::error::Error;
use serde::Deserialize;
use std::sync::Arc;

/// How much a mistake in metadata leaves open about an item or a collection. What was published of it stays as it is.
/// The two differ where nothing was published yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// Only its description is in doubt. It is published without the part that has the mistake.
    Description,
    /// The part that has the mistake may hold it back. It is not published.
    Publication,
}

/// The records of one metadata file.
#[derive(Debug, Default)]
pub struct Records {
    /// The record of the item or collection whose folder holds the file.
    pub own: Option<Record>,
    /// The records of items and collections below that folder.
    pub below: Vec<Record>,
    /// The files that its withheld parts refer to.
    pub withheld_files: Vec<WithheldFile>,
    /// That the file holds parts which are not for the public, in words. `None`: it holds none.
    pub withheld: Option<String>,
    /// The mistakes in single records. All others are as the file has them.
    pub mistakes: Vec<Error>,
    /// A mistake leaves open whose record it is. It may be that of any item below the folder without a record here.
    pub lost: Option<Doubt>,
    /// The headers of its columns, if the file is a table.
    pub headers: Vec<String>,
}

/// A file that a metadata file says is not for the public.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct WithheldFile {
    /// Its path or address, as it is written.
    pub href: String,
    /// The keys of the record that names it. Empty: it is that of the whole file.
    pub keys: Vec<String>,
}

/// The record of one item or collection.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Record {
    /// The keys that may identify its folder, the best first: an id, a folder name, a shelf mark. They are compared with the
    /// path below the file's folder, then with the item's id, then with the folder's name.
    pub keys: Vec<String>,
    /// The place in the file, in words for messages: `line 12`, `row 7`, `sheet "Items", row 7`.
    pub place: String,
    /// Values without a known language stay without one; the caller knows the language of the site.
    pub description: Description,
    /// In order. Empty: the record lists no pages, and the image files of the folder are the pages.
    pub pages: Vec<RecordPage>,
    /// The file was written as a list of pages: it takes precedence over the pages of other metadata.
    pub is_page_list: bool,
    /// The record has a mistake. What it says otherwise is here.
    pub doubt: Option<Doubt>,
}

/// A page in a record.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RecordPage {
    /// The image: a `/`-separated path relative to the record's file, or a name. `None`: the page is missing.
    pub file: Option<String>,
    /// Other versions of the image, the best first, named as `file` is. One that is there stands in for `file`.
    pub versions: Vec<String>,
    /// The ids that the record gives to the image and its versions, if it says that they lie elsewhere. A file here may be
    /// named after one of them.
    pub file_ids: Vec<String>,
    /// The page token, if the record gives one.
    pub id: Option<String>,
    /// Empty: the label that the file name gives.
    pub label: LanguageMap,
    /// The file with the text of the page (ALTO, PAGE, hOCR or plain text): a path like `file`.
    pub text: Option<String>,
    /// The rest that the record says of the page alone, without a label.
    pub description: Option<Arc<Description>>,
}

/// The kinds of files in which digitisation workflows keep one page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MasterRole {
    /// Edited for publication: cropped, straightened (`_se`, `service/`).
    ServiceEdited,
    /// Edited for preservation (`_me`, `master_edited/`).
    MasterEdited,
    /// As the scanner wrote it (`_m`, `master/`, `preservation/`).
    Master,
    /// Made from a master for readers (`_access`, `derivatives/`).
    Access,
    /// A small picture (`_thumb`, `thumbnails/`).
    Thumbnail,
}

impl MasterRole {
    /// The name in settings.
    pub fn name(self) -> &'static str {
        match self {
            MasterRole::ServiceEdited => "service-edited",
            MasterRole::MasterEdited => "master-edited",
            MasterRole::Master => "master",
            MasterRole::Access => "access",
            MasterRole::Thumbnail => "thumbnail",
        }
    }
}

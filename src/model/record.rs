//! What a metadata file of an archive says, whatever form it has: METS, EAD, a row of a table.

use super::{Description, LanguageMap};
use serde::Deserialize;

/// What a metadata file describes: what the folder holds that it lies in, and what lies below.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Records {
    /// Of the item or collection whose folder the file lies in.
    pub own: Option<Record>,
    /// Of items and collections below that folder.
    pub below: Vec<Record>,
}

/// What a metadata file says of one item or collection.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Record {
    /// By what its folder may be recognised, the best first: an id, a folder name, a shelf mark. Compared with the path
    /// below the file's folder, then the item's id, then the folder's name.
    pub keys: Vec<String>,
    /// Where it stands in its file, in words for messages: `line 12`, `row 7`, `sheet "Items", row 7`.
    pub place: String,
    /// Values of no known language stay so; whoever asks says which language the site has.
    pub description: Description,
    /// In order; empty: the record lists none, and the files themselves say which there are.
    pub pages: Vec<RecordPage>,
    /// Somebody wrote it to say which pages there are: what it lists holds before what other metadata lists.
    pub is_page_list: bool,
}

/// A page as a record lists it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RecordPage {
    /// The image: a `/`-separated path relative to the record's file, or a name. `None`: the page is missing.
    pub file: Option<String>,
    /// Its page token, where the record has one of its own.
    pub id: Option<String>,
    /// Empty: as the file's name says.
    pub label: LanguageMap,
    /// Its ALTO, PAGE or hOCR, or plain text: like `file`.
    pub text: Option<String>,
}

/// What kind of master a file is, as digitisation workflows tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MasterRole {
    /// Edited for the public: cropped, straightened (`_se`, `service/`).
    ServiceEdited,
    /// Edited for keeping (`_me`, `master_edited/`).
    MasterEdited,
    /// As it came from the scanner (`_m`, `master/`).
    Master,
}

impl MasterRole {
    /// As it stands in settings.
    pub fn name(self) -> &'static str {
        match self {
            MasterRole::ServiceEdited => "service-edited",
            MasterRole::MasterEdited => "master-edited",
            MasterRole::Master => "master",
        }
    }
}

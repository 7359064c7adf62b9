//! What each file of the content folder is to the site.

use super::{LanguageMap, MasterRole};
use crate::diagnostics::Code;
use crate::model::address::SitePath;
use std::path::PathBuf;

/// One file, or a page that has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentFile {
    pub path: Option<PathBuf>,
    /// The path below its item's folder, of a file of no item below the content folder; empty: there is no file.
    pub inner: String,
    pub role: FileRole,
    /// The item that it belongs to.
    pub item: Option<SitePath>,
    /// The page token, of a page; else of the image among those of its item.
    pub page: Option<String>,
    pub master: Option<MasterRole>,
    pub label: LanguageMap,
    /// Of a page, the file with its text: a path like `inner`.
    pub text: String,
    /// Of a page without a file, the name that it would have, where somebody says so.
    pub expected: Option<String>,
    /// What decided, in words: the rule that named a page, the reason why a file is not published.
    pub rule: String,
    /// Of files that are not published.
    pub code: Option<Code>,
}

/// See the [module](self).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// Published as it is, for a description links to it.
    Linked,
    Ignored,
    /// Something is wrong with it.
    Refused,
}

impl FileRole {
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

    /// As it stands in tables.
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

    /// Whether it is a view of its item.
    pub fn is_page(self) -> bool {
        matches!(self, FileRole::Page | FileRole::Recording | FileRole::Missing)
    }
}

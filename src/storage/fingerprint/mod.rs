//! Why something must be made anew: a fingerprint of all that it was made from, field by field.
//!
//! Three kinds keep the cheap change cheap: *tiles* (a master's bytes, how it is cut), *documents* (what JSON says),
//! *pages* (what HTML shows). A fingerprint holds a hash for each field, so that a build can say which one changed.

mod file;

pub use file::{FileStamp, Hash, Hasher, hash_file};

use serde::{Deserialize, Serialize};

/// What something may be made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// The bytes of a master.
    Source,
    /// Which image of a file.
    Page,
    TileSize,
    Quality,
    Subsampling,
    Huffman,
    Formats,
    Background,
    MaxSize,
    MaxResolution,
    Lossless,
    /// Of the program: what it makes of the same input.
    Program,
    /// What a curator says of an item or a collection.
    Description,
    /// Order, labels and sizes of an item's pages.
    Pages,
    /// What a collection lists.
    Members,
    /// The collection above.
    Collection,
    BaseUrl,
    Templates,
    Neighbours,
    Breadcrumbs,
    /// Title, language and address of the site.
    Site,
    /// What curators and programs annotate.
    Annotations,
    /// The files with the text of pages.
    Text,
    /// Which versions of the IIIF APIs are written.
    Apis,
    /// The bytes of the mark, and how it is burned in; without a mark there is none.
    Watermark,
}

impl Field {
    /// As it stands in messages and logs.
    pub fn name(self) -> &'static str {
        match self {
            Field::Source => "source",
            Field::Page => "page",
            Field::TileSize => "tile-size",
            Field::Quality => "quality",
            Field::Subsampling => "subsampling",
            Field::Huffman => "huffman",
            Field::Formats => "formats",
            Field::Background => "background",
            Field::MaxSize => "max-size",
            Field::MaxResolution => "max-resolution",
            Field::Lossless => "lossless",
            Field::Program => "program",
            Field::Description => "description",
            Field::Pages => "pages",
            Field::Annotations => "annotations",
            Field::Text => "text",
            Field::Members => "members",
            Field::Collection => "collection",
            Field::BaseUrl => "base-url",
            Field::Templates => "templates",
            Field::Neighbours => "neighbours",
            Field::Breadcrumbs => "breadcrumbs",
            Field::Site => "site",
            Field::Apis => "apis",
            Field::Watermark => "watermark",
        }
    }
}

/// See the [module](self). Fields are in the order in which they were added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint(Vec<(Field, u64)>);

impl Fingerprint {
    /// Adds what `field` says.
    pub fn with(mut self, field: Field, value: &(impl Serialize + ?Sized)) -> Fingerprint {
        self.0.push((field, hashed(value)));
        self
    }

    /// The fields in which this differs from what it was `before`, then those that it has no more.
    pub fn changes(&self, before: &Fingerprint) -> Vec<Field> {
        let changed = self.0.iter().filter(|entry| !before.0.contains(entry));
        let gone = before.0.iter().filter(|(field, _)| self.0.iter().all(|(own, _)| own != field));
        changed.chain(gone).map(|(field, _)| *field).collect()
    }
}

/// 64 bits that stand for a value: enough to see that it changed.
pub fn hashed(value: &(impl Serialize + ?Sized)) -> u64 {
    let mut hasher = Hasher::new();
    // A hasher takes all it is given, and nothing that is hashed here is of unknown length.
    let done = postcard::to_io(value, &mut hasher);
    debug_assert!(done.is_ok(), "a value cannot be hashed");
    let mut first = [0; 8];
    hasher.finalize_xof().fill(&mut first);
    u64::from_le_bytes(first)
}

/// Why something was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It was not there before.
    New,
    Changed(Field),
    /// What was made of it is gone.
    Missing,
    /// The last build ended while it was made.
    Unfinished,
    /// What was made of it is not what was written.
    Damaged,
    /// Somebody wants it anew.
    Forced,
}

impl Reason {
    /// As it stands in logs.
    pub fn name(self) -> &'static str {
        match self {
            Reason::New => "new",
            Reason::Changed(field) => field.name(),
            Reason::Missing => "missing",
            Reason::Unfinished => "unfinished",
            Reason::Damaged => "damaged",
            Reason::Forced => "forced",
        }
    }

    /// As a word for people: `source changed`.
    pub fn in_words(self) -> String {
        match self {
            Reason::Changed(field) => format!("{} changed", field.name()),
            other => other.name().to_owned(),
        }
    }
}

/// Why what has `now` must be made, if it was made from `before`; nothing: it need not.
pub fn reasons(now: &Fingerprint, before: Option<&Fingerprint>) -> Vec<Reason> {
    match before {
        None => vec![Reason::New],
        Some(before) => now.changes(before).into_iter().map(Reason::Changed).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_names_its_field() {
        let before = Fingerprint::default().with(Field::Quality, &80).with(Field::TileSize, &512);
        let now = Fingerprint::default().with(Field::Quality, &90).with(Field::TileSize, &512);
        assert_eq!(reasons(&now, Some(&before)), [Reason::Changed(Field::Quality)]);
        assert_eq!(reasons(&now, Some(&now)), []);
        assert_eq!(reasons(&now, None), [Reason::New]);
        let marked = now.clone().with(Field::Watermark, &1);
        assert_eq!(reasons(&now, Some(&marked)), [Reason::Changed(Field::Watermark)]);
    }

    #[test]
    fn a_value_is_not_taken_for_its_neighbour() {
        let hashed = |value: &[&str]| Fingerprint::default().with(Field::Pages, value);
        assert_ne!(hashed(&["ab", "c"]), hashed(&["a", "bc"]));
    }
}

//! METS `fileSec`: the files of an object, and which of several versions of a page is the one to publish.

use super::Mets;
use crate::input::metadata::location::{Kind, Location};
use crate::input::metadata::warnings::{Warnings, quoted};
use crate::input::xml;
use roxmltree::Node;
use std::collections::HashMap;

/// Uses of image groups, the best first. A group is known by its whole name, or by one of the words that it is made of.
const IMAGE_USES: [&str; 15] = [
    "MASTER",
    "MASTERS",
    "ORIGINAL",
    "ARCHIVE",
    "PRESERVATION",
    "OCR-D-IMG",
    "MAX",
    "IMAGE",
    "IMAGES",
    "OBJECTS",
    "PRESENTATION",
    "ACCESS",
    "REFERENCE",
    "DEFAULT",
    "SERVICE",
];

/// Uses of text groups, the best first: words with places, then lines, then blocks.
const TEXT_USES: [&str; 10] =
    ["FULLTEXT", "ALTO", "HOCR", "GLYPH", "WORD", "LINE", "OCR", "PAGE", "TRANSCRIPTION", "TEXT"];

/// Images made from others to compute with or to look at, the best first; taken only if there is nothing else.
const DERIVED: [&str; 11] =
    ["CROP", "DESKEW", "DESPECK", "BIN", "BINARIZED", "MIN", "PREVIEW", "THUMB", "THUMBS", "THUMBNAIL", "THUMBNAILS"];

/// Groups that hold nothing of the object itself (Archivematica).
const ABOUT_THE_OBJECT: [&str; 4] = ["METADATA", "SUBMISSIONDOCUMENTATION", "LICENSE", "SOURCE METS"];

/// A file, as METS lists it.
pub struct File<'a, 'input> {
    pub node: Node<'a, 'input>,
    pub href: &'a str,
    pub location: Location,
    pub kind: Kind,
    /// The smaller, the better it is to be published as its kind.
    pub rank: (usize, bool, usize),
}

/// The files by `ID`.
pub struct Files<'a, 'input>(HashMap<&'a str, File<'a, 'input>>);

impl<'a, 'input> Files<'a, 'input> {
    /// Reads the section; files without an address that can be used are told and left out.
    pub fn read(mets: &Mets<'a, 'input>, warnings: &mut Warnings<'_>) -> Files<'a, 'input> {
        let mut files = HashMap::new();
        for node in xml::children(mets.root, "fileSec").flat_map(|section| xml::below(section, "file")) {
            let Some(id) = node.attribute("ID") else { continue };
            let Some(href) = xml::child(node, "FLocat").and_then(|location| xml::attribute(location, "href")) else {
                warnings
                    .warn(node, "a file without \"FLocat\" is left out; only files beside the METS can be published");
                continue;
            };
            match Location::read(href) {
                Ok(location) => {
                    let usage = usage(node);
                    let kind = kind(node, &location, &usage);
                    let rank = rank(&usage, kind, &location);
                    files.insert(id, File { node, href, location, kind, rank });
                }
                Err(why) => warnings.warn(node, format!("the file {} is left out: {why}", quoted(href))),
            }
        }
        Files(files)
    }

    /// The file of this id.
    pub fn get(&self, id: &str) -> Option<&File<'a, 'input>> {
        self.0.get(id)
    }
}

/// What the file is for: by its own `USE`, that of the group around it, or that group's `ID`; in capitals.
fn usage(file: Node<'_, '_>) -> String {
    let around = || file.ancestors().skip(1).filter(|node| xml::is(*node, "fileGrp"));
    let by = |name: &'static str| around().find_map(|group| group.attribute(name));
    file.attribute("USE").or_else(|| by("USE")).or_else(|| by("ID")).unwrap_or_default().trim().to_uppercase()
}

fn kind(file: Node<'_, '_>, location: &Location, usage: &str) -> Kind {
    if ABOUT_THE_OBJECT.contains(&usage) {
        return Kind::Other;
    }
    match Kind::of(file.attribute("MIMETYPE"), location.name()) {
        Kind::Xml if place_of(&TEXT_USES, usage) < TEXT_USES.len() => Kind::Text,
        Kind::Xml => Kind::Other,
        kind => kind,
    }
}

/// Derived images last, files beside the METS before those elsewhere, then by use.
fn rank(usage: &str, kind: Kind, location: &Location) -> (usize, bool, usize) {
    match kind {
        Kind::Text => {
            let is_plain = location.name().to_ascii_lowercase().ends_with(".txt");
            (usize::from(is_plain), !location.is_local, place_of(&TEXT_USES, usage))
        }
        _ => {
            // 0 if it is not derived.
            let derived = (place_of(&DERIVED, usage) + 1) % (DERIVED.len() + 1);
            (derived, !location.is_local, place_of(&IMAGE_USES, usage))
        }
    }
}

/// The place of a use in a list: of its whole name, else of the first word of the list that it contains.
fn place_of(uses: &[&str], usage: &str) -> usize {
    let words: Vec<&str> = usage.split(|c: char| !c.is_alphanumeric()).collect();
    let whole = uses.iter().position(|known| *known == usage);
    whole.or_else(|| uses.iter().position(|known| words.contains(known))).unwrap_or(uses.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masters_beside_the_file_are_best_and_derived_images_worst() {
        let rank = |usage: &str, href: &str| rank(usage, Kind::Image, &Location::read(href).unwrap());
        let mut groups = [
            ("THUMBS", "a.jpg"),
            ("OCR-D-IMG-BIN", "a.png"),
            ("MAX", "http://example.org/a.jpg"),
            ("DEFAULT", "a.jpg"),
            ("", "a.jpg"),
            ("MASTERS", "a.tif"),
            ("OCR-D-IMG", "a.tif"),
        ];
        groups.sort_by_key(|(usage, href)| rank(usage, href));
        let order: Vec<&str> = groups.iter().map(|(usage, _)| *usage).collect();
        assert_eq!(order, ["MASTERS", "OCR-D-IMG", "DEFAULT", "", "MAX", "OCR-D-IMG-BIN", "THUMBS"]);
    }

    #[test]
    fn words_are_better_than_blocks_and_both_than_plain_text() {
        let rank = |usage: &str, href: &str| rank(usage, Kind::Text, &Location::read(href).unwrap());
        assert!(rank("OCR-D-GT-SEG-WORD", "a.xml") < rank("OCR-D-GT-SEG-PAGE", "a.xml"));
        assert!(rank("OCR-D-GT-SEG-PAGE", "a.xml") < rank("FULLTEXT", "a.txt"));
    }
}

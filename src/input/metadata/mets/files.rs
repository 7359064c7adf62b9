//! METS `fileSec`: the files of an object, and the choice between several versions of a page.

use super::Mets;
use crate::input::location::{FileKind, Location, UNPRINTABLE};
use crate::input::metadata::warnings::{Warnings, quoted};
use crate::input::xml;
use roxmltree::Node;
use std::collections::HashMap;

/// Values of `USE` for groups of images, the best first. They match the whole value, or one of its words.
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

/// Values of `USE` for groups of texts, the best first: words with boxes, then lines, then blocks.
const TEXT_USES: [&str; 10] =
    ["FULLTEXT", "ALTO", "HOCR", "GLYPH", "WORD", "LINE", "OCR", "PAGE", "TRANSCRIPTION", "TEXT"];

/// Values of `USE` for derived images, the best first. They are used only if there are no others.
const DERIVED: [&str; 11] =
    ["CROP", "DESKEW", "DESPECK", "BIN", "BINARIZED", "MIN", "PREVIEW", "THUMB", "THUMBS", "THUMBNAIL", "THUMBNAILS"];

/// Groups with files about the object, not of it (Archivematica).
const ABOUT_THE_OBJECT: [&str; 4] = ["METADATA", "SUBMISSIONDOCUMENTATION", "LICENSE", "SOURCE METS"];

/// An entry of `fileSec`.
pub struct File<'a, 'input> {
    pub node: Node<'a, 'input>,
    pub id: &'a str,
    pub href: &'a str,
    pub location: Location,
    pub kind: FileKind,
    /// The file with the lowest rank is published.
    pub rank: (usize, bool, usize),
}

/// The files by `ID`.
pub struct Files<'a, 'input>(HashMap<&'a str, File<'a, 'input>>);

impl<'a, 'input> Files<'a, 'input> {
    /// Reads the section. A file whose address names no file is known by its id. Files without an address are left out with
    /// a warning.
    pub fn read(mets: &Mets<'a, 'input>, warnings: &mut Warnings<'_>) -> Files<'a, 'input> {
        let mut files = HashMap::new();
        for node in xml::children(mets.root, "fileSec").flat_map(|section| xml::below(section, "file")) {
            let Some(id) = node.attribute("ID") else { continue };
            let Some(href) = xml::child(node, "FLocat").and_then(|location| xml::attribute(location, "href")) else {
                warnings
                    .warn(node, "a file without \"FLocat\" is left out; only files beside the METS can be published");
                continue;
            };
            let location = match Location::served(href) {
                Ok(location) => location,
                Err(why) if why == UNPRINTABLE => {
                    warnings.warn(node, format!("the file {} is left out: {why}", quoted(href)));
                    continue;
                }
                Err(_) => Location::of_id(id),
            };
            let usage = usage(node);
            let kind = kind(node, &location, &usage);
            let rank = rank(&usage, kind, &location);
            files.insert(id, File { node, id, href, location, kind, rank });
        }
        Files(files)
    }

    /// The file of this id.
    pub fn get(&self, id: &str) -> Option<&File<'a, 'input>> {
        self.0.get(id)
    }
}

/// The use of a file in capitals: its own `USE`, that of the group around it, or the group's `ID`.
fn usage(file: Node<'_, '_>) -> String {
    let around = || file.ancestors().skip(1).filter(|node| xml::is(*node, "fileGrp"));
    let by = |name: &'static str| around().find_map(|group| group.attribute(name));
    file.attribute("USE").or_else(|| by("USE")).or_else(|| by("ID")).unwrap_or_default().trim().to_uppercase()
}

fn kind(file: Node<'_, '_>, location: &Location, usage: &str) -> FileKind {
    if ABOUT_THE_OBJECT.contains(&usage) {
        return FileKind::Other;
    }
    match FileKind::of(file.attribute("MIMETYPE"), location.name()) {
        FileKind::Xml if place_of(&TEXT_USES, usage) < TEXT_USES.len() => FileKind::Text,
        FileKind::Xml => FileKind::Other,
        FileKind::Other if is_served_image(location, usage) => FileKind::Image,
        kind => kind,
    }
}

/// Whether a server gives the file out under a name without an ending, in a group for images.
fn is_served_image(location: &Location, usage: &str) -> bool {
    let is_named = location.name().contains('.') && !location.name().contains('=');
    let is_of_images = [&IMAGE_USES[..], &DERIVED].iter().any(|uses| place_of(uses, usage) < uses.len());
    !location.is_local && !is_named && is_of_images
}

/// Derived images come last, files beside the METS before those elsewhere, then the order of uses counts.
fn rank(usage: &str, kind: FileKind, location: &Location) -> (usize, bool, usize) {
    match kind {
        FileKind::Text => {
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

/// The index of a use in a list, by the whole value, else by the first entry that is one of its words.
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
        let rank = |usage: &str, href: &str| rank(usage, FileKind::Image, &Location::read(href).unwrap());
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
        let rank = |usage: &str, href: &str| rank(usage, FileKind::Text, &Location::read(href).unwrap());
        assert!(rank("OCR-D-GT-SEG-WORD", "a.xml") < rank("OCR-D-GT-SEG-PAGE", "a.xml"));
        assert!(rank("OCR-D-GT-SEG-PAGE", "a.xml") < rank("FULLTEXT", "a.txt"));
    }
}

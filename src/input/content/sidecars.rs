//! XML beside an image that is not its text. MODS and Dublin Core describe the page. Other vocabularies (MIX, PREMIS, jpylyzer …)
//! describe the file; one note for each says that they are not used.
//!
//! Reading every file would cost as much as reading all texts in each scan. So the files that are called alike in one folder
//! (`0001.xml`, `0002.xml` …) are looked into only if the first of them is not the text of a page.

use super::folder::{Folder, is_xml};
use super::naming::{file_name, without_ending};
use crate::config::files;
use crate::diagnostics::{Code, Diagnostic};
use crate::error::{Error, Result};
use crate::input::source::ContentSource;
use crate::input::{metadata, text, withheld, xml};
use crate::model::address::normalised;
use crate::model::{Day, Description, Doubt, Record};
use crate::pixels::decode::Format;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// Words that programs put between the name of an image and the ending of a file about it (`0001_mods.xml`).
const WORDS: [&str; 14] = [
    "mods", "dc", "mix", "premis", "xmp", "exif", "iptc", "jpylyzer", "jhove", "fits", "tei", "meta", "metadata", "md5",
];

/// Root elements, and the names of their vocabularies.
const VOCABULARIES: [(&str, &str); 12] = [
    ("mix", "MIX"),
    ("premis", "PREMIS"),
    ("object", "PREMIS"),
    ("TEI", "TEI"),
    ("TEI.2", "TEI"),
    ("jpylyzer", "jpylyzer"),
    ("jhove", "JHOVE"),
    ("fits", "FITS"),
    ("xmpmeta", "XMP"),
    ("RDF", "RDF"),
    ("textMD", "textMD"),
    ("mets", "METS"),
];

/// The files that [`Folder::texts`] has, by what they are.
#[derive(Default)]
pub struct Sidecars {
    /// Those that may be the texts of pages.
    pub texts: Vec<PathBuf>,
    /// What they say of pages, by the names of the images.
    pub described: BTreeMap<String, Description>,
    /// The files that say so.
    pub metadata: Vec<PathBuf>,
    /// The files of other vocabularies.
    others: BTreeMap<String, Vec<PathBuf>>,
    pub failures: Vec<Error>,
    /// A file that may withhold a page cannot be read.
    pub doubt: Option<Doubt>,
}

/// Whether a file of this name is about one of the images whose stems are `images`.
pub fn is_beside(file: &str, images: &BTreeSet<&str>) -> bool {
    stems(file).any(|stem| images.contains(stem))
}

/// The stem of the image that a file is about, if it is about one: `0001` of `0001.xml`, `0001.mods.xml`, `0001.tif.xml`.
fn stems(file: &str) -> impl Iterator<Item = &str> {
    let stem = without_ending(file);
    let shorter = stem.rfind(['.', '_', '-']).and_then(|at| Some((stem.get(..at)?, stem.get(at + 1..)?)));
    let is_about =
        |word: &str| WORDS.contains(&word.to_lowercase().as_str()) || Format::is_image_name(&format!("a.{word}"));
    std::iter::once(stem).chain(shorter.filter(|(_, word)| is_about(word)).map(|(stem, _)| stem))
}

impl Sidecars {
    /// Sorts the files of an item with the pages `images`.
    pub fn sort(folder: &Folder, images: &[PathBuf], source: &ContentSource, today: Day) -> Sidecars {
        let mut by_stem: HashMap<String, String> = HashMap::new();
        for name in images.iter().map(|image| file_name(image)).filter(|name| Format::is_image_name(name)) {
            by_stem.entry(normalised(without_ending(&name))).or_insert_with(|| name.to_string());
        }
        let mut found = Sidecars::default();
        // Whether the first of the files that are called alike is a text.
        let mut are_texts: HashMap<(PathBuf, String), bool> = HashMap::new();
        for file in folder.texts() {
            let name = normalised(&file_name(&file));
            let about = stems(&name).find_map(|stem| Some((stem.len(), by_stem.get(stem)?)));
            let Some((length, image)) = about.filter(|_| is_xml(&name)) else {
                found.texts.push(file);
                continue;
            };
            let alike = (file.parent().unwrap_or(&file).to_path_buf(), name[length..].to_lowercase());
            match are_texts.get(&alike) {
                Some(true) => found.texts.push(file),
                _ => {
                    // What describes the only page describes the item.
                    let described =
                        Some(image.as_str()).filter(|image| images.len() > 1 && !found.described.contains_key(*image));
                    let is_text = found.add(file, described, source, today);
                    are_texts.entry(alike).or_insert(is_text);
                }
            }
        }
        found
    }

    /// Adds a file, and returns whether it is a text, or may be. `image`: the name of the image that it describes.
    fn add(&mut self, file: PathBuf, image: Option<&str>, source: &ContentSource, today: Day) -> bool {
        let Ok(bytes) = source.read(&file, files::TEXT) else {
            self.texts.push(file);
            return true;
        };
        if text::format_of(&bytes, &file).is_some() {
            self.texts.push(file);
            return true;
        }
        match description(&bytes, &file, today) {
            Ok(Some(description)) => {
                self.described.extend(image.map(|image| (image.to_owned(), description)));
                self.metadata.push(file);
            }
            Ok(None) => self.others.entry(vocabulary(&bytes, &file)).or_default().push(file),
            Err(error) => {
                self.doubt = self.doubt.max(Some(withheld::doubt_about_xml(&bytes)));
                self.failures.push(error);
            }
        }
        false
    }

    /// One note for each vocabulary.
    pub fn diagnostics(&self, folder: &Path) -> Vec<Diagnostic> {
        let of_kind = |(kind, files): (&String, &Vec<PathBuf>)| {
            let first = files.first()?;
            let message = format!(
                "{} files beside images are {kind}, such as {:?}; they describe files, not pages, and are not used",
                files.len(),
                file_name(first)
            );
            Some(Diagnostic::new(Code::Sidecar, message).with_path(folder).with_paths(files.iter().cloned()))
        };
        self.others.iter().filter_map(of_kind).collect()
    }
}

/// What a file says of a page. `None`: it is in a vocabulary that describes no pages, or lists pages itself.
fn description(bytes: &[u8], file: &Path, today: Day) -> Result<Option<Description>> {
    let Some((records, _)) = metadata::read_xml(bytes, file, today)? else { return Ok(None) };
    match records.own {
        Some(Record { description, pages, .. }) if pages.is_empty() && records.below.is_empty() => {
            Ok(Some(description))
        }
        _ => Ok(None),
    }
}

/// The name of the vocabulary of a file, by its root element.
fn vocabulary(bytes: &[u8], file: &Path) -> String {
    let root = xml::decode(bytes, file).ok().and_then(|text| {
        let document = xml::parse(&text, file).ok()?;
        Some(document.root_element().tag_name().name().to_owned())
    });
    let Some(root) = root else { return "no well-formed XML".to_owned() };
    let known = VOCABULARIES.iter().find(|(name, _)| *name == root).map(|(_, name)| Cow::from(*name));
    known.unwrap_or_else(|| format!("<{root}>").into()).into_owned()
}

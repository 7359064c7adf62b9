//! The files that descriptions link to, after it is known what the whole project withholds. None of them is published that
//! is withheld itself. A metadata file or a table that holds withheld parts is published without them, or not at all, as
//! `originals` says.

use super::Scan;
use super::folder::Folder;
use crate::config::Config;
use crate::config::files;
use crate::diagnostics::{Code, Diagnostic};
use crate::input::source::ContentSource;
use crate::input::tables::{self, WithheldRows};
use crate::input::withheld::{self, Known, cuts};
use crate::input::{metadata, xml};
use crate::model::address::SitePath;
use crate::model::{Attachment, AttachmentForm, Collection, Cuts, Description, Item, Member, published_file, settings};
use crate::storage::fingerprint::Hash;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// See the [module](self).
pub struct Originals<'a> {
    config: &'a Config,
    source: &'a ContentSource,
    withheld: BTreeSet<&'a Path>,
    withheld_folders: BTreeSet<&'a Path>,
    /// Metadata files that say of no part of theirs that it is not public.
    public_metadata: &'a BTreeSet<PathBuf>,
    /// All files of the content, if anything is withheld.
    files: BTreeSet<PathBuf>,
}

/// How a file is published.
enum Verdict {
    Whole,
    Cut(Cuts),
    /// Not at all, and why.
    Not(&'static str),
}

/// The verdicts on files that are not published whole.
type Verdicts = BTreeMap<(PathBuf, settings::Originals), Verdict>;

impl<'a> Originals<'a> {
    pub fn new(scan: &'a Scan<'_>, folder: &Folder) -> Originals<'a> {
        let is_any = !scan.withheld.is_empty();
        Originals {
            config: scan.config,
            source: scan.source,
            withheld: scan.withheld.iter().map(PathBuf::as_path).collect(),
            withheld_folders: scan.withheld_folders.iter().map(PathBuf::as_path).collect(),
            public_metadata: &scan.public_metadata,
            files: if is_any { folder.all_files().into_iter().collect() } else { BTreeSet::new() },
        }
    }

    /// Decides how each file that a description links to is published, and takes out the links to those that are not.
    pub fn settle(&self, root: &mut Collection) -> Vec<Diagnostic> {
        let mut linked = BTreeSet::new();
        gather(root, &mut linked);
        let judged = linked.into_par_iter().map(|(file, policy)| ((file.clone(), policy), self.judge(&file, policy)));
        let verdicts: Verdicts = judged.filter(|(_, verdict)| !matches!(verdict, Verdict::Whole)).collect();
        if !verdicts.is_empty() {
            apply(root, &verdicts);
        }
        let found = verdicts.iter().filter_map(|((file, _), verdict)| {
            let message = match verdict {
                Verdict::Whole => return None,
                Verdict::Cut(cuts) => format!("it is published without {} parts that are withheld", cuts.ranges.len()),
                Verdict::Not(why) => format!("it is not published: {why}"),
            };
            let hint = "`originals = \"as-is\"` publishes metadata files and tables whole";
            Some(Diagnostic::new(Code::Withheld, message).with_path(file).with_hint(hint))
        });
        found.collect()
    }

    fn judge(&self, file: &Path, policy: settings::Originals) -> Verdict {
        if self.is_withheld(file) {
            return Verdict::Not("it is withheld, or lies in a folder that is");
        }
        let Some(kind) = Kind::of(file).filter(|_| policy != settings::Originals::AsIs) else { return Verdict::Whole };
        let known = self.known(file);
        if known.is_empty() && kind == Kind::Xml && self.public_metadata.contains(file) {
            return Verdict::Whole;
        }
        // A file that cannot be read is an error when it is copied.
        let Ok(size) = self.source.stamp(file).map(|stamp| stamp.bytes()) else { return Verdict::Whole };
        if size > files::METADATA {
            return Verdict::Not("it is too large to look for parts that are withheld");
        }
        let Ok(bytes) = self.source.read(file, files::METADATA) else { return Verdict::Whole };
        let found = match kind {
            Kind::Xml => self.in_xml(&bytes, file, &known),
            Kind::Table => self.in_table(&bytes, file, &known),
        };
        match found {
            Ok(ranges) if ranges.is_empty() => Verdict::Whole,
            Ok(_) if policy == settings::Originals::None => Verdict::Not("it holds parts that are withheld"),
            Ok(ranges) => Verdict::Cut(Cuts { ranges, original: Hash::of(&bytes).hex() }),
            Err(why) => Verdict::Not(why),
        }
    }

    fn is_withheld(&self, path: &Path) -> bool {
        path.ancestors().any(|above| self.withheld.contains(above))
    }

    /// What is withheld in the folder of a file and below.
    fn known(&self, file: &Path) -> Known {
        let base = file.parent().unwrap_or(file);
        let below = |path: &Path| {
            let names = path.strip_prefix(base).ok()?.iter().map(|name| name.to_string_lossy());
            Some(names.collect::<Vec<_>>().join("/"))
        };
        let is_below = |path: &&&Path| path.starts_with(base);
        let mut withheld = self.withheld.range(base..).take_while(is_below).peekable();
        if withheld.peek().is_none() {
            return Known::default();
        }
        let (folders, files): (Vec<&Path>, Vec<&Path>) =
            withheld.copied().partition(|path| self.withheld_folders.contains(path));
        let there = self.files.range(base.to_path_buf()..).take_while(|path| path.starts_with(base));
        let public = there.filter(|path| !self.is_withheld(path)).filter_map(|path| below(path));
        Known::new(folders.into_iter().filter_map(below), files.into_iter().filter_map(below), public)
    }

    /// The bytes to cut out of an XML file. The error is the reason why it cannot be published.
    fn in_xml(&self, bytes: &[u8], file: &Path, known: &Known) -> Result<Vec<Range<usize>>, &'static str> {
        let unreadable = "it cannot be read, and may hold parts that are withheld";
        let text = xml::decode(bytes, file).map_err(|_| unreadable)?;
        // Without a tag it is no XML, whatever its name.
        if !text.contains('<') || !metadata::is_metadata(&text, file) {
            return Ok(vec![]);
        }
        let document = xml::parse(&text, file).map_err(|_| unreadable)?;
        let root = document.root_element();
        let parts = withheld::parts(root, known, self.config.today);
        if parts.is_whole {
            return Err("all of it is withheld");
        }
        let is_mute = !has_structure(root) || (xml::is(root, "mets") && parts.elements.is_empty());
        if is_mute && !known.is_empty() {
            return Err("it may tell of pages or items that are withheld");
        }
        let ranges = cuts::of_xml(bytes, &text, &parts).ok_or("its encoding does not tell where its parts are")?;
        let is_clean =
            ranges.is_empty() || cuts::without(bytes, &ranges).is_some_and(|left| self.is_public(&left, file, known));
        if is_clean { Ok(ranges) } else { Err("parts that are withheld cannot be cut out of it") }
    }

    /// Whether nothing is withheld of what is left.
    fn is_public(&self, left: &[u8], file: &Path, known: &Known) -> bool {
        let Ok(text) = xml::decode(left, file) else { return false };
        let document = xml::parse(&text, file);
        document.is_ok_and(|document| withheld::parts(document.root_element(), known, self.config.today).is_empty())
    }

    /// The same for a table.
    fn in_table(&self, bytes: &[u8], file: &Path, known: &Known) -> Result<Vec<Range<usize>>, &'static str> {
        let has_pages = file.file_name().is_some_and(|name| name == super::records::PAGES_FILE);
        match tables::withheld_rows(bytes, file, &self.config.tables, known, self.config.today, has_pages) {
            Ok(WithheldRows::None) => Ok(vec![]),
            Ok(WithheldRows::Rows(rows)) => Ok(rows),
            Ok(WithheldRows::Uncut(why)) => Err(why),
            // A table of something else.
            Err(_) if known.is_empty() => Ok(vec![]),
            Err(_) => Err("it cannot be read, and may tell of what is withheld"),
        }
    }
}

/// Whether a document tells which pages or items its parts are about.
fn has_structure(root: roxmltree::Node<'_, '_>) -> bool {
    matches!(root.tag_name().name(), "mets" | "ead" | "modsCollection" | "collection")
}

/// The kinds of files in which withheld parts are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Xml,
    Table,
}

impl Kind {
    fn of(file: &Path) -> Option<Kind> {
        match file.extension()?.to_str()?.to_lowercase().as_str() {
            ending if metadata::ENDINGS.contains(&ending) => Some(Kind::Xml),
            "csv" | "tsv" | "xlsx" | "ods" => Some(Kind::Table),
            _ => None,
        }
    }
}

/// Adds the files that `collection` and its members link to.
fn gather(collection: &Collection, linked: &mut BTreeSet<(PathBuf, settings::Originals)>) {
    let mut add = |files: &[Attachment], description: &Description| {
        let policy = description.originals.unwrap_or_default();
        linked.extend(files.iter().map(|file| (file.source.clone(), policy)));
    };
    add(&collection.files, &collection.description);
    for member in &collection.members {
        if let Member::Item(item) = member {
            add(&item.files, &item.description);
        }
    }
    for member in &collection.members {
        if let Member::Collection(inner) = member {
            gather(inner, linked);
        }
    }
}

fn apply(collection: &mut Collection, verdicts: &Verdicts) {
    let Collection { path, description, files, members, .. } = collection;
    drop(apply_to(path, description, files, verdicts));
    for member in members {
        match member {
            Member::Collection(inner) => apply(inner, verdicts),
            Member::Item(Item { path, description, files, pages, .. }) => {
                let gone = apply_to(path, description, files, verdicts);
                let described =
                    pages.iter_mut().filter(|_| !gone.is_empty()).filter_map(|page| page.description.as_mut());
                let is_kept = |file: &str| !gone.contains(&published_file(path, file));
                described.for_each(|description| Arc::make_mut(description).retain_files(&is_kept));
            }
        }
    }
}

/// Returns the addresses of the files that are not published.
fn apply_to(
    path: &SitePath,
    description: &mut Description,
    files: &mut Vec<Attachment>,
    verdicts: &Verdicts,
) -> HashSet<SitePath> {
    let policy = description.originals.unwrap_or_default();
    let mut gone = HashSet::new();
    files.retain_mut(|file| match verdicts.get(&(file.source.clone(), policy)) {
        None | Some(Verdict::Whole) => true,
        Some(Verdict::Cut(cuts)) => {
            file.form = AttachmentForm::Cut(cuts.clone());
            true
        }
        Some(Verdict::Not(_)) => {
            gone.insert(file.target.clone());
            false
        }
    });
    if !gone.is_empty() {
        description.retain_files(&|file| !gone.contains(&published_file(path, file)));
    }
    gone
}

//! Files that look meant for a build and are not read: a description under another name, an old workbook, a raw photograph.
//! They are warnings, because their owner believes that they are published.

use super::description::{AMENDMENTS, COLLECTION_FILE, ITEM_FILE, forms};
use super::folder::{Folder, ending, is_media};
use super::naming::file_name;
use crate::config::{Config, FILE_NAME};
use crate::diagnostics::words::{did_you_mean, nearest};
use crate::diagnostics::{Code, Diagnostic, shown_path};
use crate::input::media;
use crate::model::Ignored;
use crate::storage::ownership::resolved;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A kind of file that is not read.
struct Kind {
    endings: &'static [&'static str],
    /// What it is, as `plan` says it.
    reason: &'static str,
    /// What its owner can do.
    hint: &'static str,
}

const KINDS: [Kind; 8] = [
    Kind {
        endings: &["heic", "heif", "hif", "avif"],
        reason: "a photograph in HEIC or AVIF, which is not read",
        hint: "convert it to JPEG or TIFF, for example with `magick photo.heic photo.jpg`, and keep the copy beside it",
    },
    Kind {
        endings: &[
            "dng", "cr2", "cr3", "crw", "nef", "nrw", "arw", "srf", "sr2", "orf", "raf", "rw2", "pef", "srw", "iiq",
            "3fr", "eip", "x3f",
        ],
        reason: "a raw photograph of a camera, which is not read",
        hint: "develop it to TIFF, for example with `darktable-cli photo.dng photo.tif` or in your camera's program",
    },
    Kind {
        endings: &["psd", "psb", "xcf", "afphoto", "ai", "indd"],
        reason: "the working file of a graphics program, which is not read",
        hint: "export it as TIFF or PNG",
    },
    Kind {
        endings: &[
            "bmp", "dib", "tga", "pcx", "pict", "pct", "djvu", "djv", "sid", "ecw", "jxr", "wdp", "hdp", "exr", "hdr",
            "svg", "eps",
        ],
        reason: "an image in a format that is not read",
        hint: "convert it to TIFF or PNG, for example with `magick scan.bmp scan.tif`",
    },
    Kind {
        endings: &["wma", "aif", "aiff", "aifc", "amr", "wmv", "avi", "mkv", "mpg", "mpeg", "mts", "vob", "flv", "mxf"],
        reason: "a recording in a format that browsers do not play",
        hint: "convert it, for example with `ffmpeg -i tape.avi tape.mp4` or `ffmpeg -i tape.aiff tape.flac`",
    },
    Kind {
        endings: &["vtt", "srt"],
        reason: CAPTIONS,
        hint: "name them like their recording, such as interview.en.vtt beside interview.mp3, or name them by `captions` in \
               item.toml",
    },
    Kind {
        endings: &["xls", "xlsm", "xlsb", "numbers", "mdb", "accdb", "fods"],
        reason: "a table in a format that is not read",
        hint: "open it and save it as XLSX or CSV",
    },
    Kind {
        endings: &["doc", "docx", "odt", "rtf", "pages"],
        reason: "a text document, which is not read",
        hint: "save a text of pages as TXT, and a table as XLSX or CSV; or publish the document by `rendering` in item.toml",
    },
];

const CAPTIONS: &str = "captions of no recording that is here";

const PDF: Kind = Kind {
    endings: &["pdf"],
    reason: "a PDF in a folder without images; its pages are not read",
    hint: "make an image of each page, for example with `pdftoppm -r 300 -tiff book.pdf page`; the PDF may stay beside them",
};

/// What becomes of a description under a name that is not quite right.
const MISNAMED: &str = "looks like a description, and is not read under this name";

/// Why a file of this name is not read although it looks meant for a build. `None`: it does not.
pub fn reason(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase();
    let ending = lower.rsplit_once('.').map_or("", |(_, ending)| ending);
    let kind = KINDS.iter().find(|kind| kind.endings.contains(&ending));
    kind.map(|kind| kind.reason).or_else(|| is_misnamed(&lower).then_some(MISNAMED))
}

/// `Item.toml`, `item.toml.txt`, `item (1).toml`, `metadata.yml`, `manifest.extras.json`. Nothing but descriptions is TOML.
fn is_misnamed(lower: &str) -> bool {
    let name = lower.strip_suffix(".txt").unwrap_or(lower);
    if ![".toml", ".tml", ".yaml", ".yml", ".json"].iter().any(|ending| name.ends_with(ending)) {
        return false;
    }
    let others = ["metadata.yaml", "metadata.yml", "info.yaml", "info.yml", "metadata.json"].map(str::to_owned);
    let descriptions = [ITEM_FILE, COLLECTION_FILE].into_iter().flat_map(forms);
    let amendments = AMENDMENTS.iter().map(|(amendment, _)| (*amendment).to_owned());
    let known: Vec<String> = descriptions.chain(amendments).chain(others).collect();
    name.ends_with(".toml") || nearest(name, known.iter().map(String::as_str)).is_some()
}

/// Of a folder that holds PDFs and no images, these are such files too, unless it lies in that of an item.
pub fn note_pdfs(ignored: &mut [Ignored], content: &Folder, items: &HashSet<&Path>) {
    let is_pdf = |path: &Path| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("pdf"));
    let mut pdfs =
        ignored.iter_mut().filter(|ignored| ignored.code == Code::NotMedia && is_pdf(&ignored.path)).peekable();
    if pdfs.peek().is_none() {
        return;
    }
    let empty = without_media(content);
    for ignored in pdfs {
        let folder = ignored.path.parent().unwrap_or(&ignored.path);
        if empty.contains(folder) && !folder.ancestors().any(|above| items.contains(above)) {
            (ignored.code, ignored.reason) = (Code::NotRead, PDF.reason);
        }
    }
}

fn without_media(content: &Folder) -> HashSet<&Path> {
    let all = content.all_folders().into_iter();
    all.filter(|folder| !folder.has_media()).map(|folder| folder.path.as_path()).collect()
}

/// Makes notes of such files that have a copy which is read: a raw photograph with a JPEG of the same name in its folder, or in
/// a folder beside it.
pub fn without_copied(ignored: &mut [Ignored], content: &Folder) {
    let mut stems = HashMap::<(PathBuf, bool), HashSet<String>>::new();
    for ignored in ignored.iter_mut().filter(|ignored| ignored.code == Code::NotRead && ignored.reason != MISNAMED) {
        let Some(folder) = ignored.path.parent() else { continue };
        // The folders in the content folder are those of different items.
        let above = folder.parent().filter(|above| above.starts_with(&content.path) && *above != content.path);
        let around = above.unwrap_or(folder);
        let is_captions = ignored.reason == CAPTIONS;
        let known = stems.entry((around.to_path_buf(), is_captions)).or_insert_with(|| match is_captions {
            true => content.stems(around, &|name| media::kind_of_name(name).is_some()),
            false => content.stems(around, &is_media),
        });
        let stem = stem(&ignored.path);
        let base = stem.rfind(['.', '_', '-']).map_or("", |at| &stem[..at]);
        if is_captions && (known.contains(&stem) || known.contains(base)) {
            (ignored.code, ignored.reason) = (Code::NotMedia, "its recording has other captions, or is not published");
        } else if !is_captions && known.contains(&stem) {
            (ignored.code, ignored.reason) = (Code::NotMedia, "a file of the same name is read");
        }
    }
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// Endings of tables and metadata that are read within the content.
const DESCRIBING: [&str; 9] = ["csv", "tsv", "xlsx", "ods", "xml", "mets", "mods", "ead", "marcxml"];

/// A warning about tables, metadata and descriptions beside the content folder: what they say, and what they withhold, has no
/// effect there.
pub fn beside_content(config: &Config) -> Option<Diagnostic> {
    let is_apart = config.remote.is_none() && resolved(&config.content) != resolved(&config.root);
    let entries = fs::read_dir(&config.root).ok().filter(|_| is_apart)?;
    let is_description = |name: &str| forms(ITEM_FILE).chain(forms(COLLECTION_FILE)).any(|form| form == name);
    let is_meant = |path: &PathBuf| {
        let name = file_name(path);
        path.is_file() && (DESCRIBING.contains(&ending(&name).as_str()) || is_description(&name))
    };
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_meant).collect();
    files.sort();
    let first = files.first()?;
    let more = if files.len() > 1 { format!(" and {} more", files.len() - 1) } else { String::new() };
    let message = format!("{:?}{more}: it lies beside the content folder, and is not read", file_name(first));
    let content = shown_path(&config.content);
    let hint = format!("move it into {content}: only what lies there describes items, or withholds them");
    Some(Diagnostic::new(Code::NotRead, message).with_path(&config.root).with_paths(files).with_hint(hint))
}

/// The warning that the content holds nothing that could be published.
pub fn no_content(content: &Path) -> Diagnostic {
    let message = "no content was found here: no image, no recording and no list of pages";
    let hint = "put a folder of scans here, or make a project with examples: `iiif-build init --example FOLDER`";
    Diagnostic::new(Code::NoContent, message).with_path(content).with_hint(hint)
}

/// Warnings about headers in `[tables.columns]` that are not among `headers`, those of all tables.
pub fn unknown_columns(config: &Config, headers: &BTreeSet<String>) -> Vec<Diagnostic> {
    let columns = &config.tables.columns;
    let unnamed = || headers.iter().filter(|header| !columns.contains_key(*header)).map(String::as_str);
    let unknown = columns.keys().filter(|header| !headers.contains(*header));
    let warning = |header: &String| {
        let meant = did_you_mean(header, unnamed());
        let message = format!("[tables.columns] names the header {header:?}, which no table has{meant}");
        let hint = "write the header exactly as the table has it, or remove the line";
        Diagnostic::new(Code::UnusedColumn, message).with_path(config.root.join(FILE_NAME)).with_hint(hint)
    };
    unknown.map(warning).collect()
}

/// Warnings about such files, one for each folder and kind.
pub fn diagnostics(ignored: &[&Ignored], content: &Folder) -> Vec<Diagnostic> {
    let mut alike = BTreeMap::<(&Path, &str), Vec<&Path>>::new();
    for Ignored { path, reason, .. } in ignored.iter().filter(|ignored| ignored.code == Code::NotRead) {
        let folder = path.parent().unwrap_or(path);
        alike.entry((folder, reason)).or_default().push(path);
    }
    let empty = if alike.is_empty() { HashSet::new() } else { without_media(content) };
    alike.into_iter().map(|((folder, reason), files)| warning(folder, reason, &files, empty.contains(folder))).collect()
}

/// `is_empty`: nothing in the folder can be published.
fn warning(folder: &Path, reason: &str, files: &[&Path], is_empty: bool) -> Diagnostic {
    let name = |file: &Path| file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (first, more) = (files.first().map(|file| name(file)).unwrap_or_default(), files.len() - 1);
    let which = if more == 0 { format!("{first:?}") } else { format!("{first:?} and {more} more") };
    let nothing = if is_empty { "; nothing of this folder is published" } else { "" };
    let diagnostic = Diagnostic::new(Code::NotRead, format!("{which}: {reason}{nothing}"));
    let paths = std::iter::once(folder).chain(files.iter().copied()).map(PathBuf::from);
    let hint = KINDS
        .iter()
        .chain([&PDF])
        .find(|kind| kind.reason == reason)
        .map_or_else(|| rename(&first), |kind| kind.hint.to_owned());
    diagnostic.with_paths(paths).with_hint(hint)
}

/// What to call a description.
fn rename(name: &str) -> String {
    let lower = name.to_lowercase();
    let known = AMENDMENTS.iter().map(|(amendment, _)| *amendment);
    match nearest(lower.trim_end_matches(".txt"), known) {
        Some(meant) => format!("call it {meant}"),
        None => format!(
            "call it {ITEM_FILE} in a folder of images, {COLLECTION_FILE} in a folder of folders, in small letters and without .txt"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_meant_for_a_build_is_told_from_all_else() {
        for name in [
            "Item.toml",
            "item.toml.txt",
            "metadata.toml",
            "ITEM.YAML",
            "colection.toml",
            "info.yml",
            "manifest.extras.json",
        ] {
            assert_eq!(reason(name), Some(MISNAMED), "{name}");
        }
        for name in
            ["IMG_1.HEIC", "a.dng", "b.NEF", "c.psd", "d.bmp", "e.aiff", "list.xls", "letter.docx", "a.en.VTT", "b.srt"]
        {
            assert!(reason(name).is_some_and(|reason| reason != MISNAMED), "{name}");
        }
        for name in [
            "readme.md",
            "notes.txt",
            "a.xml",
            "checksums.md5",
            "a.zip",
            "index.html",
            "item",
            "package.json",
            "docker.yml",
        ] {
            assert_eq!(reason(name), None, "{name}");
        }
    }
}

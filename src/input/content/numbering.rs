//! Diagnostics about the page numbers of an item, if no list names its pages: numbers that are skipped, missing or of
//! different widths; and colour targets.
//!
//! A diagnostic must be worth a curator's time. Excerpts, foliations, every second page, and covers by name get none.

use super::naming::{PageFile, page_number};
use crate::diagnostics::{Code, Diagnostic};
use std::collections::BTreeMap;
use std::path::Path;

/// A series has at least so many numbers.
const MIN_SERIES: usize = 3;

/// If more than one number in so many is skipped, the item is an excerpt, or its numbers mean something else.
const GAP_SHARE: usize = 5;

/// How many gaps a message names.
const NAMED: usize = 5;

/// Words for parts of a volume without a page number.
const PARTS: &str = "appendix back binding box carte case content couvert cover deckel detail edge einband endleaf endpaper \
    envelope flyleaf foldout folder front index insert inside map outside pastedown plate recto reliure schnitt \
    slip spine titel title umschlag verso";

/// Words for colour targets, anywhere in a name.
const TARGETS: &str = "colorcard colorchart colorchecker colortarget colourcard colourchart colourchecker colourtarget devicetarget \
    farbkarte goldenthread graukeil greycard";

/// Words for colour targets, alone between separators.
const TARGET_WORDS: [&str; 4] = ["it8", "q13", "qp202", "target"];

/// The diagnostics about `files`, which are all files of the item in `folder`.
pub fn diagnostics(files: &[PageFile], folder: &Path) -> Vec<Diagnostic> {
    let mut series = BTreeMap::<&str, Vec<&str>>::new();
    for file in files {
        if let Some(number) = page_number(&file.page.token) {
            series.entry(&file.prefix).or_default().push(number);
        }
    }
    let mut found = vec![];
    for numbers in series.values_mut() {
        numbers.sort_by_key(|number| value(number));
        found.extend(gaps(numbers).map(|diagnostic| diagnostic.with_path(folder)));
        found.extend(widths(numbers).map(|diagnostic| diagnostic.with_path(folder)));
    }
    found.extend(targets(files));
    found.extend(unnumbered(files, series.values().map(Vec::len).sum(), folder));
    found
}

/// The number, or `u64::MAX` if it is larger.
fn value(number: &str) -> u64 {
    number.parse().unwrap_or(u64::MAX)
}

/// Numbers that a series in order skips.
fn gaps(numbers: &[&str]) -> Option<Diagnostic> {
    let mut distinct = numbers.to_vec();
    distinct.dedup_by_key(|number| value(number));
    let steps: Vec<(&str, &str, u64)> =
        distinct.windows(2).map(|pair| (pair[0], pair[1], value(pair[1]) - value(pair[0]))).collect();
    let is_regular = steps.windows(2).all(|pair| pair[0].2 == pair[1].2);
    let skipped = steps.iter().fold(0u64, |sum, (.., step)| sum.saturating_add(step - 1));
    let bearable = (distinct.len() / GAP_SHARE).max(1) as u64;
    if distinct.len() < MIN_SERIES || is_regular || skipped > bearable {
        return None;
    }
    let gaps: Vec<String> = steps
        .iter()
        .filter(|(.., step)| *step > 1)
        .take(NAMED)
        .map(|(before, after, _)| {
            let width = before.len();
            let [first, last] = [value(before) + 1, value(after) - 1].map(|number| format!("{number:0>width$}"));
            if first == last { first } else { format!("{first} to {last}") }
        })
        .collect();
    let more = if steps.iter().filter(|(.., step)| *step > 1).count() > NAMED { " and more" } else { "" };
    let noun = if skipped == 1 { "a page number is" } else { "page numbers are" };
    let message = format!("{noun} skipped: {}{more}", gaps.join(", "));
    Some(Diagnostic::new(Code::PageGap, message).with_hint(
        "was a scan left behind? A page that is lost can be listed with `missing = true`; numbers that are meant to be \
         skipped are no matter with `accept = [\"page-gap\"]` in item.toml",
    ))
}

/// Numbers that are padded with zeros to different widths.
fn widths(numbers: &[&str]) -> Option<Diagnostic> {
    let is_padded = |number: &&&str| number.len() > 1 && number.starts_with('0');
    let padded = numbers.iter().filter(is_padded).max_by_key(|number| number.len())?;
    // 999 is followed by 1000.
    let other = numbers.iter().find(|number| number.len() < padded.len())?;
    let message = format!("page numbers have different widths, such as {padded} and {other}");
    Some(Diagnostic::new(Code::MixedWidths, message).with_hint(
        "they are in order all the same, but are ids for good: rename the files before the first publication",
    ))
}

/// Colour targets, if they are few among many files.
fn targets(files: &[PageFile]) -> Vec<Diagnostic> {
    let targets: Vec<&PageFile> = files.iter().filter(|file| is_target(file)).collect();
    if targets.len() > (files.len() / 10).max(2) || targets.len() == files.len() {
        return vec![];
    }
    let undecided = targets.into_iter().filter(|file| file.page.description.is_none());
    let diagnostic = |file: &PageFile| {
        let message = "a colour target by its name, and published as a page";
        let hint = format!(
            "say `publish = false` below [pages.{:?}] in item.toml, or give it a label there if readers are to see it",
            file.file_name()
        );
        Diagnostic::new(Code::ColourTarget, message).with_path(&file.path).with_hint(hint)
    };
    undecided.map(diagnostic).collect()
}

fn is_target(file: &PageFile) -> bool {
    // Most names are numbers.
    if !file.stem().contains(char::is_alphabetic) {
        return false;
    }
    let name = file.stem().to_lowercase();
    let mut words = name.split(|c: char| !c.is_alphanumeric());
    let joined: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    words.any(|word| TARGET_WORDS.contains(&word)) || TARGETS.split(' ').any(|target| joined.contains(target))
}

/// Files without a page number, where most files have one.
fn unnumbered(files: &[PageFile], numbered: usize, folder: &Path) -> Option<Diagnostic> {
    let is_part = |stem: &str| PARTS.split(' ').any(|part| stem.to_lowercase().contains(part));
    let is_odd = |file: &&PageFile| {
        page_number(&file.page.token).is_none()
            && file.page.description.is_none()
            && !is_part(file.stem())
            && !is_target(file)
    };
    let odd: Vec<&PageFile> = files.iter().filter(is_odd).collect();
    let first = odd.first()?;
    if numbered < MIN_SERIES || odd.len() > numbered {
        return None;
    }
    let more = if odd.len() > 1 { format!(" and {} more", odd.len() - 1) } else { String::new() };
    let message = format!("no page number in the name of {:?}{more}; such pages stand last", first.file_name());
    let diagnostic = Diagnostic::new(Code::NoNumber, message).with_path(folder);
    Some(diagnostic.with_paths(odd.iter().map(|file| file.path.clone())).with_hint(
        "rename the file, set a `page-pattern`, or list the pages: `iiif-build plan --csv` writes a list to begin with",
    ))
}

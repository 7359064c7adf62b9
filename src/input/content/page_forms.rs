//! The words in names of files and folders that say in which form they hold a page: the kind of master, a copy for
//! access, a thumbnail, a format.
//!
//! Words that mean nothing else in the name of a scan are certain. Others (`large/`, `_t`) are plain words too, or the
//! side of a leaf: they count only where the same page is there without them, or
//! with another such word behind its number.

use super::naming::{is_number, is_separator};
use crate::model::MasterRole;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The words of each form, in lower case. Those in front of the bar are certain.
const WORDS: [(Option<MasterRole>, &str); 6] = [
    (Some(MasterRole::ServiceEdited), "service |"),
    (Some(MasterRole::MasterEdited), "edited |"),
    (Some(MasterRole::Master), "master masters preservation archival | pres archive mezzanine"),
    (
        Some(MasterRole::Access),
        "access derivative derivatives lowres | web display reference large medium med low high hires highres max full",
    ),
    (
        Some(MasterRole::Thumbnail),
        "thumb thumbs thumbnail thumbnails tn preview previews | t th small sm icon icons square",
    ),
    (None, "| orig original originals raw"),
];

/// Suffixes of files that stand behind `_` only, as they are written.
const SUFFIXES: [(&str, MasterRole); 3] =
    [("m", MasterRole::Master), ("me", MasterRole::MasterEdited), ("se", MasterRole::ServiceEdited)];

/// Names of folders that only show how an item's files are kept.
const CONTAINERS: &str = "data image images img imgs ocr-d-img gt-page pages scan scans";

/// Folders of one format.
const FORMATS: &str = "tif tiff tiffs jpg jpgs jpeg jpegs jp2 jpeg2000 j2k jxl png pngs webp gif pdf pdfs";

/// Words beside others in the name of such a folder, as in `jpg files` or `access copies`.
const FILLERS: &str = "file files image images scan scans copy copies page pages dpi ppi px";

/// What the lists say of a word.
#[derive(Default)]
struct Meaning {
    is_container: bool,
    is_format: bool,
    is_filler: bool,
    form: Option<Form>,
}

/// The meanings of all words: each name of a folder or a file asks for some.
static MEANINGS: LazyLock<HashMap<&str, Meaning>> = LazyLock::new(|| {
    let mut meanings = HashMap::<&str, Meaning>::new();
    let mut note = |words: &'static str, note: &dyn Fn(&mut Meaning)| {
        words.split_whitespace().for_each(|word| note(meanings.entry(word).or_default()));
    };
    note(CONTAINERS, &|word| word.is_container = true);
    note(FORMATS, &|word| word.is_format = true);
    note(FILLERS, &|word| word.is_filler = true);
    for (role, words) in WORDS {
        let (certain, others) = words.split_once('|').unwrap_or((words, ""));
        note(certain, &|word| word.form = Some(Form { role, is_certain: true }));
        note(others, &|word| word.form = Some(Form { role, is_certain: false }));
    }
    meanings
});

/// What a word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    pub role: Option<MasterRole>,
    /// It means nothing else.
    pub is_certain: bool,
}

/// A suffix of a file's stem that says in which form the file holds its page.
#[derive(Debug, PartialEq, Eq)]
pub struct Suffix<'a> {
    /// What stands before it.
    pub rest: &'a str,
    /// As it is written, without a number behind it.
    pub word: &'a str,
    pub form: Form,
}

/// The suffix of a stem, if it has one.
pub fn suffix(stem: &str) -> Option<Suffix<'_>> {
    workflow_suffix(stem).or_else(|| word_suffix(stem))
}

/// `_m`, `_me`, `_se`. A number may follow (`_se-12345`).
fn workflow_suffix(stem: &str) -> Option<Suffix<'_>> {
    let unnumbered = stem.rsplit_once('-').filter(|(_, digits)| is_number(digits)).map_or(stem, |(before, _)| before);
    [unnumbered, stem].into_iter().find_map(|stem| {
        let (rest, word) = stem.rsplit_once('_').filter(|(rest, _)| !rest.is_empty())?;
        let (_, role) = SUFFIXES.iter().find(|(suffix, _)| *suffix == word)?;
        Some(Suffix { rest, word, form: Form { role: Some(*role), is_certain: true } })
    })
}

fn word_suffix(stem: &str) -> Option<Suffix<'_>> {
    let at = stem.rfind(is_separator).filter(|at| *at > 0)?;
    let (rest, word) = (&stem[..at], &stem[at + 1..]);
    if word.eq_ignore_ascii_case("edited")
        && let Some(before) = rest.rfind(is_separator).filter(|before| *before > 0)
        && let Some(role) = edited(&rest[before + 1..].to_lowercase())
    {
        let form = Form { role: Some(role), is_certain: true };
        return Some(Suffix { rest: &stem[..before], word: &stem[before + 1..], form });
    }
    let is_size = word.split_once('x').is_some_and(|(width, height)| is_number(width) && is_number(height));
    let thumbnail = Form { role: Some(MasterRole::Thumbnail), is_certain: false };
    let form = if is_size { thumbnail } else { of_word(&word.to_lowercase())? };
    Some(Suffix { rest, word, form })
}

/// The form of what lies in a folder of this name. `None`: the name says nothing of how files are kept.
pub fn of_folder(name: &str) -> Option<Form> {
    let lower = name.to_lowercase();
    if MEANINGS.get(lower.as_str()).is_some_and(|meaning| meaning.is_container) {
        return Some(Form { role: None, is_certain: true });
    }
    let meaning = |word: &str| MEANINGS.get(word);
    let is_format = |word: &str| meaning(word).is_some_and(|meaning| meaning.is_format);
    let is_filler = |word: &str| {
        meaning(word).is_some_and(|meaning| meaning.is_filler) || is_number(word.trim_end_matches(char::is_alphabetic))
    };
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_edited = words.contains(&"edited");
    let mut found: Option<Form> = None;
    for word in words.into_iter().filter(|word| is_format(word) || !is_filler(word)) {
        let form = if is_format(word) { Form { role: None, is_certain: true } } else { of_word(word)? };
        let role = edited(word).filter(|_| is_edited).or(form.role);
        let first = found.unwrap_or(Form { role: None, is_certain: false });
        let is_certain = first.is_certain || form.is_certain;
        found = Some(Form { role: first.role.or(role), is_certain });
    }
    found
}

/// The kind of master that `edited` makes of another.
fn edited(word: &str) -> Option<MasterRole> {
    match word {
        "master" => Some(MasterRole::MasterEdited),
        "service" => Some(MasterRole::ServiceEdited),
        _ => None,
    }
}

fn of_word(word: &str) -> Option<Form> {
    MEANINGS.get(word)?.form
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_say_how_files_are_kept() {
        let role = |name| of_folder(name).map(|form| (form.role, form.is_certain));
        for (name, expected) in [
            ("tif", Some((None, true))),
            ("TIFF 600dpi", Some((None, true))),
            ("master_edited", Some((Some(MasterRole::MasterEdited), true))),
            ("Service-Edited", Some((Some(MasterRole::ServiceEdited), true))),
            ("service", Some((Some(MasterRole::ServiceEdited), true))),
            ("access copies", Some((Some(MasterRole::Access), true))),
            ("jpg_thumbs", Some((Some(MasterRole::Thumbnail), true))),
            ("preservation_masters", Some((Some(MasterRole::Master), true))),
            ("large", Some((Some(MasterRole::Access), false))),
            ("images", Some((None, true))),
            ("letters", None),
            ("master of the rolls", None),
            ("1784", None),
        ] {
            assert_eq!(role(name), expected, "{name}");
        }
    }

    #[test]
    fn files_have_suffixes_of_one_or_two_words() {
        let read = |stem| suffix(stem).map(|found: Suffix<'_>| (found.rest, found.form.role, found.form.is_certain));
        for (stem, expected) in [
            ("a_001_se-12345", Some(("a_001", Some(MasterRole::ServiceEdited), true))),
            ("a_001_master_edited", Some(("a_001", Some(MasterRole::MasterEdited), true))),
            ("001-thumb", Some(("001", Some(MasterRole::Thumbnail), true))),
            ("001_Access", Some(("001", Some(MasterRole::Access), true))),
            ("001_t", Some(("001", Some(MasterRole::Thumbnail), false))),
            ("001-150x150", Some(("001", Some(MasterRole::Thumbnail), false))),
            ("001_orig", Some(("001", None, false))),
            ("001-m", None),
            ("_thumb", None),
            ("001", None),
        ] {
            assert_eq!(read(stem), expected, "{stem}");
        }
    }
}

//! File names: the page of an item that a name stands for, and the order of names.

use super::page_forms::{self, Suffix};
use crate::model::address::collision_key;
use crate::model::{MasterRole, Page, PagePattern, PatternMatch};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Words for the side of a leaf; single letters are understood too.
const SIDES: [&str; 2] = ["recto", "verso"];

/// A number with more digits is a shelf mark or a checksum.
const MAX_DIGITS: usize = 18;

/// A page token and the rule that found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageName {
    /// The part of the name that distinguishes pages, as it is written.
    pub token: String,
    /// The part before the token. All masters of a page share it.
    pub prefix: String,
    /// The kind of master, if the name states it.
    pub role: Option<MasterRole>,
    /// The word that states it, or another form of the page, in lower case; else empty.
    pub form: String,
    /// `None`: the page is labelled by its token.
    pub label: Option<String>,
    pub rule: &'static str,
}

/// A page, with its file and the facts in the file's name.
pub struct PageFile {
    pub page: Page,
    /// The file, or where it would be.
    pub path: PathBuf,
    /// See [`PageName::prefix`].
    pub prefix: String,
    /// See [`PageName::form`].
    pub form: String,
    /// Equal for all files that hold the page by their names.
    pub key: String,
    /// Its description gives it its token.
    pub has_own_id: bool,
}

impl PageFile {
    /// Its path below `folder`, `/`-separated.
    pub fn below(&self, folder: &Path) -> String {
        let names = self.path.strip_prefix(folder).unwrap_or(&self.path).iter();
        names.map(OsStr::to_string_lossy).collect::<Vec<_>>().join("/")
    }

    pub fn file_name(&self) -> Cow<'_, str> {
        file_name(&self.path)
    }

    pub fn stem(&self) -> &str {
        self.path.file_stem().and_then(OsStr::to_str).unwrap_or_default()
    }
}

/// The last name in a path.
pub fn file_name(path: &Path) -> Cow<'_, str> {
    path.file_name().map(OsStr::to_string_lossy).unwrap_or_default()
}

/// The last name in a `/`-separated path.
pub fn last_segment(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A name without its ending.
pub fn without_ending(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Reads the page token of a file's stem from the right: an optional form (`_se`, `_me-12345`, `_access`), an optional
/// side (`_recto`, `_B`), and before them a number, `0007` or `012v`, at the start or after a separator. A stem without
/// such a number is its own token.
pub fn page_name(stem: &str) -> PageName {
    page_name_beside(stem, &|_| false)
}

/// The same for one of several files. A word at the end that may be a form is one if the page `is_there` in another form.
pub fn page_name_beside(stem: &str, is_there: &dyn Fn(&Suffix<'_>) -> bool) -> PageName {
    let suffix = page_forms::suffix(stem).filter(|suffix| {
        let is_certain = suffix.form.is_certain && number_start(suffix.rest).is_some();
        is_certain || is_there(suffix)
    });
    let (rest, role, form) = match suffix {
        Some(suffix) => (suffix.rest, suffix.form.role, suffix.word.to_lowercase()),
        None => (stem, None, String::new()),
    };
    let start = number_start(rest);
    let rule = match start {
        Some(start) if start > 0 && form.is_empty() => "number at the end",
        Some(_) if !form.is_empty() => "number before the role",
        None if !form.is_empty() => "name before the role",
        _ => "whole name",
    };
    let (prefix, token) = rest.split_at(start.unwrap_or(0));
    PageName { token: token.to_owned(), prefix: prefix.to_owned(), role, form, label: None, rule }
}

/// The page that a file holds, by its name: the same for all masters, formats and copies of the page.
pub fn page_key(file: &str) -> String {
    page_name(without_ending(file)).key()
}

/// The keys of a file, if the last word of its name may say in which form it holds its page, and if it does not.
pub fn page_keys(file: &str) -> BTreeSet<String> {
    let stem = without_ending(file);
    let rest = page_forms::suffix(stem).map(|suffix| page_name(suffix.rest).key());
    rest.into_iter().chain([page_name(stem).key()]).collect()
}

impl PageName {
    /// See [`page_key`].
    pub fn key(&self) -> String {
        collision_key(&format!("{}{}", self.prefix, self.token))
    }
}

/// Where the page number of a stem without form begins.
fn number_start(stem: &str) -> Option<usize> {
    let (before_side, _) = split_side(stem);
    let start = before_side.rfind(is_separator).map_or(0, |at| at + 1);
    is_page_number(&before_side[start..]).then_some(start)
}

/// Whether a stem ends in the number of a page.
pub fn ends_in_number(stem: &str) -> bool {
    number_start(stem).is_some()
}

/// Reads the page token by a pattern of the user. `None`: the stem does not match it.
pub fn page_name_by(pattern: &PagePattern, stem: &str) -> Option<PageName> {
    let PatternMatch { token, role, label } = pattern.read(stem)?;
    let form = role.map(|role| role.name().to_owned()).unwrap_or_default();
    Some(PageName { token, prefix: String::new(), role, form, label, rule: "page-pattern" })
}

/// The digits of a token that is a page number, with or without letter and side.
pub fn page_number(token: &str) -> Option<&str> {
    let (number, _) = split_side(token);
    let digits = number.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    (is_page_number(number) && digits.len() <= MAX_DIGITS).then_some(digits)
}

/// The label made from a page token: `001_recto` gives `001 recto`.
pub fn page_label(token: &str) -> String {
    token.replace('_', " ")
}

/// Whether a text is digits alone.
pub fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

pub fn is_separator(c: char) -> bool {
    matches!(c, '_' | '-' | ' ' | '.')
}

/// Digits, or digits and one letter.
fn is_page_number(text: &str) -> bool {
    let digits = text.strip_suffix(|c: char| c.is_ascii_alphabetic()).unwrap_or(text);
    is_number(digits)
}

/// Splits a side off, if it follows a number and a separator.
fn split_side(stem: &str) -> (&str, Option<&str>) {
    match stem.rfind(is_separator) {
        Some(at) if is_side(&stem[at + 1..]) => (&stem[..at], Some(&stem[at + 1..])),
        _ => (stem, None),
    }
}

fn is_side(text: &str) -> bool {
    SIDES.contains(&text) || (text.len() == 1 && text.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

/// Natural order: digits compare as numbers, the rest by character. Names that are equal in this way compare by character,
/// so that the order is total.
pub fn natural_order(a: &str, b: &str) -> Ordering {
    let same = same_runs(a, b);
    let (mut left, mut right) = (&a[same..], &b[same..]);
    while !left.is_empty() && !right.is_empty() {
        let (left_part, left_rest) = split_run(left);
        let (right_part, right_rest) = split_run(right);
        let is_number = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
        let order = if is_number(left_part) && is_number(right_part) {
            let (x, y) = (left_part.trim_start_matches('0'), right_part.trim_start_matches('0'));
            x.len().cmp(&y.len()).then_with(|| x.cmp(y))
        } else {
            left_part.cmp(right_part)
        };
        if order != Ordering::Equal {
            return order;
        }
        (left, right) = (left_rest, right_rest);
    }
    left.len().cmp(&right.len()).then_with(|| a.cmp(b))
}

/// The number of bytes at the start of two names that are equal runs. The names of a series differ only in their last few
/// characters.
fn same_runs(a: &str, b: &str) -> usize {
    let (left, right) = (a.as_bytes(), b.as_bytes());
    let mut same = left.iter().zip(right).take_while(|(x, y)| x == y).count();
    while same > 0 && (left[same - 1].is_ascii_digit() || !a.is_char_boundary(same)) {
        same -= 1;
    }
    same
}

/// Splits a non-empty text behind its first run of digits, or behind its first character.
fn split_run(text: &str) -> (&str, &str) {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let first = text.chars().next().map_or(0, char::len_utf8);
    text.split_at(if digits > 0 { digits } else { first })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn token(stem: &str) -> String {
        page_name(stem).token
    }

    #[test]
    fn roles_and_prefixes_do_not_change_the_page() {
        for stem in [
            "00336",
            "foo_00336",
            "00336_m",
            "00336_se",
            "00336_me",
            "00336_se-12345",
            "00336_me-12345",
            "foo_00336_se-12345",
            "foo_00336_me-12345",
        ] {
            assert_eq!(token(stem), "00336", "{stem}");
        }
    }

    #[test]
    fn real_names_give_the_page_their_makers_meant() {
        for (stem, page) in [
            ("rf_series_001", "001"),
            ("rf_series_002_se", "002"),
            ("coll_memo_0007", "0007"),
            ("coll_misc_0008_m", "0008"),
            ("x_001_recto", "001_recto"),
            ("x-003", "003"),
            ("001a", "001a"),
            ("RF_RG1_3_FA209_S110_B31_F182_001", "001"),
            ("clauren_mimil_1815_0023_B", "0023_B"),
            ("wildflowersofwes0000mcca_Page_001", "001"),
            ("OCR-D-IMG_0001", "0001"),
            ("d41d8cd98f00b204e9800998ecf8427e", "d41d8cd98f00b204e9800998ecf8427e"),
            ("0_36c2c_default", "0_36c2c_default"),
            ("cover", "cover"),
            ("scan001", "scan001"),
            ("_m", "_m"),
            ("x_001_verso", "001_verso"),
            ("x_001_a", "001_a"),
            ("001b", "001b"),
            ("x_012v_se", "012v"),
            ("x_001_recto_me-7", "001_recto"),
            ("x_001_master", "001"),
            ("x-001-thumb", "001"),
            ("x_001_recto_access", "001_recto"),
            ("x_001_t", "001_t"),
            ("grand_master", "grand_master"),
        ] {
            assert_eq!(token(stem), page, "{stem}");
        }
    }

    #[test]
    fn roles_are_told_by_their_suffix_and_masters_of_a_page_share_what_stands_before_it() {
        for (stem, role) in [
            ("foo_00336_m", Some(MasterRole::Master)),
            ("foo_00336_me-12345", Some(MasterRole::MasterEdited)),
            ("foo_00336_se-12345", Some(MasterRole::ServiceEdited)),
            ("foo_00336", None),
        ] {
            let name = page_name(stem);
            assert_eq!((name.role, name.prefix.as_str()), (role, "foo_"), "{stem}");
        }
        assert_eq!(page_name("coll_memo_0007").role, None, "a word that begins like a role is none");
    }

    #[test]
    fn a_word_that_may_be_a_form_is_one_beside_the_same_page() {
        let there = |suffix: &Suffix<'_>| ["x_001", "map"].contains(&suffix.rest);
        let read = |stem| {
            let PageName { token, form, .. } = page_name_beside(stem, &there);
            (token, form)
        };
        for (stem, token, form) in [
            ("x_001_t", "001", "t"),
            ("map_small", "map", "small"),
            ("map_Orig", "map", "orig"),
            ("x_002_t", "002_t", ""),
        ] {
            assert_eq!(read(stem), (token.to_owned(), form.to_owned()), "{stem}");
        }
    }

    #[test]
    fn a_page_number_is_read_from_a_token_and_a_checksum_is_none() {
        for (token, number) in [
            ("0007", Some("0007")),
            ("012v", Some("012")),
            ("001_recto", Some("001")),
            ("0023_B", Some("0023")),
            ("cover", None),
            ("0_36c2c_default", None),
            ("d41d8cd98f00b204e9800998ecf8427e", None),
            ("12345678901234567890123456789012", None),
        ] {
            assert_eq!(page_number(token), number, "{token}");
        }
    }

    #[test]
    fn pages_stand_in_natural_order() {
        let mut names = ["10_b", "2_a", "0_z", "02_a", "1", "a", "10"];
        names.sort_by(|a, b| natural_order(a, b));
        assert_eq!(names, ["0_z", "1", "02_a", "2_a", "10", "10_b", "a"]);
    }

    proptest! {
        #[test]
        fn a_token_is_a_part_of_the_stem(stem in "[A-Za-z0-9_ .\\-é]{1,20}") {
            let token = token(&stem);
            prop_assert!(!token.is_empty() && stem.contains(&token));
        }

        #[test]
        fn natural_order_is_an_order(a in "[a0-9é]{0,6}", b in "[a0-9é]{0,6}", c in "[a0-9é]{0,6}") {
            prop_assert_eq!(natural_order(&a, &b), natural_order(&b, &a).reverse());
            prop_assert_eq!(natural_order(&a, &b) == Ordering::Equal, a == b);
            if natural_order(&a, &b).is_le() && natural_order(&b, &c).is_le() {
                prop_assert!(natural_order(&a, &c).is_le());
            }
        }
    }
}

//! Plain text, in two directions. Files are read: a blank line ends a paragraph, and a form feed ends a page. Lines are
//! joined to text, and words that are divided at line ends are put together.

use super::{Format, Line, PageText, spaced};
use crate::error::{Error, ErrorKind, Position, Result};
use std::path::Path;

pub fn pages(text: &str, path: &Path) -> Result<Vec<PageText>> {
    if let Some(at) = text.find('\0') {
        return Err(Error::new(ErrorKind::Content, "it holds a NUL character, which no text does")
            .with_path(path)
            .with_position(Position::of(text, at)));
    }
    // Programs that write form feeds put one after the last page too.
    let text = text.strip_suffix('\u{c}').unwrap_or(text);
    Ok(text.split('\u{c}').map(page).collect())
}

fn page(text: &str) -> PageText {
    let (mut lines, mut block, mut is_blank) = (vec![], 0, false);
    for line in text.lines() {
        let text = spaced(line);
        if text.is_empty() {
            is_blank = true;
            continue;
        }
        block += usize::from(is_blank && !lines.is_empty());
        is_blank = false;
        lines.push(Line { text, block, ..Line::default() });
    }
    PageText { format: Format::Plain, lines, ..PageText::default() }
}

/// Characters that only mark a division: soft hyphen, and `¬` as OCR programs write it.
const DIVIDING: [char; 2] = ['\u{ad}', '¬'];

/// Hyphens that can also belong to the word: hyphen-minus, hyphen, non-breaking hyphen, double oblique hyphen.
const HYPHENS: [char; 4] = ['-', '\u{2010}', '\u{2011}', '⸗'];

/// German words before which a hyphen stands for the rest of a word: `Garten- und Feldarbeit`.
const CONJUNCTIONS: [&str; 2] = ["und", "oder"];

/// The text of consecutive lines as one paragraph.
pub fn joined(lines: &[Line]) -> String {
    let mut text = String::new();
    let mut divided = None;
    for line in lines {
        append(&mut text, divided, &line.text);
        divided = line.divided.as_deref();
    }
    text
}

/// Whether the last word of `line` goes on at the beginning of `next`, so that a hyphen between them only marks the line
/// end.
pub fn is_divided(line: &Line, next: &Line) -> bool {
    let is_known = line.divided.as_deref().is_some_and(|whole| rest_behind(whole, &next.text).is_some());
    is_known || matches!(seam(&line.text, &next.text), Seam::Divided)
}

fn append(text: &mut String, divided: Option<&str>, next: &str) {
    if let Some(whole) = divided
        && let Some(rest) = rest_behind(whole, next)
    {
        let kept = text.trim_end_matches(|c: char| !c.is_whitespace()).len();
        let part = text.get(kept..).unwrap_or_default();
        let punctuation = part.len() - part.trim_start_matches(|c: char| !c.is_alphanumeric()).len();
        text.truncate(kept + punctuation);
        text.push_str(core(whole));
        text.push_str(rest);
        return;
    }
    match seam(text, next) {
        Seam::Divided => _ = text.pop(),
        Seam::Hyphenated => {}
        Seam::Words if text.is_empty() => {}
        Seam::Words => text.push(' '),
    }
    text.push_str(next);
}

/// How one line continues on the next.
enum Seam {
    /// The hyphen only marks the line end.
    Divided,
    /// The hyphen belongs to the word: `Roll-Schnee`, `1870-71`.
    Hyphenated,
    Words,
}

fn seam(text: &str, next: &str) -> Seam {
    let first_word = next.split_whitespace().next().unwrap_or_default();
    let mut ending = text.chars().rev();
    let (Some(last), Some(before), Some(first)) = (ending.next(), ending.next(), next.chars().next()) else {
        return Seam::Words;
    };
    let is_divided = DIVIDING.contains(&last) && !before.is_whitespace();
    let is_hyphenated = HYPHENS.contains(&last) && is_of_word(before) && is_of_word(first);
    match () {
        () if is_divided => Seam::Divided,
        () if CONJUNCTIONS.contains(&first_word) => Seam::Words,
        () if is_hyphenated && !before.is_numeric() && !first.is_numeric() && !first.is_uppercase() => Seam::Divided,
        () if is_hyphenated => Seam::Hyphenated,
        () => Seam::Words,
    }
}

/// The text after the second part of the divided word `whole`. `None`: `next` does not begin with the end of `whole`.
fn rest_behind<'a>(whole: &str, next: &'a str) -> Option<&'a str> {
    let end = next.find(char::is_whitespace).unwrap_or(next.len());
    let (part, _) = next.split_at_checked(end)?;
    let part = part.trim_end_matches(|c: char| !c.is_alphanumeric());
    let is_part = !part.is_empty() && core(whole).to_lowercase().ends_with(&part.to_lowercase());
    if is_part { next.get(part.len()..) } else { None }
}

/// A word without the punctuation around it.
fn core(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

/// Letters and digits, with the combining characters and private-use characters of transcriptions.
fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\u{300}'..='\u{36f}' | '\u{e000}'..='\u{f8ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_part_paragraphs() {
        let pages = pages("\n  Dear   Sir,\r\n\r\n \nI am de-\nlighted\n", Path::new("a.txt")).unwrap();
        assert_eq!(pages[0].plain(), "Dear Sir,\n\nI am delighted\n");
        assert_eq!(pages.len(), 1);
    }

    #[test]
    fn form_feeds_part_pages() {
        let texts = |text| pages(text, Path::new("a.txt")).unwrap().iter().map(PageText::plain).collect::<Vec<_>>();
        assert_eq!(texts("one\u{c}\u{c}three\u{c}"), ["one\n", "", "three\n"]);
        assert_eq!(texts(""), [""]);
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert_eq!(pages("a\nb\0", Path::new("a.txt")).unwrap_err().position(), Some(Position { line: 2, column: 2 }));
    }

    fn lines(texts: &[(&str, Option<&str>)]) -> String {
        let line = |(text, divided): &(&str, Option<&str>)| Line {
            text: (*text).to_owned(),
            divided: divided.map(str::to_owned),
            ..Line::default()
        };
        joined(&texts.iter().map(line).collect::<Vec<_>>())
    }

    fn two(first: &str, second: &str) -> String {
        lines(&[(first, None), (second, None)])
    }

    #[test]
    fn a_hyphen_at_the_line_end_goes_unless_it_belongs_to_the_word() {
        assert_eq!(two("wie kaum ein Maͤd-", "chen aus"), "wie kaum ein Maͤdchen aus");
        assert_eq!(two("die Monats⸗", "ſchrift"), "die Monatsſchrift");
        assert_eq!(two("Bun¬", "Des"), "BunDes");
        assert_eq!(two("am Roll-", "Schnee"), "am Roll-Schnee");
        assert_eq!(two("1870-", "71"), "1870-71");
        assert_eq!(two("so -", "dann"), "so - dann");
        assert_eq!(two("Garten-", "und Feldarbeit"), "Garten- und Feldarbeit");
        assert_eq!(two("Natu\u{e72b}-", "\u{e644}lich"), "Natu\u{e72b}\u{e644}lich");
        assert_eq!(two("-", "a"), "- a");
        assert_eq!(two("und", "dann"), "und dann");
        assert_eq!(lines(&[]), "");
    }

    #[test]
    fn a_word_that_the_file_gives_in_full_is_taken_from_there() {
        assert_eq!(lines(&[("der «Zuk-", Some("Zucker")), ("ker», der", None)]), "der «Zucker», der");
        assert_eq!(lines(&[("lafqr-", Some("lafqrmatloa,")), ("matloa, o", None)]), "lafqrmatloa, o");
        assert_eq!(lines(&[("é inter-", Some("intersection")), ("other text", None)]), "é interother text");
    }
}

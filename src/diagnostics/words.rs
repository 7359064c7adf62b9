//! What parsers say, in words for people who write metadata, and the word that was meant.

use strsim::osa_distance;

/// No key, column, value or name that anybody mistypes is longer. The distance of two words takes time by both lengths.
const LONGEST: usize = 80;

/// The most words that a message lists, and how many it shows of a longer list.
const LONGEST_LIST: usize = 10;
const SHOWN: usize = 6;

/// The word of `known` that `word` was meant to be: the one of the same letters but for case, `-`, `_` and spaces, else the
/// nearest one, if it is near: one letter in four may be wrong, left out, added or swapped with its neighbour.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.is_empty() || word.len() > LONGEST {
        return None;
    }
    let meant = plain(word);
    let distance = |other: &str| osa_distance(&meant, &plain(other));
    let near = known.into_iter().filter(|other| !other.is_empty() && other.len() <= LONGEST);
    let (distance, nearest) = near.map(|other| (distance(other), other)).min()?;
    let length = meant.chars().count().min(nearest.chars().count());
    (distance <= (length + 1) / 4).then_some(nearest)
}

fn plain(word: &str) -> String {
    word.to_lowercase().replace(['_', ' '], "-")
}

/// `; did you mean "label"?`, or nothing if no word of `known` is near.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, known).map(|meant| format!("; did you mean {meant:?}?")).unwrap_or_default()
}

/// The message of a parser in the terms of people who write the files.
pub fn in_plain_words(message: &str) -> String {
    let known = not_known(message, "unknown field `", |word, known| match nearest(word, known.iter().copied()) {
        Some(meant) => format!("there is no key `{word}` here; did you mean `{meant}`?"),
        None => format!("there is no key `{word}` here; {}", expected(known, '`')),
    });
    let known = known.or_else(|| {
        not_known(message, "unknown variant `", |word, known| match nearest(word, known.iter().copied()) {
            Some(meant) => format!("\"{word}\" is not known here; did you mean \"{meant}\"?"),
            None => format!("\"{word}\" is not known here; {}", expected(known, '"')),
        })
    });
    known.or_else(|| mismatch(message)).unwrap_or_else(|| reworded(message))
}

/// Passes the word that a message of serde refuses, and the words that it expects, to `say`.
fn not_known(message: &str, beginning: &str, say: impl Fn(&str, &[&str]) -> String) -> Option<String> {
    let (word, rest) = message.strip_prefix(beginning)?.split_once("`, expected ")?;
    let rest = rest.strip_prefix("one of ").unwrap_or(rest);
    // Parsers differ in whether they quote the words.
    let known = rest.split(", ").flat_map(|part| part.split(" or ")).map(|known| known.trim_matches('`'));
    Some(say(word, &known.collect::<Vec<_>>()))
}

/// `expected one of "left", "right"`. Of a long list only the beginning.
pub fn expected(known: &[&str], quote: char) -> String {
    let listed =
        |known: &[&str]| known.iter().map(|word| format!("{quote}{word}{quote}")).collect::<Vec<_>>().join(", ");
    match known {
        [one] => format!("expected {quote}{one}{quote}"),
        few if few.len() <= LONGEST_LIST => format!("expected one of {}", listed(few)),
        many => format!("expected one of {} and {} others", listed(&many[..SHOWN]), many.len() - SHOWN),
    }
}

/// What serde says of a value of a wrong kind: `invalid type: integer `5`, expected a string`.
fn mismatch(message: &str) -> Option<String> {
    let (found, wanted) = match message.strip_prefix("invalid length ") {
        Some(rest) => {
            let (length, wanted) = rest.split_once(", expected ")?;
            (format!("a list of {length}"), wanted)
        }
        None => {
            let rest = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "))?;
            let (found, wanted) = rest.rsplit_once(", expected ")?;
            (value(found), wanted)
        }
    };
    Some(format!("this is {found}; expected {}", kind(wanted)))
}

/// A value as serde describes it, in other words.
fn value(described: &str) -> String {
    const KINDS: [(&str, &str); 9] = [
        ("string ", "the text "),
        ("character ", "the text "),
        ("integer ", "the number "),
        ("floating point ", "the number "),
        ("boolean ", ""),
        ("sequence", "a list"),
        ("map", "a table of keys and values"),
        ("null", "nothing"),
        ("unit value", "nothing"),
    ];
    let found = KINDS.iter().find_map(|(theirs, ours)| Some((*ours, described.strip_prefix(theirs)?)));
    let (ours, rest) = found.unwrap_or(("", described));
    format!("{ours}{}", rest.trim_matches('`'))
}

/// The kind of value that serde expects, in other words.
fn kind(wanted: &str) -> String {
    let words = match wanted {
        "a string" | "a borrowed string" => "a text in quotation marks",
        "a boolean" => "true or false, without quotation marks",
        "u8" => "a whole number from 0 to 255",
        "u16" | "u32" | "u64" | "usize" => "a whole number that is not negative",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a sequence" => "a list in square brackets",
        "a map" => "a table of keys and values",
        _ if wanted.starts_with("enum ") => "a text in quotation marks",
        _ if wanted.starts_with("struct ") => "a table of keys and values",
        _ => return wanted.replace("an array of length ", "a list of "),
    };
    words.to_owned()
}

fn reworded(message: &str) -> String {
    const WORDS: [(&str, &str); 10] = [
        ("expected sequence start", "expected a list"),
        ("expected mapping start", "expected a table of keys and values"),
        ("expected string scalar", "expected a text"),
        ("wanted string or table", "expected a text in quotation marks"),
        ("invalid boolean (strict mode expects true/false)", "this is neither true nor false"),
        ("missing field `", "it lacks the key `"),
        ("duplicate mapping key: ", "this is a duplicate of the key "),
        ("duplicate key", "this key is here twice"),
        (
            "json pointer failed to parse; does not start with a slash ('/') and is not empty",
            "the path must begin with /",
        ),
        (
            "multiple YAML documents detected; use from_str_multiple or from_str_multiple_with_options",
            "the file holds several YAML documents, expected one",
        ),
    ];
    WORDS.iter().fold(message.to_owned(), |message, (theirs, ours)| message.replace(theirs, ours))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_that_was_meant_is_near() {
        let keys = ["label", "summary", "rights", "nav-date", "viewing-direction", "id"];
        for (word, meant) in [
            ("lable", Some("label")),
            ("Label", Some("label")),
            ("nav_date", Some("nav-date")),
            ("navdate", Some("nav-date")),
            ("ViewingDirection", Some("viewing-direction")),
            ("rigths", Some("rights")),
            ("Zusammenfassung", None),
            ("ie", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, keys), meant, "{word}");
        }
        assert_eq!(nearest(&"l".repeat(100_000), keys), None);
    }

    #[test]
    fn parsers_speak_plainly() {
        for (theirs, ours) in [
            (
                "unknown field `lable`, expected one of `label`, `summary`",
                "there is no key `lable` here; did you mean `label`?",
            ),
            (
                "unknown field `x`, expected `label` or `file`",
                "there is no key `x` here; expected one of `label`, `file`",
            ),
            (
                "unknown variant `Paged`, expected one of `paged`, `unordered`",
                "\"Paged\" is not known here; did you mean \"paged\"?",
            ),
            (
                "unknown field `lable`, expected one of label, summary",
                "there is no key `lable` here; did you mean `label`?",
            ),
            ("unknown field `x`, expected `label`", "there is no key `x` here; expected `label`"),
            (
                "unknown variant `x`, expected one of `a`, `b`, `c`, `d`, `e`, `f`, `g`, `h`, `i`, `j`, `k`",
                "\"x\" is not known here; expected one of \"a\", \"b\", \"c\", \"d\", \"e\", \"f\" and 5 others",
            ),
            (
                "invalid type: integer `5`, expected a string",
                "this is the number 5; expected a text in quotation marks",
            ),
            (
                "invalid type: string \"no, expected\", expected a boolean",
                "this is the text \"no, expected\"; expected true or false, without quotation marks",
            ),
            (
                "invalid type: boolean `true`, expected enum Behavior",
                "this is true; expected a text in quotation marks",
            ),
            (
                "invalid value: string \"big\", expected a number or \"full\"",
                "this is the text \"big\"; expected a number or \"full\"",
            ),
            ("invalid length 2, expected an array of length 4", "this is a list of 2; expected a list of 4"),
            ("missing field `value`", "it lacks the key `value`"),
        ] {
            assert_eq!(in_plain_words(theirs), ours);
        }
    }
}

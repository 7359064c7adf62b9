//! What parsers say, in words for people who write metadata, and the word that was meant.

use strsim::osa_distance;

/// No key, column, value or name that anybody mistypes is longer. The distance of two words takes time by both lengths.
const LONGEST: usize = 80;

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
        None => format!("there is no key `{word}` here; expected one of {}", listed(known, '`')),
    });
    let known = known.or_else(|| {
        not_known(message, "unknown variant `", |word, known| match nearest(word, known.iter().copied()) {
            Some(meant) => format!("\"{word}\" is not known here; did you mean \"{meant}\"?"),
            None => format!("\"{word}\" is not known here; expected one of {}", listed(known, '"')),
        })
    });
    known.unwrap_or_else(|| reworded(message))
}

/// Passes the word that a message of serde refuses, and the words that it expects, to `say`.
fn not_known(message: &str, beginning: &str, say: impl Fn(&str, &[&str]) -> String) -> Option<String> {
    let (word, rest) = message.strip_prefix(beginning)?.split_once("`, expected ")?;
    let rest = rest.strip_prefix("one of ").unwrap_or(rest);
    // Parsers differ in whether they quote the words.
    let known = rest.split(", ").flat_map(|part| part.split(" or ")).map(|known| known.trim_matches('`'));
    Some(say(word, &known.collect::<Vec<_>>()))
}

fn listed(known: &[&str], quote: char) -> String {
    known.iter().map(|word| format!("{quote}{word}{quote}")).collect::<Vec<_>>().join(", ")
}

fn reworded(message: &str) -> String {
    const WORDS: [(&str, &str); 16] = [
        ("invalid type: string ", "the text "),
        ("invalid type: integer ", "the number "),
        ("invalid type: floating point ", "the number "),
        ("invalid type: boolean ", ""),
        ("invalid type: sequence", "a list"),
        ("invalid type: map", "a table of keys and values"),
        ("invalid type: ", ""),
        ("invalid value: integer ", "the number "),
        ("invalid value: ", ""),
        ("expected sequence start", "expected a list"),
        ("expected mapping start", "expected a table of keys and values"),
        ("expected a sequence", "expected a list"),
        ("expected a map", "expected a table of keys and values"),
        ("expected a string", "expected a text in quotation marks"),
        ("expected a boolean", "expected true or false"),
        ("invalid boolean (strict mode expects true/false)", "this is neither true nor false"),
    ];
    const FURTHER: [(&str, &str); 7] = [
        ("expected u32", "expected a whole number"),
        ("expected u8", "expected a whole number from 0 to 255"),
        ("invalid length", "a list of"),
        ("expected an array of length", "expected one of"),
        ("missing field `", "it lacks the key `"),
        ("duplicate key", "this key stands here twice"),
        (
            "multiple YAML documents detected; use from_str_multiple or from_str_multiple_with_options",
            "the file holds several YAML documents, expected one",
        ),
    ];
    let reworded = WORDS.iter().chain(&FURTHER);
    reworded.fold(message.to_owned(), |message, (theirs, ours)| message.replace(theirs, ours))
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
            ("invalid type: integer `5`, expected a string", "the number `5`, expected a text in quotation marks"),
            ("missing field `value`", "it lacks the key `value`"),
        ] {
            assert_eq!(in_plain_words(theirs), ours);
        }
    }
}

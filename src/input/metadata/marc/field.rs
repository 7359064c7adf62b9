//! A field of a MARC record: its tag, its subfields, and the punctuation that cataloguing rules put between them.

use crate::input::xml;
use roxmltree::Node;

/// A `datafield`.
#[derive(Clone, Copy)]
pub struct Field<'a, 'input> {
    pub node: Node<'a, 'input>,
    /// The tag. A field in another script (880) has the tag of the field that it belongs to.
    pub tag: &'a str,
}

impl<'a, 'input> Field<'a, 'input> {
    pub fn of(node: Node<'a, 'input>) -> Field<'a, 'input> {
        let tag = node.attribute("tag").unwrap_or_default();
        let linked = || xml::children(node, "subfield").find(|field| field.attribute("code") == Some("6"));
        let tag = match tag {
            "880" => linked().and_then(|field| field.text()).and_then(|link| link.trim().get(..3)).unwrap_or(tag),
            tag => tag,
        };
        Field { node, tag }
    }

    /// Indicator 1 or 2; a blank if it is missing.
    pub fn indicator(&self, number: u8) -> char {
        let name = if number == 1 { "ind1" } else { "ind2" };
        self.node.attribute(name).and_then(|value| value.chars().next()).unwrap_or(' ')
    }

    /// Codes and texts of the subfields with one of these codes, in order, without empty ones.
    pub fn subfields(&self, codes: &str) -> Vec<(char, String)> {
        xml::children(self.node, "subfield")
            .filter_map(|field| Some((field.attribute("code")?.chars().next()?, xml::text(field))))
            .filter(|(code, text)| codes.contains(*code) && !text.is_empty())
            .collect()
    }

    /// The texts of the subfields with one of these codes, in order, without ISBD punctuation at the end.
    pub fn text(&self, codes: &str) -> String {
        let texts: Vec<String> = self.subfields(codes).into_iter().map(|(_, text)| text).collect();
        cut_punctuation(&texts.join(" ")).to_owned()
    }

    /// The first subfield of this code, without ISBD punctuation at the end; empty if there is none.
    pub fn first(&self, code: char) -> String {
        let first = self.subfields(code.encode_utf8(&mut [0; 4])).into_iter().next();
        first.map(|(_, text)| cut_punctuation(&text).to_owned()).unwrap_or_default()
    }

    /// The subfields with a letter as code, and `3`.
    pub fn words(&self) -> String {
        self.text("abcdefghijklmnopqrstuvwxyz3")
    }
}

/// Removes ISBD punctuation before a next part (`/`, `:`, `;`, `=`, `,`) from the end.
pub fn cut_punctuation(text: &str) -> &str {
    text.trim_end_matches(['/', ':', ';', '=', ',', ' '])
}

/// Removes a full stop from the end too, if it follows a year or a word of at least five letters. It may belong to an
/// abbreviation or initial otherwise.
pub fn cut_full_stop(text: &str) -> &str {
    let text = cut_punctuation(text);
    let Some(cut) = text.strip_suffix('.') else { return text };
    let last = cut.rsplit([' ', '-', '.', '(']).next().unwrap_or_default();
    let is_word = last.chars().count() >= 5 && last.chars().all(char::is_alphabetic);
    let is_year = last.len() == 4 && last.bytes().all(|byte| byte.is_ascii_digit());
    if is_word || is_year { cut } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_punctuation_of_the_rules_is_cut() {
        for (text, expected) in [
            ("Die Frau /", "Die Frau"),
            ("Washington,", "Washington"),
            ("The title.", "The title"),
            ("2019.", "2019"),
            ("100 p.", "100 p."),
            ("U.S. Govt. Print. Off.", "U.S. Govt. Print. Off."),
            ("A. B.", "A. B."),
            ("Why?", "Why?"),
            ("...", "..."),
        ] {
            assert_eq!(cut_full_stop(text), expected);
        }
    }
}

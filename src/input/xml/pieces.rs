//! The tags and texts of an XML document, without a tree. What is passed over is what the parser passes over, so that
//! nothing hides from who looks at a document here first.

/// A tag or a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    Start(Tag<'a>),
    /// The name of the element that ends.
    End(&'a str),
    /// As it is written: references are not resolved.
    Text(&'a str),
    /// The text of a CDATA section.
    CData(&'a str),
}

/// A start tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag<'a> {
    pub name: &'a str,
    /// Where it begins in the document.
    pub offset: usize,
    /// Whether the element ends here too.
    pub is_empty: bool,
    attributes: &'a str,
}

/// All pieces of a document. They end where it is not well-formed.
pub struct Pieces<'a> {
    text: &'a str,
    at: usize,
    has_root: bool,
}

impl<'a> Pieces<'a> {
    pub fn of(text: &'a str) -> Pieces<'a> {
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut pieces = Pieces { text, at, has_root: false };
        if pieces.rest().starts_with("<?xml ") {
            pieces.at = pieces.end_of_declaration().unwrap_or(text.len());
        }
        pieces
    }

    /// The place behind the last piece.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// Whether nothing is left of the document.
    pub fn is_whole(&self) -> bool {
        self.at == self.text.len()
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The place behind the next `mark` after `skip` bytes.
    fn behind(&self, skip: usize, mark: &str) -> Option<usize> {
        let start = self.at + skip;
        self.text.get(start..)?.find(mark).map(|at| start + at + mark.len())
    }

    /// The values in the first declaration may hold `?>`.
    fn end_of_declaration(&self) -> Option<usize> {
        let mut from = self.at;
        loop {
            let at = from + self.text[from..].find(['"', '\'', '?'])?;
            let found = self.text[at..].chars().next()?;
            from = match found {
                '?' if self.text[at..].starts_with("?>") => return Some(at + 2),
                '?' => at + 1,
                quote => at + 1 + self.text[at + 1..].find(quote)? + 1,
            };
        }
    }

    /// The place behind a document type. A declaration within ends at the first `>`, wherever that stands.
    fn end_of_doctype(&mut self) -> Option<usize> {
        let mut from = self.at;
        loop {
            let at = from + self.text[from..].find(['"', '\'', '>', '['])?;
            match self.text[at..].chars().next()? {
                '>' => return Some(at + 1),
                '[' => {
                    self.at = at + 1;
                    break;
                }
                quote => from = at + 1 + self.text[at + 1..].find(quote)? + 1,
            }
        }
        loop {
            self.at = self.text.len() - self.rest().trim_start().len();
            self.at = match self.rest() {
                rest if rest.starts_with("<!--") => self.behind(4, "-->")?,
                rest if rest.starts_with("<?") => self.behind(2, "?>")?,
                rest if rest.starts_with("<!") => self.behind(2, ">")?,
                rest if rest.starts_with(']') => return self.behind(1, ">"),
                _ => return None,
            };
        }
    }

    fn start(&mut self) -> Option<Piece<'a>> {
        let offset = self.at;
        let mut from = offset + 1;
        let end = loop {
            let at = from + self.text[from..].find(['"', '\'', '>', '<'])?;
            match self.text[at..].chars().next()? {
                '>' => break at,
                '<' => return None,
                quote => from = at + 1 + self.text[at + 1..].find(quote)? + 1,
            }
        };
        self.at = end + 1;
        let tag = &self.text[offset + 1..end];
        let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, attributes) = tag.split_at(tag.find(char::is_whitespace).unwrap_or(tag.len()));
        self.has_root = true;
        Some(Piece::Start(Tag { name, offset, is_empty, attributes }))
    }

    fn cut(&mut self, skip: usize, mark: &str) -> Option<&'a str> {
        let end = self.behind(skip, mark)?;
        let inner = &self.text[self.at + skip..end - mark.len()];
        self.at = end;
        Some(inner)
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            let rest = self.rest();
            match rest {
                "" => return None,
                _ if !rest.starts_with('<') => {
                    let end = rest.find('<').unwrap_or(rest.len());
                    self.at += end;
                    return Some(Piece::Text(&rest[..end]));
                }
                _ if rest.starts_with("<!--") => self.at = self.behind(4, "-->")?,
                _ if rest.starts_with("<?") => self.at = self.behind(2, "?>")?,
                _ if rest.starts_with("<![CDATA[") => return self.cut(9, "]]>").map(Piece::CData),
                _ if rest.starts_with("<!DOCTYPE") && !self.has_root => self.at = self.end_of_doctype()?,
                _ if rest.starts_with("<!") => return None,
                _ if rest.starts_with("</") => return self.cut(2, ">").map(|name| Piece::End(name.trim_end())),
                _ => return self.start(),
            }
        }
    }
}

impl<'a> Tag<'a> {
    /// Names and values, as they are written.
    pub fn attributes(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let mut rest = self.attributes;
        std::iter::from_fn(move || {
            let (name, value) = rest.split_once('=')?;
            let value = value.trim_start();
            let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
            let (value, behind) = value[1..].split_once(quote)?;
            rest = behind;
            Some((name.trim(), value))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let show = |piece| match piece {
            Piece::Start(tag) => {
                let attributes: String = tag.attributes().map(|(name, value)| format!(" {name}={value}")).collect();
                format!("<{}{attributes}{}>", tag.name, if tag.is_empty { "/" } else { "" })
            }
            Piece::End(name) => format!("</{name}>"),
            Piece::Text(text) => text.to_owned(),
            Piece::CData(text) => format!("[{text}]"),
        };
        Pieces::of(text).map(show).collect()
    }

    #[test]
    fn tags_and_texts_are_told_apart() {
        let text = "<a b = '>' c=\"'\"><d/>x<!-- <e> --><![CDATA[<f>]]><?g <h> ?></a >";
        assert_eq!(shown(text), "<a b=> c='><d/>x[<f>]</a>");
    }

    #[test]
    fn nothing_hides_where_the_parser_does_not_look() {
        for head in [
            "<?xml version='1.0?><!--' ?>",
            "<!DOCTYPE a>",
            "<!DOCTYPE a SYSTEM '[>'>",
            "<!DOCTYPE a [ <!ATTLIST a b CDATA #IMPLIED> <!-- ]> --> <?x ]> ?> ] >",
            "<!DOCTYPE a [<!ATTLIST a b '<!--'>]>",
        ] {
            assert_eq!(shown(&format!("{head}<a/>")), "<a/>", "{head}");
            let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
            let text = format!("{head}<a/>");
            let parsed = roxmltree::Document::parse_with_options(&text, options);
            assert!(parsed.is_ok() || head.starts_with("<?xml"), "{head}: {parsed:?}");
        }
    }
}

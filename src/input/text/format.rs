//! The formats of page texts, known by the first element of a file.

/// What a file is written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    Alto,
    Page,
    Hocr,
    #[default]
    Plain,
}

impl Format {
    pub fn name(self) -> &'static str {
        match self {
            Format::Alto => "ALTO",
            Format::Page => "PAGE",
            Format::Hocr => "hOCR",
            Format::Plain => "plain text",
        }
    }

    /// What a link to the file calls its `format`; text overlays of viewers know ALTO and hOCR by it and by `profile`.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Alto | Format::Page => "application/xml",
            Format::Hocr => "text/vnd.hocr+html",
            Format::Plain => "text/plain",
        }
    }

    /// The specification, as a link's `profile`.
    pub fn profile(self) -> Option<&'static str> {
        match self {
            Format::Alto => Some("http://www.loc.gov/standards/alto/"),
            Format::Page => Some("https://github.com/PRImA-Research-Lab/PAGE-XML"),
            Format::Hocr => Some("http://kba.github.io/hocr-spec/1.2/"),
            Format::Plain => None,
        }
    }
}

/// What hOCR is known by, whatever element it begins with.
const HOCR_CLASSES: [&str; 4] = ["ocr_page", "ocr_line", "ocrx_line", "ocrx_word"];

/// The format of a document; the name of its root element if it is markup of another kind.
pub fn format(text: &str) -> Result<Format, String> {
    let Some(root) = root(text) else { return Ok(Format::Plain) };
    let (_, name) = root.rsplit_once(':').unwrap_or(("", root));
    match name {
        "alto" => Ok(Format::Alto),
        "PcGts" => Ok(Format::Page),
        _ if HOCR_CLASSES.iter().any(|class| text.contains(class)) => Ok(Format::Hocr),
        _ => Err(root.to_owned()),
    }
}

/// The name of the first element; `None` if the text begins with anything but markup.
fn root(text: &str) -> Option<&str> {
    let mut rest = text.trim_start();
    loop {
        let inner = rest.strip_prefix('<')?;
        let skipped = match inner {
            _ if inner.starts_with("!--") => inner.split_once("-->")?.1,
            _ if inner.starts_with('?') => inner.split_once("?>")?.1,
            _ if inner.starts_with('!') => behind_declaration(inner)?,
            _ => break name(inner),
        };
        rest = skipped.trim_start();
    }
}

/// Behind a DOCTYPE, with or without an internal subset.
fn behind_declaration(inner: &str) -> Option<&str> {
    let end = inner.find(['>', '['])?;
    let rest = inner.get(end..)?;
    match rest.strip_prefix('>') {
        Some(rest) => Some(rest),
        None => rest.split_once(']')?.1.split_once('>').map(|(_, rest)| rest),
    }
}

fn name(inner: &str) -> Option<&str> {
    let end = inner.find(|c: char| !(c.is_alphanumeric() || ":_-.".contains(c))).unwrap_or(inner.len());
    inner.get(..end).filter(|name| name.starts_with(char::is_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_element_tells_the_format() {
        for (text, expected) in [
            ("<?xml version='1.0'?>\n<!-- <PcGts> -->\n<a:alto xmlns:a='x'/>", Ok(Format::Alto)),
            ("<PcGts/>", Ok(Format::Page)),
            ("<!DOCTYPE html [ <!ELEMENT a ANY> ]>\n<html><p class=ocr_page>", Ok(Format::Hocr)),
            ("<!DOCTYPE HTML>\n<div class='ocr_page'>", Ok(Format::Hocr)),
            ("<mets:mets/>", Err("mets:mets".to_owned())),
            ("<html><p>An article</p>", Err("html".to_owned())),
            ("< 12 >\nDear Sir", Ok(Format::Plain)),
            ("<", Ok(Format::Plain)),
            ("", Ok(Format::Plain)),
        ] {
            assert_eq!(format(text), expected, "{text}");
        }
    }
}

//! The formats of page texts, recognised by the first element of a file.

/// The format of a file with the text of a page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// ALTO, with boxes.
    Alto,
    /// PAGE, with outlines.
    Page,
    /// hOCR, with boxes.
    Hocr,
    /// The XML of ABBYY FineReader, with boxes.
    Abbyy,
    /// DjVuXML, with boxes.
    Djvu,
    /// TEI with a facsimile, with boxes.
    Tei,
    /// Text without boxes.
    #[default]
    Plain,
}

impl Format {
    /// The name of the format in messages and labels.
    pub fn name(self) -> &'static str {
        match self {
            Format::Alto => "ALTO",
            Format::Page => "PAGE",
            Format::Hocr => "hOCR",
            Format::Abbyy => "ABBYY XML",
            Format::Djvu => "DjVuXML",
            Format::Tei => "TEI",
            Format::Plain => "plain text",
        }
    }

    /// The `format` of a link to the file. Text overlays in viewers recognise ALTO and hOCR by it and by `profile`.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Alto | Format::Page | Format::Abbyy | Format::Djvu => "application/xml",
            Format::Tei => "application/tei+xml",
            Format::Hocr => "text/vnd.hocr+html",
            Format::Plain => "text/plain",
        }
    }

    /// The address of the specification, as the `profile` of a link.
    pub fn profile(self) -> Option<&'static str> {
        match self {
            Format::Alto => Some("http://www.loc.gov/standards/alto/"),
            Format::Page => Some("https://github.com/PRImA-Research-Lab/PAGE-XML"),
            Format::Hocr => Some("http://kba.github.io/hocr-spec/1.2/"),
            Format::Abbyy | Format::Djvu | Format::Tei | Format::Plain => None,
        }
    }
}

/// Classes by which hOCR is recognised, for any first element.
const HOCR_CLASSES: [&str; 4] = ["ocr_page", "ocr_line", "ocrx_line", "ocrx_word"];

/// The format of a document. The error is the name of the root element of any other markup.
pub fn format(text: &str) -> Result<Format, String> {
    let Some(root) = root(text) else { return Ok(Format::Plain) };
    let (_, name) = root.rsplit_once(':').unwrap_or(("", root));
    match name {
        "alto" => Ok(Format::Alto),
        "PcGts" => Ok(Format::Page),
        "DjVuXML" => Ok(Format::Djvu),
        "document" if text.contains("<charParams") || text.contains("FineReader_xml") => Ok(Format::Abbyy),
        "TEI" | "teiCorpus" if text.contains("<zone") || text.contains("<surface") => Ok(Format::Tei),
        _ if HOCR_CLASSES.iter().any(|class| text.contains(class)) => Ok(Format::Hocr),
        _ => Err(root.to_owned()),
    }
}

/// The name of the first element. `None`: the text does not begin with markup.
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

/// The text after a DOCTYPE, with or without an internal subset.
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
            ("<!DOCTYPE DjVuXML PUBLIC 'x' 'y'>\n<DjVuXML>", Ok(Format::Djvu)),
            ("<document xmlns='http://www.abbyy.com/FineReader_xml/FineReader10-schema-v1.xml'>", Ok(Format::Abbyy)),
            ("<document/>", Err("document".to_owned())),
            ("<TEI><facsimile><surface/></facsimile></TEI>", Ok(Format::Tei)),
            ("<TEI><text/></TEI>", Err("TEI".to_owned())),
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

//! Parts that are cut out of a file, so that all its other bytes stay as they are.

use super::Parts;
use crate::input::xml;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::ops::Range;

/// The text with spaces in the place of the `parts`. Each line and each column stays where it is.
pub fn blanked(text: &str, parts: &Parts<'_, '_>) -> String {
    let mut left = String::with_capacity(text.len());
    let mut done = 0;
    for range in parts.elements.iter().map(roxmltree::Node::range) {
        left.push_str(&text[done..range.start]);
        left.extend(text[range.clone()].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        done = range.end;
    }
    left.push_str(&text[done..]);
    left
}

/// Where ranges of a file's text are among its bytes. The ranges are in order. `None`: the encoding does not tell.
pub fn in_bytes(
    bytes: &[u8],
    text: &str,
    encoding: &'static Encoding,
    ranges: &[Range<usize>],
) -> Option<Vec<Range<usize>>> {
    let mark = Encoding::for_bom(bytes).map_or(0, |(_, length)| length);
    let length = |text: &str| match encoding {
        encoding if encoding == UTF_8 => Some(text.len()),
        encoding if encoding == UTF_16LE || encoding == UTF_16BE => Some(2 * text.encode_utf16().count()),
        encoding if encoding.is_single_byte() => Some(text.chars().count()),
        _ => None,
    };
    let (mut at_text, mut at_byte, mut found) = (0, mark, vec![]);
    for range in ranges {
        let start = at_byte + length(text.get(at_text..range.start)?)?;
        let end = start + length(text.get(range.clone())?)?;
        found.push(start..end);
        (at_text, at_byte) = (range.end, end);
    }
    // The rest shows that nothing was counted wrong.
    (at_byte + length(text.get(at_text..)?)? == bytes.len()).then_some(found)
}

/// The `bytes` without `ranges`, which are in order. `None`: there are not so many bytes.
pub fn without(bytes: &[u8], ranges: &[Range<usize>]) -> Option<Vec<u8>> {
    let (mut left, mut done) = (Vec::with_capacity(bytes.len()), 0);
    for range in ranges {
        left.extend_from_slice(bytes.get(done..range.start)?);
        done = range.end;
    }
    left.extend_from_slice(bytes.get(done..)?);
    Some(left)
}

/// The ranges of the bytes of an XML file that are withheld. `None`: they cannot be cut out.
pub fn of_xml(bytes: &[u8], text: &str, parts: &Parts<'_, '_>) -> Option<Vec<Range<usize>>> {
    if parts.is_whole {
        return None;
    }
    let ranges: Vec<Range<usize>> = parts.elements.iter().map(roxmltree::Node::range).collect();
    in_bytes(bytes, text, xml::encoding(bytes), &ranges)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::withheld::{Known, parts};
    use std::path::Path;

    fn cut(bytes: &[u8]) -> Option<Vec<u8>> {
        let path = Path::new("a.xml");
        let text = xml::decode(bytes, path).unwrap();
        let document = xml::parse(&text, path).unwrap();
        let parts = parts(document.root_element(), &Known::default(), "2030-01-01".parse().unwrap());
        assert_eq!(blanked(&text, &parts).len(), text.len());
        without(bytes, &of_xml(bytes, &text, &parts)?)
    }

    #[test]
    fn all_other_bytes_stay_in_any_encoding() {
        let with = |part: &str| {
            format!("<ead><archdesc><did>\u{e9}\n<physloc>\u{fc}</physloc>{part}</did>\u{e9}</archdesc></ead>")
        };
        let (whole, rest) = (with("<note audience='internal'>\u{fc}<!-- x --></note>"), with(""));
        assert_eq!(cut(whole.as_bytes()).unwrap(), rest.as_bytes());
        let marked = |text: &str| [b"\xef\xbb\xbf", text.as_bytes()].concat();
        assert_eq!(cut(&marked(&whole)).unwrap(), marked(&rest));
        let utf16 = |text: &str| -> Vec<u8> {
            std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect()
        };
        assert_eq!(cut(&utf16(&whole)).unwrap(), utf16(&rest));
        let latin = |text: &str| -> Vec<u8> {
            let text = format!("<?xml version='1.0' encoding='ISO-8859-1'?>{text}");
            text.chars().map(|c| u8::try_from(c as u32).unwrap()).collect()
        };
        assert_eq!(cut(&latin(&whole)).unwrap(), latin(&rest));
    }

    #[test]
    fn a_file_that_is_withheld_as_a_whole_has_no_rest() {
        assert_eq!(cut(b"<ead audience='internal'><archdesc/></ead>"), None);
        assert_eq!(cut(b"<ead><archdesc audience='Internal'/></ead>"), None);
    }
}

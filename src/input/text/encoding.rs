//! The encoding of plain texts, which mostly says nothing about itself.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::borrow::Cow;

/// A text, and the encoding that it was in.
#[derive(Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// Without byte order mark.
    pub text: Cow<'a, str>,
    /// The name of the encoding, if nothing but its letters tells it.
    pub guessed: Option<&'static str>,
}

/// Decodes a text of any encoding: that of its byte order mark, else UTF-8 if it is valid as such, else UTF-16 if every other
/// byte is zero, else the one of one or several bytes that its letters are most likely in. Bytes without meaning become U+FFFD.
pub fn decode(bytes: &[u8]) -> Decoded<'_> {
    let known = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => Some(encoding),
        None => utf16(bytes).or_else(|| std::str::from_utf8(bytes).is_ok().then_some(UTF_8)),
    };
    let encoding = known.unwrap_or_else(|| likeliest(bytes));
    let (text, encoding, _) = encoding.decode(bytes);
    Decoded { text, guessed: known.is_none().then(|| encoding.name()) }
}

/// UTF-16 without a mark: most letters of its texts, and their line ends, have a byte of zero.
fn utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(4096)];
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let is_many = |count: usize| count * 4 > head.len() / 2;
    match bytes.len().is_multiple_of(2) {
        true if is_many(odd) && even == 0 => Some(UTF_16LE),
        true if is_many(even) && odd == 0 => Some(UTF_16BE),
        _ => None,
    }
}

fn likeliest(bytes: &[u8]) -> &'static Encoding {
    let mut detector = chardetng::EncodingDetector::new();
    detector.feed(bytes, true);
    detector.guess(None, false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{SHIFT_JIS, WINDOWS_1250, WINDOWS_1251};

    #[test]
    fn any_encoding_is_read() {
        let text = "Gr\u{fc}\u{df}e aus K\u{f6}ln \u{201e}heute\u{201c}";
        let units = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        let (little, big) = (units(u16::to_le_bytes), units(u16::to_be_bytes));
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            [b"\xff\xfe", little.as_slice()].concat(),
            [b"\xfe\xff", big.as_slice()].concat(),
            little,
            big,
        ] {
            assert_eq!(decode(&bytes), Decoded { text: text.into(), guessed: None });
        }
        let western = decode(b"Gr\xfc\xdfe aus K\xf6ln \x84heute\x93");
        assert_eq!((&*western.text, western.guessed), (text, Some("windows-1252")));
    }

    #[test]
    fn letters_tell_the_encoding() {
        for (text, encoding) in [
            ("Příliš žluťoučký kůň úpěl ďábelské ódy. Dvě věty jsou lepší než jedna.", WINDOWS_1250),
            ("Здравствуйте, меня зовут Анна. Я родилась в деревне.", WINDOWS_1251),
            ("これは字幕です。とても短い文章ですが、日本語です。", SHIFT_JIS),
        ] {
            let (bytes, _, _) = encoding.encode(text);
            let decoded = decode(&bytes);
            assert_eq!((&*decoded.text, decoded.guessed), (text, Some(encoding.name())));
        }
    }
}

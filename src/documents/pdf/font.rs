//! The font of the invisible text: every glyph is empty and half as wide as the font is high. It is made here, byte by
//! byte; no font of others is copied.
//!
//! Each character that the text uses has a code of two bytes, in the order of its first use. The font's ToUnicode map
//! (ISO 32000-1, 9.10.3) leads back from codes to characters, beyond the Basic Multilingual Plane too.

use super::objects::Objects;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::writers::{CidFont, FontDescriptor, Type0Font};
use pdf_writer::{Finish, Name, Rect, Ref, Str};
use std::collections::HashMap;
use std::io;

/// Thousandths of the font's size that a glyph is wide, and that it reaches above and below the base line.
pub const ADVANCE: f64 = 500.0;
pub const ASCENT: f64 = 800.0;
const DESCENT: f64 = -200.0;

/// How much of a line's height is below the base line.
pub const BELOW: f64 = -DESCENT / 1000.0;

const NAME: Name<'static> = Name(b"IIIFBD+Invisible");
const UNICODE: Name<'static> = Name(b"IIIFBD-Unicode");
const IDENTITY: SystemInfo<'static> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// The glyph of all characters.
const GLYPH: [u8; 2] = [0, 1];

/// The characters of a PDF, with their codes.
#[derive(Default)]
pub struct Characters {
    codes: HashMap<char, u16>,
    /// That of code 1 comes first.
    all: Vec<char>,
}

impl Characters {
    /// The two bytes that show `character`. A text with more than 65,534 different characters shows those that are new
    /// after that as U+FFFD.
    pub fn code(&mut self, character: char) -> [u8; 2] {
        let next = u16::try_from(self.all.len() + 1).ok().filter(|code| *code < u16::MAX);
        let code = match (self.codes.get(&character), next) {
            (Some(code), _) => *code,
            (None, Some(next)) => {
                self.codes.insert(character, next);
                self.all.push(character);
                next
            }
            (None, None) => u16::MAX,
        };
        code.to_be_bytes()
    }

    /// Whether no text was shown.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Writes the font `id`.
    pub fn write(&self, id: Ref, objects: &mut Objects<'_>) -> io::Result<()> {
        let [cid_font, descriptor, file, glyphs, unicode] = [(); 5].map(|()| objects.reserve());
        objects.put(id, |object| {
            let mut font: Type0Font<'_> = object.start();
            font.base_font(NAME).encoding_predefined(Name(b"Identity-H"));
            font.descendant_font(cid_font).to_unicode(unicode);
        })?;
        objects.put(cid_font, |object| {
            let mut font: CidFont<'_> = object.start();
            font.subtype(CidFontType::Type2).base_font(NAME).system_info(IDENTITY);
            font.font_descriptor(descriptor).default_width(ADVANCE as f32).cid_to_gid_map_stream(glyphs);
        })?;
        objects.put(descriptor, |object| {
            let mut font: FontDescriptor<'_> = object.start();
            font.name(NAME).flags(FontFlags::SYMBOLIC | FontFlags::FIXED_PITCH).italic_angle(0.0).stem_v(80.0);
            font.bbox(Rect::new(0.0, DESCENT as f32, ADVANCE as f32, ASCENT as f32));
            font.ascent(ASCENT as f32).descent(DESCENT as f32).cap_height(ASCENT as f32).font_file2(file);
        })?;
        let font = true_type();
        let length = font.len() as i32;
        objects.put_stream(file, &font, |stream| {
            stream.pair(Name(b"Length1"), length);
        })?;
        let map = [&[0, 0][..], &GLYPH.repeat(usize::from(u16::MAX))].concat();
        objects.put_stream(glyphs, &map, |_| {})?;
        objects.put_stream(unicode, &self.to_unicode(), |stream| {
            stream.pair(Name(b"Type"), Name(b"CMap"));
            stream.pair(Name(b"CMapName"), UNICODE);
            let mut info = stream.insert(Name(b"CIDSystemInfo")).dict();
            info.pair(Name(b"Registry"), IDENTITY.registry).pair(Name(b"Ordering"), IDENTITY.ordering);
            info.pair(Name(b"Supplement"), IDENTITY.supplement);
            info.finish();
        })
    }

    fn to_unicode(&self) -> Vec<u8> {
        let mut map = UnicodeCmap::new(UNICODE, IDENTITY);
        (1..).zip(&self.all).for_each(|(code, character)| map.pair(code, *character));
        map.pair(u16::MAX, char::REPLACEMENT_CHARACTER);
        map.finish().into_vec()
    }
}

/// A TrueType font with two glyphs without outlines (OpenType 1.9, the tables that PDF asks for: ISO 32000-1, 9.9).
fn true_type() -> Vec<u8> {
    let words = |words: &[u16]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>();
    let (advance, ascent, descent) = (ADVANCE as u16, ASCENT as u16, (DESCENT as i16).cast_unsigned());
    // Version and revision 1.0, a check sum that is filled in below, the magic number, flags, 1000 units for the font's size,
    // two dates, the box of all glyphs, style, 8 pixels or more, left to right, short offsets, form of outlines.
    let head = [
        words(&[1, 0, 1, 0, 0, 0, 0x5f0f, 0x3cf5, 0, 1000]),
        vec![0; 16],
        words(&[0, descent, advance, ascent, 0, 8, 2, 0, 0]),
    ]
    .concat();
    // Version 1.0, ascent, descent, gap, greatest advance, bearings and extent, slope of the caret, reserved, number of widths.
    let hhea = words(&[1, 0, ascent, descent, 0, advance, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]);
    // Version 1.0, two glyphs without points, contours or instructions.
    let maxp = words(&[1, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    // The advance of both glyphs, and their left bearings.
    let hmtx = words(&[advance, 0, 0]);
    // Both glyphs begin and end at 0.
    let loca = words(&[0, 0, 0]);
    // A table must not be empty.
    let glyf = vec![0; 4];
    let tables: [(&[u8; 4], Vec<u8>); 6] =
        [(b"glyf", glyf), (b"head", head), (b"hhea", hhea), (b"hmtx", hmtx), (b"loca", loca), (b"maxp", maxp)];
    let mut directory = words(&[1, 0, tables.len() as u16, 64, 2, 32]);
    let (mut body, mut head_at) = (vec![], 0);
    for (tag, table) in &tables {
        let offset = 12 + 16 * tables.len() + body.len();
        if *tag == b"head" {
            head_at = offset;
        }
        directory.extend_from_slice(*tag);
        for number in [sum(table), offset as u32, table.len() as u32] {
            directory.extend_from_slice(&number.to_be_bytes());
        }
        body.extend_from_slice(table);
        body.resize(body.len().next_multiple_of(4), 0);
    }
    let mut font = [directory, body].concat();
    let adjustment = 0xb1b0_afba_u32.wrapping_sub(sum(&font));
    font[head_at + 8..head_at + 12].copy_from_slice(&adjustment.to_be_bytes());
    font
}

/// The sum of all four-byte numbers.
fn sum(bytes: &[u8]) -> u32 {
    let number = |part: &[u8]| (0..4).fold(0, |sum, at| (sum << 8) | u32::from(part.get(at).copied().unwrap_or(0)));
    bytes.chunks(4).map(number).fold(0, u32::wrapping_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_keeps_its_code() {
        let mut characters = Characters::default();
        let codes = ['a', '\u{1f600}', 'a', 'ſ'].map(|character| characters.code(character));
        assert_eq!(codes, [[0, 1], [0, 2], [0, 1], [0, 3]]);
        let map = String::from_utf8(characters.to_unicode()).unwrap();
        assert!(map.contains("<0002> <D83DDE00>") && map.contains("<0003> <017F>"), "{map}");
    }

    #[test]
    fn a_text_with_more_characters_than_codes_loses_only_the_last_ones() {
        let mut characters = Characters::default();
        let all = ('\u{20}'..=char::MAX).take(70_000);
        let codes: Vec<[u8; 2]> = all.map(|character| characters.code(character)).collect();
        assert_eq!((codes[65_533], codes[65_534], codes[69_999]), ([0xff, 0xfe], [0xff, 0xff], [0xff, 0xff]));
    }

    #[test]
    fn the_sum_of_the_font_is_as_the_format_asks() {
        let font = true_type();
        assert_eq!(sum(&font), 0xb1b0_afba);
        assert!(font.len() < 400, "{}", font.len());
    }
}

//! Reads a PDF as its format says (ISO 32000-1, 7.5), without the code that writes one.

use flate2::read::ZlibDecoder;
use std::collections::BTreeMap;
use std::io::Read;

pub struct Pdf {
    bytes: Vec<u8>,
    /// Where each object begins, by its number.
    places: BTreeMap<usize, usize>,
    /// The dictionary at the end of the file.
    pub trailer: String,
}

impl Pdf {
    pub fn read(bytes: Vec<u8>) -> Pdf {
        assert!(bytes.starts_with(b"%PDF-1.7\n") && bytes.ends_with(b"%%EOF\n"));
        let tail = String::from_utf8_lossy(&bytes[bytes.len() - 60..]).into_owned();
        let start: usize = tail.split("startxref\n").nth(1).unwrap().split('\n').next().unwrap().parse().unwrap();
        let mut pdf = Pdf { bytes, places: BTreeMap::new(), trailer: String::new() };
        let rows = inflated(pdf.stream_at(start));
        pdf.trailer = pdf.dictionary_at(start);
        assert_eq!(rows.len() % 11, 0);
        for (number, row) in rows.chunks(11).enumerate().filter(|(_, row)| row[0] == 1) {
            let place = u64::from_be_bytes(row[1..9].try_into().unwrap()) as usize;
            assert!(pdf.bytes[place..].starts_with(format!("{number} 0 obj\n").as_bytes()), "object {number}");
            pdf.places.insert(number, place);
        }
        pdf
    }

    /// The objects whose dictionary holds `part`, in the order of the file.
    pub fn with(&self, part: &str) -> Vec<usize> {
        let mut found: Vec<_> =
            self.places.iter().filter(|(_, place)| self.dictionary_at(**place).contains(part)).collect();
        found.sort_by_key(|(_, place)| **place);
        found.into_iter().map(|(number, _)| *number).collect()
    }

    pub fn dictionary(&self, number: usize) -> String {
        self.dictionary_at(self.places[&number])
    }

    /// The bytes of a stream as they are stored.
    pub fn stream(&self, number: usize) -> &[u8] {
        self.stream_at(self.places[&number])
    }

    /// Every stream: inflated if it was packed, and a picture as it is.
    pub fn streams(&self) -> Vec<Vec<u8>> {
        let streams = self.places.values().filter(|place| self.dictionary_at(**place).contains("/Length "));
        let open = |place: &usize| match self.dictionary_at(*place).contains("/FlateDecode") {
            true => inflated(self.stream_at(*place)),
            false => self.stream_at(*place).to_vec(),
        };
        streams.map(open).collect()
    }

    /// The contents of the pages, in order.
    pub fn contents(&self) -> Vec<String> {
        let pages = self.with("/Type/Page/");
        let contents = pages.iter().map(|page| {
            let dictionary = self.dictionary(*page);
            let number = dictionary.split("/Contents ").nth(1).unwrap().split(' ').next().unwrap();
            String::from_utf8_lossy(&inflated(self.stream(number.parse().unwrap()))).into_owned()
        });
        contents.collect()
    }

    /// The text that the contents show, by the map of the font.
    pub fn text(&self) -> String {
        let maps = self.with("/CMapName");
        let Some(map) = maps.first() else { return String::new() };
        let map = String::from_utf8(inflated(self.stream(*map))).unwrap();
        let pairs = map.lines().filter_map(|line| line.strip_prefix('<')?.strip_suffix('>')?.split_once("> <"));
        let code = |hex: &str| u16::from_str_radix(hex, 16).unwrap();
        let units = |hex: &str| (0..hex.len() / 4).map(|at| code(&hex[at * 4..at * 4 + 4])).collect::<Vec<_>>();
        let characters: BTreeMap<u16, String> = pairs
            .filter(|(from, _)| from.len() == 4)
            .map(|(from, to)| (code(from), String::from_utf16(&units(to)).unwrap()))
            .collect();
        let shown = self.contents().iter().flat_map(|contents| shown(contents.as_bytes())).collect::<Vec<u16>>();
        shown.iter().map(|code| characters[code].as_str()).collect()
    }

    fn dictionary_at(&self, place: usize) -> String {
        let end =
            [&b"\nstream\n"[..], b"endobj"].iter().filter_map(|end| find(&self.bytes[place..], end)).min().unwrap();
        String::from_utf8_lossy(&self.bytes[place..place + end]).into_owned()
    }

    fn stream_at(&self, place: usize) -> &[u8] {
        let dictionary = self.dictionary_at(place);
        let length = dictionary.split("/Length ").nth(1).unwrap();
        let length: usize = length.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap();
        let begin = place + find(&self.bytes[place..], b"\nstream\n").unwrap() + 8;
        assert!(self.bytes[begin + length..].starts_with(b"\nendstream"));
        &self.bytes[begin..begin + length]
    }
}

fn inflated(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![];
    ZlibDecoder::new(bytes).read_to_end(&mut out).unwrap();
    out
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

/// The codes that contents show: those of all strings before `Tj`.
fn shown(contents: &[u8]) -> Vec<u16> {
    let (mut codes, mut string, mut at) = (vec![], vec![], 0);
    while at < contents.len() {
        match &contents[at..] {
            [b'(', ..] => (string, at) = literal(contents, at + 1),
            [b'<', b'<', ..] | [b'>', b'>', ..] => at += 2,
            [b'<', ..] => {
                let end = at + find(&contents[at..], b">").unwrap();
                let digits = std::str::from_utf8(&contents[at + 1..end]).unwrap();
                string = (0..digits.len() / 2)
                    .map(|at| u8::from_str_radix(&digits[at * 2..at * 2 + 2], 16).unwrap())
                    .collect();
                at = end + 1;
            }
            [b'T', b'j', ..] => {
                codes.extend(string.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])));
                at += 2;
            }
            _ => at += 1,
        }
    }
    codes
}

/// A string in brackets, and the place behind it.
fn literal(contents: &[u8], mut at: usize) -> (Vec<u8>, usize) {
    let (mut string, mut depth) = (vec![], 0);
    loop {
        let byte = contents[at];
        at += 1;
        match byte {
            b'\\' if contents[at].is_ascii_digit() => {
                string.push(u8::from_str_radix(std::str::from_utf8(&contents[at..at + 3]).unwrap(), 8).unwrap());
                at += 3;
            }
            b'\\' => {
                let escaped = [(b'n', b'\n'), (b'r', b'\r'), (b't', b'\t'), (b'b', 8), (b'f', 12)];
                let meant =
                    escaped.iter().find(|(letter, _)| *letter == contents[at]).map_or(contents[at], |(_, byte)| *byte);
                string.push(meant);
                at += 1;
            }
            b')' if depth == 0 => return (string, at),
            byte => {
                depth += i32::from(byte == b'(') - i32::from(byte == b')');
                string.push(byte);
            }
        }
    }
}

//! The picture of a page: the published JPEG, byte by byte (ISO 32000-1, 7.4.8).

use super::Failure;
use super::objects::Objects;
use crate::model::address::SitePath;
use pdf_writer::Ref;
use std::io::{self, Read};

/// A published JPEG.
pub struct Picture {
    /// Its path in the site.
    pub path: SitePath,
    /// From its first byte on.
    pub bytes: Box<dyn Read>,
    /// How many bytes there are.
    pub length: u64,
}

/// How many bytes are copied at once.
const PIECE: usize = 1 << 16;

/// Most bytes before the frame header. Files of this program have some hundreds.
const MAX_BEFORE_FRAME: usize = 1 << 20;

/// The frame header of a JPEG (ITU-T T.81, B.2.2).
#[derive(Debug, PartialEq, Eq)]
struct Frame {
    width: u16,
    height: u16,
    components: u8,
}

impl Picture {
    /// Writes the picture as the object `id`.
    ///
    /// # Errors
    /// It cannot be read, or is no JPEG of grey or colour with 8 bits.
    pub fn write(self, id: Ref, objects: &mut Objects<'_>) -> Result<(), Failure> {
        let Picture { path, mut bytes, length } = self;
        let unreadable = |error| Failure::Picture(path.clone(), error);
        let mut start = vec![];
        let Frame { width, height, components } = frame(&mut bytes, &mut start).map_err(unreadable)?;
        let space = match components {
            1 => "DeviceGray",
            3 => "DeviceRGB",
            _ => return Err(unreadable(invalid("it is a JPEG of neither grey nor colour"))),
        };
        let dictionary = format!(
            "/Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/{space}/BitsPerComponent 8\
             /Filter/DCTDecode"
        );
        objects.begin_raw(id, &dictionary, length)?;
        let (mut bytes, mut piece, mut left) = (io::Cursor::new(start).chain(bytes), [0; PIECE], length);
        while left > 0 {
            let most = PIECE.min(usize::try_from(left).unwrap_or(PIECE));
            let read = bytes.read(&mut piece[..most]).map_err(unreadable)?;
            if read == 0 {
                return Err(unreadable(invalid("it became shorter while it was read")));
            }
            objects.write_raw(&piece[..read])?;
            left -= read as u64;
        }
        Ok(objects.end_raw()?)
    }
}

/// Reads up to the frame header. What is read is added to `start`.
fn frame(bytes: &mut impl Read, start: &mut Vec<u8>) -> io::Result<Frame> {
    let mut next = |count: usize| {
        let from = start.len();
        start.resize(from + count, 0);
        bytes.read_exact(&mut start[from..])?;
        if start.len() > MAX_BEFORE_FRAME { Err(invalid("it has no frame header")) } else { Ok(start[from..].to_vec()) }
    };
    if next(2)? != [0xff, 0xd8] {
        return Err(invalid("it is no JPEG"));
    }
    loop {
        let marker = next(2)?;
        let length = next(2)?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        let segment = next(length.checked_sub(2).ok_or_else(|| invalid("it is damaged"))?)?;
        match (marker[0], marker[1], &segment[..]) {
            // DHT, JPG and DAC have numbers among those of frames.
            (0xff, 0xc4 | 0xc8 | 0xcc, _) => {}
            (0xff, 0xc0..=0xcf, [8, h0, h1, w0, w1, components, ..]) => {
                let [height, width] = [[*h0, *h1], [*w0, *w1]].map(u16::from_be_bytes);
                return Ok(Frame { width, height, components: *components });
            }
            (0xff, 0xc0..=0xcf | 0xda, _) => return Err(invalid("it is no JPEG of 8 bits")),
            (0xff, ..) => {}
            _ => return Err(invalid("it is damaged")),
        }
    }
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> io::Result<Frame> {
        let mut start = vec![];
        let frame = frame(&mut &bytes[..], &mut start);
        assert_eq!(start[..start.len().min(bytes.len())], bytes[..start.len().min(bytes.len())]);
        frame
    }

    #[test]
    fn the_frame_is_found_behind_other_segments() {
        let jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc4\x00\x03c\xff\xc2\x00\x0b\x08\x00\x10\x00\x20\x03xyz\xff\xda";
        assert_eq!(read(jpeg).unwrap(), Frame { width: 32, height: 16, components: 3 });
    }

    #[test]
    fn what_is_no_jpeg_is_refused() {
        for bytes in [
            &b""[..],
            b"GIF89a",
            b"\xff\xd8\xff\xc0\x00\x01",
            b"\xff\xd8\xff\xc0\x00\x08\x0c\x00\x10\x00\x10\x01",
            b"\xff\xd8\xff\xda\x00\x02",
            b"\xff\xd8ab\x00\x02",
        ] {
            assert!(read(bytes).is_err(), "{bytes:?}");
        }
        let endless = [
            b"\xff\xd8".to_vec(),
            b"\xff\xe1\xff\xff".iter().copied().chain([0; 65533]).collect::<Vec<_>>().repeat(20),
        ];
        assert!(read(&endless.concat()).is_err());
    }
}

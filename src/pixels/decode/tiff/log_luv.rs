//! LogL and LogLuv (Greg Ward's TIFF technical note, 1997): brightness on a logarithmic scale that reaches far beyond
//! paper white, which is 1 here. Brighter pixels are shown white.

use super::super::grid::{ChunkGrid, GridReader};
use super::super::lab::encoded;
use super::super::rows::{Alpha, Depth, Layout, Space};
use super::super::{Format, Opened};
use super::directory::{Compression, Directory, Photometric};
use super::ifd::damaged;
use crate::error::Result;
use crate::model::geometry::Size;

/// XYZ (its white has three equal parts) to linear sRGB, from the same note.
const TO_RGB: [[f32; 3]; 3] = [[2.690, -1.276, -0.414], [-1.022, 1.978, 0.044], [0.061, -0.224, 1.163]];

/// How a pixel is stored.
#[derive(Clone, Copy)]
enum Form {
    /// A sign, which is ignored, and 15 bits of brightness.
    Grey,
    /// The same, then 8 bits each of u' and v'.
    Wide,
    /// 10 bits of brightness, 14 bits that number a square of the u'v' diagram.
    Narrow,
}

/// Opens the image of a directory in one of these compressions.
pub fn open(directory: Directory, detail: String) -> Result<Opened> {
    let form = match (directory.compression, directory.photometric) {
        (Compression::SgiLog, Photometric::LogL) => Form::Grey,
        (Compression::SgiLog, Photometric::LogLuv) => Form::Wide,
        (Compression::SgiLog24, Photometric::LogLuv) => Form::Narrow,
        (_, photometric) => return Err(damaged(format!("{photometric:?} in this compression is not read"))),
    };
    if directory.planar {
        return Err(damaged("LogLuv in planes is not read"));
    }
    let space = if matches!(form, Form::Grey) { Space::Grey } else { Space::Rgb };
    let (index, size, orientation) = (directory.index, directory.size, directory.orientation);
    let grid = LogGrid { directory, form };
    let stored = grid.most_bytes(grid.chunk().height as usize) as u64;
    Ok(Opened {
        format: Format::Tiff,
        index,
        size,
        layout: Layout::new(space, Alpha::None, Depth::U8),
        orientation,
        icc: None,
        detail,
        memory: GridReader::memory(&grid, stored),
        extra_memory: 0,
        passthrough: None,
        reader: Box::new(move |_| Ok(Box::new(GridReader::new(grid)))),
    })
}

struct LogGrid {
    directory: Directory,
    form: Form,
}

impl LogGrid {
    /// Most stored bytes of `rows` rows of a chunk.
    fn most_bytes(&self, rows: usize) -> usize {
        self.directory.chunk.width as usize * rows * self.form.bytes() * 2 + (1 << 16)
    }
}

impl ChunkGrid for LogGrid {
    fn size(&self) -> Size {
        self.directory.size
    }

    fn chunk(&self) -> Size {
        self.directory.chunk
    }

    fn bytes_per_pixel(&self) -> usize {
        self.form.channels()
    }

    fn decode(&self, column: u32, row: u32, out: &mut [u8]) -> Result<()> {
        let directory = &self.directory;
        let visible = directory.chunk.width.min(directory.size.width - column * directory.chunk.width) as usize;
        let row_bytes = visible * self.form.channels();
        let (offset, length) = directory.extent((row * directory.columns() + column) as usize)?;
        let length = length.min(self.most_bytes(out.len() / row_bytes) as u64) as usize;
        let stored = directory.tiff.input.read_up_to(offset, length).map_err(damaged)?;
        let mut left = stored.as_slice();
        let mut words = vec![0; directory.chunk.width as usize];
        for out in out.chunks_exact_mut(row_bytes) {
            self.form
                .unpack(&mut left, &mut words)
                .ok_or_else(|| damaged("a strip holds fewer pixels than it should"))?;
            for (pixel, word) in out.chunks_exact_mut(self.form.channels()).zip(&words) {
                pixel.copy_from_slice(&self.form.pixel(*word)[..self.form.channels()]);
            }
        }
        Ok(())
    }
}

impl Form {
    fn channels(self) -> usize {
        if matches!(self, Form::Grey) { 1 } else { 3 }
    }

    /// Bytes of a pixel.
    fn bytes(self) -> usize {
        match self {
            Form::Grey => 2,
            Form::Narrow => 3,
            Form::Wide => 4,
        }
    }

    /// Takes the words of a row from the front of `stored`.
    fn unpack(self, stored: &mut &[u8], words: &mut [u32]) -> Option<()> {
        words.fill(0);
        if matches!(self, Form::Narrow) {
            for word in words {
                let bytes = stored.split_off(..3)?;
                *word = bytes.iter().fold(0, |word, byte| word << 8 | u32::from(*byte));
            }
            return Some(());
        }
        (0..self.bytes()).try_for_each(|_| unpack_plane(stored, words))
    }

    /// Grey, or red, green and blue.
    fn pixel(self, word: u32) -> [u8; 3] {
        let (luma, u, v) = match self {
            Form::Grey => return [encoded(wide_luma(word)); 3],
            Form::Wide => {
                let part = |byte: u32| (byte as f32 + 0.5) / 410.0;
                (wide_luma(word >> 16), part(word >> 8 & 0xff), part(word & 0xff))
            }
            Form::Narrow => {
                let (u, v) = square(word & 0x3fff);
                (luma(word >> 14, 64.0, 12.0), u, v)
            }
        };
        let xyz = [9.0 * u / (4.0 * v) * luma, luma, (12.0 - 3.0 * u - 20.0 * v) / (4.0 * v) * luma];
        TO_RGB.map(|row| encoded(row.iter().zip(xyz).map(|(factor, value)| factor * value).sum()))
    }
}

/// Unpacks the next byte of all words, most significant first: runs of one value, or up to 127 values as they are.
fn unpack_plane(stored: &mut &[u8], words: &mut [u32]) -> Option<()> {
    let mut at = 0;
    while at < words.len() {
        let head = *stored.split_off_first()?;
        let count = usize::from(if head < 128 { head } else { head - 126 });
        let target = words.get_mut(at..at + count)?;
        let mut run = if head < 128 { None } else { Some(*stored.split_off_first()?) };
        for word in target {
            let byte = match &mut run {
                Some(byte) => *byte,
                None => *stored.split_off_first()?,
            };
            *word = *word << 8 | u32::from(byte);
        }
        at += count;
    }
    Some(())
}

fn wide_luma(word: u32) -> f32 {
    luma(word & 0x7fff, 256.0, 64.0)
}

/// The brightness of a code that doubles after every `steps` steps; `offset` doublings lead to the brightness 1. Code 0
/// is black.
fn luma(code: u32, steps: f32, offset: f32) -> f32 {
    if code == 0 { 0.0 } else { ((code as f32 + 0.5) / steps - offset).exp2() }
}

/// The middle of a square. Beyond the last square it is the note's neutral.
fn square(number: u32) -> (f32, f32) {
    let mut first = 0;
    for (row, (left, count)) in ROWS.iter().enumerate() {
        if number < first + u32::from(*count) {
            return (left + (((number - first) as f32) + 0.5) * SIDE, LOWEST + (row as f32 + 0.5) * SIDE);
        }
        first += u32::from(*count);
    }
    (0.210_526, 0.473_684)
}

/// Side of a square.
pub const SIDE: f32 = 0.0035;

/// v' at the lower edge of the first row.
pub const LOWEST: f32 = 0.016_94;

/// For each row, u' at its left edge and the number of its squares.
#[rustfmt::skip]
pub const ROWS: [(f32, u16); 163] = [
    (0.247_663, 4), (0.243_779, 6), (0.241_684, 7), (0.237_874, 9), (0.235_906, 10), (0.232_153, 12), (0.228_352, 14),
    (0.226_259, 15), (0.222_371, 17), (0.220_410, 18), (0.214_710, 21), (0.212_714, 22), (0.210_721, 23),
    (0.204_976, 26), (0.202_986, 27), (0.199_245, 29), (0.195_525, 31), (0.193_560, 32), (0.189_878, 34),
    (0.186_216, 36), (0.186_216, 36), (0.182_592, 38), (0.179_003, 40), (0.175_466, 42), (0.172_001, 44),
    (0.172_001, 44), (0.168_612, 46), (0.168_612, 46), (0.163_575, 49), (0.158_642, 52), (0.158_642, 52),
    (0.158_642, 52), (0.153_815, 55), (0.153_815, 55), (0.149_097, 58), (0.149_097, 58), (0.142_746, 62),
    (0.142_746, 62), (0.142_746, 62), (0.138_270, 65), (0.138_270, 65), (0.138_270, 65), (0.132_166, 69),
    (0.132_166, 69), (0.126_204, 73), (0.126_204, 73), (0.126_204, 73), (0.120_381, 77), (0.120_381, 77),
    (0.120_381, 77), (0.120_381, 77), (0.112_962, 82), (0.112_962, 82), (0.112_962, 82), (0.107_450, 86),
    (0.107_450, 86), (0.107_450, 86), (0.107_450, 86), (0.100_343, 91), (0.100_343, 91), (0.100_343, 91),
    (0.095_126, 95), (0.095_126, 95), (0.095_126, 95), (0.095_126, 95), (0.088_276, 100), (0.088_276, 100),
    (0.088_276, 100), (0.088_276, 100), (0.081_523, 105), (0.081_523, 105), (0.081_523, 105), (0.081_523, 105),
    (0.074_861, 110), (0.074_861, 110), (0.074_861, 110), (0.074_861, 110), (0.068_290, 115), (0.068_290, 115),
    (0.068_290, 115), (0.068_290, 115), (0.063_573, 119), (0.063_573, 119), (0.063_573, 119), (0.063_573, 119),
    (0.057_219, 124), (0.057_219, 124), (0.057_219, 124), (0.057_219, 124), (0.050_985, 129), (0.050_985, 129),
    (0.050_985, 129), (0.050_985, 129), (0.050_985, 129), (0.044_859, 134), (0.044_859, 134), (0.044_859, 134),
    (0.044_859, 134), (0.040_571, 138), (0.040_571, 138), (0.040_571, 138), (0.040_571, 138), (0.036_339, 142),
    (0.036_339, 142), (0.036_339, 142), (0.036_339, 142), (0.032_139, 146), (0.032_139, 146), (0.032_139, 146),
    (0.032_139, 146), (0.027_947, 150), (0.027_947, 150), (0.027_947, 150), (0.023_739, 154), (0.023_739, 154),
    (0.023_739, 154), (0.023_739, 154), (0.019_504, 158), (0.019_504, 158), (0.019_504, 158), (0.016_976, 161),
    (0.016_976, 161), (0.016_976, 161), (0.016_976, 161), (0.012_639, 165), (0.012_639, 165), (0.012_639, 165),
    (0.009_991, 168), (0.009_991, 168), (0.009_991, 168), (0.009_016, 170), (0.009_016, 170), (0.009_016, 170),
    (0.006_217, 173), (0.006_217, 173), (0.005_097, 175), (0.005_097, 175), (0.005_097, 175), (0.003_909, 177),
    (0.003_909, 177), (0.002_340, 177), (0.002_389, 170), (0.001_068, 164), (0.001_653, 157), (0.000_717, 150),
    (0.001_614, 143), (0.000_270, 136), (0.000_484, 129), (0.001_103, 123), (0.001_242, 115), (0.001_188, 109),
    (0.001_011, 103), (0.000_709, 97), (0.000_301, 89), (0.002_416, 82), (0.003_251, 76), (0.003_246, 69),
    (0.004_141, 62), (0.005_963, 55), (0.008_839, 47), (0.010_490, 40), (0.016_994, 31), (0.023_659, 21),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_is_white_and_black_black() {
        let white = |u: f32, v: f32| ((64 << 8) << 16) | ((u * 410.0) as u32) << 8 | (v * 410.0) as u32;
        assert!(Form::Wide.pixel(white(0.210_526, 0.473_684)).iter().all(|value| *value > 250));
        assert_eq!(Form::Grey.pixel(64 << 8), [255; 3]);
        assert_eq!((Form::Grey.pixel(0), Form::Narrow.pixel(0)), ([0; 3], [0; 3]));
    }

    #[test]
    fn runs_and_literals_make_planes() {
        let mut words = [0; 3];
        let stored = [129, 7, 3, 1, 2, 3];
        let mut left = &stored[..];
        Form::Grey.unpack(&mut left, &mut words).unwrap();
        assert_eq!(words, [0x701, 0x702, 0x703]);
        assert!(Form::Grey.unpack(&mut &stored[..4], &mut words).is_none(), "cut off");
        assert!(Form::Grey.unpack(&mut &[200, 1][..], &mut words).is_none(), "a run beyond the row");
    }
}

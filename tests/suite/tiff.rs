//! A small TIFF writer: strips or tiles, any number of pages, the compressions and sample forms that tests need.

use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;
use weezl::BitOrder;

#[derive(Clone, Copy, PartialEq)]
pub enum Compression {
    None,
    Lzw,
    Deflate,
    PackBits,
    /// Each chunk a JPEG with all its tables.
    Jpeg,
}

/// A tag, whether its values are longs (`true`) or shorts, and the values.
type Entry = (u16, bool, Vec<u32>);

/// One page. `rows` holds packed rows of samples, those of 16 bits in big-endian order.
#[derive(Clone)]
pub struct Page {
    pub width: u32,
    pub height: u32,
    pub samples: u16,
    pub bits: u16,
    /// 0 MinIsWhite, 1 MinIsBlack, 2 RGB.
    pub photometric: u16,
    pub compression: Compression,
    /// Tiles of this side instead of strips.
    pub tile: Option<u32>,
    pub rows_per_strip: u32,
    /// Each sample in a plane of its own. For 8 bits.
    pub planar: bool,
    /// Tag 317, whatever the rows are.
    pub predictor: Option<u32>,
    /// Further tags; they replace those of the same number.
    pub tags: Vec<(u16, Vec<u32>)>,
    /// Tags that hold the places of these bytes.
    pub blobs: Vec<(u16, Vec<Vec<u8>>)>,
    /// The strips or tiles as they are stored, and their compression (tag 259).
    pub stored: Option<(u32, Vec<Vec<u8>>)>,
    /// Where strips or tiles lie is said by the tags of the other form.
    pub swapped: bool,
    pub rows: Vec<u8>,
}

const ROWS_PER_STRIP: u32 = 37;

impl Page {
    /// Grey, without its rows.
    fn empty(width: u32, height: u32) -> Page {
        Page {
            width,
            height,
            samples: 1,
            bits: 8,
            photometric: 1,
            compression: Compression::None,
            tile: None,
            rows_per_strip: ROWS_PER_STRIP,
            planar: false,
            predictor: None,
            tags: vec![],
            blobs: vec![],
            stored: None,
            swapped: false,
            rows: vec![],
        }
    }

    pub fn rgb(image: &image::RgbImage) -> Page {
        let (width, height) = image.dimensions();
        let rows = image.as_raw().clone();
        Page { samples: 3, photometric: 2, rows, ..Page::empty(width, height) }
    }

    pub fn grey(image: &image::GrayImage) -> Page {
        let (width, height) = image.dimensions();
        let rows = image.as_raw().clone();
        Page { rows, ..Page::empty(width, height) }
    }

    /// One bit a pixel, set where the image is black.
    pub fn min_is_white(image: &image::GrayImage) -> Page {
        let packed = |row: &[u8]| -> Vec<u8> {
            let byte = |eight: &[u8]| (0..8).map(|bit| u8::from(eight.get(bit) == Some(&0)) << (7 - bit)).sum();
            row.chunks(8).map(byte).collect()
        };
        let rows = image.as_raw().chunks(image.width() as usize).flat_map(packed).collect();
        Page { bits: 1, photometric: 0, rows, ..Page::grey(image) }
    }

    /// 16 bits a sample.
    pub fn deep(self) -> Page {
        let rows = self.rows.iter().flat_map(|value| (u16::from(*value) * 257).to_be_bytes()).collect();
        Page { bits: 16, rows, ..self }
    }

    pub fn compressed(self, compression: Compression) -> Page {
        Page { compression, ..self }
    }

    pub fn tiled(self, side: u32) -> Page {
        Page { tile: Some(side), ..self }
    }

    pub fn in_one_strip(self) -> Page {
        Page { rows_per_strip: self.height, ..self }
    }

    pub fn planar(self) -> Page {
        Page { planar: true, ..self }
    }

    /// With this predictor in the directory. The rows are stored as they are.
    pub fn claiming_predictor(self, predictor: u32) -> Page {
        Page { predictor: Some(predictor), ..self }
    }

    pub fn tagged(mut self, tag: u16, values: &[u32]) -> Page {
        self.tags.push((tag, values.to_vec()));
        self
    }

    /// With a tag that holds the places of these bytes.
    pub fn pointing(mut self, tag: u16, at: &[Vec<u8>]) -> Page {
        self.blobs.push((tag, at.to_vec()));
        self
    }

    /// With these strips or tiles instead of those that the rows make.
    pub fn storing(self, compression: u32, chunks: Vec<Vec<u8>>) -> Page {
        Page { stored: Some((compression, chunks)), ..self }
    }

    pub fn in_strips_of(self, rows: u32) -> Page {
        Page { rows_per_strip: rows, ..self }
    }

    /// Tiles under StripOffsets and StripByteCounts, or strips under the tags of tiles.
    pub fn under_the_other_tags(self) -> Page {
        Page { swapped: true, ..self }
    }

    fn bytes(&self, pixels: u32) -> usize {
        (pixels as usize * usize::from(self.samples * self.bits)).div_ceil(8)
    }

    fn chunks(&self, little_endian: bool) -> Vec<Vec<u8>> {
        if let Some((_, chunks)) = &self.stored {
            return chunks.clone();
        }
        if self.planar {
            let plane = |sample: usize| self.rows.iter().skip(sample).step_by(usize::from(self.samples)).copied();
            let plane = |sample| Page { samples: 1, planar: false, rows: plane(sample).collect(), ..self.clone() };
            return (0..usize::from(self.samples)).flat_map(|sample| plane(sample).chunks(little_endian)).collect();
        }
        let rows: Vec<&[u8]> = self.rows.chunks(self.bytes(self.width)).collect();
        let plain: Vec<Vec<u8>> = match self.tile {
            None => rows.chunks(self.rows_per_strip as usize).map(|strip| strip.concat()).collect(),
            Some(side) => {
                let stride = self.bytes(side);
                let tile = |rows: &[&[u8]], column: usize| {
                    let mut tile = vec![0; stride * side as usize];
                    for (target, row) in tile.chunks_mut(stride).zip(rows) {
                        let part = &row[column * stride..row.len().min((column + 1) * stride)];
                        target[..part.len()].copy_from_slice(part);
                    }
                    tile
                };
                let columns = self.width.div_ceil(side) as usize;
                rows.chunks(side as usize).flat_map(|rows| (0..columns).map(move |column| tile(rows, column))).collect()
            }
        };
        plain.into_iter().map(|chunk| self.compress(self.in_order(chunk, little_endian))).collect()
    }

    fn in_order(&self, mut chunk: Vec<u8>, little_endian: bool) -> Vec<u8> {
        if little_endian && self.bits == 16 {
            chunk.chunks_mut(2).for_each(|sample| sample.reverse());
        }
        chunk
    }

    fn compress(&self, chunk: Vec<u8>) -> Vec<u8> {
        match self.compression {
            Compression::None => chunk,
            Compression::Lzw => weezl::encode::Encoder::with_tiff_size_switch(BitOrder::Msb, 8).encode(&chunk).unwrap(),
            Compression::PackBits => {
                let literal = |bytes: &[u8]| [&[bytes.len() as u8 - 1], bytes].concat();
                chunk.chunks(128).flat_map(literal).collect()
            }
            Compression::Jpeg => {
                let side = self.tile.expect("JPEG in tiles only");
                let colour = if self.samples == 1 { ExtendedColorType::L8 } else { ExtendedColorType::Rgb8 };
                let mut bytes = vec![];
                JpegEncoder::new_with_quality(&mut bytes, 85).encode(&chunk, side, side, colour).unwrap();
                bytes
            }
            Compression::Deflate => {
                let mut encoder = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
                let mut bytes = vec![0; encoder.zlib_compress_bound(chunk.len())];
                let length = encoder.zlib_compress(&chunk, &mut bytes).unwrap();
                bytes.truncate(length);
                bytes
            }
        }
    }

    /// The directory's entries.
    fn entries(&self, offsets: Vec<u32>, counts: Vec<u32>, places: Vec<Entry>) -> Vec<Entry> {
        let compression = match self.compression {
            Compression::None => 1,
            Compression::Lzw => 5,
            Compression::Deflate => 8,
            Compression::Jpeg => 7,
            Compression::PackBits => 32773,
        };
        let compression = self.stored.as_ref().map_or(compression, |(number, _)| *number);
        let is_ycbcr = self.compression == Compression::Jpeg && self.samples == 3;
        let photometric = if is_ycbcr { 6 } else { self.photometric };
        let mut entries = vec![
            (256, true, vec![self.width]),
            (257, true, vec![self.height]),
            (258, false, vec![u32::from(self.bits); usize::from(self.samples)]),
            (259, false, vec![compression]),
            (262, false, vec![u32::from(photometric)]),
            (277, false, vec![u32::from(self.samples)]),
            (284, false, vec![1 + u32::from(self.planar)]),
        ];
        match self.tile {
            None => entries.extend([(273, true, offsets), (278, true, vec![self.rows_per_strip]), (279, true, counts)]),
            Some(side) => {
                let side = vec![side];
                entries.extend([
                    (322, true, side.clone()),
                    (323, true, side),
                    (324, true, offsets),
                    (325, true, counts),
                ]);
            }
        }
        entries.extend(self.predictor.map(|predictor| (317, false, vec![predictor])));
        if self.swapped {
            let other = |tag| [(273, 324), (279, 325), (324, 273), (325, 279)].iter().find(|(own, _)| *own == tag);
            entries.iter_mut().for_each(|entry| entry.0 = other(entry.0).map_or(entry.0, |(_, other)| *other));
        }
        entries.retain(|(tag, ..)| self.tags.iter().all(|(other, _)| other != tag));
        entries.extend(self.tags.iter().map(|(tag, values)| (*tag, true, values.clone())));
        entries.extend(places);
        entries.sort_by_key(|(tag, ..)| *tag);
        entries
    }
}

/// The file.
pub fn encode(pages: &[Page], little_endian: bool) -> Vec<u8> {
    let mut file = Writer { bytes: if little_endian { b"II*\0".to_vec() } else { b"MM\0*".to_vec() }, little_endian };
    let mut link = file.bytes.len();
    file.long(0);
    for page in pages {
        let (mut offsets, mut counts) = (vec![], vec![]);
        for chunk in page.chunks(little_endian) {
            offsets.push(file.append(&chunk));
            counts.push(chunk.len() as u32);
        }
        let place =
            |(tag, blobs): &(u16, Vec<Vec<u8>>)| (*tag, true, blobs.iter().map(|blob| file.append(blob)).collect());
        let places = page.blobs.iter().map(place).collect();
        link = file.directory(link, &page.entries(offsets, counts, places));
    }
    file.bytes
}

struct Writer {
    bytes: Vec<u8>,
    little_endian: bool,
}

impl Writer {
    fn short(&mut self, value: u16) {
        self.bytes.extend(if self.little_endian { value.to_le_bytes() } else { value.to_be_bytes() });
    }

    fn long(&mut self, value: u32) {
        self.bytes.extend(if self.little_endian { value.to_le_bytes() } else { value.to_be_bytes() });
    }

    /// Answers where `bytes` begin.
    fn append(&mut self, bytes: &[u8]) -> u32 {
        self.bytes.resize(self.bytes.len().next_multiple_of(2), 0);
        let at = self.bytes.len() as u32;
        self.bytes.extend(bytes);
        at
    }

    fn values(&self, is_long: bool, values: &[u32]) -> Vec<u8> {
        let mut inner = Writer { bytes: vec![], little_endian: self.little_endian };
        values.iter().for_each(|value| if is_long { inner.long(*value) } else { inner.short(*value as u16) });
        inner.bytes
    }

    /// Writes a directory, points `link` at it, answers the place of its own link.
    fn directory(&mut self, link: usize, entries: &[Entry]) -> usize {
        let fields: Vec<Vec<u8>> = entries
            .iter()
            .map(|(_, is_long, values)| {
                let mut bytes = self.values(*is_long, values);
                if bytes.len() > 4 {
                    let at = self.append(&bytes);
                    bytes = self.values(true, &[at]);
                }
                bytes.resize(4, 0);
                bytes
            })
            .collect();
        let at = self.append(&[]);
        let pointer = self.values(true, &[at]);
        self.bytes[link..link + 4].copy_from_slice(&pointer);
        self.short(entries.len() as u16);
        for ((tag, is_long, values), field) in entries.iter().zip(fields) {
            self.short(*tag);
            self.short(if *is_long { 4 } else { 3 });
            self.long(values.len() as u32);
            self.bytes.extend(field);
        }
        let link = self.bytes.len();
        self.long(0);
        link
    }
}

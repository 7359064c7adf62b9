//! TIFFs that libtiff reads although hardly any other program does: each shows the pixels that it was made of.

use crate::draw::{colour, grey};
use crate::tiff::{self, Compression, Page};
use iiif_build::error::Result;
use iiif_build::model::ImageHeader;
use iiif_build::model::settings::ImageSettings;
use iiif_build::pixels::decode;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, GrayImage, Rgb, RgbImage};

pub const WIDTH: u32 = 101;
pub const HEIGHT: u32 = 67;

/// The header and the pixels of each page, decoded in pieces of several heights.
pub fn decoded(file: &[u8]) -> Result<Vec<(ImageHeader, Vec<u8>)>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("1.tif");
    std::fs::write(&path, file).unwrap();
    let settings = ImageSettings::default();
    let page = |header: ImageHeader| {
        let needed = header.decoder_memory.bytes(rayon::current_num_threads());
        let mut source = decode::open(&path, &header, &settings, needed)?;
        let row = header.size.width as usize * header.channels.count();
        let mut pixels = vec![0; row * header.size.height as usize];
        let (start, rest) = pixels.split_at_mut(row * 5.min(header.size.height as usize));
        source.read_rows(start)?;
        rest.chunks_mut(row * 23).try_for_each(|rows| source.read_rows(rows))?;
        Ok((header, pixels))
    };
    decode::probe(&path, &settings)?.into_iter().map(page).collect()
}

/// The most that a sample of the only page differs from `expected`.
pub fn worst(file: &[u8], expected: &[u8]) -> u8 {
    let mut pages = decoded(file).unwrap();
    assert_eq!(pages.len(), 1);
    let (_, pixels) = pages.remove(0);
    assert_eq!(pixels.len(), expected.len());
    pixels.iter().zip(expected).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

pub fn both_orders(page: &Page) -> [Vec<u8>; 2] {
    [true, false].map(|little_endian| tiff::encode(std::slice::from_ref(page), little_endian))
}

#[test]
fn tiles_under_the_tags_of_strips_are_read_and_strips_under_those_of_tiles() {
    let image = colour(WIDTH, HEIGHT);
    for compression in [Compression::None, Compression::Lzw, Compression::Deflate, Compression::PackBits] {
        let page = || Page::rgb(&image).compressed(compression).under_the_other_tags();
        for page in [page(), page().tiled(32), page().tiled(16).planar(), page().planar(), page().tiled(128)] {
            for file in both_orders(&page) {
                assert_eq!(worst(&file, &image), 0);
            }
        }
    }
}

#[test]
fn lengths_of_uncompressed_strips_that_cannot_be_true_are_ignored() {
    let image = grey(WIDTH, HEIGHT);
    let page = || Page::grey(&image);
    let strips = HEIGHT.div_ceil(37) as usize;
    let wrong: Vec<u32> = (1..=HEIGHT.div_ceil(9)).map(|strip| 100 + strip).collect();
    for page in [page().in_one_strip().tagged(279, &[7]), page().in_strips_of(9).tagged(279, &wrong)] {
        assert_eq!(worst(&tiff::encode(&[page], true), &image), 0);
    }
    // Two strips: nothing says which of the lengths is wrong.
    let file = tiff::encode(&[page().tagged(279, &vec![7; strips])], true);
    assert!(decoded(&file).is_err());
    // A file that ends too early lacks pixels, whatever its lengths say.
    let whole = tiff::encode(&[page().in_one_strip()], true);
    let stored_first = &whole[..whole.len() - 400];
    assert!(decoded(stored_first).is_err());
}

#[test]
fn an_uncompressed_strip_of_any_width_is_read_in_pieces() {
    let row = grey(512, 1);
    let image = GrayImage::from_fn(140_000, 67, |x, y| image::Luma([row.get_pixel(x % 512, 0).0[0] ^ y as u8]));
    for page in [Page::grey(&image).in_one_strip(), Page::grey(&image).in_strips_of(66)] {
        assert_eq!(worst(&tiff::encode(&[page], true), &image), 0);
    }
}

/// YCbCr of which every pixel is known: flat in blocks of `across` x `down`.
pub struct Ycc {
    pub planes: [GrayImage; 3],
    across: u32,
    down: u32,
}

impl Ycc {
    pub fn new(across: u32, down: u32) -> Ycc {
        let chroma = |x: u32, factor: u32| (64 + x * factor % 128) as u8;
        let luma = GrayImage::from_fn(WIDTH, HEIGHT, |x, y| image::Luma([(60 + (x * 3 + y * 7) % 120) as u8]));
        let (width, height) = (WIDTH.div_ceil(across), HEIGHT.div_ceil(down));
        let cb = GrayImage::from_fn(width, height, |x, y| image::Luma([chroma(x + y, 5)]));
        let cr = GrayImage::from_fn(width, height, |x, y| image::Luma([chroma(x * 2 + y, 3)]));
        Ycc { planes: [luma, cb, cr], across, down }
    }

    /// As RGB, with these weights of red, green and blue.
    pub fn rgb(&self, [red, green, blue]: [f32; 3]) -> RgbImage {
        RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
            let [luma, cb, cr] = [(x, y), (x / self.across, y / self.down), (x / self.across, y / self.down)];
            let sample = |plane: usize, (x, y): (u32, u32)| f32::from(self.planes[plane].get_pixel(x, y).0[0]);
            let (luma, cb, cr) = (sample(0, luma), sample(1, cb) - 128.0, sample(2, cr) - 128.0);
            let (r, b) = (luma + cr * (2.0 - 2.0 * red), luma + cb * (2.0 - 2.0 * blue));
            Rgb([r, (luma - red * r - blue * b) / green, b].map(|value| value.round() as u8))
        })
    }

    /// Each plane in strips of the rows that belong to `rows` rows of pixels.
    fn strips(&self, rows: u32) -> Vec<Vec<u8>> {
        let strips = |plane: &GrayImage, rows: u32| -> Vec<Vec<u8>> {
            plane.as_raw().chunks((plane.width() * rows) as usize).map(<[u8]>::to_vec).collect()
        };
        let rows = [rows, rows.div_ceil(self.down), rows.div_ceil(self.down)];
        self.planes.iter().zip(rows).flat_map(|(plane, rows)| strips(plane, rows)).collect()
    }

    /// Each plane in tiles of the samples that belong to `side` x `side` pixels.
    fn tiles(&self, side: u32) -> Vec<Vec<u8>> {
        let tiles = |plane: &GrayImage, (w, h): (u32, u32)| -> Vec<Vec<u8>> {
            let at =
                |x: u32, y: u32| if x < plane.width() && y < plane.height() { plane.get_pixel(x, y).0[0] } else { 0 };
            let tile = |left: u32, top: u32| (0..h).flat_map(move |y| (0..w).map(move |x| (left + x, top + y)));
            (0..HEIGHT.div_ceil(side))
                .flat_map(|row| (0..WIDTH.div_ceil(side)).map(move |column| (column * w, row * h)))
                .map(|(left, top)| tile(left, top).map(|(x, y)| at(x, y)).collect())
                .collect()
        };
        let small = (side / self.across, side / self.down);
        self.planes.iter().zip([(side, side), small, small]).flat_map(|(plane, size)| tiles(plane, size)).collect()
    }

    pub fn page(&self) -> Page {
        let page = Page { photometric: 6, ..Page::rgb(&RgbImage::new(WIDTH, HEIGHT)) };
        page.planar().tagged(530, &[self.across, self.down])
    }
}

pub const REC_601: [f32; 3] = [0.299, 0.587, 0.114];

#[test]
fn ycbcr_in_planes_is_read_at_each_subsampling() {
    for (across, down) in [(1, 1), (2, 1), (2, 2), (1, 2), (4, 1), (4, 2), (4, 4)] {
        let ycc = Ycc::new(across, down);
        let expected = ycc.rgb(REC_601);
        for page in [
            ycc.page().in_one_strip().storing(1, ycc.strips(HEIGHT)),
            ycc.page().in_strips_of(16).storing(1, ycc.strips(16)),
            Page { tile: Some(32), ..ycc.page() }.storing(1, ycc.tiles(32)),
        ] {
            for file in both_orders(&page) {
                assert!(worst(&file, &expected) <= 1, "{across} x {down}");
            }
        }
        let packed = |chunk: &Vec<u8>| {
            chunk.chunks(128).flat_map(|bytes| [&[bytes.len() as u8 - 1], bytes].concat()).collect::<Vec<u8>>()
        };
        let strips = ycc.strips(16).iter().map(packed).collect();
        let page = ycc.page().in_strips_of(16).storing(32773, strips);
        assert!(worst(&tiff::encode(&[page], true), &expected) <= 1);
    }
}

#[test]
fn ycbcr_planes_that_are_jpegs_are_read() {
    let ycc = Ycc::new(2, 2);
    let tiles = ycc.tiles(32).into_iter().enumerate().map(|(index, tile)| {
        let side = if index < 4 * 3 { 32 } else { 16 };
        let mut jpeg = vec![];
        JpegEncoder::new_with_quality(&mut jpeg, 100).encode(&tile, side, side, ExtendedColorType::L8).unwrap();
        jpeg
    });
    let page = Page { tile: Some(32), ..ycc.page() }.storing(7, tiles.collect());
    let worst = worst(&tiff::encode(&[page], true), &ycc.rgb(REC_601));
    assert!(worst <= 12, "{worst}");
}

/// The file with tag 529 as three rationals, which the writer does not have: it wrote the place of their bytes.
fn as_rationals(mut file: Vec<u8>) -> Vec<u8> {
    let entry = file.windows(8).position(|entry| entry == [0x11, 2, 4, 0, 1, 0, 0, 0]).unwrap();
    file[entry + 2..entry + 8].copy_from_slice(&[5, 0, 3, 0, 0, 0]);
    file
}

#[test]
fn the_luma_of_a_file_is_that_which_it_states() {
    let ycc = Ycc::new(1, 1);
    let rational = |values: [u32; 3]| -> Vec<u8> {
        values.into_iter().flat_map(|value| [value.to_le_bytes(), 10_000u32.to_le_bytes()].concat()).collect()
    };
    let page = ycc.page().in_one_strip().storing(1, ycc.strips(HEIGHT));
    let file = tiff::encode(&[page.pointing(529, &[rational([2126, 7152, 722])])], true);
    assert!(worst(&as_rationals(file), &ycc.rgb([0.2126, 0.7152, 0.0722])) <= 1);
}

#[test]
fn luma_that_cannot_be_is_that_of_rec_601() {
    let ycc = Ycc::new(1, 1);
    // 1/0, as a writer leaves it that does not know.
    let rational = [1u32.to_le_bytes(), 0u32.to_le_bytes()].concat().repeat(3);
    for weights in [rational, vec![0; 24]] {
        let page = ycc.page().in_one_strip().storing(1, ycc.strips(HEIGHT)).pointing(529, &[weights]);
        assert!(worst(&as_rationals(tiff::encode(&[page], true)), &ycc.rgb(REC_601)) <= 1);
    }
}

#[test]
fn a_palette_with_alpha_in_planes_is_read() {
    let (palette, indices) = ([10u32, 20, 30, 200].map(|value| value * 257), [0u8, 1, 2, 3]);
    let alpha = [255u8, 255, 0, 255];
    let page = Page { width: 4, height: 1, samples: 2, photometric: 3, ..Page::grey(&GrayImage::new(4, 1)) };
    let map: Vec<u32> = (0..3)
        .flat_map(|c| (0..256).map(move |at| (at, c)))
        .map(|(at, c): (usize, u32)| palette.get(at).map_or(0, |value| value + c * 257))
        .collect();
    let page = page.planar().in_one_strip().storing(1, vec![indices.to_vec(), alpha.to_vec()]);
    let file = tiff::encode(&[page.tagged(338, &[2]).tagged(320, &map)], true);
    assert_eq!(worst(&file, &[10, 11, 12, 20, 21, 22, 255, 255, 255, 200, 201, 202]), 0);
}

#[test]
fn integers_of_64_bits_are_read() {
    let image = grey(WIDTH, HEIGHT);
    let rows = |big_endian: bool| -> Vec<u8> {
        let wide = |value: &u8| u64::from_ne_bytes([*value; 8]);
        let bytes = |value: u64| if big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        image.as_raw().iter().flat_map(|value| bytes(wide(value))).collect()
    };
    for little_endian in [true, false] {
        let page = Page { bits: 64, rows: rows(!little_endian), ..Page::grey(&image) };
        assert_eq!(worst(&tiff::encode(&[page], little_endian), &image), 0);
    }
}

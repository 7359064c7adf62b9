//! TIFFs that libtiff reads although hardly any other program does: each shows the pixels that it was made of. And the
//! images of a TIFF that are no pages.

use crate::draw::{colour, grey};
use crate::project::Project;
use crate::prove::assert_proven;
use crate::tiff::{self, Compression, Page};
use iiif_build::error::Result;
use iiif_build::model::ImageHeader;
use iiif_build::model::settings::ImageSettings;
use iiif_build::pixels::decode;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, GrayImage, Rgb, RgbImage};

const WIDTH: u32 = 101;
const HEIGHT: u32 = 67;

/// The header and the pixels of each page, decoded in pieces of several heights.
fn decoded(file: &[u8]) -> Result<Vec<(ImageHeader, Vec<u8>)>> {
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
fn worst(file: &[u8], expected: &[u8]) -> u8 {
    let mut pages = decoded(file).unwrap();
    assert_eq!(pages.len(), 1);
    let (_, pixels) = pages.remove(0);
    assert_eq!(pixels.len(), expected.len());
    pixels.iter().zip(expected).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

fn both_orders(page: &Page) -> [Vec<u8>; 2] {
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

/// YCbCr of which every pixel is known: flat in blocks of `across` x `down`.
struct Ycc {
    planes: [GrayImage; 3],
    across: u32,
    down: u32,
}

impl Ycc {
    fn new(across: u32, down: u32) -> Ycc {
        let chroma = |x: u32, factor: u32| (64 + x * factor % 128) as u8;
        let luma = GrayImage::from_fn(WIDTH, HEIGHT, |x, y| image::Luma([(60 + (x * 3 + y * 7) % 120) as u8]));
        let (width, height) = (WIDTH.div_ceil(across), HEIGHT.div_ceil(down));
        let cb = GrayImage::from_fn(width, height, |x, y| image::Luma([chroma(x + y, 5)]));
        let cr = GrayImage::from_fn(width, height, |x, y| image::Luma([chroma(x * 2 + y, 3)]));
        Ycc { planes: [luma, cb, cr], across, down }
    }

    /// As RGB, with these weights of red, green and blue.
    fn rgb(&self, [red, green, blue]: [f32; 3]) -> RgbImage {
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

    fn page(&self) -> Page {
        let page = Page { photometric: 6, ..Page::rgb(&RgbImage::new(WIDTH, HEIGHT)) };
        page.planar().tagged(530, &[self.across, self.down])
    }
}

const REC_601: [f32; 3] = [0.299, 0.587, 0.114];

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

#[test]
fn the_luma_of_a_file_is_that_which_it_states() {
    let ycc = Ycc::new(1, 1);
    let rational = |values: [u32; 3]| -> Vec<u8> {
        values.into_iter().flat_map(|value| [value.to_le_bytes(), 10_000u32.to_le_bytes()].concat()).collect()
    };
    let page = ycc.page().in_one_strip().storing(1, ycc.strips(HEIGHT));
    let mut file = tiff::encode(&[page.pointing(529, &[rational([2126, 7152, 722])])], true);
    // The writer has no rationals: the entry becomes three of them.
    let entry = file.windows(8).position(|entry| entry == [0x11, 2, 4, 0, 1, 0, 0, 0]).unwrap();
    file[entry + 2..entry + 8].copy_from_slice(&[5, 0, 3, 0, 0, 0]);
    assert!(worst(&file, &ycc.rgb([0.2126, 0.7152, 0.0722])) <= 1);
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

/// A JPEG taken apart.
struct Parts {
    /// Quantisation tables, 64 bytes each, by number; Huffman tables by class and number.
    quantisation: Vec<Vec<u8>>,
    huffman: Vec<Vec<u8>>,
    /// Everything before the scan data, with its start marker.
    header: Vec<u8>,
    /// The tables alone, as segments.
    tables: Vec<u8>,
    data: Vec<u8>,
}

fn parts(pixels: &[u8], width: u32, height: u32, kind: ExtendedColorType) -> Parts {
    let mut jpeg = vec![];
    JpegEncoder::new_with_quality(&mut jpeg, 95).encode(pixels, width, height, kind).unwrap();
    let (mut quantisation, mut huffman, mut tables, mut at) = (vec![], vec![vec![]; 4], vec![], 2);
    loop {
        let (marker, length) = (jpeg[at + 1], usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]])));
        let content = &jpeg[at + 4..at + 2 + length];
        match marker {
            0xdb => quantisation.extend(content.chunks(65).map(|table| table[1..].to_vec())),
            0xc4 => huffman[usize::from(content[0] >> 4) * 2 + usize::from(content[0] & 1)] = content[1..].to_vec(),
            _ => {}
        }
        if matches!(marker, 0xdb | 0xc4) {
            tables.extend(&jpeg[at..at + 2 + length]);
        }
        at += 2 + length;
        if marker == 0xda {
            let data = jpeg[at..jpeg.len() - 2].to_vec();
            return Parts { quantisation, huffman, header: jpeg[..at].to_vec(), tables, data };
        }
    }
}

/// Strips or tiles of an image, each encoded by itself.
fn pieces(image: &RgbImage, width: u32, height: u32) -> Vec<Parts> {
    let (across, down) = (image.width().div_ceil(width), image.height().div_ceil(height));
    let piece = |column: u32, row: u32| {
        let height = height.min(if width < image.width() { height } else { image.height() - row * height });
        let at = |x: u32, y: u32| *image.get_pixel(x.min(image.width() - 1), y.min(image.height() - 1));
        let piece = RgbImage::from_fn(width, height, |x, y| at(column * width + x, row * 32 + y));
        parts(&piece, width, height, ExtendedColorType::Rgb8)
    };
    (0..down)
        .flat_map(|row| (0..across).map(move |column| (column, row)))
        .map(|(column, row)| piece(column, row))
        .collect()
}

/// An image whose colours change slowly, so that a JPEG of it is near to it.
fn soft() -> RgbImage {
    RgbImage::from_fn(WIDTH, HEIGHT, |x, y| Rgb([(40 + x) as u8, (200 - y) as u8, (60 + (x + y) / 2) as u8]))
}

fn old_style() -> Page {
    let page = Page { photometric: 6, ..Page::rgb(&RgbImage::new(WIDTH, HEIGHT)) };
    page.tagged(530, &[1, 1]).tagged(512, &[1])
}

/// The tags 519 to 521 with the tables of each component.
fn with_tables(page: Page, parts: &Parts) -> Page {
    let each = |tables: &[Vec<u8>]| vec![tables[0].clone(), tables[1].clone(), tables[1].clone()];
    page.pointing(519, &each(&parts.quantisation))
        .pointing(520, &each(&parts.huffman[..2]))
        .pointing(521, &each(&parts.huffman[2..]))
}

fn data(pieces: &[Parts]) -> Vec<Vec<u8>> {
    pieces.iter().map(|parts| parts.data.clone()).collect()
}

#[test]
fn old_style_jpegs_are_read_wherever_their_tables_are() {
    let image = soft();
    let strips = |page: Page| page.in_strips_of(32);
    let tiles = |page: Page| Page { tile: Some(32), ..page };
    for (form, pieces) in
        [(&strips as &dyn Fn(Page) -> Page, pieces(&image, WIDTH, 32)), (&tiles, pieces(&image, 32, 32))]
    {
        let first = &pieces[0];
        let page = || form(old_style());
        let whole = |parts: &Parts| [&parts.header[..], &parts.data, &[0xff, 0xd9]].concat();
        let mut with_header = data(&pieces);
        with_header[0] = [&first.header[..], &first.data].concat();
        let stream = |bytes: Vec<u8>, length: bool| {
            let tagged = if length { page().tagged(514, &[bytes.len() as u32]) } else { page() };
            tagged.pointing(513, &[bytes])
        };
        let in_tables = [&[0xff, 0xd8][..], &first.tables].concat();
        let ended = [&in_tables[..], &[0xff, 0xd9]].concat();
        let files = [
            ("tables in tags", with_tables(page(), first).storing(6, data(&pieces))),
            ("each piece a JPEG", page().storing(6, pieces.iter().map(whole).collect())),
            ("the header before the first piece", page().storing(6, with_header)),
            ("the header in a stream", stream(first.header.clone(), true).storing(6, data(&pieces))),
            ("the tables in a stream", stream(in_tables.clone(), true).storing(6, data(&pieces))),
            ("the tables in a stream without a length", stream(ended, false).storing(6, data(&pieces))),
            ("RGB by its tag", with_tables(page(), first).tagged(262, &[2]).storing(6, data(&pieces))),
        ];
        for (name, page) in files {
            for file in both_orders(&page) {
                let worst = worst(&file, &image);
                assert!(worst <= 12, "{name}, tiles: {}: {worst}", page.tile.is_some());
            }
        }
    }
}

#[test]
fn a_whole_old_style_jpeg_is_read_with_and_without_its_length() {
    let image = soft();
    let parts = parts(&image, WIDTH, HEIGHT, ExtendedColorType::Rgb8);
    let jpeg = [&parts.header[..], &parts.data, &[0xff, 0xd9]].concat();
    let page = || old_style().in_one_strip();
    let of_stream = || Page { tags: page().tags, ..page() }.pointing(513, std::slice::from_ref(&jpeg));
    let strip = vec![parts.data.clone()];
    for page in [
        page().storing(6, vec![jpeg.clone()]),
        of_stream().tagged(514, &[jpeg.len() as u32]).storing(6, strip.clone()),
        of_stream().storing(6, strip),
        // One tile that is larger than the image holds a JPEG of the image's size.
        Page { tile: Some(128), ..page() }.storing(6, vec![jpeg.clone()]),
    ] {
        assert!(worst(&tiff::encode(&[page], true), &image) <= 12);
    }
}

#[test]
fn old_style_jpegs_of_grey_and_in_planes_are_read() {
    let image = grey(WIDTH, HEIGHT);
    let of_grey = parts(&image, WIDTH, HEIGHT, ExtendedColorType::L8);
    let page = Page::grey(&image).in_one_strip();
    let tables = |page: Page, count: usize, parts: &Parts| {
        page.pointing(519, &vec![parts.quantisation[0].clone(); count])
            .pointing(520, &vec![parts.huffman[0].clone(); count])
            .pointing(521, &vec![parts.huffman[2].clone(); count])
    };
    let file = tiff::encode(&[tables(page, 1, &of_grey).storing(6, vec![of_grey.data.clone()])], true);
    let mut jpeg = of_grey.header.clone();
    jpeg.extend([&of_grey.data[..], &[0xff, 0xd9]].concat());
    let expected = image::load_from_memory(&jpeg).unwrap().into_luma8();
    assert!(worst(&file, &expected) <= 2);

    let ycc = Ycc::new(2, 2);
    let planes: Vec<Parts> =
        (ycc.planes.iter()).map(|plane| parts(plane, plane.width(), plane.height(), ExtendedColorType::L8)).collect();
    let page = tables(ycc.page().in_one_strip(), 3, &planes[0]);
    let worst = worst(&tiff::encode(&[page.storing(6, data(&planes))], true), &ycc.rgb(REC_601));
    assert!(worst <= 40, "{worst}");
}

#[test]
fn an_old_style_jpeg_without_tables_is_refused_with_that_reason() {
    let pieces = pieces(&soft(), WIDTH, 32);
    let file = tiff::encode(&[old_style().in_strips_of(32).storing(6, data(&pieces))], true);
    let error = decoded(&file).unwrap_err();
    assert!(error.message().contains("without its tables"), "{error:?}");
    let page = with_tables(old_style().in_strips_of(32), &pieces[0]).storing(6, vec![vec![]; 3]);
    assert!(decoded(&tiff::encode(&[page], true)).is_err());
}

/// A mask of one bit a pixel: the frame of `margin` pixels is not shown.
fn mask(width: u32, height: u32, margin: u32) -> Page {
    let is_shown = |x: u32, y: u32| (margin..width - margin).contains(&x) && (margin..height - margin).contains(&y);
    let shown = GrayImage::from_fn(width, height, |x, y| image::Luma([if is_shown(x, y) { 0 } else { 255 }]));
    Page { photometric: 4, ..Page::min_is_white(&shown) }.tagged(254, &[4])
}

#[test]
fn a_mask_lays_what_is_not_shown_on_the_background() {
    let image = colour(WIDTH, HEIGHT);
    let seen = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let inside = (20..WIDTH - 20).contains(&x) && (20..HEIGHT - 20).contains(&y);
        if inside { *image.get_pixel(x, y) } else { Rgb([255; 3]) }
    });
    let mask = || mask(WIDTH, HEIGHT, 20);
    let page = || Page::rgb(&image);
    for pages in [
        [page(), mask()],
        [page().deep().tiled(32), mask().compressed(Compression::Deflate)],
        [page().compressed(Compression::Lzw).tiled(64), mask().compressed(Compression::Lzw).tiled(16)],
        [page().planar(), mask().in_one_strip()],
    ] {
        assert_eq!(worst(&tiff::encode(&pages, true), &seen), 0);
    }
    // A mask of a smaller copy is not one of the page.
    let half = colour(WIDTH / 2, HEIGHT / 2);
    let small = [page(), Page::rgb(&half).tagged(254, &[1]), self::mask(WIDTH / 2, HEIGHT / 2, 9).tagged(254, &[5])];
    assert_eq!(worst(&tiff::encode(&small, true), &image), 0);
}

#[test]
fn jpeg_tiles_with_a_mask_are_not_published_as_they_are() {
    let image = colour(512, 512);
    let page = Page::rgb(&image).compressed(Compression::Jpeg).tiled(256);
    let file = tiff::encode(&[page, mask(512, 512, 100)], true);
    let config = "[images]\nlossless = \"always\"\nbackground = \"#ff0000\"\n";
    let project = Project::new().file("iiif-build.toml", config).file("content/a/1.tif", file);
    let site = project.built();
    assert_proven(&site);
    let whole = image::load_from_memory(&site.read("iiif/3/a_1/full/max/0/default.jpg")).unwrap().into_rgb8();
    let [red, green, blue] = whole.get_pixel(40, 40).0;
    assert!(red > 245 && green < 10 && blue < 10, "the collar is as the background: {red} {green} {blue}");
}

/// The sizes of the pages, and what their treatments say of thumbnails.
fn pages_of(pages: &[Page]) -> Vec<(u32, u32, bool)> {
    let pages = decoded(&tiff::encode(pages, true)).unwrap();
    let page = |(header, _): &(ImageHeader, Vec<u8>)| {
        (header.size.width, header.size.height, header.treatment.contains("without its thumbnail"))
    };
    pages.iter().map(page).collect()
}

fn sized(width: u32, height: u32) -> Page {
    Page::rgb(&colour(width, height))
}

#[test]
fn a_thumbnail_in_the_file_of_a_page_is_no_page() {
    let page = || sized(600, 800);
    for thumbnail in [sized(120, 160), sized(96, 128), sized(200, 267), Page::grey(&grey(75, 100))] {
        assert_eq!(pages_of(&[page(), thumbnail.clone()]), [(600, 800, true)]);
        assert_eq!(pages_of(&[thumbnail.clone(), page()]), [(600, 800, true)]);
        let pairs = [thumbnail.clone(), page(), thumbnail.clone(), sized(900, 1200), thumbnail];
        assert_eq!(pages_of(&pairs), [(600, 800, true), (900, 1200, true)]);
    }
    // One that is flagged needs no guess.
    let flagged = || sized(130, 160).tagged(254, &[1]);
    assert_eq!(pages_of(&[flagged(), page()]), [(600, 800, false)]);
    assert_eq!(pages_of(&[page(), flagged()]), [(600, 800, false)]);
    // The thumbnail of a page that is stored on its side may be upright already.
    assert_eq!(pages_of(&[page().tagged(274, &[6]), sized(160, 120)]), [(800, 600, true)]);
}

#[test]
fn a_small_page_is_a_page() {
    let page = || sized(1200, 1600);
    for other in [
        sized(160, 120),
        sized(130, 160),
        sized(160, 160),
        sized(540, 720),
        // Halved, it would be a level of a pyramid; a third of it is too large for a thumbnail.
        sized(900, 1200),
        sized(120, 160).tagged(254, &[2]),
    ] {
        assert_eq!(pages_of(&[page(), other.clone()]).len(), 2, "{} x {}", other.width, other.height);
        assert_eq!(pages_of(&[other.clone(), page()]).len(), 2, "{} x {}", other.width, other.height);
    }
    assert_eq!(pages_of(&[sized(120, 160), sized(120, 160)]).len(), 2);
    assert_eq!(pages_of(&[sized(120, 160).tagged(254, &[1])]), [(120, 160, false)], "the only image is a page");
}

#[test]
fn plan_says_which_thumbnail_is_left_out_and_the_page_has_the_name_of_its_file() {
    let file = tiff::encode(&[sized(600, 800), sized(120, 160)], true);
    let project = Project::new().file("content/a/1.tif", file);
    let site = project.built();
    assert_proven(&site);
    assert_eq!(site.image_ids().into_iter().collect::<Vec<_>>(), ["a_1"]);
    let said = project.command(&["plan"]).output().unwrap().stdout;
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("without its thumbnail of 120 x 160"), "{said}");
}

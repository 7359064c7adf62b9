//! TIFFs with JPEG of old style (TIFF 6.0, section 22), wherever their tables are.

use crate::draw::grey;
use crate::libtiff::{HEIGHT, REC_601, WIDTH, Ycc, both_orders, decoded, worst};
use crate::tiff::{self, Page};
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, Rgb, RgbImage};

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
}

#[test]
fn an_old_style_jpeg_that_ends_too_early_or_has_several_scans_is_refused() {
    let pieces = pieces(&soft(), WIDTH, 32);
    let page = || with_tables(old_style().in_strips_of(32), &pieces[0]);
    let halved = data(&pieces).into_iter().map(|data| data[..data.len() / 2].to_vec()).collect();
    assert!(decoded(&tiff::encode(&[page().storing(6, halved)], true)).is_err());
    let mut header = pieces[0].header.clone();
    let frame = header.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    header[frame + 1] = 0xc2;
    let progressive = old_style().in_strips_of(32).pointing(513, &[header]).storing(6, data(&pieces));
    let error = decoded(&tiff::encode(&[progressive], true)).unwrap_err();
    assert!(error.message().contains("several scans"), "{error:?}");
}

#[test]
fn an_old_style_jpeg_that_names_tables_that_cannot_be_is_refused() {
    let pieces = pieces(&soft(), WIDTH, 32);
    let mut header = pieces[0].header.clone();
    let frame = header.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    // The numbers of the tables of the three components.
    [12, 15, 18].into_iter().for_each(|at| header[frame + at] = 0xff);
    let page = old_style().in_strips_of(32).pointing(513, &[header]).storing(6, data(&pieces));
    assert!(decoded(&tiff::encode(&[page], true)).is_err());
}

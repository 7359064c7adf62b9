//! JPEG data that is published as it is: the same pixels, odd edges right, nothing of the master's metadata.

use crate::draw::{colour, grey, jpeg, jpeg_with_orientation};
use crate::project::Project;
use crate::prove::assert_proven;
use crate::site::Site;
use crate::stitch::{self, Samples, TONE};
use crate::tiff::{self, Compression, Page};
use image::{ColorType, DynamicImage, Rgb, RgbImage};
use std::path::{Path, PathBuf};

const WIDTH: u32 = 1101;
const HEIGHT: u32 = 707;
const IMAGE: &str = "iiif/3/a_1";

fn project(name: &str, file: &[u8], lossless: &str) -> Project {
    let config = format!("[images]\ntile-size = 256\nlossless = \"{lossless}\"\n");
    Project::new().file("iiif-build.toml", config).file(&format!("content/a/{name}"), file)
}

fn treatment(project: &Project) -> String {
    let image = project.plan().plan.images.remove(0);
    image.tile_plan.treatment(&image.master.header)
}

fn decoded(site: &Site, path: &str) -> DynamicImage {
    image::load_from_memory(&site.read(path)).unwrap()
}

/// The most that a tile of full resolution differs from `source`, `margin` pixels off its edges.
fn worst_difference(site: &Site, source: &RgbImage, side: u32, margin: u32) -> u8 {
    let (width, height) = source.dimensions();
    let mut worst = 0;
    for top in (0..height).step_by(side as usize) {
        for left in (0..width).step_by(side as usize) {
            let (w, h) = (side.min(width - left), side.min(height - top));
            let tile = decoded(site, &format!("{IMAGE}/{left},{top},{w},{h}/{w},{h}/0/default.jpg")).into_rgb8();
            assert_eq!(tile.dimensions(), (w, h));
            for (x, y, pixel) in tile.enumerate_pixels() {
                let inside = |at: u32, all: u32| at >= margin && at + margin < all;
                if inside(x, w) && inside(y, h) {
                    let theirs = source.get_pixel(left + x, top + y);
                    worst = pixel.0.iter().zip(theirs.0).map(|(a, b)| a.abs_diff(b)).max().unwrap().max(worst);
                }
            }
        }
    }
    worst
}

#[test]
fn tiles_and_full_max_of_a_jpeg_hold_its_own_pixels() {
    for file in [jpeg(colour(WIDTH, HEIGHT)), jpeg(grey(WIDTH, HEIGHT))] {
        let source = image::load_from_memory(&file).unwrap().into_rgb8();
        let project = project("1.jpg", &file, "always");
        assert!(treatment(&project).contains("full resolution without loss"), "{}", treatment(&project));
        let site = project.built();
        assert_proven(&site);
        assert_eq!(worst_difference(&site, &source, 256, 2), 0);
        assert_eq!(decoded(&site, &format!("{IMAGE}/full/max/0/default.jpg")).into_rgb8(), source);
        let is_grey = image::load_from_memory(&file).unwrap().color() == ColorType::L8;
        let source = if is_grey { Samples::of(&DynamicImage::from(source).into_luma8()) } else { Samples::of(&source) };
        let problems = stitch::problems(&site, IMAGE, &source, TONE);
        assert!(problems.is_empty(), "{problems:#?}");
    }
}

#[test]
fn a_jpeg_is_encoded_anew_when_that_is_wanted_or_needed() {
    let file = jpeg(colour(WIDTH, HEIGHT));
    let source = image::load_from_memory(&file).unwrap().into_rgb8();
    let site = project("1.jpg", &file, "never").built();
    assert_ne!(worst_difference(&site, &source, 256, 2), 0);

    let turned = project("1.jpg", &jpeg_with_orientation(&colour(WIDTH, HEIGHT), 6), "always");
    assert!(!treatment(&turned).contains("without loss"), "{}", treatment(&turned));
    assert_proven(&turned.built());
}

#[test]
fn auto_spares_the_bytes_of_a_quality_far_above_the_one_asked_for() {
    let file = jpeg(colour(WIDTH, HEIGHT));
    let with_quality = |quality: u8| {
        let project = project("1.jpg", &file, "auto");
        project.write("iiif-build.toml", format!("[images]\nquality = {quality}\n"));
        treatment(&project)
    };
    assert!(with_quality(95).contains("without loss"));
    assert!(!with_quality(40).contains("without loss"));
}

#[test]
fn metadata_of_the_master_does_not_travel() {
    let file = jpeg_with_orientation(&colour(WIDTH, HEIGHT), 1);
    assert!(file.windows(4).any(|bytes| bytes == b"Exif"));
    let project = project("1.jpg", &file, "always");
    assert!(treatment(&project).contains("without loss"));
    let site = project.built();
    for (name, bytes) in site.contents(IMAGE) {
        assert!(!bytes.windows(4).any(|bytes| bytes == b"Exif"), "{name}");
    }
}

#[test]
fn small_and_narrow_jpegs_have_all_their_files() {
    for (width, height) in [(1, 1), (16, 16), (100, 90), (256, 256), (257, 1), (60, 3000), (97, 700), (3000, 40)] {
        let file = jpeg(colour(width, height));
        let project = project("1.jpg", &file, "always");
        assert!(treatment(&project).contains("without loss"));
        assert_proven(&project.built());
    }
}

/// A page and its smaller copies, each half of the one before: an odd last column and row dropped, or kept.
fn pyramid(image: &RgbImage, is_grey: bool, side: u32, rounds_up: bool) -> Vec<u8> {
    let mut copy = image.clone();
    let mut pages = vec![];
    loop {
        let grey = || Page::grey(&DynamicImage::from(copy.clone()).into_luma8());
        let page = if is_grey { grey() } else { Page::rgb(&copy) };
        pages.push(page.compressed(Compression::Jpeg).tiled(side));
        if copy.width().max(copy.height()) <= side {
            return tiff::encode(&pages, true);
        }
        let half = |side: u32| if rounds_up { side.div_ceil(2) } else { side / 2 };
        let at = |x: u32, y: u32| copy.get_pixel(x.min(copy.width() - 1), y.min(copy.height() - 1)).0;
        copy = RgbImage::from_fn(half(copy.width()), half(copy.height()), |x, y| {
            let four = [at(2 * x, 2 * y), at(2 * x + 1, 2 * y), at(2 * x, 2 * y + 1), at(2 * x + 1, 2 * y + 1)];
            Rgb([0, 1, 2].map(|c| (four.iter().map(|pixel| u16::from(pixel[c])).sum::<u16>() / 4) as u8))
        });
    }
}

#[test]
fn the_jpeg_tiles_of_a_pyramidal_tiff_pass_through() {
    for (width, height, rounds_up) in
        [(1101, 707, false), (1101, 707, true), (1024, 768, false), (1040, 530, true), (1023, 509, false)]
    {
        for is_grey in [false, true] {
            let drawn = colour(width, height);
            let drawn = if is_grey { DynamicImage::from(grey(width, height)).into_rgb8() } else { drawn };
            let file = pyramid(&drawn, is_grey, 128, rounds_up);
            let project = project("1.tif", &file, "always");
            assert!(treatment(&project).contains("its tiles of 128"), "{}", treatment(&project));
            let site = project.built();
            assert_proven(&site);
            assert_eq!(site.json(&format!("{IMAGE}/info.json"))["tiles"][0]["width"], 128);
            let tile = site.read(&format!("{IMAGE}/128,256,128,128/128,128/0/default.jpg"));
            let end = &tile[tile.len() - 300..];
            assert!(file.windows(300).any(|bytes| bytes == end), "a tile's data stands in the file");
            let drawn = DynamicImage::from(drawn);
            let source = if is_grey { Samples::of(&drawn.into_luma8()) } else { Samples::of(&drawn.into_rgb8()) };
            let problems = stitch::problems(&site, IMAGE, &source, TONE);
            assert!(problems.is_empty(), "{width}x{height} {is_grey} {rounds_up}: {problems:#?}");
        }
    }
}

#[test]
fn jpeg_tiles_pass_through_again_when_another_number_of_threads_builds() {
    let file = pyramid(&colour(1101, 707), false, 128, false);
    let project = project("1.tif", &file, "always").with_jobs(1);
    // A header is remembered once its file has not changed for a moment.
    std::thread::sleep(std::time::Duration::from_secs(3));
    let one = project.built().contents(IMAGE);
    std::fs::remove_dir_all(project.public()).unwrap();
    let four = project.with_jobs(4).built().contents(IMAGE);
    assert!(one.keys().eq(four.keys()), "other files");
    for (path, bytes) in &one {
        assert!(four[path] == *bytes, "{path} was encoded again");
    }
}

#[test]
fn headers_do_not_depend_on_the_number_of_threads() {
    let image = colour(1101, 707);
    let page = || Page::rgb(&image);
    let files = [
        ("1.tif", pyramid(&image, false, 128, false)),
        ("2.tif", tiff::encode(&[page().compressed(Compression::Lzw).tiled(256)], true)),
        ("3.tif", tiff::encode(&[page().compressed(Compression::Deflate).planar()], false)),
        ("4.jpg", jpeg(image.clone())),
    ];
    let project = |jobs| {
        let start = Project::new().with_jobs(jobs);
        files.iter().fold(start, |project, (name, file)| project.file(&format!("content/a/{name}"), file))
    };
    let headers = |jobs| {
        project(jobs).plan().plan.images.into_iter().map(|image| image.master.header.clone()).collect::<Vec<_>>()
    };
    let one = headers(1);
    assert_eq!(one.len(), files.len());
    assert_eq!(one, headers(2));
    assert_eq!(one, headers(8));
}

/// The corpus' JPEGs: cameras' and scanners' own Huffman tables, restart markers, every subsampling.
#[test]
fn every_jpeg_of_the_corpus_that_can_be_cut_shows_its_own_pixels() {
    let Some(corpus) = std::env::var_os("IIIF_BUILD_CORPUS") else {
        println!("skipped: no corpus");
        return;
    };
    let mut cut = 0;
    // Its data is damaged; what can be decoded of it is encoded anew.
    let is_whole = |file: &PathBuf| !file.ends_with("pillow_hopper_bad_exif.jpg");
    for file in jpegs(&PathBuf::from(corpus).join("jpeg")).into_iter().filter(is_whole) {
        let bytes = std::fs::read(&file).unwrap();
        let project = project("1.jpg", &bytes, "always");
        let planned = project.plan();
        let stored = planned.plan.images.first().is_some_and(|image| image.tile_plan.stored.is_some());
        let Some(source) = image::load_from_memory(&bytes).ok().filter(|_| stored) else { continue };
        let site = project.built();
        assert_proven(&site);
        let worst = worst_difference(&site, &source.into_rgb8(), 256, 4);
        assert_eq!(worst, 0, "{}", file.display());
        cut += 1;
    }
    assert!(cut >= 13, "{cut}");
}

fn jpegs(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

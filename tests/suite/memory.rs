//! `--memory` is a hard budget: peak memory of the program on images much larger than it, kind by kind.

use crate::cli::command;
use crate::draw::{colour, grey, jpeg, jpeg_with_orientation, png};
use crate::project::Project;
use crate::tiff::{self, Compression, Page};
use crate::usage::{Usage, watch};
use image::RgbImage;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// MiB.
const BUDGET: u64 = 64;

/// What the program may take beside pixels, MiB.
const BESIDE: u64 = 64;

/// The same for JPEG 2000: it has a process of its own beside the shared one, and OpenJPEG takes more for its own tables
/// than the estimate holds (measured: 88 MiB beside 64 for an untiled image of 15 megapixels).
const BESIDE_OPENJPEG: u64 = 112;

const PATIENCE: Duration = Duration::from_secs(300);

/// A picture of any size that is quickly drawn.
fn large(width: u32, height: u32) -> RgbImage {
    let part = colour(512, 512);
    RgbImage::from_fn(width, height, |x, y| *part.get_pixel(x % 512, y % 512))
}

/// More bytes than the budget.
fn master() -> RgbImage {
    large(4000, 6000)
}

fn build(project: &Project, memory: u64) -> Usage {
    let memory = format!("{memory}M");
    let arguments = ["build", "--jobs", "2", "--memory", &memory, "--base-url", "https://example.org/"];
    watch(command(&arguments).arg("--root").arg(project.root()), PATIENCE)
}

fn assert_within(name: &str, bytes: Vec<u8>) {
    assert_built_within(name, &Project::new().file(&format!("content/a/{name}"), bytes));
}

fn assert_built_within(name: &str, project: &Project) {
    let usage = build(project, BUDGET);
    assert_eq!(usage.code, Some(0), "{name}: {}", usage.said);
    let beside = if name.ends_with(".jp2") { BESIDE_OPENJPEG } else { BESIDE };
    assert!(usage.peak <= BUDGET + beside, "{name}: {} MiB", usage.peak);
}

fn page() -> Page {
    Page::rgb(&master())
}

#[test]
fn strips_stay_within_the_budget() {
    assert_within("raw.tif", tiff::encode(&[page()], true));
    assert_within("lzw.tif", tiff::encode(&[page().compressed(Compression::Lzw)], false));
}

#[test]
fn a_single_strip_is_never_whole_in_memory() {
    for compression in [Compression::None, Compression::Lzw, Compression::Deflate] {
        assert_within("strip.tif", tiff::encode(&[page().compressed(compression).in_one_strip()], true));
    }
}

#[test]
fn planes_are_decoded_side_by_side() {
    for compression in [Compression::None, Compression::Lzw] {
        assert_within("planes.tif", tiff::encode(&[page().compressed(compression).planar().in_one_strip()], true));
    }
}

#[test]
fn tiles_stay_within_the_budget() {
    assert_within("tiles.tif", tiff::encode(&[page().compressed(Compression::Deflate).tiled(512)], true));
}

#[test]
fn a_mask_is_read_beside_its_page_within_the_budget() {
    let (width, height) = (4000, 6000);
    let shown = image::GrayImage::from_fn(width, height, |x, _| image::Luma([if x < 900 { 255 } else { 0 }]));
    let mask = Page { photometric: 4, ..Page::min_is_white(&shown) }.tagged(254, &[4]).compressed(Compression::Deflate);
    for mask in [mask.clone().in_one_strip(), mask.tiled(512)] {
        let page = page().compressed(Compression::Deflate).tiled(512);
        assert_within("masked.tif", tiff::encode(&[page, mask], true));
    }
}

#[test]
fn sixteen_bits_a_sample_stay_within_the_budget() {
    assert_within("deep.tif", tiff::encode(&[page().deep().compressed(Compression::Lzw).in_one_strip()], true));
}

#[test]
fn a_jpeg_and_a_png_are_streamed() {
    assert_within("baseline.jpg", jpeg(master()));
    assert_within("rows.png", png(master()));
}

#[test]
fn an_image_turned_upright_stays_within_the_budget() {
    assert_within("turned.jpg", jpeg_with_orientation(&large(3000, 4000), 6));
}

#[test]
fn a_watermark_stays_within_the_budget_whatever_its_size_on_the_image() {
    let mark = image::RgbaImage::from_fn(1500, 1000, |x, y| image::Rgba([x as u8, y as u8, 90, (x / 6) as u8]));
    for keys in ["size = 1.0", "position = \"tiled\"\nsize = 100"] {
        let settings = format!("[images.watermark]\nfile = \"mark.png\"\n{keys}\n");
        let project = Project::new().file("iiif-build.toml", settings).file("mark.png", png(mark.clone()));
        assert_built_within(keys, &project.file("content/a/1.tif", tiff::encode(&[page()], true)));
    }
}

/// Writes the file that `program` makes of a PNG; false if it is not installed.
fn made_by(program: &str, arguments: &[&str], picture: &RgbImage, target: &Path) -> bool {
    let source = target.with_extension("source.png");
    std::fs::write(&source, png(picture.clone())).unwrap();
    let fill =
        |argument: &&str| argument.replace("IN", source.to_str().unwrap()).replace("OUT", target.to_str().unwrap());
    let mut command = Command::new(program);
    command.args(arguments.iter().map(fill)).stdout(Stdio::null());
    match command.status() {
        Ok(status) if status.success() => true,
        _ => {
            println!("skipped: no {program}");
            false
        }
    }
}

fn assert_within_if_made(name: &str, program: &str, arguments: &[&str], picture: &RgbImage) {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join(name);
    if made_by(program, arguments, picture, &target) {
        assert_within(name, std::fs::read(target).unwrap());
    }
}

#[test]
fn progressive_and_interlaced_files_are_whole_in_memory_within_the_budget() {
    let picture = large(3000, 3500);
    assert_within_if_made("progressive.jpg", "vips", &["jpegsave", "IN", "OUT", "--interlace"], &picture);
    assert_within_if_made("interlaced.png", "vips", &["pngsave", "IN", "OUT", "--interlace"], &large(2500, 3000));
}

#[test]
fn jpeg_2000_is_decoded_in_parts_that_fit() {
    let picture = large(3000, 5000);
    assert_within_if_made("untiled.jp2", "opj_compress", &["-i", "IN", "-o", "OUT", "-r", "20"], &picture);
    let tiled = ["-i", "IN", "-o", "OUT", "-r", "20", "-t", "512,512"];
    assert_within_if_made("tiled.jp2", "opj_compress", &tiled, &picture);
}

#[test]
fn an_image_that_cannot_fit_is_refused_with_the_budget_that_it_needs() {
    let project = Project::new().file("content/a/1.tif", tiff::encode(&[page()], true));
    let usage = build(&project, 8);
    assert_eq!(usage.code, Some(1));
    assert!(usage.peak <= 8 + BESIDE, "{} MiB", usage.peak);
    let hint = usage.said.split("--memory ").nth(1).and_then(|rest| rest.split('M').next()).unwrap();
    let needed = hint.parse().unwrap();
    assert!(needed < BUDGET);
    assert_eq!(build(&project, needed - 1).code, Some(1));
    assert_eq!(build(&project, needed).code, Some(0));
}

#[test]
fn memory_does_not_grow_with_the_number_of_pages() {
    let page = tiff::encode(&[Page::grey(&grey(600, 800)).compressed(Compression::Lzw)], true);
    let photo = jpeg(colour(600, 800));
    let peak = |pages: usize| {
        let project = Project::new();
        for number in 0..pages / 2 {
            project.write(&format!("content/a/{number:04}a.tif"), &page);
            project.write(&format!("content/a/{number:04}b.jpg"), &photo);
        }
        let usage = build(&project, BUDGET);
        assert_eq!(usage.code, Some(0), "{}", usage.said);
        usage.peak
    };
    let (few, many) = (peak(60), peak(300));
    assert!(many <= few + 16, "{few} MiB for 60 pages, {many} MiB for 300");
}

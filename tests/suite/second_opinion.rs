//! Whole images of the corpus, decoded once more by the crates `tiff` and `jpeg2k`. Only images are compared whose samples
//! are published as they are: 8 bit grey or RGB, without a profile. Needs `IIIF_BUILD_CORPUS`.

use crate::reference::Picture;
use iiif_build::model::settings::ImageSettings;
use iiif_build::pixels::decode;
use std::fs;
use std::path::{Path, PathBuf};
use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult};

/// The files in a folder of the corpus; none without a corpus.
fn files(folder: &str) -> Vec<PathBuf> {
    let Some(corpus) = std::env::var_os("IIIF_BUILD_CORPUS").map(PathBuf::from) else {
        println!("skipped: no corpus");
        return vec![];
    };
    let mut files: Vec<PathBuf> =
        fs::read_dir(corpus.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The first image as we decode it; `None` where its samples are changed on the way, or where it is refused.
fn ours(path: &Path) -> Option<Picture> {
    let settings = ImageSettings::default();
    let header = decode::probe(path, &settings).ok()?.into_iter().next()?;
    // Without a profile, alpha or an orientation the treatment ends so.
    let is_plain = ["taken as sRGB", "grey"].iter().any(|end| header.treatment.ends_with(end));
    if !is_plain || !header.treatment.contains("8 bit") {
        return None;
    }
    let (width, height, channels) = (header.size.width as usize, header.size.height as usize, header.channels.count());
    let mut pixels = vec![0; width * height * channels];
    decode::open(path, &header, &settings, 1 << 30).ok()?.read_rows(&mut pixels).ok()?;
    Some(Picture::of_channels(width, height, channels, &pixels))
}

/// The first image as the crate `tiff` decodes it.
fn by_tiff(path: &Path) -> Option<Picture> {
    let mut decoder = Decoder::new(std::io::BufReader::new(fs::File::open(path).ok()?)).ok()?;
    let (width, height) = decoder.dimensions().ok()?;
    let channels = match decoder.colortype().ok()? {
        ColorType::Gray(8) => 1,
        ColorType::RGB(8) => 3,
        _ => return None,
    };
    let DecodingResult::U8(pixels) = decoder.read_image().ok()? else { return None };
    (pixels.len() == width as usize * height as usize * channels)
        .then(|| Picture::of_channels(width as usize, height as usize, channels, &pixels))
}

/// The image as the crate `jpeg2k` decodes it, whole.
fn by_jpeg2k(path: &Path) -> Option<Picture> {
    let image = jpeg2k::Image::from_bytes(&fs::read(path).ok()?).ok()?;
    let planes = image.components();
    let (width, height) = (planes.first()?.width(), planes.first()?.height());
    let is_plain = |plane: &jpeg2k::ImageComponent| {
        (plane.width(), plane.height(), plane.precision(), plane.is_signed()) == (width, height, 8, false)
    };
    if !matches!(planes.len(), 1 | 3) || !planes.iter().all(is_plain) {
        return None;
    }
    let count = width as usize * height as usize;
    let pixels: Vec<u8> =
        (0..count).flat_map(|at| planes.iter().map(move |plane| plane.data()[at].clamp(0, 255) as u8)).collect();
    Some(Picture::of_channels(width as usize, height as usize, planes.len(), &pixels))
}

/// Compares the files that both decode; answers how many, and those that differ.
fn compared(files: &[PathBuf], theirs: fn(&Path) -> Option<Picture>) -> (usize, Vec<String>) {
    let pairs = files.iter().filter_map(|path| Some((path, ours(path)?, theirs(path)?)));
    let differences: Vec<(String, f64)> =
        pairs.map(|(path, ours, theirs)| (path.display().to_string(), ours.difference(&theirs))).collect();
    let differ = differences.iter().filter(|(_, difference)| *difference > 0.0);
    (differences.len(), differ.map(|(path, difference)| format!("{path}: {difference}")).collect())
}

#[test]
fn the_crate_tiff_reads_the_same_samples() {
    let files = files("tiff");
    let (count, differ) = compared(&files, by_tiff);
    println!("{count} TIFFs compared");
    assert!(files.is_empty() || count > 10, "{count}");
    assert!(differ.is_empty(), "{differ:#?}");
}

#[test]
fn the_crate_jpeg2k_reads_the_same_samples() {
    let files = files("jp2");
    let (count, differ) = compared(&files, by_jpeg2k);
    println!("{count} JPEG 2000 files compared");
    assert!(files.is_empty() || count > 10, "{count}");
    assert!(differ.is_empty(), "{differ:#?}");
}

//! The whole digital objects of the corpus, as archives hold them: 74 images. Needs `IIIF_BUILD_CORPUS`.

use crate::project::Project;
use crate::prove::assert_proven;
use crate::site::{Site, plain_label};
use crate::stitch::{self, BILEVEL, Samples, TONE};
use iiif_build::plan::PlannedImage;
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

struct Objects {
    site: Site,
    images: Vec<PlannedImage>,
}

/// Built once for all tests here; `None` where there is no corpus.
fn objects() -> Option<&'static Objects> {
    static OBJECTS: OnceLock<Option<Objects>> = OnceLock::new();
    let built = OBJECTS.get_or_init(|| {
        let corpus = PathBuf::from(std::env::var_os("IIIF_BUILD_CORPUS")?).join("objects").canonicalize().ok()?;
        let project = Project::of_content("objects", &corpus);
        let planned = project.plan();
        assert!(planned.failures.is_empty(), "{:?}", planned.failures);
        Some(Objects { site: project.built(), images: planned.plan.images })
    });
    if built.is_none() {
        println!("skipped: no corpus");
    }
    built.as_ref()
}

#[test]
fn all_74_images_of_the_corpus_objects_are_built_and_every_address_exists() {
    let Some(objects) = objects() else { return };
    assert_eq!(objects.images.len(), 74);
    assert_eq!(objects.site.image_ids().len(), 74);
    assert_proven(&objects.site);
}

#[test]
fn the_objects_stand_in_order_under_the_names_of_their_folders() {
    let Some(Objects { site, .. }) = objects() else { return };
    let members = site.json("collection.json")["items"].as_array().unwrap().clone();
    let named: Vec<(String, String)> = members
        .iter()
        .map(|member| (site.path_of(member["id"].as_str().unwrap()).unwrap(), plain_label(&member["label"])))
        .collect();
    let expected = [
        ("bebel_frau_1879", "bebel_frau_1879"),
        ("clauren_mimili_1815", "clauren_mimili_1815"),
        ("hathitrust_39015012345678", "hathitrust_39015012345678"),
        ("hocr_ub_mannheim_page", "hocr_ub_mannheim_page"),
        ("kant_aufklaerung_1784", "kant_aufklaerung_1784"),
        ("kant_aufklaerung_1784/extra-ocr", "extra-ocr"),
        ("upenn_ms660_pelerinage", "upenn_ms660_pelerinage"),
        ("wildflowers_western_canada_1920", "wildflowers_western_canada_1920"),
    ];
    assert_eq!(named, expected.map(|(path, label)| (format!("{path}/manifest.json"), label.to_owned())));
}

#[test]
fn the_pages_of_each_object_are_in_order_and_rightly_labelled() {
    let Some(Objects { site, .. }) = objects() else { return };
    let numbers = |count: usize, width: usize| (1..=count).map(|page| format!("{page:0width$}")).collect::<Vec<_>>();
    let texts = |labels: &[&str]| labels.iter().map(|label| (*label).to_owned()).collect::<Vec<_>>();
    let clauren = ["0023", "0031", "0038", "0040", "0041", "0043", "0050", "0122", "0146"];
    for (object, labels) in [
        ("bebel_frau_1879", texts(&["0146", "0168", "0176", "0186"])),
        ("clauren_mimili_1815", clauren.iter().flat_map(|page| [page.to_string(), format!("{page} B")]).collect()),
        ("hathitrust_39015012345678", numbers(2, 8)),
        ("hocr_ub_mannheim_page", texts(&["0459"])),
        ("kant_aufklaerung_1784", numbers(20, 4)),
        ("kant_aufklaerung_1784/extra-ocr", texts(&["0017", "0020.jp2", "0020.tif"])),
        (
            "upenn_ms660_pelerinage",
            texts(&[
                "0 36c2c default",
                "2 27161 default",
                "4 42a83 default",
                "6 22ffb default",
                "8 5c624 default",
                "10 2cf05 default",
            ]),
        ),
        ("wildflowers_western_canada_1920", numbers(20, 3)),
    ] {
        assert_eq!(site.page_labels(object), labels, "{object}");
    }
}

#[test]
fn the_twenty_kant_tiffs_that_are_jpegs_are_tiled_as_jpegs() {
    let Some(Objects { images, site }) = objects() else { return };
    let kant = images.iter().filter(|image| image.id.0.starts_with("kant_aufklaerung_1784_"));
    let formats: Vec<_> =
        kant.map(|image| (image.source.extension().unwrap().to_str().unwrap(), image.header.format.as_str())).collect();
    assert_eq!(formats, vec![("tif", "JPEG"); 20]);
    let canvas = &site.canvases("kant_aufklaerung_1784")[0];
    assert_eq!((canvas["width"].as_u64(), canvas["height"].as_u64()), (Some(1456), Some(2083)));
    let extra = images.iter().filter(|image| image.id.0.contains("extra-ocr"));
    assert_eq!(extra.map(|image| image.header.format.as_str()).collect::<Vec<_>>(), ["TIFF", "JPEG 2000", "TIFF"]);
}

#[test]
fn the_tiles_of_all_objects_show_their_sources_at_each_level() {
    let Some(Objects { images, site }) = objects() else { return };
    let problems: Vec<String> = images
        .par_iter()
        .flat_map_iter(|image| {
            let Some(source) = reference(&image.source) else {
                println!("skipped: no reference for {} without vips", image.id);
                return vec![];
            };
            let is_bilevel = source.data.iter().all(|value| *value == 0.0 || *value == 255.0);
            stitch::problems(site, &format!("iiif/3/{}", image.id), &source, if is_bilevel { BILEVEL } else { TONE })
        })
        .collect();
    assert!(problems.is_empty(), "{problems:#?}");
}

/// The source as others decode it: a JPEG without profile by the `image` crate, all else by libvips where it is
/// installed, through the embedded profile to sRGB.
fn reference(path: &Path) -> Option<Samples> {
    let bytes = std::fs::read(path).unwrap();
    let has_profile = bytes.windows(11).take(1 << 16).any(|window| window == b"ICC_PROFILE");
    if bytes.starts_with(&[0xff, 0xd8]) && !has_profile {
        let image = image::load_from_memory_with_format(&bytes, image::ImageFormat::Jpeg).unwrap();
        return Some(match image {
            image::DynamicImage::ImageLuma8(grey) => Samples::of(&grey),
            other => Samples::of(&other.to_rgb8()),
        });
    }
    vips(path)
}

fn vips(path: &Path) -> Option<Samples> {
    let header = |field: &str| {
        let output = Command::new("vipsheader").arg("-f").arg(field).arg(path).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let (width, height) = (header("width")?.parse().unwrap(), header("height")?.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let (upright, raw) = (folder.path().join("sRGB.v"), folder.path().join("rows.raw"));
    let to_srgb = match header("icc-profile-data") {
        Some(_) => {
            Command::new("vips").arg("icc_transform").args([path, &upright]).args(["srgb", "--embedded"]).output()
        }
        None => Command::new("vips").arg("copy").args([path, &upright]).output(),
    };
    let rows = to_srgb.and_then(|_| Command::new("vips").arg("rawsave").args([&upright, &raw]).output());
    assert!(rows.as_ref().is_ok_and(|rows| rows.status.success()), "{}: {rows:?}", path.display());
    let data: Vec<f32> = std::fs::read(&raw).unwrap().into_iter().map(f32::from).collect();
    Some(Samples { width, height, channels: data.len() / (width * height), data })
}

//! The whole digital objects of the corpus, as archives hold them: 74 images. Needs `IIIF_BUILD_CORPUS`.

use crate::project::Project;
use crate::prove::assert_proven;
use crate::site::Site;
use crate::stitch::{self, BILEVEL, Samples, TONE};
use iiif_build::build::plan::PlannedImage;
use rayon::prelude::*;
use serde_json::Value;
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
fn the_images_of_the_corpus_objects_are_built_and_every_address_exists() {
    let Some(objects) = objects() else { return };
    // Nine binarised copies and a JPEG 2000 twin are no pages: the METS lists others.
    assert_eq!(objects.images.len(), 64);
    assert_eq!(objects.site.image_ids().len(), 64);
    assert_proven(&objects.site);
}

/// What each object's own METS, table and text make of it; read against the sources.
#[test]
fn the_objects_are_described_by_their_own_metadata() {
    let Some(Objects { site, .. }) = objects() else { return };
    let members = site.json("collection.json")["items"].as_array().unwrap().clone();
    let outlines = members.iter().map(|member| outline(site, &site.path_of(member["id"].as_str().unwrap()).unwrap()));
    insta::assert_snapshot!(outlines.collect::<Vec<_>>().join("\n"));
}

fn outline(site: &Site, path: &str) -> String {
    let manifest = site.json(path);
    let map = |map: &Value| map.to_string();
    let mut lines = vec![path.to_owned(), format!("  label {}", map(&manifest["label"]))];
    for key in ["summary", "rights", "viewingDirection", "behavior"] {
        lines.extend(manifest.get(key).map(|value| format!("  {key} {value}")));
    }
    if let Some(statement) = manifest.get("requiredStatement") {
        lines.push(format!("  requiredStatement {}", map(statement)));
    }
    for pair in manifest["metadata"].as_array().into_iter().flatten() {
        lines.push(format!("  | {}: {}", map(&pair["label"]), map(&pair["value"])));
    }
    for key in ["homepage", "seeAlso", "rendering", "provider"] {
        let links = manifest[key].as_array().into_iter().flatten();
        lines.extend(links.map(|link| format!("  {key} {} {}", link["id"], link["format"])));
    }
    for canvas in manifest["items"].as_array().unwrap() {
        let annotations = canvas["annotations"].as_array().into_iter().flatten();
        let counts: Vec<String> = annotations
            .map(|page| site.json(&site.path_of(page["id"].as_str().unwrap()).unwrap()))
            .map(|page| {
                let first = page["items"][0]["body"]["value"].as_str().unwrap_or_default().to_owned();
                format!(", {} annotations, first {first:?}", page["items"].as_array().unwrap().len())
            })
            .collect();
        let (width, height) = (&canvas["width"], &canvas["height"]);
        lines.push(format!("  page {} {width}x{height}{}", map(&canvas["label"]), counts.concat()));
    }
    ranges(&manifest["structures"], 1, &mut lines);
    lines.join("\n") + "\n"
}

fn ranges(ranges: &Value, depth: usize, lines: &mut Vec<String>) {
    for range in ranges.as_array().into_iter().flatten().filter(|range| range["type"] == "Range") {
        let items = range["items"].as_array().unwrap();
        let pages: Vec<&str> = (items.iter().filter(|item| item["type"] == "Canvas"))
            .map(|item| item["id"].as_str().unwrap().rsplit('/').next().unwrap())
            .collect();
        lines.push(format!("{}range {} {}", "  ".repeat(depth), range["label"], pages.join(" ")));
        self::ranges(&range["items"], depth + 1, lines);
    }
}

#[test]
fn the_twenty_kant_tiffs_that_are_jpegs_are_tiled_as_jpegs() {
    let Some(Objects { images, site }) = objects() else { return };
    let kant = images.iter().filter(|image| image.id.0.starts_with("kant_aufklaerung_1784_"));
    let formats: Vec<_> = kant
        .map(|image| (image.master.source.extension().unwrap().to_str().unwrap(), &*image.master.header.format))
        .collect();
    assert_eq!(formats, vec![("tif", "JPEG"); 20]);
    let canvas = &site.canvases("kant_aufklaerung_1784")[0];
    assert_eq!((canvas["width"].as_u64(), canvas["height"].as_u64()), (Some(1456), Some(2083)));
    let extra = images.iter().filter(|image| image.id.0.contains("extra-ocr"));
    assert_eq!(extra.map(|image| &*image.master.header.format).collect::<Vec<_>>(), ["TIFF", "TIFF"]);
}

#[test]
fn the_tiles_of_all_objects_show_their_sources_at_each_level() {
    let Some(Objects { images, site }) = objects() else { return };
    let problems: Vec<String> = images
        .par_iter()
        .flat_map_iter(|image| {
            let Some(source) = reference(&image.master.source) else {
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

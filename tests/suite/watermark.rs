//! `[images.watermark]`: the mark is in every pixel that is published, where and as the settings say, against a blend of
//! our own; and a change of it cuts exactly the images that bear it.

use crate::archive::{after, archive, set};
use crate::draw::{self, png};
use crate::project::Project;
use crate::prove::{assert_proven, picture};
use crate::stitch::{Samples, problems};
use crate::told::Told;
use image::imageops::overlay;
use image::{DynamicImage, GrayImage, Rgb, RgbImage, Rgba, RgbaImage};

/// All that JPEG loses is rounding.
const BEST: &str = "[images]\nquality = 100\nsubsampling = \"4:4:4\"\n";

/// What such a JPEG reaches at each level, in decibels; a mark that is one pixel off, or of other colour, does not.
const CLOSE: f64 = 44.0;

/// Every alpha from nothing to all, and colours that differ from side to side.
fn mark() -> RgbaImage {
    RgbaImage::from_fn(64, 32, |x, y| Rgba([(x * 4) as u8, 200, (y * 8) as u8, (255 * (x + y) / 94) as u8]))
}

fn flat(width: u32, height: u32) -> RgbaImage {
    RgbaImage::from_pixel(width, height, Rgba([250, 20, 90, 160]))
}

/// `mark` laid on `image`, by its alpha and `opacity`.
fn blended(image: &RgbImage, mark: &RgbaImage, places: &[(u32, u32)], opacity: f64) -> RgbImage {
    let mut image = image.clone();
    for (left, top) in places {
        for (x, y, Rgba([r, g, b, alpha])) in mark.enumerate_pixels() {
            let Some(Rgb(pixel)) = image.get_pixel_mut_checked(left + x, top + y) else { continue };
            let alpha = f64::from(*alpha) / 255.0 * opacity;
            let blend = |behind: u8, colour: u8| f64::from(behind) * (1.0 - alpha) + f64::from(colour) * alpha;
            *pixel = [blend(pixel[0], *r), blend(pixel[1], *g), blend(pixel[2], *b)].map(|value| value.round() as u8);
        }
    }
    image
}

fn project(watermark: &str, mark: &RgbaImage, page: Vec<u8>) -> Project {
    let settings = format!("{BEST}tile-size = 128\n[images.watermark]\nfile = \"mark.png\"\n{watermark}\n");
    Project::new().file("iiif-build.toml", settings).file("mark.png", png(mark.clone())).file("content/a/1.png", page)
}

#[track_caller]
fn assert_shows(project: &Project, expected: &Samples, least: f64) {
    let site = project.built();
    assert_eq!(problems(&site, "iiif/3/a_1", expected, least), Vec::<String>::new());
    assert_proven(&site);
}

#[test]
fn it_stands_in_each_of_nine_places_at_every_level() {
    let page = draw::colour(301, 203);
    let (centre, middle) = ((301 - 64) / 2, (203 - 32) / 2);
    let (right, bottom) = (301 - 64 - 7, 203 - 32 - 7);
    for (position, at) in [
        ("top-left", (7, 7)),
        ("top", (centre, 7)),
        ("top-right", (right, 7)),
        ("left", (7, middle)),
        ("centre", (centre, middle)),
        ("right", (right, middle)),
        ("bottom-left", (7, bottom)),
        ("bottom", (centre, bottom)),
        ("bottom-right", (right, bottom)),
    ] {
        let keys = format!("position = \"{position}\"\nsize = 64\nmargin = 7\nopacity = 0.7");
        let expected = blended(&page, &mark(), &[at], 0.7);
        assert_shows(&project(&keys, &mark(), png(page.clone())), &Samples::of(&expected), CLOSE);
    }
}

#[test]
fn full_resolution_is_the_blend_to_the_pixel() {
    let page = draw::colour(100, 80);
    let site = project("size = 64\nmargin = 0\nopacity = 0.5", &mark(), png(page.clone())).built();
    let shown = picture::decode(&site, "iiif/3/a_1/full/max/0/default.jpg").unwrap().to_rgb8();
    let expected = blended(&page, &mark(), &[(36, 48)], 0.5);
    let worst = shown.as_raw().iter().zip(expected.as_raw()).map(|(a, b)| a.abs_diff(*b)).max();
    // The colour conversion of JPEG alone loses so much.
    assert!(worst <= Some(4), "{worst:?}");
}

#[test]
fn tiled_it_covers_the_image_up_to_its_edges() {
    let page = draw::colour(300, 200);
    let places: Vec<(u32, u32)> = (0..4).flat_map(|x| (0..5).map(move |y| (10 + x * 74, 10 + y * 42))).collect();
    let expected = blended(&page, &mark(), &places, 1.0);
    let keys = "position = \"tiled\"\nsize = 64\nmargin = 10";
    assert_shows(&project(keys, &mark(), png(page)), &Samples::of(&expected), CLOSE);
}

#[test]
fn its_size_and_margin_may_be_parts_of_the_width() {
    let page = draw::colour(400, 300);
    let expected = blended(&page, &flat(100, 50), &[(400 - 100 - 20, 300 - 50 - 20)], 1.0);
    let keys = "size = 0.25\nmargin = 0.05";
    for (width, height) in [(16, 8), (100, 50), (2000, 1000)] {
        assert_shows(&project(keys, &flat(width, height), png(page.clone())), &Samples::of(&expected), CLOSE);
    }
}

#[test]
fn a_reduced_mark_is_the_average_of_its_pixels_by_their_alpha() {
    let (page, large) = (draw::colour(200, 150), mark());
    let small = RgbaImage::from_fn(32, 16, |x, y| {
        let four: Vec<Rgba<u8>> =
            [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(i, j)| *large.get_pixel(2 * x + i, 2 * y + j)).into();
        let alpha: f64 = four.iter().map(|pixel| f64::from(pixel[3])).sum();
        let of =
            |c: usize| four.iter().map(|pixel| f64::from(pixel[c]) * f64::from(pixel[3])).sum::<f64>() / alpha.max(1.0);
        Rgba([of(0), of(1), of(2), alpha / 4.0].map(|value| value.round() as u8))
    });
    let expected = blended(&page, &small, &[(0, 0)], 1.0);
    let keys = "size = 32\nmargin = 0\nposition = \"top-left\"";
    assert_shows(&project(keys, &large, png(page)), &Samples::of(&expected), CLOSE);
}

#[test]
fn a_mark_larger_than_the_image_is_made_to_fit() {
    let page = draw::colour(90, 300);
    let expected = blended(&page, &flat(70, 35), &[(10, 255)], 1.0);
    assert_shows(&project("size = 900\nmargin = 10", &flat(600, 300), png(page)), &Samples::of(&expected), CLOSE);
    let page = draw::colour(300, 60);
    let expected = blended(&page, &flat(80, 40), &[(210, 10)], 1.0);
    assert_shows(&project("size = 900\nmargin = 10", &flat(600, 300), png(page)), &Samples::of(&expected), CLOSE);
}

#[test]
fn an_image_of_one_pixel_bears_it_too() {
    for position in ["bottom-right", "centre", "tiled"] {
        let white = RgbImage::from_pixel(1, 1, Rgb([255; 3]));
        let opaque = RgbaImage::from_pixel(30, 20, Rgba([10, 10, 10, 255]));
        let site = project(&format!("margin = 25\nposition = \"{position}\""), &opaque, png(white)).built();
        let shown = picture::decode(&site, "iiif/3/a_1/full/max/0/default.jpg").unwrap().to_rgb8();
        assert!(shown.as_raw().iter().all(|value| *value < 14), "{position}: {shown:?}");
    }
}

#[test]
fn a_grey_image_stays_grey_and_shows_its_luma() {
    let page = draw::grey(300, 200);
    let colour = blended(
        &RgbImage::from_fn(300, 200, |x, y| Rgb([page.get_pixel(x, y)[0]; 3])),
        &flat(60, 30),
        &[(240, 170)],
        1.0,
    );
    let luma = |Rgb([r, g, b]): &Rgb<u8>| 0.299 * f32::from(*r) + 0.587 * f32::from(*g) + 0.114 * f32::from(*b);
    let expected = GrayImage::from_fn(300, 200, |x, y| image::Luma([luma(colour.get_pixel(x, y)).round() as u8]));
    assert_shows(&project("size = 60\nmargin = 0", &flat(60, 30), png(page)), &Samples::of(&expected), CLOSE);
}

#[test]
fn it_stands_upright_on_an_image_that_lies_on_its_side() {
    let page = draw::colour(300, 200);
    let expected = blended(&page, &mark(), &[(236, 0)], 1.0);
    for orientation in [3, 5, 6, 8] {
        let jpeg = draw::jpeg_with_orientation(&page, orientation);
        let keys = "size = 64\nmargin = 0\nposition = \"top-right\"";
        assert_shows(&project(keys, &mark(), jpeg), &Samples::of(&expected), 34.0);
    }
}

#[test]
fn it_is_burned_in_after_max_resolution_is_applied() {
    let small = draw::colour(300, 200);
    let large = RgbImage::from_fn(600, 400, |x, y| *small.get_pixel(x / 2, y / 2));
    let expected = blended(&small, &mark(), &[(236, 168)], 1.0);
    let project = project("size = 64\nmargin = 0", &mark(), png(large));
    project.write("content/a/item.toml", "images.max-resolution = 300");
    assert_shows(&project, &Samples::of(&expected), CLOSE);
}

#[test]
fn nothing_is_published_without_loss_then_and_plan_says_why() {
    let page = draw::colour(300, 200);
    let project = project("size = 64\nmargin = 0", &mark(), draw::jpeg(page.clone()));
    project.write("content/a/item.toml", "images.lossless = \"always\"");
    let treatment = || {
        let image = project.plan().plan.images.remove(0);
        image.tile_plan.treatment(&image.master.header)
    };
    assert!(treatment().contains("watermark burned in, so that nothing is published without loss"), "{}", treatment());
    assert_shows(&project, &Samples::of(&blended(&page, &mark(), &[(236, 168)], 1.0)), 34.0);
    project.write("content/a/item.toml", "images.lossless = \"always\"\nimages.watermark = false");
    assert!(treatment().contains("full resolution without loss"), "{}", treatment());
}

#[test]
fn it_may_be_any_image_and_lie_with_what_it_marks() {
    let page = draw::colour(300, 200);
    let plain = draw::colour(64, 32);
    let opaque = DynamicImage::from(plain.clone()).to_rgba8();
    let mut expected = page.clone();
    overlay(&mut expected, &plain, 236, 168);
    let settings = "[images.watermark]\nfile = \"../b/marks/plain.webp\"\nsize = 64\nmargin = 0\n";
    let project = Project::new()
        .file("iiif-build.toml", format!("{BEST}tile-size = 128"))
        .file("content/b/collection.toml", "[images.watermark]\nfile = \"marks/plain.webp\"\nsize = 64\nmargin = 0\n")
        .file("content/b/marks/plain.webp", draw::webp(opaque))
        .file("content/b/c/1.png", png(page.clone()))
        .file("content/a/item.toml", settings)
        .file("content/a/1.png", png(page))
        .file("content/d/collection.toml", "images.watermark.file = \"mark.png\"")
        .file("content/d/mark.png", png(mark()))
        .file("content/d/e/1.png", draw::page())
        .file("content/f/item.toml", "images.watermark.file = \"mark.png\"")
        .file("content/f/mark.png", png(mark()))
        .file("content/f/1.png", draw::page());
    assert_shows(&project, &Samples::of(&expected), CLOSE);
    assert_eq!(problems(&project.site(), "iiif/3/b-c_1", &Samples::of(&expected), CLOSE), Vec::<String>::new());
    assert_eq!(project.site().image_ids(), set(&["a_1", "b-c_1", "d-e_1", "f_1"]));
    let ignored = project.plan().ignored;
    assert_eq!(ignored.iter().filter(|ignored| ignored.reason == "a watermark").count(), 3, "{ignored:?}");
}

#[test]
fn a_mark_that_cannot_be_used_is_refused_before_anything_is_written() {
    let cut_off = |mut bytes: Vec<u8>| bytes.drain(..bytes.len() / 2).collect::<Vec<u8>>();
    let huge = "P6 100000 100000 255\n".as_bytes().to_vec();
    let broken = [png(mark()).split_off(9), cut_off(png(draw::colour(300, 200))), b"".to_vec(), huge];
    for bytes in broken {
        let project = project("", &mark(), draw::page()).file("mark.png", bytes);
        let error = project.refused();
        assert!(error.path().unwrap().ends_with("mark.png"), "{error}");
        assert!(!project.public().exists());
    }
    let project = project("", &mark(), draw::page());
    project.remove("mark.png");
    assert!(project.refused().path().unwrap().ends_with("mark.png"));
    project.write("iiif-build.toml", "[images]\nwatermark = { opacity = 0.5 }");
    assert!(project.refused().message().contains("`file`"));
    for wrong in ["true", "{ file = 'mark.png', opacity = 1.5 }", "{ file = 'mark.png', size = -1 }", "{ fill = 'x' }"]
    {
        project.write("iiif-build.toml", format!("[images]\nwatermark = {wrong}"));
        assert_eq!(project.refused().position().unwrap().line, 2, "{wrong}");
    }
}

#[test]
fn the_program_burns_it_in_as_the_library_does() {
    let page = draw::colour(301, 203);
    let project = project("position = \"tiled\"", &mark(), png(page));
    Told::by(&project, &[]).well();
    assert_eq!(project.site().contents("iiif"), project.afresh().built().contents("iiif"));
    let one = project.afresh().with_jobs(1);
    assert_eq!(project.site().contents("iiif"), one.built().contents("iiif"));
}

#[test]
fn a_change_of_it_cuts_exactly_the_images_that_bear_it() {
    let settings = "[images]\ntile-size = 64\n[images.watermark]\nfile = \"mark.png\"\n";
    let project = archive().file("content/shelf/c/item.toml", "images.watermark = false\n");
    let unmarked = project.built().contents("");
    let bearing = ["a_1", "a_2", "b_1", "b_2-1", "b_2-2", "b_2-3", "shelf-d_1"];
    let why = |effect: &crate::archive::Effect, expected: &[&str]| {
        assert_eq!(effect.told.images(), set(expected));
        let made = effect.told.made("image");
        assert!(made.values().all(|why| *why == ["watermark"]), "{made:?}");
        assert!(effect.told.made("documents").is_empty(), "{}", effect.told.said);
    };
    let effect = after(&project, |project| {
        project.write("mark.png", png(mark()));
        project.write("iiif-build.toml", settings);
    });
    assert_eq!(effect.told.images(), set(&bearing));
    why(&after(&project, |project| project.write("mark.png", png(flat(64, 32)))), &bearing);
    why(&after(&project, |project| project.write("iiif-build.toml", format!("{settings}opacity = 0.25\n"))), &bearing);
    let moved = "label = \"Shelf\"\nimages.watermark.position = \"top\"\n";
    why(&after(&project, |project| project.write("content/shelf/collection.toml", moved)), &["shelf-d_1"]);
    after(&project, |project| project.write("content/shelf/collection.toml", "label = \"Shelf\"\n"));
    let renamed = settings.replace("mark.png", "other.png") + "opacity = 0.25\n";
    let effect = after(&project, |project| {
        project.write("other.png", png(flat(64, 32)));
        project.write("iiif-build.toml", renamed);
    });
    assert!(effect.told.images().is_empty(), "the same mark under another name: {}", effect.told.said);
    why(
        &after(&project, |project| {
            project.write("content/a/item.toml", "label = \"Letters\"\nimages.watermark = false\n")
        }),
        &["a_1", "a_2"],
    );
    project.write("content/a/item.toml", "label = \"Letters\"\n");
    after(&project, |project| project.write("iiif-build.toml", "[images]\ntile-size = 64\n"));
    assert_eq!(project.site().contents(""), unmarked);
}

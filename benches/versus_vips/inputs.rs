//! The inputs, made by `vips` (and `opj_compress`) from a page of the example collection: repeated to the size wanted
//! and given grain, so that it compresses like a scan.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PAGE: &str = "content/manuscripts/sapience/0_36c2c_default.jpg";

/// Sides of the inputs, in pixels.
pub const MP_100: (u32, u32) = (12_240, 8_183);
pub const MP_400: (u32, u32) = (24_480, 16_366);
pub const MP_24: (u32, u32) = (6_000, 4_000);
const MP_8: (u32, u32) = (3_264, 2_448);

/// Pages of a folder.
pub const PAGES: usize = 200;

/// A folder for what is made once and what programs write.
pub struct Workshop {
    pub folder: PathBuf,
}

/// Runs a program to its end.
pub fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program} does not start ({error}): see make setup-bench"));
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn vips(arguments: &[&str]) {
    run("vips", arguments);
}

impl Workshop {
    pub fn path(&self, name: &str) -> String {
        self.folder.join(name).to_string_lossy().into_owned()
    }

    /// RGB pixels of this size, as vips keeps them.
    fn pixels(&self, (width, height): (u32, u32)) -> String {
        let made = self.path(&format!("{width}.v"));
        if Path::new(&made).exists() {
            return made;
        }
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE).to_string_lossy().into_owned();
        let [mosaic, cut, grain, sum] = ["mosaic.v", "cut.v", "grain.v", "sum.v"].map(|name| self.path(name));
        let (w, h) = (width.to_string(), height.to_string());
        vips(&["replicate", &page, &mosaic, &(width / 1500).to_string(), &(height / 1500 + 1).to_string()]);
        vips(&["crop", &mosaic, &cut, "0", "0", &w, &h]);
        vips(&["gaussnoise", &grain, &w, &h, "--sigma", "4"]);
        vips(&["add", &cut, &grain, &sum]);
        vips(&["cast", &sum, &made, "uchar"]);
        [&mosaic, &cut, &grain, &sum].into_iter().for_each(|file| fs::remove_file(file).expect("scratch goes"));
        made
    }

    /// Saves RGB pixels with an operation of vips and its options.
    pub fn saved(&self, size: (u32, u32), name: &str, save: &[&str]) -> PathBuf {
        let (pixels, made) = (self.pixels(size), self.path(name));
        vips(&[&[save[0], &pixels, &made], &save[1..], &["--strip"]].concat());
        made.into()
    }

    /// The same after one step from pixels to other pixels.
    pub fn saved_after(&self, size: (u32, u32), step: &[&str], name: &str, save: &[&str]) -> PathBuf {
        let (pixels, changed, made) = (self.pixels(size), self.path("changed.v"), self.path(name));
        vips(&[&[step[0], &pixels, &changed], &step[1..]].concat());
        vips(&[&[save[0], &changed, &made], &save[1..], &["--strip"]].concat());
        fs::remove_file(changed).expect("scratch goes");
        made.into()
    }

    /// A bilevel page in CCITT group 4.
    pub fn bilevel(&self, size: (u32, u32), name: &str) -> PathBuf {
        let (pixels, grey, ink, made) = (self.pixels(size), self.path("grey.v"), self.path("ink.v"), self.path(name));
        vips(&["colourspace", &pixels, &grey, "b-w"]);
        vips(&["relational_const", &grey, &ink, "more", "110"]);
        vips(&["tiffsave", &ink, &made, "--compression", "ccittfax4", "--bitdepth", "1", "--strip"]);
        [grey, ink].into_iter().for_each(|file| fs::remove_file(file).expect("scratch goes"));
        made.into()
    }

    /// A JPEG 2000 by OpenJPEG's own encoder.
    pub fn jp2(&self, size: (u32, u32), name: &str, options: &[&str]) -> PathBuf {
        let plain = self.saved(size, "plain.tif", &["tiffsave", "--compression", "none"]);
        let made = self.path(name);
        run("opj_compress", &[&["-i", &plain.to_string_lossy(), "-o", &made], options].concat());
        made.into()
    }

    /// A project of many pages of 8 megapixels, each of its own bytes.
    pub fn project(&self, name: &str, ending: &str, save: &[&str]) -> PathBuf {
        let project = self.folder.join(name);
        let item = project.join("content/book");
        fs::create_dir_all(&item).expect("a folder");
        let page = self.saved(MP_8, &format!("page.{ending}"), save);
        for number in 1..=PAGES {
            fs::copy(&page, item.join(format!("{number:04}.{ending}"))).expect("a copy");
        }
        project
    }
}

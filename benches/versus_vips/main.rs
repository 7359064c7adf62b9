//! `iiif-build` against `vips dzsave --layout iiif3`, whole processes, side by side.
//!
//! `cargo bench --bench versus_vips [-- WORD …]` makes its own inputs (Debian: libvips-tools, libopenjp2-tools), runs
//! both programs in turn with two threads, the same quality, subsampling and tile size, and prints a Markdown table of
//! medians: wall time, CPU time, peak memory and their ratios. Words choose the cases whose names hold one of them.
//! Every run writes into a folder of its own and nothing is deleted while a case runs: on ext4, making folders right
//! after deleting many is up to ten times as slow.

mod inputs;
#[path = "../measure/mod.rs"]
mod measure;

use inputs::{MP_24, MP_100, MP_400, PAGES, Workshop};
use measure::{Cost, cost, iiif_build};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const THREADS: &str = "2";
const QUALITY: &str = "80";
const TILE_SIZE: &str = "512";

/// How an input is made.
type Make = fn(&Workshop) -> PathBuf;

/// One row of the table, or two.
struct Case {
    name: &'static str,
    make: Make,
    lossless: &'static str,
    rounds: usize,
}

const RAW: [&str; 3] = ["tiffsave", "--compression", "none"];
const LZW: [&str; 5] = ["tiffsave", "--compression", "lzw", "--predictor", "horizontal"];
const DEFLATE: [&str; 5] = ["tiffsave", "--compression", "deflate", "--predictor", "horizontal"];
const JPEG: [&str; 5] = ["jpegsave", "--Q", "90", "--subsample-mode", "on"];
const PYRAMID: [&str; 10] = [
    "tiffsave",
    "--compression",
    "jpeg",
    "--Q",
    "80",
    "--tile",
    "--pyramid",
    "--bigtiff",
    "--tile-width=512",
    "--tile-height=512",
];

const fn case(name: &'static str, lossless: &'static str, rounds: usize, make: Make) -> Case {
    Case { name, make, lossless, rounds }
}

const CASES: [Case; 16] = [
    case("raw RGB TIFF, 100 MP", "auto", 5, |shop| shop.saved(MP_100, "raw.tif", &RAW)),
    case("raw RGB TIFF, 400 MP", "auto", 3, |shop| shop.saved(MP_400, "raw.tif", &RAW)),
    case("LZW TIFF, 100 MP", "auto", 5, |shop| shop.saved(MP_100, "lzw.tif", &LZW)),
    case("deflate TIFF, 100 MP", "auto", 5, |shop| shop.saved(MP_100, "zip.tif", &DEFLATE)),
    case("JPEG 4:2:0, 100 MP, recoded", "never", 5, |shop| shop.saved(MP_100, "photo.jpg", &JPEG)),
    case("JPEG 4:2:0, 100 MP, lossless", "always", 5, |shop| shop.saved(MP_100, "photo.jpg", &JPEG)),
    case("JPEG-tiled pyramid, 100 MP", "always", 5, |shop| shop.saved(MP_100, "pyramid.tif", &PYRAMID)),
    case("JPEG-tiled pyramid, 400 MP", "always", 3, |shop| shop.saved(MP_400, "pyramid.tif", &PYRAMID)),
    case("JP2 lossy tiled, 24 MP", "auto", 3, |shop| {
        shop.jp2(MP_24, "tiled.jp2", &["-r", "15", "-t", "1024,1024", "-I"])
    }),
    case("JP2 lossy untiled, 24 MP", "auto", 3, |shop| shop.jp2(MP_24, "untiled.jp2", &["-r", "15", "-I"])),
    case("JP2 lossless untiled, 24 MP", "auto", 3, |shop| shop.jp2(MP_24, "lossless.jp2", &[])),
    case("16-bit RGB TIFF, 100 MP", "auto", 3, |shop| {
        shop.saved_after(MP_100, &["colourspace", "rgb16"], "deep.tif", &RAW)
    }),
    case("CCITT group 4, 100 MP", "auto", 3, |shop| shop.bilevel(MP_100, "fax.tif")),
    case("PNG, 100 MP", "auto", 3, |shop| shop.saved(MP_100, "page.png", &["pngsave"])),
    case("grey raw TIFF, 100 MP", "auto", 3, |shop| {
        shop.saved_after(MP_100, &["colourspace", "b-w"], "grey.tif", &RAW)
    }),
    case("progressive JPEG, 100 MP", "auto", 3, |shop| {
        shop.saved(MP_100, "progressive.jpg", &["jpegsave", "--Q", "90", "--interlace"])
    }),
];

/// Whole builds of a folder of pages.
const FOLDERS: [(&str, &str, &[&str]); 2] =
    [("200 pages of 8 MP, JPEG", "jpg", &JPEG), ("200 pages of 8 MP, LZW TIFF", "tif", &LZW)];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let is_wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    println!("{}\n", versions());
    println!("| input | output | iiif-build | vips | wall ratio | CPU ratio | peak MiB |");
    println!("|---|---|---|---|---|---|---|");
    for case in CASES.iter().filter(|case| is_wanted(case.name)) {
        in_workshop(|shop| {
            let input = (case.make)(shop);
            for extras in [false, true] {
                let pairs = (0..case.rounds).map(|round| cut_in_turn(case, &input, extras, shop, round)).collect();
                print_row(case.name, if extras { "complete" } else { "tiles only" }, pairs);
            }
        });
    }
    for (name, ending, save) in FOLDERS.iter().filter(|folder| is_wanted(folder.0)) {
        in_workshop(|shop| {
            let project = shop.project("project", ending, save);
            for lossless in ["auto", "never"] {
                let pairs = (0..3).map(|round| build_in_turn(&project, ending, lossless, shop, round)).collect();
                print_row(name, &format!("whole site, lossless {lossless}"), pairs);
            }
        });
    }
}

/// Gives each case a folder of its own, gone afterwards.
fn in_workshop(work: impl FnOnce(&Workshop)) {
    let folder = std::env::temp_dir().join(format!("iiif-build-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    work(&Workshop { folder: folder.clone() });
    std::fs::remove_dir_all(&folder).expect("the temporary folder goes");
    inputs::run("sync", &[]);
}

/// What ran where.
fn versions() -> String {
    let vips = Command::new("vips").arg("--version").output().expect("vips: see make setup-bench").stdout;
    let (machine, vips) = (measure::machine(), String::from_utf8_lossy(&vips).trim().to_owned());
    format!("{machine}; {vips}; medians of paired runs, {THREADS} threads, quality {QUALITY}, tile {TILE_SIZE}")
}

/// Ours and theirs.
type Pair = (Cost, Cost);

fn cut_in_turn(case: &Case, input: &Path, extras: bool, shop: &Workshop, round: usize) -> Pair {
    let out = |program: &str| shop.path(&format!("{program}-{extras}-{round}"));
    let mut ours = iiif_build();
    ours.arg("tile").args(["--jobs", THREADS, "--quality", QUALITY, "--tile-size", TILE_SIZE]);
    ours.args(["--lossless", case.lossless]).args((!extras).then_some("--no-extras")).arg(input).arg(out("ours"));
    let mut theirs = Command::new("vips");
    theirs.env("VIPS_CONCURRENCY", THREADS).arg("dzsave").arg(input).arg(out("vips")).args(dzsave_options());
    (cost(&mut ours), cost(&mut theirs))
}

fn build_in_turn(project: &Path, ending: &str, lossless: &str, shop: &Workshop, round: usize) -> Pair {
    let out = |program: &str| shop.path(&format!("{program}-{lossless}-{round}"));
    let mut ours = iiif_build();
    ours.args(["build", "--jobs", THREADS, "--lossless", lossless, "--base-url", "https://example.org/", "--root"]);
    ours.arg(project).arg("--output").arg(out("ours"));
    std::fs::create_dir_all(out("vips")).expect("a folder");
    let pages = project.join(format!("content/book/@.{ending}"));
    let mut theirs = Command::new("sh");
    theirs.env("VIPS_CONCURRENCY", "1");
    theirs.args(["-c", "seq -f %04g 1 \"$0\" | xargs -P \"$1\" -I @ vips dzsave \"$2\" \"$3/@\" $4"]);
    theirs.args([&PAGES.to_string(), THREADS]).arg(pages).arg(out("vips")).arg(dzsave_options().join(" "));
    (cost(&mut ours), cost(&mut theirs))
}

fn dzsave_options() -> [String; 6] {
    let suffix = format!(".jpg[Q={QUALITY}]");
    ["--layout", "iiif3", "--tile-size", TILE_SIZE, "--suffix", &suffix].map(str::to_owned)
}

fn print_row(name: &str, output: &str, pairs: Vec<Pair>) {
    let median = |of: &dyn Fn(&Pair) -> f64| {
        let mut values: Vec<f64> = pairs.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let seconds = |time: Duration| time.as_secs_f64();
    println!(
        "| {name} | {output} | {:.2} s | {:.2} s | {:.2} | {:.2} | {:.0} / {:.0} |",
        median(&|pair| seconds(pair.0.wall)),
        median(&|pair| seconds(pair.1.wall)),
        median(&|pair| seconds(pair.0.wall) / seconds(pair.1.wall)),
        median(&|pair| seconds(pair.0.cpu) / seconds(pair.1.cpu)),
        median(&|pair| pair.0.peak_kib as f64 / 1024.0),
        median(&|pair| pair.1.peak_kib as f64 / 1024.0),
    );
}

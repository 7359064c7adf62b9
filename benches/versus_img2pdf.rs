//! The PDF of an item of 500 pages of 24 megapixels with 400 words each, beside `img2pdf` on the same published pictures,
//! which knows no text.
//!
//! `cargo bench --bench versus_img2pdf [-- N]` makes its own project of N pages (500). It builds it without the PDF, then with
//! it, so that the difference to a build that has nothing to do is the PDF. It prints a Markdown table of wall time, peak
//! memory of the largest process, and the size of the PDF.

mod measure;

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use measure::{Cost, cost, iiif_build, machine};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PAGES: usize = 500;

/// 24 megapixels.
const SIZE: (u32, u32) = (4000, 6000);

/// Lines of a page, and words of a line.
const LINES: u32 = 40;
const WORDS: u32 = 10;

const WITHOUT: &str = "[images]\nmax-size = \"full\"\n";
const WITH: &str = "pdf = true\n[images]\nmax-size = \"full\"\n";

fn main() {
    let pages = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(PAGES);
    println!("{}\n\n| {pages} pages | wall | CPU | peak MiB | MB |\n|---|---|---|---|---|", machine());
    let folder = std::env::temp_dir().join(format!("iiif-build-pdf-{}", std::process::id()));
    write_project(&folder, pages);
    build(&folder, WITHOUT);
    let pdf = folder.join("public/book/book.pdf");
    print("nothing to do, no PDF", build(&folder, WITHOUT), None);
    print("the PDF", build(&folder, WITH), Some(&pdf));
    print("nothing to do", build(&folder, WITH), Some(&pdf));
    let other = folder.join("img2pdf.pdf");
    let mut img2pdf = Command::new("img2pdf");
    img2pdf.arg("--output").arg(&other).args((1..=pages).map(|page| picture(&folder, page)));
    print("img2pdf", cost(&mut img2pdf), Some(&other));
    fs::remove_dir_all(folder).expect("the temporary folder goes");
}

fn build(folder: &Path, settings: &str) -> Cost {
    fs::write(folder.join("iiif-build.toml"), settings).expect("settings are written");
    cost(iiif_build().args(["build", "--root"]).arg(folder))
}

fn picture(folder: &Path, page: usize) -> PathBuf {
    folder.join(format!("public/iiif/3/book_{page:04}/full/max/0/default.jpg"))
}

fn print(name: &str, Cost { wall, cpu, peak_kib }: Cost, pdf: Option<&Path>) {
    let bytes = pdf.map_or(0, |pdf| fs::metadata(pdf).expect("the PDF is there").len());
    let (wall, cpu) = (wall.as_secs_f64(), cpu.as_secs_f64());
    println!("| {name} | {wall:.2} s | {cpu:.2} s | {} | {} |", peak_kib / 1024, bytes / 1_000_000);
}

/// All pages are one scan, so that it takes no hour to make them.
fn write_project(folder: &Path, pages: usize) {
    let item = folder.join("content/book");
    fs::create_dir_all(&item).expect("the project is made");
    let (width, height) = SIZE;
    let scan = RgbImage::from_fn(width, height, |x, y| {
        let light = 160 + ((x / 7 * 31 + y / 5 * 17) % 61) as u8 + ((x * y) % 13) as u8;
        Rgb([light, light, light - 20])
    });
    let mut jpeg = vec![];
    scan.write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, 85)).expect("the scan is encoded");
    let text = hocr();
    for page in 1..=pages {
        fs::write(item.join(format!("{page:04}.jpg")), &jpeg).expect("a page is written");
        fs::write(item.join(format!("{page:04}.hocr")), &text).expect("a text is written");
    }
}

fn hocr() -> String {
    let (width, height) = SIZE;
    let word = |line: u32, word: u32| {
        let (left, top) = (200 + word * 360, 200 + line * 140);
        let (right, bottom) = (left + 300, top + 90);
        format!("<span class='ocrx_word' title='bbox {left} {top} {right} {bottom}'>word{line}x{word}</span> ")
    };
    let line = |line: u32| {
        let words: String = (0..WORDS).map(|at| word(line, at)).collect();
        let (top, bottom) = (200 + line * 140, 290 + line * 140);
        format!("<span class='ocr_line' title='bbox 200 {top} 3740 {bottom}'>{words}</span>")
    };
    let lines: String = (0..LINES).map(line).collect();
    format!(
        "<!DOCTYPE html><div class='ocr_page' title='bbox 0 0 {width} {height}'><p class='ocr_par'>{lines}</p></div>"
    )
}

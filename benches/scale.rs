//! Very many images: the first build, one that has nothing to do, one after a corrected label, one after a replaced
//! scan, one for another base URL, which makes every document anew.
//!
//! `cargo bench --bench scale [-- N]` makes its own project of N tiny images (100,000), and for comparison one of a
//! tenth of that: what grows faster than the project shows between the two. The third has many described items instead,
//! 40,000 of three pages each. It prints a Markdown table of wall time, peak memory of the largest process, and the size
//! of the state. Each image becomes some ten files and folders.

mod measure;

use measure::{Cost, cost, iiif_build, machine};
use std::fs;
use std::path::{Path, PathBuf};

const IMAGES: usize = 100_000;
const ITEMS_OF_COLLECTION: usize = 100;

/// Volumes: few items of many pages.
const PAGES_OF_VOLUME: usize = 50;

/// Letters: many items of few pages, described one by one.
const PAGES_OF_LETTER: usize = 3;

const BASE_URL: &str = "https://example.org/";

/// Side of an image in pixels.
const SIDE: u16 = 32;

/// Rounds of builds that can be repeated; their medians are shown.
const ROUNDS: u32 = 3;

fn main() {
    let images = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(IMAGES);
    println!("{}\n", machine());
    println!("| images | items | build | wall | CPU | peak MiB | state MiB |");
    println!("|---|---|---|---|---|---|---|");
    let letters = images * 6 / 5;
    for (images, pages) in [(images / 10, PAGES_OF_VOLUME), (images, PAGES_OF_VOLUME), (letters, PAGES_OF_LETTER)] {
        let folder = std::env::temp_dir().join(format!("iiif-build-scale-{}", std::process::id()));
        measure_project(&Project::new(folder.clone(), images, pages));
        fs::remove_dir_all(folder).expect("the temporary folder goes");
    }
}

fn measure_project(project: &Project) {
    project.print("first", &[project.build(BASE_URL)]);
    let rounds = |change: &dyn Fn(u32)| {
        let round = |round| {
            change(round);
            project.build(BASE_URL)
        };
        (0..ROUNDS).map(round).collect::<Vec<Cost>>()
    };
    project.print("nothing to do", &rounds(&|_| ()));
    project.print("one label", &rounds(&|round| project.label(&format!("Corrected {round}"))));
    project.print("one image", &rounds(&|round| project.scan(project.images / 2, 1 + round)));
    let moved = |round| project.build(&format!("{BASE_URL}{round}/"));
    project.print("all documents", &(0..ROUNDS).map(moved).collect::<Vec<Cost>>());
}

/// A project of `images` pages.
struct Project {
    root: PathBuf,
    images: usize,
    pages_of_item: usize,
}

impl Project {
    fn new(root: PathBuf, images: usize, pages_of_item: usize) -> Project {
        let project = Project { root, images, pages_of_item };
        for number in 0..images {
            project.scan(number, 0);
            if number % pages_of_item == 0 && pages_of_item == PAGES_OF_LETTER {
                project.describe(number);
            }
        }
        project
    }

    fn item(&self, number: usize) -> PathBuf {
        let item = number / self.pages_of_item;
        self.root.join(format!("content/shelf{}/item{item}", item / ITEMS_OF_COLLECTION))
    }

    /// Writes an edition of a page; no two are alike.
    fn scan(&self, number: usize, edition: u32) {
        let item = self.item(number);
        if number.is_multiple_of(self.pages_of_item) {
            fs::create_dir_all(&item).expect("a folder");
        }
        fs::write(item.join(format!("{}.tif", number % self.pages_of_item + 1)), tiff(number as u32, edition))
            .expect("a page");
    }

    /// What an archive says of a letter.
    fn describe(&self, number: usize) {
        let letter = number / self.pages_of_item;
        let description = format!(
            "label = {{ en = \"Letter {letter} of the series\", fr = \"Lettre {letter}\" }}\n\
             summary = \"<b>Two</b> leaves & an envelope, number {letter}\"\n\
             nav-date = \"1901-02-03T00:00:00Z\"\n\
             rights = \"http://creativecommons.org/publicdomain/mark/1.0/\"\n\
             metadata = [\n\
             {{ label = \"Creator\", value = \"Person {}\" }},\n\
             {{ label = \"Date\", value = \"19{:02}\" }},\n\
             {{ label = \"Shelf mark\", value = \"Ms. {letter}\" }},\n\
             ]\n",
            letter % 977,
            letter % 100
        );
        fs::write(self.item(number).join("item.toml"), description).expect("a description");
    }

    /// Of the item in the middle.
    fn label(&self, label: &str) {
        let file = self.item(self.images / 2).join("item.toml");
        fs::write(file, format!("label = \"{label}\"\n")).expect("a description");
    }

    fn build(&self, base_url: &str) -> Cost {
        let mut command = iiif_build();
        command.args(["build", "--base-url", base_url, "--root"]).arg(&self.root);
        cost(&mut command)
    }

    fn print(&self, build: &str, costs: &[Cost]) {
        let median = |of: &dyn Fn(&Cost) -> f64| {
            let mut values: Vec<f64> = costs.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        println!(
            "| {} | {} | {build} | {:.2} s | {:.2} s | {:.0} | {:.1} |",
            self.images,
            self.images / self.pages_of_item,
            median(&|cost| cost.wall.as_secs_f64()),
            median(&|cost| cost.cpu.as_secs_f64()),
            median(&|cost| cost.peak_kib as f64 / 1024.0),
            size(&self.root.join(".iiif-build")) as f64 / f64::from(1 << 20),
        );
    }
}

/// Bytes of all files in a folder without folders.
fn size(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).expect("the state").flatten();
    files.filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum()
}

/// A grey TIFF in one strip, whose first pixels say which it is. Grey values follow the eight bytes of header, the
/// directory them (TIFF 6.0, section 2).
fn tiff(number: u32, edition: u32) -> Vec<u8> {
    let area = u32::from(SIDE) * u32::from(SIDE);
    let mut bytes = [&b"II\x2a\0"[..], &(8 + area).to_le_bytes()].concat();
    bytes.extend((0..area).map(|at| (at * 255 / area) as u8));
    bytes[8..12].copy_from_slice(&number.to_le_bytes());
    bytes[12..16].copy_from_slice(&edition.to_le_bytes());
    let side = u32::from(SIDE);
    let entries = [(256, side), (257, side), (258, 8), (259, 1), (262, 1), (273, 8), (278, side), (279, area)];
    bytes.extend((entries.len() as u16).to_le_bytes());
    for (tag, value) in entries {
        bytes.extend([u16::to_le_bytes(tag), 4u16.to_le_bytes()].concat());
        bytes.extend([1u32.to_le_bytes(), u32::to_le_bytes(value)].concat());
    }
    bytes.extend([0; 4]);
    bytes
}

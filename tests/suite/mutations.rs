//! Files damaged by chance: images, metadata and texts, the notes of builds and of deploys; and texts that are made to break
//! pages.
//!
//! One build holds many damaged files, each in an item of its own, so that a minute is enough for many. The seed is the same
//! on every run. `IIIF_BUILD_SEED=N` takes other chances, `IIIF_BUILD_MUTATIONS=N` makes N times as many. A test that fails
//! names the seed, and keeps what it was given in the folder that it names.

mod bytes;
mod images;
mod metadata;
mod notes;
mod samples;
mod words;

use crate::cli;
use crate::project::{BASE_URL, Project};
use crate::random::Random;
use crate::told::Told;
use crate::usage;
use scraper::{ElementRef, Html};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// However many mutants there are: a build that is not over by then hangs.
const PATIENCE: Duration = Duration::from_secs(240);

/// MiB: what pixels may take, and what everything else takes at most.
const BUDGET: u64 = 192;
const BESIDE: u64 = 128;

/// Of these tests; each of them draws chances of its own.
fn seed(test: &str) -> u64 {
    let chosen = std::env::var("IIIF_BUILD_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_130_u64);
    let of_test = test.bytes().fold(chosen, |seed, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
    // Xorshift stands still at 0.
    of_test.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1
}

fn random(test: &str) -> Random {
    println!("{test}: IIIF_BUILD_SEED is {}", std::env::var("IIIF_BUILD_SEED").unwrap_or("the usual one".into()));
    Random(seed(test))
}

/// How many times as many mutants as usual.
fn times() -> usize {
    std::env::var("IIIF_BUILD_MUTATIONS").ok().and_then(|times| times.parse().ok()).unwrap_or(1)
}

/// Small real files of a folder of the corpus.
fn corpus(folder: &str, at_most: u64) -> Vec<(String, Vec<u8>)> {
    let Some(corpus) = std::env::var_os("IIIF_BUILD_CORPUS").map(PathBuf::from) else { return vec![] };
    let mut files: Vec<PathBuf> =
        fs::read_dir(corpus.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() <= at_most));
    files.sort();
    files
        .into_iter()
        .map(|file| (file.file_name().unwrap().to_string_lossy().into(), fs::read(&file).unwrap()))
        .collect()
}

/// A project whose folder stays where a test fails.
struct Mutants {
    project: Project,
    test: &'static str,
}

impl Mutants {
    fn new(test: &'static str) -> Mutants {
        Mutants::with(test, "")
    }

    /// With further `settings`.
    fn with(test: &'static str, settings: &str) -> Mutants {
        let settings = format!("base-url = \"{BASE_URL}\"\n{settings}\n[images]\ntile-size = 128\n");
        Mutants { project: Project::new().file("iiif-build.toml", settings), test }
    }

    /// Runs the program: it ends by itself, soon, in its memory, without a panic, with one of `codes`, and writes nothing but
    /// the output and its own notes.
    fn run(&self, arguments: &[&str], codes: &[i32]) -> Told {
        let mut command = cli::command(arguments);
        command.args(["--log", "json", "--root"]).arg(self.project.root());
        command.env("IIIF_BUILD_MEMORY", format!("{BUDGET}M"));
        let usage = usage::watch(&mut command, PATIENCE);
        let said = &usage.said;
        self.expect(usage.code.is_some_and(|code| codes.contains(&code)), || {
            format!("ended with {:?}\n{said}", usage.code)
        });
        for words in ["panicked at", "stumbled over it", "decoder crashed", "overflowed its stack"] {
            let lines = || said.lines().filter(|line| line.contains(words)).take(5).collect::<Vec<_>>().join("\n");
            self.expect(!said.contains(words), lines);
        }
        self.expect(usage.peak <= BUDGET + BESIDE, || format!("{} MiB", usage.peak));
        let names = fs::read_dir(self.project.root()).unwrap().map(|entry| entry.unwrap().file_name());
        let strangers: Vec<_> = names.filter(|name| !OURS.iter().any(|ours| name == ours)).collect();
        self.expect(strangers.is_empty(), || format!("written elsewhere: {strangers:?}"));
        Told::new(usage.code, usage.said)
    }

    #[track_caller]
    fn expect(&self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mutants-{}", self.test));
            let _ = fs::remove_dir_all(&kept);
            let copied = std::process::Command::new("cp").arg("-r").arg(self.project.root()).arg(&kept).status();
            println!("kept in {}: {copied:?}", kept.display());
            panic!("{}: {}", self.test, what());
        }
    }

    /// The folders below `content/` that errors are about.
    fn failed(&self, told: &Told) -> BTreeSet<String> {
        let content = self.project.root().join("content");
        let names =
            fs::read_dir(content).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        let errors: Vec<String> = told.events("error").map(|error| error.to_string()).collect();
        names.filter(|name| errors.iter().any(|error| error.contains(&format!("/{name}/")))).collect()
    }

    /// Every JSON and XML document that is written parses, and no page holds an element, an attribute or an address that a
    /// mutant put there.
    fn assert_well_formed(&self) {
        let site = self.project.site();
        for path in site.files("").iter().filter(|path| !path.contains("/files/") && !path.starts_with('.')) {
            let bytes = site.read(path);
            match path.rsplit('.').next().unwrap_or_default() {
                "json" => {
                    let parsed = serde_json::from_slice::<serde_json::Value>(&bytes);
                    self.expect(parsed.is_ok(), || format!("{path} is no JSON: {:?}", parsed.err()));
                }
                "xml" if !path.contains('/') => {
                    let text = String::from_utf8(bytes).unwrap();
                    let parsed = roxmltree::Document::parse(&text).map(|_| ());
                    self.expect(parsed.is_ok(), || format!("{path} is no XML: {:?}", parsed.err()));
                }
                "html" => {
                    let found = planted(&String::from_utf8(bytes).unwrap());
                    self.expect(found.is_none(), || format!("{path} holds {}", found.unwrap_or_default()));
                }
                _ => {}
            }
        }
    }
}

/// The names at the top of a project.
const OURS: [&str; 5] = ["iiif-build.toml", "content", "public", ".iiif-build", "www"];

/// The name that every planted element, attribute and address has in it.
const PLANTED: &str = "planted";

/// What a page must not have: an element, an attribute or an address of script with the planted name.
fn planted(html: &str) -> Option<String> {
    let page = Html::parse_document(html);
    for element in page.tree.nodes().filter_map(ElementRef::wrap) {
        let name = element.value().name();
        let is_data = element.attr("type").is_some_and(|kind| kind.contains("json"));
        let script = (name == "script" && !is_data) || name == "style";
        if name.contains(PLANTED) || (script && element.text().any(|text| text.contains(PLANTED))) {
            return Some(element.html().chars().take(300).collect());
        }
        for (name, value) in element.value().attrs() {
            let value = value.trim().to_lowercase();
            let is_script = ["javascript:", "data:text", "vbscript:"].iter().any(|scheme| value.starts_with(scheme));
            if name.contains(PLANTED) || (name.starts_with("on") && value.contains(PLANTED)) || is_script {
                return Some(element.html().chars().take(300).collect());
            }
        }
    }
    None
}

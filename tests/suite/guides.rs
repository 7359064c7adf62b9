//! Follows each guide in `docs/guides/` word for word: writes the files that it shows, runs its commands, and looks for what
//! it promises. Comments in the guide say what only a reader has, and what must come of it:
//!
//! - `<!-- given: PATH … -->`: files that the reader has: images and recordings.
//! - A block of code with a path behind its language is the file at that path.
//! - `<!-- makes: PATH … -->` and `<!-- lacks: PATH … -->`: files that are there by now, or are not.
//! - `<!-- holds: PATH TEXT -->`: text in such a file.

use crate::draw::{colour, png};
use crate::project::Project;
use crate::recorded::wav;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const GUIDES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guides");

enum Step {
    Given(String),
    Makes(String),
    Lacks(String),
    Holds(String, String),
    File(String, String),
    Commands(String),
}

/// Words, or what stands between quotes.
fn words(text: &str) -> Vec<String> {
    let parts = text.split('"').enumerate();
    let inside = |(number, part): (usize, &str)| match number % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect::<Vec<_>>(),
        _ => vec![part.to_owned()],
    };
    parts.flat_map(inside).collect()
}

fn steps(guide: &str) -> Vec<Step> {
    let mut steps = vec![];
    let mut lines = guide.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let body: String =
                lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
            match words(info).as_slice() {
                [language] if language == "sh" => steps.push(Step::Commands(body)),
                [_, path] => steps.push(Step::File(path.clone(), body)),
                _ => {}
            }
        } else if let Some((kind, rest)) =
            line.strip_prefix("<!-- ").and_then(|line| line.strip_suffix(" -->")).and_then(|line| line.split_once(": "))
        {
            let words = words(rest);
            match kind {
                "given" => steps.extend(words.into_iter().map(Step::Given)),
                "makes" => steps.extend(words.into_iter().map(Step::Makes)),
                "lacks" => steps.extend(words.into_iter().map(Step::Lacks)),
                "holds" => steps.push(Step::Holds(words[0].clone(), words[1..].join(" "))),
                kind => panic!("{kind} is no step"),
            }
        }
    }
    steps
}

fn write(path: PathBuf, bytes: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Follows a guide in an empty folder; the number of commands and promises.
fn follow(name: &str, guide: &str) -> (usize, usize) {
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    let (mut commands, mut promises, mut given) = (0, 0, 0);
    for step in steps(guide) {
        match step {
            Step::Given(path) if path.ends_with(".wav") => write(at(&path), wav(1.0)),
            Step::Given(path) => {
                given += 1;
                write(at(&path), png(colour(120 + given, 90)));
            }
            Step::File(path, text) => write(at(&path), text),
            Step::Commands(script) => {
                commands += 1;
                run(name, &script, folder.path());
            }
            Step::Makes(path) => {
                promises += 1;
                assert!(at(&path).is_file(), "{name}: {path} is not there");
            }
            Step::Lacks(path) => {
                promises += 1;
                assert!(!at(&path).exists(), "{name}: {path} is there");
            }
            Step::Holds(path, text) => {
                promises += 1;
                let found = fs::read_to_string(at(&path)).unwrap_or_default();
                assert!(found.contains(&text), "{name}: {path} does not hold {text:?}");
            }
        }
    }
    (commands, promises)
}

/// As somebody types it, with the program on the path.
fn run(name: &str, script: &str, folder: &Path) {
    let program = Path::new(env!("CARGO_BIN_EXE_iiif-build")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("IIIF_BUILD_")) {
        shell.env_remove(name);
    }
    let output = shell.args(["-ec", script]).current_dir(folder).env("PATH", path).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {script}\n{said}");
}

#[test]
fn each_guide_does_what_it_promises() {
    let mut guides: Vec<PathBuf> = fs::read_dir(GUIDES).unwrap().map(|entry| entry.unwrap().path()).collect();
    guides.sort();
    assert!(guides.len() >= 13, "{guides:?}");
    let index = fs::read_to_string(format!("{GUIDES}/../README.md")).unwrap();
    for guide in guides {
        let name = guide.file_name().unwrap().to_str().unwrap();
        assert!(index.contains(&format!("guides/{name}")), "{name} is in the index");
        let (commands, promises) = follow(name, &fs::read_to_string(&guide).unwrap());
        assert!(commands > 0 && promises > 0, "{name}: {commands} commands, {promises} promises");
    }
}

#[test]
fn the_sample_table_is_read_in_both_forms_with_every_column() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/table");
    let manifests = ["items.csv", "items.xlsx"].map(|table| {
        let project = Project::new();
        for item in ["letter-1", "book-1", "diary"] {
            project.write(&format!("content/{item}/1.png"), png(colour(90, 60)));
        }
        fs::copy(examples.join(table), project.root().join("content").join(table)).unwrap();
        let output = project.command(&["build", "--today", "2030-01-01"]).output().unwrap();
        assert!(output.status.success(), "{table}: {}", String::from_utf8_lossy(&output.stderr));
        let site = project.site();
        assert!(!site.has("diary/manifest.json"), "it has an embargo");
        ["letter-1", "book-1"].map(|item| site.json(&format!("{item}/manifest.json")))
    });
    assert_eq!(manifests[0], manifests[1]);
    let [letter, book] = &manifests[0];
    assert_eq!(
        (&letter["label"]["fr"][0], &letter["navDate"]),
        (&"Une lettre à Paris".into(), &"1901-05-12T00:00:00Z".into())
    );
    assert!(letter["navPlace"].is_object() && letter["homepage"].is_array() && letter["provider"].is_array());
    assert_eq!((&book["viewingDirection"], &book["behavior"][0]), (&"right-to-left".into(), &"paged".into()));
}

#[test]
fn each_link_between_documents_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["", "docs", "docs/guides", "content", "tests"].map(PathBuf::from);
    let examples = fs::read_dir(root.join("examples")).unwrap().map(|entry| entry.unwrap().path());
    let folders = folders.into_iter().chain(examples.filter(|path| path.is_dir()));
    let files = folders.flat_map(|folder| fs::read_dir(root.join(folder)).unwrap()).map(|entry| entry.unwrap().path());
    for file in files.filter(|file| file.extension().is_some_and(|ending| ending == "md")) {
        let text = fs::read_to_string(&file).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (path, place) = link.split_once('#').unwrap_or((link, ""));
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let target = if path.is_empty() { file.clone() } else { file.parent().unwrap().join(path) };
            assert!(target.exists(), "{}: {link} leads nowhere", file.display());
            if !place.is_empty() && target.extension().is_some_and(|ending| ending == "md") {
                let headings = fs::read_to_string(&target).unwrap();
                let is_there = headings.lines().filter(|line| line.starts_with('#')).any(|line| anchor(line) == place);
                assert!(is_there, "{}: no heading for {link}", file.display());
            }
        }
    }
}

/// The fragment by which GitHub knows a heading.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

//! The recipes of the IIIF Cookbook (iiif.io/api/cookbook): `tests/cookbook/` holds a project for each, named after it.
//!
//! Each is built and proven, and its documents are compared with those below its `snapshot/`. With `UPDATE_SNAPSHOTS=1`
//! in the environment they are written there instead. No recipe holds an image or a recording: its `drawn.txt` lists
//! them, and they are drawn for the build.

use crate::draw;
use crate::project::Project;
use crate::prove;
use crate::recorded;
use crate::site::Site;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What is no part of a project.
const BESIDE: [&str; 2] = ["snapshot", "drawn.txt"];

#[test]
fn each_recipe_of_the_cookbook_gives_the_documents_of_its_snapshot() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cookbook");
    let mut recipes: Vec<PathBuf> = entries(&folder).into_iter().filter(|path| path.is_dir()).collect();
    recipes.sort();
    // Not on rayon's threads: one that waits for a build would begin further recipes on its stack.
    let next = AtomicUsize::new(0);
    let some = || {
        let mine = std::iter::from_fn(|| recipes.get(next.fetch_add(1, Ordering::Relaxed)));
        mine.flat_map(|recipe| problems(recipe)).collect::<Vec<String>>()
    };
    let problems: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(some)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

fn problems(recipe: &Path) -> Vec<String> {
    let project = project(recipe);
    let name = recipe.file_name().unwrap().to_string_lossy().into_owned();
    let failures: Vec<String> = match project.try_build() {
        Ok(report) => report.failures.iter().map(ToString::to_string).collect(),
        Err(error) => return vec![format!("{name}: {error}")],
    };
    let site = project.site();
    let mut problems = [failures, prove::problems(&site)].concat();
    problems.extend(differences(&documents(&site), &recipe.join("snapshot")));
    problems.into_iter().map(|problem| format!("{name}: {problem}")).collect()
}

/// The recipe's files in a folder of their own, with what is drawn.
fn project(recipe: &Path) -> Project {
    let project = Project::new();
    for (path, file) in files(recipe) {
        if !BESIDE.contains(&path.split('/').next().unwrap()) {
            project.write(&path, fs::read(file).unwrap());
        }
    }
    let drawn = fs::read_to_string(recipe.join("drawn.txt")).unwrap_or_default();
    for line in drawn.lines().filter(|line| !line.trim().is_empty()) {
        let mut words = line.split_whitespace();
        let path = words.next().unwrap();
        project.write(path, draw_file(path, &words.collect::<Vec<_>>()));
    }
    project
}

/// A file of the given extent: `600x800` pixels, `12.5s` long, or both.
fn draw_file(path: &str, extent: &[&str]) -> Vec<u8> {
    let size = extent.iter().find_map(|word| {
        let (width, height) = word.split_once('x')?;
        Some((width.parse().unwrap(), height.parse().unwrap()))
    });
    let seconds = extent.iter().find_map(|word| word.strip_suffix('s')).map(|seconds| seconds.parse().unwrap());
    match (seconds, size) {
        (Some(seconds), size) => recorded::file(path, seconds, size),
        (None, Some((width, height))) => draw::png(draw::grey(width, height)),
        (None, None) => panic!("{path}: no extent"),
    }
}

/// Every IIIF document of the site but those of images.
fn documents(site: &Site) -> BTreeMap<String, String> {
    let is_document =
        |path: &String| path.ends_with(".json") && !path.starts_with("iiif/") && !path.contains("/files/");
    site.files("").into_iter().filter(is_document).map(|path| (path.clone(), site.text(&path))).collect()
}

/// How `now` differs from the files below `snapshot`; nothing once those are written anew.
fn differences(now: &BTreeMap<String, String>, snapshot: &Path) -> Vec<String> {
    let then: BTreeMap<String, String> =
        files(snapshot).into_iter().map(|(path, file)| (path, fs::read_to_string(file).unwrap())).collect();
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        write(now, &then, snapshot);
        return vec![];
    }
    let paths: BTreeSet<&String> = now.keys().chain(then.keys()).collect();
    paths.into_iter().filter_map(|path| difference(path, now.get(path), then.get(path))).collect()
}

fn write(now: &BTreeMap<String, String>, then: &BTreeMap<String, String>, snapshot: &Path) {
    then.keys().filter(|path| !now.contains_key(*path)).for_each(|path| fs::remove_file(snapshot.join(path)).unwrap());
    for (path, text) in now.iter().filter(|(path, text)| then.get(*path) != Some(text)) {
        let file = snapshot.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
}

fn difference(path: &str, now: Option<&String>, then: Option<&String>) -> Option<String> {
    match (now, then) {
        (Some(now), Some(then)) => {
            let lines = now.lines().chain([""]).zip(then.lines().chain([""]));
            let (at, (now, then)) = lines.enumerate().find(|(_, (now, then))| now != then)?;
            Some(format!("{path}:{} says {} and not {}", at + 1, now.trim(), then.trim()))
        }
        (Some(_), None) => Some(format!("{path} is in no snapshot")),
        (None, _) => Some(format!("{path} is not there")),
    }
}

/// All files below `folder` by their `/`-separated paths.
fn files(folder: &Path) -> Vec<(String, PathBuf)> {
    let below = |path: PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match path.is_dir() {
            true => files(&path).into_iter().map(|(inner, file)| (format!("{name}/{inner}"), file)).collect(),
            false => vec![(name, path)],
        }
    };
    entries(folder).into_iter().flat_map(below).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect()
}

//! Damaged notes: the records of builds, and what a deploy left in its target. A build makes the site of a clean build of them;
//! a deploy reads them or refuses them, and what readers see stays.

use super::bytes::mutate;
use super::{Mutants, random, times};
use crate::draw::{grey, png};
use crate::site::Site;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Damages of each file at a time.
const EACH: usize = 8;

fn project(test: &'static str) -> Mutants {
    let mutants = Mutants::with(test, "discovery = [\"atom\", \"activity\"]\n");
    for item in ["a", "b/c", "b/d"] {
        mutants.project.write(&format!("content/{item}/1.png"), png(grey(200, 140)));
        mutants.project.write(&format!("content/{item}/item.toml"), "label = \"Sesame\"\n");
    }
    mutants
}

/// Every file below a folder, with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let site = Site { root: folder.to_path_buf(), base_url: String::new(), max_size: 0, _folder: None };
    site.contents("")
}

fn put(folder: &Path, files: &BTreeMap<String, Vec<u8>>) {
    let _ = fs::remove_dir_all(folder);
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// What readers see: all but the notes.
fn public(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = files(folder);
    files.retain(|path, _| !path.starts_with(".iiif-build/"));
    files
}

/// Damages each file of `folder` in turn, and looks what `then` makes of it. All is put back in between.
fn each_damage(mutants: &Mutants, folder: &Path, then: impl Fn(&str)) {
    let (sound, mut random) = (files(folder), random(mutants.test));
    let mut count = 0;
    for _ in 0..times() {
        for (name, bytes) in sound.iter().filter(|(_, bytes)| !bytes.is_empty()) {
            for turn in 0..EACH {
                let damaged = match turn {
                    0 => vec![],
                    _ => mutate(bytes, bytes, &mut random),
                };
                put(folder, &sound);
                fs::write(folder.join(name), damaged).unwrap();
                then(&format!("{name}, damage {turn}"));
                count += 1;
            }
        }
    }
    println!("{}: {count} damages", mutants.test);
}

#[test]
fn of_damaged_records_a_build_makes_the_site_of_a_clean_one() {
    let mutants = project("records");
    mutants.run(&["build"], &[0]);
    let clean = public(&mutants.project.public());
    each_damage(&mutants, &mutants.project.root().join(".iiif-build"), |what| {
        mutants.run(&["build"], &[0]);
        let built = public(&mutants.project.public());
        // The history that harvesters read begins again where the notes of it are lost.
        let is_history = |path: &str| path.starts_with("activity/") || path == "atom.xml";
        let differing: Vec<_> =
            clean.keys().filter(|path| !is_history(path) && built.get(*path) != clean.get(*path)).collect();
        mutants.expect(differing.is_empty(), || format!("{what}: {differing:?}"));
        mutants.assert_well_formed();
    });
}

/// A project that was deployed to a folder of its own.
fn deployed(test: &'static str) -> (Mutants, PathBuf) {
    let mutants = project(test);
    let www = mutants.project.root().join("www");
    let settings = fs::read_to_string(mutants.project.root().join("iiif-build.toml")).unwrap();
    let target = format!("{settings}\n[deploy.live]\nurl = \"file://{}\"\ngrace = \"0h\"\n", www.display());
    mutants.project.write("iiif-build.toml", target);
    mutants.run(&["build"], &[0]);
    mutants.run(&["deploy", "--no-probe"], &[0]);
    (mutants, www)
}

#[test]
fn of_damaged_notes_in_the_target_a_deploy_takes_nothing_from_readers() {
    let (mutants, www) = deployed("target");
    let live = public(&www);
    each_damage(&mutants, &www.join(".iiif-build"), |what| {
        mutants.run(&["deploy", "--no-probe"], &[0, 1, 2]);
        mutants.expect(public(&www) == live, || format!("{what}: the site has changed"));
        mutants.run(&["deploy", "--no-probe", "--dry-run"], &[0, 1, 2]);
        mutants.expect(public(&www) == live, || format!("{what}: a dry run has changed the site"));
    });
}

#[test]
fn of_damaged_records_a_deploy_takes_nothing_from_readers() {
    let (mutants, www) = deployed("local");
    let live = public(&www);
    each_damage(&mutants, &mutants.project.root().join(".iiif-build"), |what| {
        mutants.run(&["deploy", "--no-probe"], &[0, 1, 2]);
        mutants.expect(public(&www) == live, || format!("{what}: the site has changed"));
    });
}

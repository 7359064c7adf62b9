//! Damaged metadata and texts of every format, among sound ones.

use super::bytes::{mutate, mutate_text, pick};
use super::samples::{Sample, metadata};
use super::{Mutants, corpus, random, times};
use crate::draw::{grey, png};
use crate::prove::assert_proven;
use crate::random::Random;
use std::collections::BTreeSet;
use std::fs;

/// Bytes of the largest file of the corpus that is taken.
const AT_MOST: u64 = 16 << 10;

/// Mutants of each sample at a time.
const EACH: usize = 16;

fn write(mutants: &Mutants, folder: &str, sample: &Sample, bytes: &[u8]) {
    let picture = png(grey(90, 60));
    for page in sample.pages {
        mutants.project.write(&format!("content/{folder}/{page}"), &picture);
    }
    for (file, text) in &sample.beside {
        mutants.project.write(&format!("content/{folder}/{file}"), text);
    }
    mutants.project.write(&format!("content/{folder}/{}", sample.file), bytes);
}

fn mutant(sample: &Sample, other: &[u8], random: &mut Random) -> Vec<u8> {
    match sample.file.ends_with("xlsx") {
        true => mutate(&sample.bytes, other, random),
        false => mutate_text(&sample.bytes, other, random),
    }
}

/// Builds, and takes out what is refused, until a site is built. Every refusal names one of the mutants.
fn build(mutants: &Mutants) -> BTreeSet<String> {
    let mut refused = BTreeSet::new();
    loop {
        let told = mutants.run(&["build", "--jobs", "2"], &[0, 1, 2]);
        if told.code != Some(2) {
            return refused;
        }
        let failed = mutants.failed(&told);
        mutants.expect(!failed.is_empty(), || format!("refused, and nobody knows why: {}", told.said));
        for folder in &failed {
            fs::remove_dir_all(mutants.project.root().join("content").join(folder)).unwrap();
        }
        refused.extend(failed);
    }
}

/// What is published as it was written, such as a patch, may contradict the specification. All else may not.
fn is_free(name: &str) -> bool {
    ["extra", "patch", "notes"].contains(&name)
}

fn damage(test: &'static str, is_taken: impl Fn(&str) -> bool) {
    let (mut random, samples) = (random(test), metadata("Sesame & salt"));
    let samples: Vec<&Sample> = samples.iter().filter(|sample| is_taken(sample.name)).collect();
    for _ in 0..times() {
        let mutants = Mutants::new(test);
        for sample in &samples {
            for number in 0..EACH {
                let other = &pick(&samples, &mut random).bytes;
                let bytes = mutant(sample, other, &mut random);
                write(&mutants, &format!("{}{number}", sample.name), sample, &bytes);
            }
        }
        let refused = build(&mutants);
        mutants.assert_well_formed();
        if !is_free(samples[0].name) {
            assert_proven(&mutants.project.site());
        }
        println!("{test}: {} of {} are refused", refused.len(), EACH * samples.len());
    }
}

#[test]
fn no_damaged_metadata_ends_in_a_panic_or_in_a_site_that_is_not_whole() {
    damage("metadata", |name| !is_free(name));
}

#[test]
fn no_damaged_patch_or_annotation_ends_in_a_panic_or_in_what_is_no_json() {
    damage("patches", is_free);
}

#[test]
fn no_damaged_metadata_of_the_corpus_ends_in_a_panic() {
    let real: Vec<_> = corpus("metadata", AT_MOST);
    if real.is_empty() {
        return println!("skipped: no corpus");
    }
    let mut random = random("real");
    for _ in 0..times() {
        let mutants = Mutants::new("real");
        for (number, (name, bytes)) in real.iter().enumerate() {
            for turn in 0..3 {
                let bytes = mutate_text(bytes, &pick(&real, &mut random).1, &mut random);
                let ending = name.rsplit('.').next().unwrap();
                mutants.project.write(&format!("content/r{number}-{turn}/1.png"), png(grey(90, 60)));
                mutants.project.write(&format!("content/r{number}-{turn}/given.{ending}"), bytes);
            }
        }
        build(&mutants);
        mutants.assert_well_formed();
    }
}

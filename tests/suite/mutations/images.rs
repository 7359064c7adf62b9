//! Damaged images: one of each format and form that can be drawn here, and the small ones of the corpus.

use super::bytes::{mutate, pick};
use super::samples;
use super::{Mutants, corpus, random, times};
use crate::prove::assert_proven;
use crate::site::Site;
use std::collections::BTreeMap;

/// Bytes of the largest file of the corpus that is taken.
const AT_MOST: u64 = 16 << 10;

/// Every file, by a name that ends as its kind does.
fn sound() -> Vec<(String, Vec<u8>)> {
    let folders = ["tiff", "jpeg", "png", "jp2", "webp-gif", "hostile"];
    samples::images().into_iter().chain(folders.iter().flat_map(|folder| corpus(folder, AT_MOST))).collect()
}

/// `content/NUMBER/1.tif`, since some names of the corpus are none for an item.
fn place(number: usize, name: &str) -> String {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    format!("content/m{number}/1.{ending}")
}

#[test]
fn no_damaged_image_ends_a_build_or_is_half_published() {
    let (mut random, sound) = (random("images"), sound());
    let mut mutants = Mutants::new("images");
    for round in 0..times() {
        let each = if sound.len() > 60 { 4 } else { 12 };
        for (number, (name, bytes)) in sound.iter().enumerate() {
            for turn in 0..each {
                let other = &pick(&sound, &mut random).1;
                let mutant = mutate(bytes, other, &mut random);
                mutants.project.write(&place(number * each + turn, name), mutant);
            }
        }
        mutants.run(&["build", "--jobs", "2"], &[0, 1]);
        mutants.assert_well_formed();
        assert_proven(&mutants.project.site());
        println!(
            "round {round}: {} mutants, {} published",
            sound.len() * each,
            mutants.project.site().image_ids().len()
        );
        mutants = Mutants::new("images");
    }
}

/// What is published of each item: the files of its images, by their path behind the item's number.
fn pictures(site: &Site) -> BTreeMap<String, BTreeMap<String, Vec<u8>>> {
    let mut pictures: BTreeMap<String, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
    for (path, bytes) in site.contents("iiif/3") {
        let below = path.trim_start_matches("iiif/3/");
        let (item, rest) = below.split_once('_').unwrap();
        if !rest.ends_with("info.json") {
            pictures.entry(item.to_owned()).or_default().insert(rest.to_owned(), bytes);
        }
    }
    pictures
}

#[test]
fn no_truncated_image_is_published_with_missing_pixels() {
    let (mut random, sound) = (random("truncated"), sound());
    let whole = Mutants::new("whole");
    for (number, (name, bytes)) in sound.iter().enumerate() {
        whole.project.write(&place(number, name), bytes);
    }
    whole.run(&["build", "--jobs", "2"], &[0, 1]);
    // What is refused as a whole has no pixels that could be missing.
    let whole = pictures(&whole.project.site());
    for _ in 0..2 * times() {
        let mutants = Mutants::new("truncated");
        for (number, (name, bytes)) in sound.iter().enumerate().filter(|(_, (_, bytes))| bytes.len() > 1) {
            let end = 1 + random.below(bytes.len() as u32 - 1) as usize;
            mutants.project.write(&place(number, name), &bytes[..end]);
        }
        let told = mutants.run(&["build", "--jobs", "2"], &[0, 1]);
        let (failed, published) = (mutants.failed(&told), pictures(&mutants.project.site()));
        let is_torn =
            |item: &String, files| whole.get(item).is_some_and(|whole| whole != files) && !failed.contains(item);
        let torn = published.iter().filter(|(item, files)| is_torn(item, *files));
        let torn: Vec<_> = torn.map(|(item, _)| (item, &sound[item[1..].parse::<usize>().unwrap()].0)).collect();
        mutants.expect(torn.is_empty(), || format!("published although pixels are missing: {torn:?}"));
        println!("{} of {} truncated images are refused", failed.len(), sound.len());
    }
}

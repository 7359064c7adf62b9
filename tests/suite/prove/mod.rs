//! The prover: from `collection.json` alone to every address that the documents, the pages and the listed viewers can
//! derive. Each must exist, decode and have the stated size; and nothing else may lie below `iiif/`. Where the site is
//! published for clients of version 2 too, the same from `collection.v2.json`.
//!
//! It knows the addresses, and nothing of how `src/` fulfils it.

mod html;
pub mod picture;
mod presentation;
mod presentation2;
pub mod service;
mod service2;

use crate::site::Site;
use presentation::Presentation;
use presentation2::Older;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Width and height in pixels.
pub type Size = (u32, u32);

/// Image files by path below the site's root.
pub type Files = BTreeMap<String, Size>;

/// What is wrong with a site, one sentence each; empty for a good one.
pub fn problems(site: &Site) -> Vec<String> {
    let mut walk = Presentation::new(site);
    walk.collection("collection.json", &[]);
    let Presentation { mut problems, services, mut pictures, mut documents, .. } = walk;
    if site.files("").iter().any(|path| path.ends_with(".v2.json")) {
        let older = Older::of(site);
        problems.extend(older.problems);
        pictures.extend(older.pictures);
        documents.extend(older.documents);
    }

    let mut expected = Files::new();
    for (service, canvas) in &services {
        match service::files(site, service) {
            Ok(files) => {
                let info = site.json(&format!("{service}/info.json"));
                if (info["width"].as_u64(), info["height"].as_u64()) != (Some(canvas.0.into()), Some(canvas.1.into())) {
                    problems.push(format!("{service}: its canvas has another size"));
                }
                expected.extend(files);
            }
            Err(problem) => problems.push(format!("{service}: {problem}")),
        }
    }
    let mut infos: BTreeSet<String> = services.keys().map(|service| format!("{service}/info.json")).collect();
    if !site.files("iiif/2").is_empty() {
        infos.extend(infos.clone().into_iter().map(|path| path.replacen("iiif/3/", "iiif/2/", 1)));
        for (files, wrong) in services.keys().map(|service| service2::prove(site, service)) {
            expected.extend(files);
            problems.extend(wrong);
        }
    }
    for (path, size) in &pictures {
        if expected.get(path) != Some(size) {
            problems.push(format!("{path} is said to be {size:?}, the image service knows {:?}", expected.get(path)));
        }
    }
    problems.par_extend(expected.par_iter().filter_map(|(path, size)| picture::problem(site, path, *size)));
    problems.extend(same_bytes(site, &services));

    let mut known: BTreeSet<String> = expected.into_keys().collect();
    known.extend(infos);
    problems.extend(site.files("iiif").difference(&known).map(|path| format!("{path} is no address of any client")));
    let is_document = |path: &&String| {
        let ends = ["/manifest.json", "collection.json", ".v2.json"].iter().any(|end| path.ends_with(end));
        ends || path.contains("/annotations/v2/")
    };
    let unreached = site.files("").into_iter().filter(|path| is_document(&path) && !documents.contains(path));
    problems.extend(unreached.map(|path| format!("{path} is in no collection")));
    problems.extend(html::problems(site));
    problems
}

pub fn assert_proven(site: &Site) {
    let problems = problems(site);
    let shown: Vec<&str> = problems.iter().take(30).map(String::as_str).collect();
    assert!(problems.is_empty(), "{} problems in {}:\n{}", problems.len(), site.root.display(), shown.join("\n"));
}

/// The aliases of a one-tile level are the same file twice.
fn same_bytes(site: &Site, services: &BTreeMap<String, Size>) -> Vec<String> {
    let differ = |a: &String, b: &String| site.has(a) && site.has(b) && site.read(a) != site.read(b);
    let pairs = services.keys().filter_map(|service| service::aliases(site, service).ok()).flatten();
    pairs.filter(|(a, b)| differ(a, b)).map(|(a, b)| format!("{a} is not the same as {b}")).collect()
}

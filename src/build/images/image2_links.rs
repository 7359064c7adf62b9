//! LINK: the addresses of Image API 2. Each image gets a second folder with hard links to the files that TILE made. No
//! pixel is decoded, and the master need not be there.
//!
//! Rejected: a second encoding, and redirects, which a plain object store cannot make. The folder is exchanged as a
//! whole, like an image. Its record holds the digest of the files that it leads to. To check it, the links' inodes are
//! compared and no file is read. The links are made again if that digest or the version of the links changed. If Image
//! API 2 is turned off, all links are removed.

use crate::build::plan::PlannedImage;
use crate::build::progress::Stage;
use crate::build::run::{Run, interrupted, service_of};
use crate::build::stages::Stages;
use crate::config::Scope;
use crate::documents::iiif::image2;
use crate::error::Result;
use crate::model::ImageId;
use crate::model::pyramid::addresses::INFO_JSON;
use crate::storage::fingerprint::{Field, Fingerprint};
use crate::storage::output::Linked;
use crate::storage::state::{Image2LinksRecord, Made};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// Version of the links. Another one makes all of them anew.
const VERSION: u32 = 1;

/// The input of links: the files that they lead to.
fn fingerprint(made: &Made) -> Fingerprint {
    Fingerprint::default().with(Field::Source, &made.digest).with(Field::Program, &VERSION)
}

/// Whether an image that need not be made lacks its links.
pub fn is_due(image: &PlannedImage, run: &Run<'_>) -> bool {
    let Some(made) = made(image, run).filter(|_| run.config.older.image) else { return false };
    let is_there = run.directory.has(&image.id.image2_path().join(INFO_JSON));
    let record = run.previous.image2_links.get(&image.id.0).filter(|_| is_there);
    let Some(record) = record.filter(|record| record.of == Some(fingerprint(made))) else { return true };
    let is_doubtful = run.previous.doubtful_from.is_some_and(|from| record.generation >= from);
    (run.config.verify || is_doubtful) && !is_intact(image, run)
}

fn made<'a>(image: &PlannedImage, run: &Run<'a>) -> Option<&'a Made> {
    run.previous.images.get(&image.id.0)?.made.as_ref()
}

fn is_intact(image: &PlannedImage, run: &Run<'_>) -> bool {
    let links = image2::links(&image.tile_plan.pyramid);
    with_linked(image, &links, |linked| run.directory.is_linked(linked)).unwrap_or(false)
}

/// Records that the links of `images` are going to be made.
pub fn note<'a>(images: impl Iterator<Item = &'a PlannedImage>, run: &Run<'_>) -> Result<()> {
    let unmade = Image2LinksRecord { of: None, generation: run.state.generation() };
    let records: Vec<_> = images.map(|image| (image.id.0.clone(), Some(unmade.clone()))).collect();
    if records.is_empty() { Ok(()) } else { run.state.image2_links(&records) }
}

/// Runs LINK, if there is anything to do: makes the links of images that were made by an earlier build.
pub fn link_all(images: &[&PlannedImage], run: &Run<'_>, stages: &mut Stages<'_>) -> Result<()> {
    if images.is_empty() {
        return Ok(());
    }
    stages.run(Stage::Link, images.len() as u64, |stage| {
        let link = |image: &&PlannedImage| {
            if stage.is_cancelled() {
                return Err(interrupted());
            }
            let Some(made) = made(image, run) else { return Ok(()) };
            link(image, made, run)?;
            stage.count(|report| report.linked += 1);
            stage.advance(1);
            Ok(())
        };
        run.pool.install(|| images.par_iter().try_for_each(link))
    })
}

/// Makes and records the links of an image whose files are `made`.
pub fn link(image: &PlannedImage, made: &Made, run: &Run<'_>) -> Result<()> {
    let links = image2::links(&image.tile_plan.pyramid);
    let info_json = service_of(image).older_info_json(&run.config.base_url);
    with_linked(image, &links, |linked| run.directory.link(linked, &info_json, run.config.force))?;
    let record = Image2LinksRecord { of: Some(fingerprint(made)), generation: run.state.generation() };
    run.state.image2_links(&[(image.id.0.clone(), Some(record))])
}

fn with_linked<T>(image: &PlannedImage, links: &[(String, String)], act: impl FnOnce(Linked<'_>) -> T) -> T {
    let (folder, source) = (image.id.image2_path(), image.id.site_path());
    act(Linked { folder: &folder, source: &source, links, beside: INFO_JSON })
}

/// The ids of images whose links must go: all of them if links are no longer wanted, those of images that are `gone`,
/// and those that an earlier removal of an image left behind.
pub fn unwanted(images: &[PlannedImage], gone: &[String], run: &Run<'_>) -> Vec<String> {
    let gone: BTreeSet<&str> = gone.iter().map(String::as_str).collect();
    let planned: BTreeSet<&str> = images.iter().map(|image| image.id.0.as_str()).collect();
    let is_left = |id: &str| !planned.contains(id) && !run.previous.images.contains_key(id);
    let is_unwanted = |id: &str| run.config.scope == Scope::All && (!run.config.older.image || is_left(id));
    run.previous.image2_links.keys().filter(|id| gone.contains(id.as_str()) || is_unwanted(id)).cloned().collect()
}

/// Removes links and their records.
pub fn remove(ids: &[String], run: &Run<'_>) -> Result<()> {
    for id in ids {
        run.directory.remove_image(&ImageId(id.clone()).image2_path())?;
    }
    let gone: Vec<_> = ids.iter().map(|id| (id.clone(), None)).collect();
    if gone.is_empty() { Ok(()) } else { run.state.image2_links(&gone) }
}

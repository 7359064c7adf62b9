//! LINK: images once more by the addresses of Image API 2. An image's twin is a folder of links to the files that TILE
//! made: no pixel is looked at, and the master need not be there.

use crate::build::plan::PlannedImage;
use crate::build::run::Run;
use crate::build::run::{interrupted, service_of};
use crate::build::stages::Running;
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

/// Of which links a twin has: another one makes all twins anew.
const VERSION: u32 = 1;

/// What a twin is made of: the files that it links to.
fn fingerprint(made: &Made) -> Fingerprint {
    Fingerprint::default().with(Field::Source, &made.digest).with(Field::Program, &VERSION)
}

/// Whether an image that need not be made lacks its twin.
pub fn is_due(image: &PlannedImage, run: &Run<'_>) -> bool {
    let Some(made) = made(image, run).filter(|_| run.config.older.image) else { return false };
    let is_there = run.directory.has(&image.id.image2_path().join(INFO_JSON));
    let record = run.known.image2_links.get(&image.id.0).filter(|_| is_there);
    let Some(record) = record.filter(|record| record.of == Some(fingerprint(made))) else { return true };
    let is_doubtful = run.known.doubtful_from.is_some_and(|from| record.generation >= from);
    (run.config.verify || is_doubtful) && !is_intact(image, run)
}

fn made<'a>(image: &PlannedImage, run: &Run<'a>) -> Option<&'a Made> {
    run.known.images.get(&image.id.0)?.made.as_ref()
}

fn is_intact(image: &PlannedImage, run: &Run<'_>) -> bool {
    let links = image2::links(&image.tile_plan.pyramid);
    with_linked(image, &links, |linked| run.directory.is_linked(linked)).unwrap_or(false)
}

/// Writes down that the twins of `images` are going to be made.
pub fn note<'a>(images: impl Iterator<Item = &'a PlannedImage>, run: &Run<'_>) -> Result<()> {
    let unmade = Image2LinksRecord { of: None, generation: run.state.generation() };
    let records: Vec<_> = images.map(|image| (image.id.0.clone(), Some(unmade.clone()))).collect();
    if records.is_empty() { Ok(()) } else { run.state.image2_links(&records) }
}

/// Makes the twins of images that are there. Runs on the current rayon pool.
pub fn link_all(images: &[&PlannedImage], run: &Run<'_>, stage: &Running<'_>) -> Result<()> {
    images.par_iter().try_for_each(|image| {
        if stage.is_cancelled() {
            return Err(interrupted());
        }
        let Some(made) = made(image, run) else { return Ok(()) };
        link(image, made, run)?;
        stage.count(|report| report.linked += 1);
        stage.advance(1);
        Ok(())
    })
}

/// Makes the twin of an image of which files have just been `made`, or were before, and writes it down.
pub fn link(image: &PlannedImage, made: &Made, run: &Run<'_>) -> Result<()> {
    let links = image2::links(&image.tile_plan.pyramid);
    let info_json = service_of(image).older_info_json(&run.config.base_url);
    with_linked(image, &links, |linked| run.directory.link(linked, &info_json))?;
    let record = Image2LinksRecord { of: Some(fingerprint(made)), generation: run.state.generation() };
    run.state.image2_links(&[(image.id.0.clone(), Some(record))])
}

fn with_linked<T>(image: &PlannedImage, links: &[(String, String)], act: impl FnOnce(Linked<'_>) -> T) -> T {
    let (folder, source) = (image.id.image2_path(), image.id.site_path());
    act(Linked { folder: &folder, source: &source, links, beside: INFO_JSON })
}

/// The ids of images whose twin nobody asks for any more: all of them, those of images that are `gone`, and those that
/// an image left behind when it went.
pub fn stale(images: &[PlannedImage], gone: &[String], run: &Run<'_>) -> Vec<String> {
    let gone: BTreeSet<&str> = gone.iter().map(String::as_str).collect();
    let planned: BTreeSet<&str> = images.iter().map(|image| image.id.0.as_str()).collect();
    let is_left = |id: &str| !planned.contains(id) && !run.known.images.contains_key(id);
    let is_unwanted = |id: &str| run.config.scope == Scope::All && (!run.config.older.image || is_left(id));
    run.known.image2_links.keys().filter(|id| gone.contains(id.as_str()) || is_unwanted(id)).cloned().collect()
}

/// Removes twins, and forgets them.
pub fn remove(stale: &[String], run: &Run<'_>) -> Result<()> {
    for id in stale {
        run.directory.remove_image(&ImageId(id.clone()).image2_path())?;
    }
    let gone: Vec<_> = stale.iter().map(|id| (id.clone(), None)).collect();
    if gone.is_empty() { Ok(()) } else { run.state.image2_links(&gone) }
}

//! What the tasks of a plan have made: how far they are (`status`), and what `finish` takes into the records of the build.

use super::plan_files::{ShardRecord, ShardedPlan};
use super::selection::ranges;
use crate::build::image_sink::ImageSink;
use crate::build::images::{Compared, MadeImage, Tiled};
use crate::build::plan::PlannedImage;
use crate::build::progress::{Outcome, Stage};
use crate::build::run::{Run, service_of};
use crate::build::stages::Stages;
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::model::pyramid::addresses::INFO_JSON;
use crate::model::{HeaderWords, ImageId};
use crate::storage::state::{PreviousBuild, State};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

/// How far the tasks of a plan are.
#[derive(Debug, Default)]
pub struct Status {
    /// Shards of which all images are there.
    pub done: Vec<u32>,
    /// Shards with images that could not be made.
    pub failed: Vec<u32>,
    /// Shards without a record, or with one that is damaged or of another plan.
    pub missing: Vec<u32>,
    /// The number of images that are there.
    pub images: u64,
    /// Why images could not be made.
    pub failures: Vec<Error>,
    /// What is wrong with records.
    pub damaged: Vec<Error>,
}

impl Status {
    /// Looks at all records of `plan`.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn of(plan: &ShardedPlan) -> Result<Status> {
        records(plan).map(|records| Status::of_records(&records))
    }

    fn of_records(records: &[Result<Option<ShardRecord>>]) -> Status {
        let mut status = Status::default();
        for (shard, record) in (0..).zip(records) {
            match record {
                Ok(Some(record)) => {
                    status.images += record.images.len() as u64;
                    status.failures.extend(record.failed.iter().map(|failed| failed.error.clone()));
                    if record.failed.is_empty() { &mut status.done } else { &mut status.failed }.push(shard);
                }
                Ok(None) => status.missing.push(shard),
                Err(error) => {
                    status.missing.push(shard);
                    status.damaged.push(error.clone());
                }
            }
        }
        status
    }
}

/// The records of all shards. One that cannot be used is an error of its own.
fn records(plan: &ShardedPlan) -> Result<Vec<Result<Option<ShardRecord>>>> {
    let read = |shard| match plan.record(shard) {
        Err(error) if error.kind() != ErrorKind::Content => Err(error),
        record => Ok(record),
    };
    (0..plan.shards()).into_par_iter().map(read).collect()
}

/// What `finish` takes: a record for each shard of the plan.
pub struct Taken<'a> {
    plan: &'a ShardedPlan,
    records: Vec<ShardRecord>,
}

impl Taken<'_> {
    /// Reads all records.
    ///
    /// # Errors
    /// A shard has none, or more than `most_failed` images could not be made.
    pub fn of<'a>(plan: &'a ShardedPlan, config: &Config, most_failed: u64) -> Result<Taken<'a>> {
        plan.check_settings(config)?;
        let records = records(plan)?;
        let status = Status::of_records(&records);
        if !status.missing.is_empty() {
            let missing = ranges(status.missing.iter().copied());
            let why =
                format!("the plan is not complete: {} of {} shards are missing", status.missing.len(), plan.shards());
            let refused = Error::new(ErrorKind::Unfinished, why).with_path(plan.folder.place());
            let damaged = status.damaged.first().map(|error| format!(". {error}")).unwrap_or_default();
            return Err(refused.with_hint(format!("run these again: --shard {missing}{damaged}")));
        }
        let failed = status.failures.len() as u64;
        if let Some(first) = status.failures.first().filter(|_| failed > most_failed) {
            let why = format!("{failed} images could not be made, such as {first}");
            let shards = ranges(status.failed.iter().copied());
            return Err(Error::new(ErrorKind::Image, why).with_hint(format!(
                "`iiif-build status` lists them; run the shards {shards} again once they are mended, or publish without them: \
                 --allow-failed {failed}"
            )));
        }
        let records = records.into_iter().filter_map(|record| record.ok().flatten()).collect();
        Ok(Taken { plan, records })
    }

    /// Takes all images that were made into the records of the build, and tells `sink` that they are where it puts images.
    pub fn note(&self, state: &State, previous: &mut PreviousBuild, sink: Option<&dyn ImageSink>) -> Result<()> {
        let words = HeaderWords::default();
        for (shard, record) in (0..).zip(&self.records) {
            let mut made: BTreeMap<&ImageId, &MadeImage> =
                record.images.iter().map(|image| (&image.id, image)).collect();
            let mut noted = vec![];
            for mut image in self.plan.images(shard)? {
                words.share(&mut image.order.record.header);
                let Some(made) = made.remove(&image.order.id) else { continue };
                let record = image.order.made(made.clone(), state.generation());
                if let Some(sink) = sink {
                    sink.trust(&image.order.id, &record);
                }
                noted.push((image.order.id.0, record));
            }
            if let Some(id) = made.keys().next() {
                let why = format!("the record of shard {shard} names an image that is not in it: {id}");
                return Err(Error::new(ErrorKind::Content, why).with_hint(format!("run shard {shard} again")));
            }
            state.begin(&noted, &[])?;
            previous.images.extend(noted);
        }
        previous.is_unfinished = true;
        Ok(())
    }

    /// Writes each info.json, which lies here also where the images are in a store.
    pub fn describe(&self, images: &[PlannedImage], run: &Run<'_>) -> Result<()> {
        if run.sink.is_none() {
            return Ok(());
        }
        let made: HashSet<&ImageId> =
            self.records.iter().flat_map(|record| &record.images).map(|image| &image.id).collect();
        images.iter().filter(|image| made.contains(&image.id)).try_for_each(|image| {
            let info_json = service_of(image).info_json(&run.config.base_url);
            run.directory.publish(&image.id.site_path().join(INFO_JSON), &info_json).map(drop)
        })
    }

    /// In the place of TILE: all images are there but those that could not be made.
    ///
    /// # Errors
    /// An image is due that the plan does not know so.
    pub fn tiled(&self, compared: &Compared<'_>, run: &Run<'_>, stages: &mut Stages<'_>) -> Result<Tiled> {
        let failed = self.records.iter().flat_map(|record| &record.failed);
        let failed: BTreeMap<&ImageId, &Error> = failed.map(|failed| (&failed.id, &failed.error)).collect();
        let unknown: Vec<_> = compared.due.iter().filter(|due| !failed.contains_key(&due.image.id)).collect();
        if let Some(first) = unknown.first() {
            let why = format!("{} images are not as the plan says, such as {}", unknown.len(), first.image.id);
            let changed = Error::new(ErrorKind::Content, why).with_path(&first.image.master.source);
            return Err(changed.with_hint("content or settings changed since: make a new plan"));
        }
        if let Some(sink) = run.sink {
            sink.begin(&[], &run.previous.images)?;
        }
        compared.note(run)?;
        stages.run(Stage::Tile, 0, |stage| {
            let mut tiled = Tiled::default();
            for due in &compared.due {
                let Some(error) = failed.get(&due.image.id) else { continue };
                let master = &due.image.master.source;
                let error = (*error).clone().not_of_copy(Path::new(&run.config.relative(master)), master);
                stage.image(&due.image.id, Outcome::Failed(&error));
                stage.fail(error);
                tiled.failed.insert(due.image.id.clone());
            }
            Ok(tiled)
        })
    }
}

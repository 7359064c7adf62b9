//! `plan --shards`: writes down the images that are due.

use super::balance::{Cost, assign};
use super::plan_files::{MAX_SHARDS, PlanHead, ShardHead, ShardImage, check_free, write_shard};
use crate::build::images::{Compared, Due, ImageOrder};
use crate::build::progress::Stage;
use crate::build::run::{Run, interrupted};
use crate::build::stages::{Running, Stages};
use crate::config::{Config, files};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::fingerprint::Hash;
use crate::storage::shared::SharedFolder;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// How a plan is written.
pub struct Freezing<'a> {
    /// Where it is written.
    pub folder: &'a SharedFolder,
    /// The number of shards, at least 1.
    pub shards: u32,
    /// Whether all masters are read, so that a task knows whether its copy is the same.
    pub checksums: bool,
    /// The store that images are uploaded to. `None`: they are written into the output folder.
    pub store: Option<String>,
}

impl Freezing<'_> {
    /// Refuses a number of shards, or a place, that cannot be used, before anything is done.
    pub fn check(&self, config: &Config) -> Result<()> {
        let refused = |why: String| Err(Error::new(ErrorKind::Config, why));
        if !(1..=MAX_SHARDS).contains(&self.shards) {
            return refused(format!("--shards must be from 1 to {MAX_SHARDS}"));
        }
        if let Some(folder) = self.folder.on_disk() {
            let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
            let (folder, root) = (absolute(folder), absolute(&config.root));
            let is_in = |own: &PathBuf| absolute(own) != root && folder.starts_with(absolute(own));
            if config.own_places().iter().chain([&config.content]).any(is_in) {
                let error =
                    Error::new(ErrorKind::Config, "a plan would mix there with files of the project or of the site");
                return Err(error.with_path(folder).with_hint("name a folder of its own with --to"));
            }
        }
        check_free(self.folder)
    }
}

/// The hash of the settings in `iiif-build.toml`. A project without that file has the hash of nothing.
pub fn settings_hash(config: &Config) -> Hash {
    let settings = config.root.join(crate::config::FILE_NAME);
    Hash::of(&files::read(&settings, files::SETTINGS).unwrap_or_default())
}

/// Writes the plan. Its head, without which there is none, comes last.
pub fn freeze(
    compared: &Compared<'_>,
    freezing: &Freezing<'_>,
    run: &Run<'_>,
    stages: &mut Stages<'_>,
) -> Result<PlanHead> {
    let due = &compared.due;
    stages.run(Stage::Freeze, due.len() as u64, |stage| {
        let costs: Vec<Cost> = due.iter().map(cost).collect();
        let order = |image: usize| {
            let Hash(hash) = Hash::of(due[image].image.id.0.as_bytes());
            u64::from_le_bytes(std::array::from_fn(|at| hash[at]))
        };
        let assigned = assign(&costs, order, freezing.shards);
        let mut shards = vec![vec![]; freezing.shards as usize];
        for (image, shard) in assigned.into_iter().enumerate() {
            shards[shard as usize].push(image);
        }
        let mut heads = vec![];
        for (shard, mut images) in (0..).zip(shards) {
            images.sort_by_key(|image| &due[*image].image.id);
            let written = run.pool.install(|| {
                images.par_iter().map(|image| line(&due[*image], freezing, run, stage)).collect::<Result<Vec<_>>>()
            })?;
            let sum = |of: fn(&Cost) -> u64| images.iter().map(|image| of(&costs[*image])).sum();
            let hash = write_shard(freezing.folder, shard, &written)?;
            heads.push(ShardHead {
                images: images.len() as u64,
                bytes: sum(|cost| cost.bytes),
                pixels: sum(|cost| cost.pixels),
                hash,
            });
        }
        let base_url = run.config.base_url.as_str().to_owned();
        let head = PlanHead::new(settings_hash(run.config), base_url, freezing.store.clone(), heads);
        head.write(freezing.folder).map(|()| head)
    })
}

fn cost(due: &Due<'_>) -> Cost {
    let master = &due.image.master;
    let bytes = master.stamp.map_or(0, |stamp| stamp.bytes()) / master.siblings.max(1) as u64;
    Cost { bytes, pixels: master.header.size.area() }
}

fn line(due: &Due<'_>, freezing: &Freezing<'_>, run: &Run<'_>, stage: &Running<'_>) -> Result<ShardImage> {
    if stage.is_cancelled() {
        return Err(interrupted());
    }
    let (image, config) = (due.image, run.config);
    let mut order = ImageOrder::of(image, config);
    let source = &image.master.source;
    if freezing.checksums {
        // A master that cannot be read now fails in its task.
        order.record.hash = due.hash.get(source, run.source).unwrap_or_default();
    }
    if let Some(mark) = &mut order.watermark {
        // Tasks may have the project in another folder.
        let Ok(inside) = mark.file.strip_prefix(&config.root) else {
            let error = Error::new(ErrorKind::Config, "a watermark of a plan must be a file of the project");
            return Err(error.with_path(&mark.file).with_hint("copy it into the project's folder"));
        };
        mark.file = inside.to_path_buf();
    }
    let below = source.strip_prefix(&config.content).unwrap_or(source);
    let master = below.to_str().is_none().then(|| below.into());
    stage.advance(1);
    Ok(ShardImage { order, bytes: image.master.stamp.map_or(0, |stamp| stamp.bytes()), master })
}

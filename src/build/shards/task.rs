//! A task: makes the images of some shards. It can be killed at any moment, and another task can do the same at the same time.
//!
//! A finished image is moved to its place in one step. What was made is written down now and then, and at once when the task is
//! asked to end. The record of a shard is written last, and says the same whoever writes it: it holds no time, no name of a
//! machine and no absolute path. A failure that may pass (the network, a full disk) leaves the shard without a record.

use super::freeze::settings_hash;
use super::plan_files::{FailedImage, ShardImage, ShardRecord, ShardedPlan};
use super::selection::Selection;
use crate::build::images::{ImageOrder, MadeImage, Maker, MasterFile, SourceHash, drivers};
use crate::build::progress::{Observer, Outcome, Stage};
use crate::build::report::Report;
use crate::build::run::interrupted;
use crate::build::stages::{Running, Stages};
use crate::build::worker::Worker;
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::input::source::ContentSource;
use crate::model::ImageId;
use crate::model::pyramid::addresses::INFO_JSON;
use crate::pixels::tiling::MemoryBudget;
use crate::storage::fingerprint::{FileStamp, Reason, hash_file};
use crate::storage::output::{Attempts, place_image};
use crate::storage::ownership::FOLDER;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How often it is written down what was made.
const SAVED_EVERY: Duration = Duration::from_secs(15);

/// How often a task looks whether it should end.
const LOOKS_EVERY: Duration = Duration::from_millis(200);

/// Where the images of a task go.
pub trait Delivery: Sync {
    /// A folder for the images of the attempt `name` while they are made, which goes when the result is dropped.
    fn begin(&self, name: &str) -> Result<Box<dyn AsRef<Path> + Sync>>;

    /// Whether an image that an earlier attempt delivered is there.
    fn has(&self, made: &MadeImage) -> bool;

    /// Takes the image that was made in the attempt's `folder`, at its place in the site. When this returns, it is gone there.
    fn deliver(&self, folder: &Path, order: &ImageOrder, made: &MadeImage) -> Result<()>;

    /// Whether it waits more than it computes.
    fn is_remote(&self) -> bool;
}

/// Images go into an output folder, which all tasks share.
pub struct IntoFolder<'a> {
    pub output: &'a Path,
}

/// The folders of attempts in an output. Like all of its folder, they are never published.
pub fn attempts(output: &Path) -> Attempts {
    Attempts(output.join(FOLDER).join("attempts"))
}

impl Delivery for IntoFolder<'_> {
    fn begin(&self, name: &str) -> Result<Box<dyn AsRef<Path> + Sync>> {
        Ok(Box::new(attempts(self.output).begin(name)?))
    }

    fn has(&self, made: &MadeImage) -> bool {
        made.id.site_path().below(self.output).join(INFO_JSON).is_file()
    }

    fn deliver(&self, folder: &Path, order: &ImageOrder, made: &MadeImage) -> Result<()> {
        let path = order.id.site_path();
        place_image(&path.below(folder), &path.below(self.output), &made.digest, INFO_JSON)
    }

    fn is_remote(&self) -> bool {
        false
    }
}

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TaskEnd {
    /// All images of its shards are there.
    Done,
    /// Some masters cannot be made into images. The shards have their records, which say so.
    BadData,
    /// Some shards have no record yet. The same task again may succeed.
    TryAgain,
}

/// See the [module](self).
pub struct Task<'a> {
    pub config: &'a Config,
    pub plan: &'a ShardedPlan,
    pub delivery: &'a dyn Delivery,
}

impl Task<'_> {
    /// Makes the images of the shards `selection`.
    ///
    /// # Errors
    /// The settings changed since the plan was written; the plan cannot be read, or nothing can be written.
    pub fn run(&self, selection: &Selection, observer: &dyn Observer) -> Result<(TaskEnd, Report)> {
        let Task { config, plan, .. } = *self;
        plan.check_settings(config)?;
        let source = ContentSource::open(config)?;
        let worker = Worker::new(&config.resources, None)?;
        let mut stages = Stages::new(observer);
        let name = attempt_name();
        let folder = self.delivery.begin(&name)?;
        let mut end = TaskEnd::Done;
        for shard in selection.numbers() {
            let attempt = Attempt { task: self, shard, name: &name, folder: (*folder).as_ref() };
            end = end.max(attempt.run(&source, &worker, &mut stages)?);
        }
        Ok((end, stages.finish()))
    }
}

impl ShardedPlan {
    /// Refuses settings that are not those of the plan.
    pub fn check_settings(&self, config: &Config) -> Result<()> {
        if settings_hash(config).hex() == self.head.settings {
            return Ok(());
        }
        let changed = "the settings changed since this plan was written";
        let changed = Error::new(ErrorKind::Content, changed).with_path(config.root.join(crate::config::FILE_NAME));
        Err(changed.with_hint("make a new plan"))
    }
}

/// A name that no other attempt has, on any machine.
fn attempt_name() -> String {
    let random = || std::collections::hash_map::RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", random(), random() ^ u64::from(std::process::id()).rotate_right(17))
}

/// One attempt on one shard.
struct Attempt<'a> {
    task: &'a Task<'a>,
    shard: u32,
    name: &'a str,
    /// Where its images are made.
    folder: &'a Path,
}

/// What became of the images of a shard so far.
#[derive(Default)]
struct Results {
    made: BTreeMap<ImageId, MadeImage>,
    failed: BTreeMap<ImageId, Error>,
}

/// What the threads of an attempt share.
struct Work<'a> {
    attempt: &'a Attempt<'a>,
    images: Vec<(&'a ShardImage, Arc<SourceHash>)>,
    next: Mutex<usize>,
    maker: Maker<'a>,
    stage: &'a Running<'a>,
    results: Mutex<Results>,
    /// Why no more images are taken.
    fatal: Mutex<Option<Error>>,
}

impl Attempt<'_> {
    fn run(&self, source: &ContentSource, worker: &Worker, stages: &mut Stages<'_>) -> Result<TaskEnd> {
        let Task { config, plan, delivery } = *self.task;
        let before = plan.record(self.shard).unwrap_or_else(|damaged| {
            stages.note(&damaged.to_string());
            None
        });
        if before.as_ref().is_some_and(|record| record.failed.is_empty()) {
            stages.note(&format!("shard {} is done already", self.shard));
            return Ok(TaskEnd::Done);
        }
        let images = plan.images(self.shard)?;
        let is_planned = |id: &ImageId| images.binary_search_by(|image| image.order.id.cmp(id)).is_ok();
        let mut made = plan.attempted(self.shard)?;
        made.extend(before.into_iter().flat_map(|record| record.images).map(|image| (image.id.clone(), image)));
        made.retain(|id, image| is_planned(id) && delivery.has(image));
        let left: Vec<&ShardImage> = images.iter().filter(|image| !made.contains_key(&image.order.id)).collect();
        let pixels = left.iter().map(|image| image.order.record.header.size.area()).sum();
        let Results { made, failed } = stages.run(Stage::Tile, pixels, |stage| {
            let (resources, force) = (&config.resources, false);
            let budget = MemoryBudget::new(resources.memory);
            let maker = Maker { source, worker, resources, budget, force };
            self.make(&left, Results { made, ..Results::default() }, maker, stage)
        })?;
        let may_pass = failed.values().any(Error::may_pass);
        let end = match failed.is_empty() {
            _ if may_pass => return Ok(TaskEnd::TryAgain),
            true => TaskEnd::Done,
            false => TaskEnd::BadData,
        };
        let images = made.into_values().collect();
        let failed = failed.into_iter().map(|(id, error)| FailedImage { id, error }).collect();
        plan.write_record(self.shard, &ShardRecord { images, failed })?;
        plan.forget_attempts(self.shard)?;
        Ok(end)
    }

    /// Makes the images that are `left`. `results`: those of earlier attempts.
    fn make<'i>(
        &self,
        left: &[&'i ShardImage],
        results: Results,
        maker: Maker<'_>,
        stage: &Running<'_>,
    ) -> Result<Results> {
        let mut hashes = BTreeMap::<&str, Arc<SourceHash>>::new();
        let mut hash = |image: &'i ShardImage| match image.order.record.siblings {
            1 => Arc::default(),
            _ => hashes.entry(image.order.record.source.as_str()).or_default().clone(),
        };
        let work = Work {
            attempt: self,
            images: left.iter().map(|image| (*image, hash(image))).collect(),
            next: Mutex::default(),
            maker,
            stage,
            results: Mutex::new(results),
            fatal: Mutex::default(),
        };
        let Task { config, delivery, .. } = *self.task;
        let threads = drivers::threads(config.resources.jobs, delivery.is_remote(), left.len());
        drivers::run(threads, || work.drive(), |ended| work.save_until(ended));
        match work.fatal.into_inner() {
            Some(error) => Err(error),
            None => Ok(work.results.into_inner()),
        }
    }
}

impl Work<'_> {
    /// Makes one image after the other, until there are no more, or an error stops all of them.
    fn drive(&self) {
        while let Some((image, hash)) = self.take() {
            if self.stage.is_cancelled() {
                return self.stop(interrupted());
            }
            let id = &image.order.id;
            match self.make(image, hash) {
                Ok(made) => drop(self.results.lock().made.insert(id.clone(), made)),
                Err(error) if !error.is_of_one_image() || error.kind() == ErrorKind::Network => {
                    return self.stop(error);
                }
                Err(error) => {
                    self.stage.image(id, Outcome::Failed(&error));
                    self.results.lock().failed.insert(id.clone(), self.portable(image, &error));
                    self.stage.fail(error);
                }
            }
        }
    }

    fn take(&self) -> Option<&(&ShardImage, Arc<SourceHash>)> {
        let mut next = self.next.lock();
        let image = self.images.get(*next)?;
        *next += 1;
        Some(image)
    }

    fn stop(&self, error: Error) {
        *self.next.lock() = self.images.len();
        self.fatal.lock().get_or_insert(error);
    }

    fn make(&self, image: &ShardImage, hash: &SourceHash) -> Result<MadeImage> {
        let Task { config, delivery, .. } = *self.attempt.task;
        let path = image.master(&config.content);
        let stamp = self.maker.source.stamp(&path).map_err(|error| Error::read(ErrorKind::Image, &path, error))?;
        let is_same = stamp.bytes() == image.bytes
            && match image.checksum() {
                Some(checksum) => hash.get(&path, self.maker.source)? == checksum,
                None => true,
            };
        if !is_same {
            let changed = Error::image("it is not the file that it was when the plan was written").with_path(&path);
            return Err(changed.with_hint("make a new plan"));
        }
        let mut order = image.order.clone();
        if let Some(mark) = &mut order.watermark {
            mark.file = config.root.join(&mark.file);
            let unreadable = |error| Error::read(ErrorKind::Image, &mark.file, error);
            if hash_file(&mark.file).map_err(unreadable)? != mark.hash {
                let changed = Error::image("the watermark is not the file that it was when the plan was written");
                return Err(changed.with_path(&mark.file).with_hint("make a new plan"));
            }
            mark.stamp = FileStamp::of(&mark.file).map_err(unreadable)?;
        }
        let target = order.id.site_path().below(self.attempt.folder);
        let master = MasterFile { path: &path, stamp: Some(stamp), hash };
        let made = self.maker.make(&order, master, &target, self.stage)?;
        delivery.deliver(self.attempt.folder, &order, &made)?;
        if let Some(damage) = &made.damage {
            self.stage.warn_of_damage(&path, damage);
        }
        let (files, bytes) = (made.digest.files, made.digest.bytes);
        self.stage.image(&order.id, Outcome::Made { why: &[Reason::New], files, bytes });
        self.stage.count(|report| {
            report.images += 1;
            report.files += files + 1;
            report.bytes += bytes;
        });
        Ok(made)
    }

    /// An error with a path below the content folder, as every machine says it.
    fn portable(&self, image: &ShardImage, error: &Error) -> Error {
        let content = &self.attempt.task.config.content;
        error.clone().not_of_copy(&image.master(content), Path::new(&image.order.record.source))
    }

    /// Writes down what was made, now and then and when the task is asked to end, until all threads have `ended`.
    fn save_until(&self, ended: &Receiver<()>) {
        let (mut saved, mut last) = (self.results.lock().made.len(), Instant::now());
        let mut is_ending = false;
        while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(LOOKS_EVERY) {
            let was_ending = std::mem::replace(&mut is_ending, self.stage.is_cancelled());
            if last.elapsed() >= SAVED_EVERY || (is_ending && !was_ending) {
                (saved, last) = (self.save(saved), Instant::now());
            }
        }
        if self.fatal.lock().is_some() {
            self.save(saved);
        }
    }

    /// Writes down what was made, if it is more than `saved`. Returns how much it is. If it cannot be written, the next attempt
    /// makes it again.
    fn save(&self, saved: usize) -> usize {
        let made: Vec<MadeImage> = self.results.lock().made.values().cloned().collect();
        let Attempt { task, shard, name, .. } = *self.attempt;
        match made.len() > saved {
            true if task.plan.write_attempt(shard, name, &made).is_ok() => made.len(),
            _ => saved,
        }
    }
}

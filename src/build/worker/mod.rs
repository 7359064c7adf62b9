//! Images are decoded and cut in a child process of the same binary, so that a crash in a codec costs one image and
//! not the build.
//!
//! JPEG and JPEG 2000 are read by C libraries, and every file may be hostile. One child does all images side by side
//! on its own pool of threads: pixels never cross the border, so this costs the fast paths nothing but a few lines of
//! JSON an image. If the child dies, each image that was in its hands is tried again in a child of its own; the one
//! that dies there again has failed, and only that one. An image that takes too long dies in the same way.

mod child;
mod marks;
mod protocol;
mod work;

pub use protocol::{MarkTask, TileTask, Tiled, serve};

use crate::config::Resources;
use crate::error::{Error, ErrorKind, Result};
use crate::model::ImageHeader;
use crate::model::settings::ImageSettings;
use crate::pixels::decode;
use crate::storage::state::Lock;
use child::{Child, Outcome};
use marks::Marks;
use protocol::{Answer, Task};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long reading headers may take.
const PROBE_TIME: Duration = Duration::from_secs(60);

/// Whoever decodes and cuts images.
pub enum Worker {
    /// This process.
    Here(rayon::ThreadPool, Marks),
    Apart(Supervisor),
}

impl Worker {
    /// In a child process where `resources` name its binary. It holds `lock` too, so that nobody builds beside one that
    /// outlives us by a moment.
    pub fn new(resources: &Resources, lock: Option<Lock>) -> Result<Worker> {
        Ok(match &resources.worker {
            None => Worker::Here(
                crate::build::run::thread_pool(resources.jobs, crate::build::run::STACK)?,
                Marks::default(),
            ),
            Some(binary) => Worker::Apart(Supervisor {
                binary: binary.clone(),
                jobs: resources.jobs,
                memory: resources.memory,
                lock,
                shared: Mutex::new(None),
            }),
        })
    }

    /// The headers of all images in a file.
    pub fn probe(&self, path: &Path, settings: &ImageSettings) -> Result<Vec<ImageHeader>> {
        let supervisor = match self {
            Worker::Here(pool, _) => return pool.install(|| decode::probe(path, settings)),
            Worker::Apart(supervisor) => supervisor,
        };
        let task = Task::Probe { path: path.into(), settings: settings.clone() };
        match supervisor.run(&task, PROBE_TIME, &|_| ()).map_err(|error| error.with_path(path))? {
            Answer::Probed(headers) => Ok(headers),
            _ => Err(unexpected()),
        }
    }

    /// The header of a watermark, all of which can be decoded within `memory` bytes.
    pub fn mark(&self, path: &Path, memory: u64) -> Result<ImageHeader> {
        let supervisor = match self {
            Worker::Here(pool, _) => return pool.install(|| work::check_mark(path, memory)),
            Worker::Apart(supervisor) => supervisor,
        };
        let task = Task::Mark { path: path.into(), memory };
        match supervisor.run(&task, PROBE_TIME, &|_| ()).map_err(|error| error.with_path(path))? {
            Answer::Mark(header) => Ok(header),
            _ => Err(unexpected()),
        }
    }

    /// Cuts one image; tells `advanced` the pixels of the full image that are done.
    pub fn tile(&self, task: TileTask, advanced: &(dyn Fn(u64) + Sync)) -> Result<Tiled> {
        let supervisor = match self {
            Worker::Here(pool, marks) => return pool.install(|| work::tile(&task, marks, advanced)),
            Worker::Apart(supervisor) => supervisor,
        };
        let (limit, source) = (decode::time_limit(&task.header), PathBuf::from(&task.source));
        let task = Task::Tile(Box::new(task));
        match supervisor.run(&task, limit, advanced).map_err(|error| error.with_path(&source))? {
            Answer::Tiled(tiled) => Ok(tiled),
            _ => Err(unexpected()),
        }
    }
}

fn unexpected() -> Error {
    Error::new(ErrorKind::Internal, "the worker process answers another question than was asked")
}

/// Keeps a child at work.
pub struct Supervisor {
    binary: PathBuf,
    jobs: usize,
    memory: u64,
    lock: Option<Lock>,
    /// The child that does all images, once there is something to do.
    shared: Mutex<Option<Arc<Child>>>,
}

impl Supervisor {
    fn run(&self, task: &Task, limit: Duration, advanced: &(dyn Fn(u64) + Sync)) -> Result<Answer> {
        let first = self.shared()?.call(task, limit, advanced);
        let outcome = match first {
            // Perhaps another image was at fault.
            Outcome::Died(_) => self.start()?.call(task, limit, advanced),
            outcome => outcome,
        };
        match outcome {
            Outcome::Answered(Answer::Failed(error)) => Err(error),
            Outcome::Answered(answer) => Ok(answer),
            Outcome::Died(how) => Err(Error::image(format!("its decoder crashed ({how})"))
                .with_hint("convert the file with another program, and please report it: it should be refused")),
            Outcome::TooLong => {
                Err(Error::image(format!("it takes longer than {} s and was given up", limit.as_secs()))
                    .with_hint("is the file damaged? A sound one of this size takes less"))
            }
        }
    }

    /// The child that is at work, or a new one instead of one that died.
    fn shared(&self) -> Result<Arc<Child>> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        match shared.as_ref().filter(|child| child.is_alive()) {
            Some(child) => Ok(child.clone()),
            None => Ok(shared.insert(Arc::new(self.start()?)).clone()),
        }
    }

    fn start(&self) -> Result<Child> {
        let aside = self.lock.as_ref().map_or(Ok(Stdio::null()), Lock::share);
        aside
            .and_then(|aside| Child::start(&self.binary, self.jobs, self.memory, aside))
            .map_err(|error| Error::new(ErrorKind::Internal, format!("cannot start the worker process: {error}")))
    }
}

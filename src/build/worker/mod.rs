//! Images are decoded and cut in child processes of the same binary, so that a crash in a codec costs one image and
//! not the build.
//!
//! JPEG and JPEG 2000 are read by C libraries, and every file may be hostile. One process does nearly all images side
//! by side on its own pool of threads: pixels never pass between processes, so this costs the fast paths only a few
//! lines of JSON per image. If it dies, each image that was in its hands is tried again in a process of its own; the
//! one that dies there again has failed, and only that one. An image that takes too long ends the process in the same
//! way.
//!
//! On Linux a worker process is confined ([`confinement`]): it can write only where unfinished images are staged, has
//! no network and starts no program. The build itself moves a finished image to its place. JPEG 2000 has stricter
//! rules, because OpenJPEG is known to write beyond its memory (its issue 1652): each image that it decodes has a
//! process of its own, which can read its source and its watermark, and write its own staging folder.
//!
//! A worker is also ended if an image takes longer than `Limits::time`, and the system refuses it memory far beyond the
//! budget. A worker costs one process start per run. A program without a worker binary does the same work in its own
//! process. Rejected: a pipe for pixels, and one process per image for all formats.

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")))]
mod confinement;
mod protocol;
mod server;
mod supervisor;

#[cfg(feature = "site")]
pub use protocol::PathBytes;
pub use protocol::{TileTask, Tiled, WatermarkTask};
pub use server::serve;

use crate::build::threads::{STACK, thread_pool};
use crate::build::watermark_file::WatermarkFile;
use crate::config::Resources;
use crate::error::{Error, ErrorKind, Result};
use crate::model::ImageHeader;
use crate::model::pyramid::addresses::INFO_JSON;
use crate::model::settings::ImageSettings;
use crate::pixels::decode;
use crate::storage::fingerprint::{FileStamp, hash_file};
use crate::storage::lock::Lock;
use crate::storage::output::StagedImage;
use crate::storage::ownership::mark;
use protocol::{Answer, Task};
use server::Watermarks;
use std::path::{Path, PathBuf};
use std::time::Duration;
use supervisor::Supervisor;

#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64"))))]
mod confinement {
    /// This system cannot confine a process.
    pub fn confine(_: &crate::build::worker::protocol::Rights) -> bool {
        false
    }

    pub fn is_supported() -> bool {
        false
    }
}

/// How long reading headers may take.
const PROBE_TIME: Duration = Duration::from_secs(60);

/// And for each further file: shares of a network can be slow.
const PROBE_TIME_EACH: Duration = Duration::from_secs(1);

/// How an image comes to its place.
#[derive(Debug, Clone, Copy)]
pub struct Placement {
    /// It replaces a file too.
    pub force: bool,
    /// Its folder gets a marker: no record says that it is ours.
    pub is_marked: bool,
}

/// Decodes and cuts images.
pub enum Worker {
    /// In this process, for programs without a worker binary: a crash of a codec ends the program, and a hostile file
    /// is not confined.
    Here(rayon::ThreadPool, Watermarks),
    /// In child processes.
    Apart(Supervisor),
}

impl Worker {
    /// In child processes if `resources` name their binary. They hold `lock` too, so that no other build begins while a
    /// child process outlives this one for a moment.
    pub fn new(resources: &Resources, lock: Option<Lock>) -> Result<Worker> {
        Ok(match &resources.worker {
            None => Worker::Here(thread_pool(resources.jobs, STACK)?, Watermarks::default()),
            Some(binary) => Worker::Apart(Supervisor::new(binary, resources, lock)),
        })
    }

    /// A note if images are decoded in their own processes, but the system cannot confine these.
    pub fn unconfined(&self) -> Option<&'static str> {
        let is_unconfined = matches!(self, Worker::Apart(_)) && !confinement::is_supported();
        is_unconfined.then_some("this system cannot confine the processes that decode images (Linux with Landlock can)")
    }

    /// The headers of all images in a file.
    pub fn probe(&self, path: &Path, settings: &ImageSettings) -> Result<Vec<ImageHeader>> {
        self.probe_all(&[path], settings).pop().unwrap_or_else(|| Err(unexpected()))
    }

    /// The headers of all images in each of some files. Most take less time than a message to the process that reads them, so
    /// many are read for one. If one file is too much for the process, each is tried by itself.
    pub fn probe_all(&self, paths: &[&Path], settings: &ImageSettings) -> Vec<Result<Vec<ImageHeader>>> {
        let supervisor = match self {
            Worker::Here(pool, _) => {
                return pool.install(|| paths.iter().map(|path| decode::probe(path, settings)).collect());
            }
            Worker::Apart(supervisor) => supervisor,
        };
        let count = u32::try_from(paths.len()).unwrap_or(u32::MAX);
        let task = Task::Probe { paths: paths.iter().map(|path| (*path).into()).collect(), settings: settings.clone() };
        match supervisor.run(&task, PROBE_TIME + PROBE_TIME_EACH * count, &|_| ()) {
            Ok(Answer::Probed(found)) if found.len() == paths.len() => found,
            Err(error) if count == 1 => paths.iter().map(|path| Err(error.clone().with_path(*path))).collect(),
            _ if count > 1 => paths.iter().map(|path| self.probe(path, settings)).collect(),
            _ => paths.iter().map(|_| Err(unexpected())).collect(),
        }
    }

    /// The watermark `file` as it is now; `here` is the file on this machine. All of it can be decoded within `memory` bytes.
    pub fn watermark_file(&self, here: &Path, file: &Path, memory: u64) -> Result<WatermarkFile> {
        let unreadable = |error| Error::read(ErrorKind::Config, file, error);
        // A device or a pipe has no end.
        if !std::fs::metadata(here).map_err(unreadable)?.is_file() {
            return Err(Error::new(ErrorKind::Config, "a watermark is a file with an image").with_path(file));
        }
        let stamp = FileStamp::of(here).map_err(unreadable)?;
        let hash = hash_file(here).map_err(unreadable)?;
        match self.watermark(here, memory) {
            Ok(header) => Ok(WatermarkFile { file: here.into(), stamp, hash, header }),
            Err(error) if error.kind() != ErrorKind::Image => Err(error),
            Err(error) => {
                let refused = Error::new(ErrorKind::Config, format!("it cannot be a watermark: {}", error.message()));
                Err(refused.with_path(file).with_hint(error.hint().unwrap_or("a PNG with transparency serves best")))
            }
        }
    }

    fn watermark(&self, path: &Path, memory: u64) -> Result<ImageHeader> {
        let supervisor = match self {
            Worker::Here(pool, _) => return pool.install(|| server::check_watermark(path, memory)),
            Worker::Apart(supervisor) => supervisor,
        };
        let task = Task::Watermark { path: path.into(), memory };
        match supervisor.run(&task, PROBE_TIME, &|_| ()).map_err(|error| error.with_path(path))? {
            Answer::Watermark(header) => Ok(header),
            _ => Err(unexpected()),
        }
    }

    /// Cuts one image and moves it to its place; calls `advanced` with the pixels of the full image that are done.
    pub fn tile(&self, task: TileTask, placement: Placement, advanced: &(dyn Fn(u64) + Sync)) -> Result<Tiled> {
        let (source, stamp) = (PathBuf::from(&task.source), task.stamp);
        let made = || {
            let staged = StagedImage::new(PathBuf::from(&task.target))?;
            staged.write_beside(INFO_JSON, &task.info_json)?;
            let tiled = self.write_tiles(task, advanced)?;
            if FileStamp::of(&source).ok() != Some(stamp) {
                return Err(decode::changed());
            }
            if placement.is_marked {
                staged.write_beside(mark::FILE, mark::text().as_bytes())?;
            }
            staged.commit(placement.force)?;
            Ok(tiled)
        };
        made().map_err(|error| error.with_path(&source))
    }

    /// Fills the image's staging folder.
    fn write_tiles(&self, task: TileTask, advanced: &(dyn Fn(u64) + Sync)) -> Result<Tiled> {
        let supervisor = match self {
            Worker::Here(pool, watermarks) => return pool.install(|| server::tile(&task, watermarks, advanced)),
            Worker::Apart(supervisor) => supervisor,
        };
        let limit = decode::time_limit(&task.header);
        match supervisor.run(&Task::Tile(Box::new(task)), limit, advanced)? {
            Answer::Tiled(tiled) => Ok(tiled),
            _ => Err(unexpected()),
        }
    }
}

fn unexpected() -> Error {
    Error::new(ErrorKind::Internal, "the worker process answers another question than was asked")
}

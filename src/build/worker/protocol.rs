//! What is said between the build and its worker process: one JSON object a line.

use super::marks::Marks;
use super::work;
use crate::build::plan::WatermarkFile;
use crate::error::{Error, ErrorKind, Result};
use crate::model::ImageHeader;
use crate::model::settings::ImageSettings;
use crate::storage::fingerprint::FileStamp;
use crate::storage::output::FolderDigest;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A task under a number of its own.
#[derive(Serialize)]
pub struct Request<'a> {
    pub number: u64,
    pub task: &'a Task,
}

#[derive(Deserialize)]
struct Received {
    number: u64,
    task: Task,
}

#[derive(Serialize, Deserialize)]
pub enum Task {
    Probe {
        path: PathBytes,
        settings: ImageSettings,
    },
    /// Look at the watermark in a file, with so many bytes of memory.
    Mark {
        path: PathBytes,
        memory: u64,
    },
    Tile(Box<TileTask>),
}

/// One image and how to cut it.
#[derive(Serialize, Deserialize)]
pub struct TileTask {
    pub source: PathBytes,
    pub header: ImageHeader,
    pub settings: ImageSettings,
    /// Of the watermark in the settings.
    pub mark: Option<MarkTask>,
    /// Without the whole-image files that viewers ask for beside tiles.
    pub tiles_only: bool,
    /// Bytes that the decoder may hold.
    pub memory: u64,
    /// The image's folder.
    pub target: PathBytes,
    /// Lies with its files.
    pub info_json: Vec<u8>,
    /// The source as it was when the header was read; it must be the same when all pixels are.
    pub stamp: FileStamp,
}

/// A watermark as it was seen.
#[derive(Serialize, Deserialize)]
pub struct MarkTask {
    pub file: PathBytes,
    pub header: ImageHeader,
    pub stamp: FileStamp,
}

impl MarkTask {
    /// Of the watermark in `settings`, whose file is `mark`.
    pub fn of(settings: &ImageSettings, mark: Option<&WatermarkFile>) -> Option<MarkTask> {
        let WatermarkFile { file, stamp, header, .. } = mark.filter(|_| settings.watermark.is_some())?;
        Some(MarkTask { file: file.as_path().into(), header: header.clone(), stamp: *stamp })
    }
}

/// An image's files are in their place.
#[derive(Serialize, Deserialize)]
pub struct Tiled {
    pub digest: FolderDigest,
    /// What was wrong with the source although all its pixels could be read.
    pub damage: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub struct Reply {
    pub number: u64,
    pub answer: Answer,
}

#[derive(Serialize, Deserialize)]
pub enum Answer {
    /// So many pixels more are done.
    Advanced(u64),
    Probed(Vec<ImageHeader>),
    Mark(ImageHeader),
    Tiled(Tiled),
    Failed(Error),
}

/// A path as the system has it, which need not be text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathBytes(Vec<u8>);

impl From<&Path> for PathBytes {
    fn from(path: &Path) -> PathBytes {
        PathBytes(path.as_os_str().as_encoded_bytes().to_vec())
    }
}

impl From<&PathBytes> for PathBuf {
    #[cfg(unix)]
    fn from(path: &PathBytes) -> PathBuf {
        use std::os::unix::ffi::OsStringExt;
        std::ffi::OsString::from_vec(path.0.clone()).into()
    }

    #[cfg(not(unix))]
    fn from(path: &PathBytes) -> PathBuf {
        String::from_utf8_lossy(&path.0).into_owned().into()
    }
}

/// The worker process: does the tasks that it reads from `input`, each as soon as it comes, until that ends. Then
/// whoever wanted them is gone, and what is still in hand is given up.
pub fn serve(jobs: usize, input: impl BufRead, output: impl Write + Send + 'static) -> Result<()> {
    let desk = Arc::new(WorkerServer {
        pool: crate::build::run::thread_pool(jobs, crate::build::run::STACK)?,
        marks: Marks::default(),
        output: Mutex::new(output),
    });
    for line in input.lines() {
        let broken = |error: &dyn std::fmt::Display| Error::new(ErrorKind::Internal, format!("worker: {error}"));
        let line = line.map_err(|error| broken(&error))?;
        let Received { number, task } = serde_json::from_str(&line).map_err(|error| broken(&error))?;
        let desk = desk.clone();
        std::thread::spawn(move || desk.perform(number, &task));
    }
    Ok(())
}

/// Where tasks are done.
struct WorkerServer<W> {
    pool: rayon::ThreadPool,
    marks: Marks,
    output: Mutex<W>,
}

impl<W: Write + Send> WorkerServer<W> {
    fn perform(&self, number: u64, task: &Task) {
        // Nobody is left to tell if an answer cannot be sent.
        let advanced = |pixels| drop(self.reply(number, Answer::Advanced(pixels)));
        let done = catch_unwind(AssertUnwindSafe(|| self.pool.install(|| work::perform(task, &self.marks, &advanced))));
        let crashed = |_| Err(Error::new(ErrorKind::Internal, "the program stumbled over it; please report it"));
        drop(self.reply(number, done.unwrap_or_else(crashed).unwrap_or_else(Answer::Failed)));
    }

    fn reply(&self, number: u64, answer: Answer) -> io::Result<()> {
        let mut line = serde_json::to_vec(&Reply { number, answer })?;
        line.push(b'\n');
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        output.write_all(&line)?;
        output.flush()
    }
}

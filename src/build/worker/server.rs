//! The side of the worker process: images are tiled on one pool of threads, and headers are read by a few others.
//! [`Worker::Here`](super::Worker::Here) does both with the same functions in the process that builds.

use super::confinement;
use super::protocol::{Answer, PathBytes, Received, Reply, Rights, Task, TileTask, Tiled, WatermarkTask};
use crate::build::threads::{STACK, thread_pool};
use crate::error::{Error, ErrorKind, Result};
use crate::model::ImageHeader;
use crate::model::pyramid::addresses::INFO_JSON;
use crate::pixels::decode::{self, PixelSource, WatermarkImage};
use crate::pixels::tile_plan::TilePlan;
use crate::pixels::tiling::{self, TileOptions};
use crate::storage::fingerprint::FileStamp;
use crate::storage::output::ImageWriter;
use parking_lot::Mutex;
use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Weak};

/// The worker process: confines itself to the rights in the first line of `input`, then does the task in each further
/// line as soon as it is read, until `input` ends. The build is then gone, and all tasks are given up. It must be
/// called before the process starts a second thread: confinement is handed on to new threads only.
pub fn serve(jobs: usize, input: impl BufRead, output: impl Write + Send + 'static) -> Result<()> {
    let broken = |error: &dyn std::fmt::Display| Error::new(ErrorKind::Internal, format!("worker: {error}"));
    let mut lines = input.lines();
    let Some(first) = lines.next() else { return Ok(()) };
    let rights: Rights =
        serde_json::from_str(&first.map_err(|error| broken(&error))?).map_err(|error| broken(&error))?;
    // Where the system cannot do that, the build has noted it.
    confinement::confine(&rights);
    let server = Arc::new(WorkerServer {
        pool: thread_pool(jobs, STACK)?,
        watermarks: Watermarks::default(),
        output: Mutex::new(output),
    });
    // A process for one JPEG 2000 image never probes.
    let probes = LazyCell::new(|| probers(&server, jobs));
    for line in lines {
        let line = line.map_err(|error| broken(&error))?;
        let received: Received = serde_json::from_str(&line).map_err(|error| broken(&error))?;
        if matches!(received.task, Task::Probe { .. }) {
            // The probers live as long as the process.
            probes.send(received).map_err(|error| broken(&error))?;
            continue;
        }
        let server = server.clone();
        std::thread::spawn(move || server.perform(&received));
    }
    Ok(())
}

/// Threads that read headers, which takes one thread and less time than starting one: a collection has very many. Further
/// threads would only wait for the same disk.
fn probers<W: Write + Send + 'static>(server: &Arc<WorkerServer<W>>, threads: usize) -> Sender<Received> {
    let (sender, receiver) = channel();
    let receiver = Arc::new(Mutex::new(receiver));
    for _ in 0..threads {
        let (server, receiver) = (server.clone(), receiver.clone());
        let next = move || receiver.lock().recv();
        std::thread::spawn(move || {
            while let Ok(received) = next() {
                server.answer(&received, perform);
            }
        });
    }
    sender
}

struct WorkerServer<W> {
    pool: rayon::ThreadPool,
    watermarks: Watermarks,
    output: Mutex<W>,
}

impl<W: Write + Send> WorkerServer<W> {
    /// Does a task on the pool.
    fn perform(&self, received: &Received) {
        self.answer(received, |task, watermarks, advanced| self.pool.install(|| perform(task, watermarks, advanced)));
    }

    fn answer(
        &self,
        Received { number, task }: &Received,
        perform: impl Fn(&Task, &Watermarks, &(dyn Fn(u64) + Sync)) -> Result<Answer>,
    ) {
        let number = *number;
        // If an answer cannot be sent, the build is gone.
        let advanced = |pixels| drop(self.reply(number, Answer::Advanced(pixels)));
        let done = catch_unwind(AssertUnwindSafe(|| perform(task, &self.watermarks, &advanced)));
        let crashed = |_| Err(Error::new(ErrorKind::Internal, "the program stumbled over it; please report it"));
        drop(self.reply(number, done.unwrap_or_else(crashed).unwrap_or_else(Answer::Failed)));
    }

    /// Begins a new line, in case other output was written there.
    fn reply(&self, number: u64, answer: Answer) -> io::Result<()> {
        let mut line = vec![b'\n'];
        serde_json::to_writer(&mut line, &Reply { number, answer })?;
        line.push(b'\n');
        let mut output = self.output.lock();
        output.write_all(&line)?;
        output.flush()
    }
}

fn perform(task: &Task, watermarks: &Watermarks, advanced: &(dyn Fn(u64) + Sync)) -> Result<Answer> {
    match task {
        Task::Probe { paths, settings } => {
            let probe = |path: &PathBytes| decode::probe(&PathBuf::from(path), settings);
            Ok(Answer::Probed(paths.iter().map(probe).collect()))
        }
        Task::Watermark { path, memory } => check_watermark(&PathBuf::from(path), *memory).map(Answer::Watermark),
        Task::Tile(task) => tile(task, watermarks, advanced).map(Answer::Tiled),
    }
}

/// The header of a watermark, once all of it was decoded within `memory` bytes.
pub fn check_watermark(path: &Path, memory: u64) -> Result<ImageHeader> {
    let header = decode::probe_watermark(path)?;
    if decode::watermark_memory(&header, header.size, 1) > memory {
        return Err(Error::image("it does not fit into the memory budget").with_path(path));
    }
    WatermarkImage::decode(path, &header).map(|_| header)
}

/// Writes the files of one image into its staging folder, on the current pool of threads. If its own JPEG data cannot
/// be published, perhaps because it is damaged, it is encoded anew: decoders accept damage that cutting does not.
pub fn tile(task: &TileTask, watermarks: &Watermarks, advanced: &(dyn Fn(u64) + Sync)) -> Result<Tiled> {
    let TileTask { header, settings, .. } = task;
    let source = PathBuf::from(&task.source);
    let tile_plan = TilePlan::new(header, settings);
    let options = TileOptions::new(&tile_plan.pyramid, settings, task.tiles_only);
    let written = |stored: bool| -> Result<Tiled> {
        let folder = ImageWriter::open(PathBuf::from(&task.target), INFO_JSON)?;
        let damage = if stored {
            tiling::tile_passthrough(decode::open_passthrough(&source, header)?.as_ref(), options, &folder, advanced)?;
            None
        } else {
            let mut pixels = open(task, &source, watermarks)?;
            tiling::tile(pixels.as_mut(), options, &folder, advanced)?;
            pixels.damage()
        };
        Ok(Tiled { digest: folder.digest(), damage })
    };
    let done = match tile_plan.stored.map(|_| written(true)) {
        Some(Err(error)) if error.kind() == ErrorKind::Image => written(false),
        Some(done) => done,
        None => written(false),
    };
    done.map_err(|error| error.with_path(source))
}

/// The pixels of an image, with its watermark.
fn open(task: &TileTask, source: &Path, watermarks: &Watermarks) -> Result<Box<dyn PixelSource>> {
    let watermark = task.settings.watermark.as_deref().zip(task.watermark.as_ref());
    let watermark = watermark.map(|(set, task)| Ok((watermarks.get(task)?, &set.placement))).transpose()?;
    let pixels = decode::open(source, &task.header, &task.settings, task.memory)?;
    Ok(match watermark {
        Some((watermark, placement)) => decode::burn(pixels, watermark, placement),
        None => pixels,
    })
}

/// The decoded watermarks of the images in hand, by file: images share them. Each is kept while an image uses it; the
/// memory of that image includes it.
#[derive(Default)]
pub struct Watermarks(Mutex<BTreeMap<PathBuf, (FileStamp, Weak<WatermarkImage>)>>);

impl Watermarks {
    /// The watermark of a task; its file must not have changed since its header was read.
    fn get(&self, task: &WatermarkTask) -> Result<Arc<WatermarkImage>> {
        let path = PathBuf::from(&task.file);
        let known = self.0.lock().get(&path).filter(|(stamp, _)| *stamp == task.stamp).map(|(_, mark)| mark.clone());
        if let Some(mark) = known.and_then(|mark| mark.upgrade()) {
            return Ok(mark);
        }
        // Not under the lock: this very thread may be given another image while it waits for the pool.
        let mark = Arc::new(WatermarkImage::decode(&path, &task.header)?);
        if FileStamp::of(&path).ok() != Some(task.stamp) {
            return Err(decode::changed().with_path(path));
        }
        self.0.lock().insert(path, (task.stamp, Arc::downgrade(&mark)));
        Ok(mark)
    }
}

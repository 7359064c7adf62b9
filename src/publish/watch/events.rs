//! Events of files: from the notifications of the system, or by polling if it has none left.

use super::batch::Change;
use notify::event::{AccessKind, AccessMode, CreateKind, EventKind, MetadataKind, ModifyKind, RenameMode};
use notify::{Config, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};
use std::path::Path;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

/// The time between two polls.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// The number of attempts to watch a folder from which files vanish meanwhile.
const ATTEMPTS: usize = 3;

/// A message to the thread that waits.
pub enum Message {
    Event(Instant, notify::Event),
    Failed(notify::Error),
    Stop,
}

/// The source of events.
pub struct Events {
    watcher: Box<dyn Watcher>,
    is_polling: bool,
}

impl Events {
    /// From the system's notifications.
    pub fn native(to: &Sender<Message>) -> notify::Result<Events> {
        let watcher = RecommendedWatcher::new(handler(to), Config::default())?;
        Ok(Events { watcher: Box::new(watcher), is_polling: false })
    }

    /// From polling.
    pub fn polling(to: &Sender<Message>) -> notify::Result<Events> {
        let watcher = PollWatcher::new(handler(to), Config::default().with_poll_interval(POLL_INTERVAL))?;
        Ok(Events { watcher: Box::new(watcher), is_polling: true })
    }

    /// Watches a folder; `deep`: with all its content. A folder that does not exist is no error.
    pub fn watch(&mut self, folder: &Path, deep: bool) -> notify::Result<()> {
        let mode = if deep { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
        let mut attempts = 0;
        loop {
            attempts += 1;
            match self.watcher.watch(folder, mode) {
                Err(error) if is_missing(&error) && !folder.is_dir() => return Ok(()),
                Err(error) if is_missing(&error) && attempts < ATTEMPTS => {}
                result => return result,
            }
        }
    }

    /// The meaning of an event for one of its paths; `None`: nothing has changed.
    pub fn change(&self, kind: EventKind, path: &Path) -> Option<Change> {
        let reports_closing = cfg!(any(target_os = "linux", target_os = "android")) && !self.is_polling;
        Some(match kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => Change::Complete,
            EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(MetadataKind::AccessTime)) => return None,
            _ if !reports_closing => Change::Unsettled,
            EventKind::Create(CreateKind::File) if is_new_file(path) => Change::Open,
            EventKind::Create(CreateKind::File) => Change::Complete,
            EventKind::Modify(ModifyKind::Data(_)) => Change::Open,
            EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both)) => Change::Complete,
            EventKind::Modify(ModifyKind::Metadata(_)) => Change::Touched,
            _ => Change::Unsettled,
        })
    }
}

fn handler(to: &Sender<Message>) -> impl FnMut(notify::Result<notify::Event>) + Send + use<> {
    let to = to.clone();
    move |result| {
        let message = match result {
            // The build itself opens each file that it reads.
            Ok(event) if matches!(event.kind, EventKind::Access(AccessKind::Open(_))) => return,
            Ok(event) => Message::Event(Instant::now(), event),
            Err(error) => Message::Failed(error),
        };
        // An error means that the watch is gone.
        let _ = to.send(message);
    }
}

fn is_missing(error: &notify::Error) -> bool {
    match &error.kind {
        notify::ErrorKind::PathNotFound => true,
        notify::ErrorKind::Io(error) => error.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    }
}

/// Whether the program that created the file still has it open. Links are created without opening.
fn is_new_file(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_file() && has_one_name(&metadata))
}

#[cfg(unix)]
fn has_one_name(metadata: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(metadata) == 1
}

#[cfg(not(unix))]
fn has_one_name(_: &std::fs::Metadata) -> bool {
    true
}

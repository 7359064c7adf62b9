//! What the system tells of files: through its own notifications, or, where it has none left, by looking again and
//! again.

use super::batch::Change;
use notify::event::{AccessKind, AccessMode, CreateKind, EventKind, MetadataKind, ModifyKind, RenameMode};
use notify::{Config, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};
use std::path::Path;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

/// Between two looks.
const POLL: Duration = Duration::from_secs(1);

/// How often a folder is read again from which something vanished while it was read.
const ATTEMPTS: usize = 3;

/// What arrives at the thread that waits.
pub enum Message {
    Event(Instant, notify::Event),
    Failed(notify::Error),
    Stop,
}

/// Where events come from.
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

    /// From looking again and again.
    pub fn polling(to: &Sender<Message>) -> notify::Result<Events> {
        let watcher = PollWatcher::new(handler(to), Config::default().with_poll_interval(POLL))?;
        Ok(Events { watcher: Box::new(watcher), is_polling: true })
    }

    /// Watches a folder; `deep`: with all that is in it. One that is not there is no error.
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

    /// What an event says of each of its paths; `None` if nothing has changed.
    pub fn change(&self, kind: EventKind, path: &Path) -> Option<Change> {
        let tells_closing = cfg!(any(target_os = "linux", target_os = "android")) && !self.is_polling;
        Some(match kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => Change::Complete,
            EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(MetadataKind::AccessTime)) => return None,
            _ if !tells_closing => Change::Unsettled,
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
            // The build opens each file it reads; nobody needs to hear of that.
            Ok(event) if matches!(event.kind, EventKind::Access(AccessKind::Open(_))) => return,
            Ok(event) => Message::Event(Instant::now(), event),
            Err(error) => Message::Failed(error),
        };
        // Nobody waits any more.
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

/// Whether somebody who made a file has it open: links are made without opening.
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

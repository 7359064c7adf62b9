//! Waits until files have changed and the changes are complete.
//!
//! This module owns the notifications of the system and knows nothing of builds or browsers. It returns the paths that
//! have changed since the last wait. Folders may be links, and need not exist yet. If a link leads to a folder, the
//! folder is watched; if it leads to a file, the file is not.

mod batch;
mod events;
mod sources;

pub use sources::Sources;

use crate::error::{Error, ErrorKind, Result};
use batch::Batch;
use events::{Events, Message};
use notify::event::{EventKind, ModifyKind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

/// The end of a wait.
#[derive(Debug)]
pub enum Next {
    /// These paths have changed; they are sorted.
    Changed(Vec<PathBuf>),
    /// From now on changes are seen late; the error has the reason.
    Slower(Error),
    /// [`Stopper::stop`] was called.
    Stopped,
    /// The time has come, and nothing has changed.
    Elapsed,
}

/// See the [module](self).
pub struct Watch {
    events: Events,
    sender: Sender<Message>,
    messages: Receiver<Message>,
    sources: Sources,
    /// The same, and also the targets of links.
    known: Sources,
    batch: Batch,
    trouble: Option<Error>,
}

/// Ends a wait from another thread.
#[derive(Clone)]
pub struct Stopper(Sender<Message>);

impl Stopper {
    /// Ends the current wait, or the next one.
    pub fn stop(&self) {
        // An error means that the watch is gone.
        let _ = self.0.send(Message::Stop);
    }
}

impl Watch {
    /// Watches `sources` from now on.
    ///
    /// # Errors
    /// The system has no way to watch files.
    pub fn new(sources: Sources) -> Result<Watch> {
        let (sender, messages) = channel();
        let native = Events::native(&sender);
        Watch::with(native, sources, sender, messages)
    }

    fn with(
        events: notify::Result<Events>,
        sources: Sources,
        sender: Sender<Message>,
        messages: Receiver<Message>,
    ) -> Result<Watch> {
        let (events, trouble) = match events {
            Ok(events) => (events, None),
            Err(error) => (poll(&sender)?, Some(slower(&error))),
        };
        let (known, batch) = (Sources::default(), Batch::default());
        let mut watch = Watch { events, sender, messages, sources: sources.absolute(), known, batch, trouble };
        watch.arm()?;
        Ok(watch)
    }

    /// Watches other places. Changes that were already seen are kept.
    ///
    /// # Errors
    /// As those of [`Watch::new`].
    pub fn set(&mut self, sources: Sources) -> Result<()> {
        let sources = sources.absolute();
        if sources == self.sources {
            return Ok(());
        }
        self.sources = sources;
        self.arm()
    }

    /// A handle for another thread.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.sender.clone())
    }

    /// Waits for changes, at most until `end`. Those since the last wait are included.
    ///
    /// # Errors
    /// The system no longer has a way to watch files.
    pub fn wait(&mut self, end: Option<Instant>) -> Result<Next> {
        loop {
            if let Some(error) = self.trouble.take() {
                return Ok(Next::Slower(error));
            }
            match self.next_message(end) {
                Some(Message::Event(at, event)) => self.take_in(&event, at),
                Some(Message::Failed(error)) => self.fail(&error)?,
                Some(Message::Stop) => return Ok(Next::Stopped),
                None if end.is_some_and(|end| end <= Instant::now()) => {
                    // Where the system was short of something, new folders may have gone unwatched.
                    self.arm()?;
                    return Ok(Next::Elapsed);
                }
                None => {
                    let changed = self.batch.take(Instant::now());
                    self.rearm(&changed)?;
                    return Ok(Next::Changed(changed));
                }
            }
        }
    }

    /// `None`: the batch is ripe, or it is `end`. Messages that have already arrived come first.
    fn next_message(&self, end: Option<Instant>) -> Option<Message> {
        if let Ok(message) = self.messages.try_recv() {
            return Some(message);
        }
        let Some(until) = self.batch.ripe_at().into_iter().chain(end).min() else { return self.messages.recv().ok() };
        self.messages.recv_timeout(until.saturating_duration_since(Instant::now())).ok()
    }

    fn take_in(&mut self, event: &notify::Event, at: Instant) {
        if event.need_rescan() {
            // Events were lost, and it is unknown which.
            return self.note_all(at);
        }
        // A folder above a watched place matters only when it is created or removed.
        let is_content = matches!(event.kind, EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Metadata(_)));
        for path in &event.paths {
            let concerns = self.batch.holds(path)
                || self.known.concern(path)
                || (!is_content && self.known.below(path).next().is_some());
            if let Some(change) = self.events.change(event.kind, path).filter(|_| concerns) {
                self.batch.note(path.clone(), change, at);
            }
        }
    }

    fn note_all(&mut self, at: Instant) {
        for folder in &self.sources.folders {
            self.batch.note(folder.clone(), batch::Change::Unsettled, at);
        }
    }

    fn fail(&mut self, error: &notify::Error) -> Result<()> {
        match error.kind {
            notify::ErrorKind::MaxFilesWatch => self.fall_back(error),
            // A path that was removed meanwhile.
            _ => Ok(()),
        }
    }

    /// Polls from now on. Everything counts as changed, because changes in between are unknown.
    fn fall_back(&mut self, error: &notify::Error) -> Result<()> {
        self.trouble = Some(slower(error));
        self.events = poll(&self.sender)?;
        self.watch_all().map_err(|error| blind(&error))?;
        self.note_all(Instant::now());
        Ok(())
    }

    /// Watches all places that exist.
    fn arm(&mut self) -> Result<()> {
        self.known = self.sources.with_real();
        match self.watch_all() {
            Ok(()) => Ok(()),
            Err(error) => self.fall_back(&error),
        }
    }

    /// Parents come first: a folder that is both a parent and a place is then watched with its content.
    fn watch_all(&mut self) -> notify::Result<()> {
        for parent in self.sources.parents() {
            self.events.watch(parent, false)?;
        }
        for folder in self.sources.folders.iter().filter(|folder| folder.is_dir()) {
            self.events.watch(folder, true)?;
        }
        Ok(())
    }

    /// Watches places that were created, and new links to folders, which the system does not follow.
    fn rearm(&mut self, changed: &[PathBuf]) -> Result<()> {
        let is_link = |path: &Path| path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
        if changed.iter().any(|path| self.known.below(path).next().is_some()) {
            return self.arm();
        }
        for link in changed.iter().filter(|path| is_link(path) && path.is_dir()) {
            if let Err(error) = self.events.watch(link, true) {
                return self.fall_back(&error);
            }
        }
        Ok(())
    }
}

fn poll(to: &Sender<Message>) -> Result<Events> {
    Events::polling(to).map_err(|error| blind(&error))
}

fn blind(error: &notify::Error) -> Error {
    Error::new(ErrorKind::Network, format!("changes cannot be watched: {error}"))
}

/// The disadvantage of polling, and how to avoid it.
fn slower(error: &notify::Error) -> Error {
    let is_limit = match &error.kind {
        notify::ErrorKind::MaxFilesWatch => true,
        notify::ErrorKind::Io(error) => error.raw_os_error() == Some(TOO_MANY_FILES),
        _ => false,
    };
    let why = if is_limit { "the system has no watches left".to_owned() } else { error.to_string() };
    let slower = Error::new(ErrorKind::Network, format!("changes are seen a second late: {why}"));
    match is_limit && cfg!(target_os = "linux") {
        true => slower.with_hint(
            "raise the limit: sudo sysctl fs.inotify.max_user_watches=1048576 fs.inotify.max_user_instances=1024",
        ),
        false => slower,
    }
}

/// `EMFILE`, which Linux returns when there are too many instances of inotify.
const TOO_MANY_FILES: i32 = 24;

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::thread;
    use std::time::Duration;

    fn project() -> (tempfile::TempDir, Sources) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("content")).unwrap();
        let folders = ["content", "templates"].map(|name| folder.path().join(name)).into();
        (folder, Sources { folders, ..Sources::default() })
    }

    fn assert_changed(watch: &mut Watch, name: &str) {
        loop {
            match watch.wait(None).unwrap() {
                Next::Changed(paths) if paths.iter().any(|path| path.ends_with(name)) => return,
                Next::Changed(_) | Next::Slower(_) => {}
                Next::Stopped | Next::Elapsed => panic!("{name} has not been seen"),
            }
        }
    }

    /// Ends a wait that takes too long.
    fn impatient(watch: &Watch) {
        let stopper = watch.stopper();
        thread::spawn(move || {
            thread::sleep(Duration::from_secs(60));
            stopper.stop();
        });
    }

    #[test]
    fn a_folder_that_comes_later_is_watched_too() {
        let (folder, sources) = project();
        let mut watch = Watch::new(sources).unwrap();
        impatient(&watch);
        fs::write(folder.path().join("content/a.txt"), "a").unwrap();
        assert_changed(&mut watch, "content/a.txt");
        fs::create_dir(folder.path().join("templates")).unwrap();
        assert_changed(&mut watch, "templates");
        fs::write(folder.path().join("templates/b.txt"), "b").unwrap();
        assert_changed(&mut watch, "templates/b.txt");
    }

    #[test]
    fn where_the_system_has_no_watches_left_it_looks_again_and_again_and_says_how_to_help() {
        let (folder, sources) = project();
        let (sender, messages) = channel();
        let none_left = Err(notify::Error::new(notify::ErrorKind::MaxFilesWatch));
        let mut watch = Watch::with(none_left, sources, sender, messages).unwrap();
        impatient(&watch);
        let Next::Slower(error) = watch.wait(None).unwrap() else { panic!("it should say so") };
        assert_eq!(error.hint().is_some_and(|hint| hint.contains("max_user_watches")), cfg!(target_os = "linux"));
        fs::write(folder.path().join("content/a.txt"), "a").unwrap();
        assert_changed(&mut watch, "content/a.txt");
    }

    #[test]
    fn a_wait_can_be_ended() {
        let (_folder, sources) = project();
        let mut watch = Watch::new(sources).unwrap();
        watch.stopper().stop();
        assert!(matches!(watch.wait(None).unwrap(), Next::Stopped));
    }
}

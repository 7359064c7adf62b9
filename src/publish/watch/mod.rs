//! Waits for changes of files: which places, which events, and when they are complete enough to act on.
//!
//! Owns the system's notifications. Knows nothing of builds or browsers: it yields the paths that have changed since
//! it was last asked. Folders may be links, and need not exist yet. A file that a link leads to is not watched; a
//! folder is.

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

/// What a wait ended with.
#[derive(Debug)]
pub enum Next {
    /// These paths have changed, in their order.
    Changed(Vec<PathBuf>),
    /// Changes are seen later than they could be, and why.
    Slower(Error),
    Stopped,
}

/// See the [module](self).
pub struct Watch {
    events: Events,
    sender: Sender<Message>,
    messages: Receiver<Message>,
    /// As they were named, and also as what they lead to.
    sources: Sources,
    known: Sources,
    batch: Batch,
    trouble: Option<Error>,
}

/// Ends a wait from another thread.
#[derive(Clone)]
pub struct Stopper(Sender<Message>);

impl Stopper {
    pub fn stop(&self) {
        // Nobody waits any more.
        let _ = self.0.send(Message::Stop);
    }
}

impl Watch {
    /// Changes count from now on.
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

    /// Watches other places. What is watched already stays so.
    pub fn set(&mut self, sources: Sources) -> Result<()> {
        let sources = sources.absolute();
        if sources == self.sources {
            return Ok(());
        }
        self.sources = sources;
        self.arm()
    }

    pub fn stopper(&self) -> Stopper {
        Stopper(self.sender.clone())
    }

    /// Waits for changes. Those that came since the last wait count.
    pub fn wait(&mut self) -> Result<Next> {
        loop {
            if let Some(error) = self.trouble.take() {
                return Ok(Next::Slower(error));
            }
            match self.next_message() {
                Some(Message::Event(at, event)) => self.take_in(&event, at),
                Some(Message::Failed(error)) => self.fail(&error)?,
                Some(Message::Stop) => return Ok(Next::Stopped),
                None => {
                    let changed = self.batch.take(Instant::now());
                    self.rearm(&changed)?;
                    return Ok(Next::Changed(changed));
                }
            }
        }
    }

    /// `None` when the batch is ripe. Messages that are there already come first.
    fn next_message(&self) -> Option<Message> {
        if let Ok(message) = self.messages.try_recv() {
            return Some(message);
        }
        let Some(ripe) = self.batch.ripe_at() else { return self.messages.recv().ok() };
        self.messages.recv_timeout(ripe.saturating_duration_since(Instant::now())).ok()
    }

    fn take_in(&mut self, event: &notify::Event, at: Instant) {
        if event.need_rescan() {
            // Events were lost, and nobody knows which.
            return self.note_all(at);
        }
        // A folder above a place is news only if it comes or goes.
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
            // One path that went away while it was looked at.
            _ => Ok(()),
        }
    }

    /// Looks again and again from now on; what changed in between is not known.
    fn fall_back(&mut self, error: &notify::Error) -> Result<()> {
        self.trouble = Some(slower(error));
        self.events = poll(&self.sender)?;
        self.watch_all().map_err(|error| blind(&error))?;
        self.note_all(Instant::now());
        Ok(())
    }

    /// Has the system tell of all places that are there.
    fn arm(&mut self) -> Result<()> {
        self.known = self.sources.with_real();
        match self.watch_all() {
            Ok(()) => Ok(()),
            Err(error) => self.fall_back(&error),
        }
    }

    /// Parents first: a folder that is both is then watched with all that is in it.
    fn watch_all(&mut self) -> notify::Result<()> {
        for parent in self.sources.parents() {
            self.events.watch(parent, false)?;
        }
        for folder in self.sources.folders.iter().filter(|folder| folder.is_dir()) {
            self.events.watch(folder, true)?;
        }
        Ok(())
    }

    /// Watches what has come: places themselves, and links to folders, which the system does not follow by itself.
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

/// What polling is worse at, and how to do without it.
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

/// `EMFILE`: what Linux says when there are too many instances of inotify.
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
            match watch.wait().unwrap() {
                Next::Changed(paths) if paths.iter().any(|path| path.ends_with(name)) => return,
                Next::Changed(_) | Next::Slower(_) => {}
                Next::Stopped => panic!("{name} has not been seen"),
            }
        }
    }

    /// Ends a wait that would never end.
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
        let Next::Slower(error) = watch.wait().unwrap() else { panic!("it should say so") };
        assert_eq!(error.hint().is_some_and(|hint| hint.contains("max_user_watches")), cfg!(target_os = "linux"));
        fs::write(folder.path().join("content/a.txt"), "a").unwrap();
        assert_changed(&mut watch, "content/a.txt");
    }

    #[test]
    fn a_wait_can_be_ended() {
        let (_folder, sources) = project();
        let mut watch = Watch::new(sources).unwrap();
        watch.stopper().stop();
        assert!(matches!(watch.wait().unwrap(), Next::Stopped));
    }
}

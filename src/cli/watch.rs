//! `iiif-build watch`, and the loop that `serve` runs too: build, wait until something changes, build again.

use super::terminal::Terminal;
use super::{BuildArguments, Global, Outcome, interrupt};
use iiif_build::build::progress::{Event, Observer};
use iiif_build::build::{self, Report};
use iiif_build::config::{Config, FILE_NAME};
use iiif_build::error::{Error, ErrorKind};
use iiif_build::publish::watch::{Next, Sources, Stopper, Watch};
use iiif_build::storage::state;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Learns of each build.
pub trait Follower: Observer + Sync {
    fn ended(&self, config: &Config, result: Result<&Report, &Error>);

    /// From how many pixels on images may come after the documents that name them.
    fn defer_beyond(&self) -> Option<u64> {
        None
    }
}

pub fn run(arguments: &BuildArguments, global: &Global, terminal: &Terminal) -> Result<Outcome, Error> {
    let config = arguments.local_config(global)?;
    keep_building(config, || arguments.local_config(global), terminal, &Nobody)
}

/// Builds now and after each change, until the process is interrupted. The outcome is the last build's.
///
/// Settings are read anew each time. Once they, or anything else, are wrong, that is said, and the next change awaited.
pub fn keep_building(
    mut config: Config,
    load: impl Fn() -> Result<Config, Error>,
    terminal: &Terminal,
    follower: &dyn Follower,
) -> Result<Outcome, Error> {
    if config.remote.is_some() {
        let bucket = config.content.display();
        terminal
            .warn(&format!("changes in {bucket} are not seen; start again, or change a file here, to take them in"));
    }
    let mut watch = Watch::new(sources(&config))?;
    let is_waiting = interruptible(watch.stopper());
    let never = AtomicBool::new(false);
    let both = Both(terminal, follower, &never);
    let mut loaded = Ok(());
    loop {
        is_waiting.store(false, Ordering::SeqCst);
        let mut first = config.clone();
        first.defer_beyond = follower.defer_beyond();
        let result = loaded.and_then(|()| build::build(&first, &both));
        match &result {
            Ok(report) => terminal.summary(report, &config.output),
            Err(error) => terminal.error(error),
        }
        follower.ended(&first, result.as_ref());
        is_waiting.store(true, Ordering::SeqCst);

        let is_cancelled = AtomicBool::new(false);
        let changed = std::thread::scope(|scope| {
            if result.as_ref().is_ok_and(|report| !report.deferred.is_empty()) {
                scope.spawn(|| make_deferred(&config, &Both(terminal, follower, &is_cancelled)));
            }
            let changed = next_change(&mut watch, terminal);
            is_cancelled.store(true, Ordering::SeqCst);
            changed
        });
        let Some(changed) = changed? else { return Ok(outcome(&result)) };
        terminal.say(&format!("changed: {}", in_words(&changed, &config.root)));
        // What is to be made anew or checked was, in the first build.
        loaded = load().map(|now| config = now);
        (config.force, config.verify) = (false, false);
        if loaded.is_ok() {
            watch.set(sources(&config))?;
        }
    }
}

/// Makes the images that are left, until something changes: then the change comes first, and these are left again.
fn make_deferred(config: &Config, both: &Both<'_>) {
    let result = build::build(config, both);
    match &result {
        Err(error) if error.kind() == ErrorKind::Interrupted => return,
        Err(error) => both.0.error(error),
        Ok(report) => both.0.summary(report, &config.output),
    }
    both.1.ended(config, result.as_ref());
}

/// `None` when the process is to end.
fn next_change(watch: &mut Watch, terminal: &Terminal) -> Result<Option<Vec<PathBuf>>, Error> {
    terminal.say("waiting for changes (Ctrl-C ends it)");
    loop {
        match watch.wait()? {
            Next::Changed(paths) => return Ok(Some(paths)),
            Next::Slower(error) => {
                let hint = error.hint().map(|hint| format!("\n  hint: {hint}")).unwrap_or_default();
                terminal.warn(&format!("{error}{hint}"));
            }
            Next::Stopped => return Ok(None),
        }
    }
}

fn outcome(result: &Result<Report, Error>) -> Outcome {
    match result {
        Ok(report) if report.failures.is_empty() => Outcome::Complete,
        _ => Outcome::SomeFailed,
    }
}

/// Exactly what a build reads; and what it writes, which is never a change.
fn sources(config: &Config) -> Sources {
    let mark = config.images.watermark.as_ref();
    let content = config.remote.is_none().then(|| config.content.clone());
    Sources {
        files: std::iter::once(config.root.join(FILE_NAME)).chain(mark.map(|mark| mark.file.clone())).collect(),
        folders: content.into_iter().chain([config.templates.clone(), config.static_files.clone()]).collect(),
        excluded: vec![config.output.clone(), config.root.join(state::FOLDER)],
    }
}

/// Has Ctrl-C end the wait for changes.
fn interruptible(stopper: Stopper) -> Arc<AtomicBool> {
    let is_waiting = Arc::new(AtomicBool::new(false));
    let waits = is_waiting.clone();
    interrupt::listen(move || {
        stopper.stop();
        waits.load(Ordering::SeqCst)
    });
    is_waiting
}

/// `content/a/item.toml and 3 more`.
fn in_words(changed: &[PathBuf], root: &Path) -> String {
    let root = std::path::absolute(root).unwrap_or_default();
    let first = changed.first().map(|path| path.strip_prefix(&root).unwrap_or(path).display().to_string());
    match changed.len() {
        0 | 1 => first.unwrap_or_default(),
        many => format!("{} and {} more", first.unwrap_or_default(), many - 1),
    }
}

/// One observer after the other, until somebody cancels.
struct Both<'a>(&'a Terminal, &'a dyn Follower, &'a AtomicBool);

impl Observer for Both<'_> {
    fn event(&self, event: Event<'_>) {
        self.0.event(event);
        self.1.event(event);
    }

    fn wanted(&self) -> Option<String> {
        self.1.wanted()
    }

    fn is_cancelled(&self) -> bool {
        self.2.load(Ordering::SeqCst) || interrupt::is_requested()
    }
}

struct Nobody;

impl Observer for Nobody {
    fn event(&self, _: Event<'_>) {}
}

impl Follower for Nobody {
    fn ended(&self, _: &Config, _: Result<&Report, &Error>) {}
}

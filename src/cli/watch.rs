//! `iiif-build watch`, and the loop that `serve` runs too: build, wait until something changes, build again.

use super::terminal::Terminal;
use super::{BuildArguments, Global, Outcome};
use iiif_build::config::{Config, FILE_NAME};
use iiif_build::error::{Error, ErrorKind};
use iiif_build::pipeline::{self, Report};
use iiif_build::progress::{Event, Observer};
use iiif_build::watch::{Next, Sources, Stopper, Watch};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where the build keeps its notes.
const STATE_FOLDER: &str = ".iiif-build";

/// What a shell expects of a process that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// Learns of each build.
pub trait Follower: Observer {
    fn ended(&self, config: &Config, result: Result<&Report, &Error>);
}

pub fn run(arguments: &BuildArguments, global: &Global, terminal: &Terminal) -> Result<Outcome, Error> {
    let config = arguments.config(global)?;
    keep_building(config, || arguments.config(global), terminal, &Nobody)
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
    let mut watch = Watch::new(sources(&config))?;
    let is_building = interruptible(watch.stopper())?;
    let both = Both(terminal, follower);
    let mut loaded = Ok(());
    loop {
        is_building.store(true, Ordering::SeqCst);
        let result = loaded.and_then(|()| pipeline::build(&config, &both));
        match &result {
            Ok(report) => terminal.summary(report, &config.output),
            Err(error) => terminal.error(error),
        }
        follower.ended(&config, result.as_ref());
        is_building.store(false, Ordering::SeqCst);

        let Some(changed) = next_change(&mut watch, terminal)? else { return Ok(outcome(&result)) };
        terminal.say(&format!("changed: {}", in_words(&changed, &config.root)));
        loaded = load().map(|now| config = now);
        if loaded.is_ok() {
            watch.set(sources(&config))?;
        }
    }
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
    Sources {
        files: vec![config.root.join(FILE_NAME)],
        folders: vec![config.content.clone(), config.templates.clone(), config.static_files.clone()],
        excluded: vec![config.output.clone(), config.root.join(STATE_FOLDER)],
    }
}

/// Has Ctrl-C end the wait, or the process if a build is running: what that leaves behind, the next one clears up.
fn interruptible(stopper: Stopper) -> Result<Arc<AtomicBool>, Error> {
    let is_building = Arc::new(AtomicBool::new(true));
    let building = is_building.clone();
    let stop = move || {
        if building.load(Ordering::SeqCst) {
            std::process::exit(INTERRUPTED);
        }
        stopper.stop();
    };
    ctrlc::set_handler(stop)
        .map_err(|error| Error::new(ErrorKind::Internal, format!("Ctrl-C cannot be handled: {error}")))?;
    Ok(is_building)
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

/// One observer after the other.
struct Both<'a>(&'a Terminal, &'a dyn Follower);

impl Observer for Both<'_> {
    fn event(&self, event: Event<'_>) {
        self.0.event(event);
        self.1.event(event);
    }
}

struct Nobody;

impl Observer for Nobody {
    fn event(&self, _: Event<'_>) {}
}

impl Follower for Nobody {
    fn ended(&self, _: &Config, _: Result<&Report, &Error>) {}
}

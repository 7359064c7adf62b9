//! `iiif-build watch`, and the loop that `serve` also runs: build, wait until something changes, build again.
//!
//! The loop calls the same build as `iiif-build build`. Waiting knows nothing of builds, and serving knows nothing of
//! either; this file joins them. If more pixels are due than a reader would wait for, documents come first, and a build
//! in the background makes the images, in the order of the server's requests. A change ends that build after the images
//! in hand.

use super::arguments::{BuildArguments, Global, Outcome};
use super::interrupt;
use super::terminal::{Terminal, say_finishing};
use iiif_build::build::progress::{Event, Observer};
use iiif_build::build::{self, Report};
use iiif_build::config::{Config, FILE_NAME};
use iiif_build::error::{Error, ErrorKind};
use iiif_build::publish::watch::{Next, Sources, Stopper, Watch};
use iiif_build::storage::state;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Hears of each build.
pub trait Follower: Observer + Sync {
    fn ended(&self, config: &Config, result: Result<&Report, &Error>);

    /// The number of pixels that are made before the documents; further images are made after them.
    fn defer_beyond(&self) -> Option<u64> {
        None
    }
}

pub fn run(arguments: &BuildArguments, global: &Global, terminal: &Terminal) -> Result<Outcome, Error> {
    let config = arguments.local_config(global)?;
    keep_building(config, || arguments.local_config(global), terminal, &Nobody)
}

/// Builds now and after each change, until the process is interrupted. The outcome is that of the last build. A build that
/// the system hindered, for example because too many files were open, is tried again.
///
/// Settings are read again each time. If they, or anything else, are wrong, the error is shown, and the next change is
/// awaited.
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
    let both = Both { terminal, follower, is_cancelled: &never };
    let mut loaded = Ok(());
    let mut pause = FIRST_PAUSE;
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
                scope.spawn(|| make_deferred(&config, &Both { terminal, follower, is_cancelled: &is_cancelled }));
            }
            let again = is_hindered(&result).then_some(pause);
            let changed = next_change(&mut watch, again, terminal);
            is_cancelled.store(true, Ordering::SeqCst);
            changed
        });
        match changed? {
            Wake::Changed(paths) => {
                terminal.say(&format!("changed: {}", in_words(&paths, &config.root)));
                pause = FIRST_PAUSE;
            }
            Wake::Again => pause = (pause * 2).min(LONGEST_PAUSE),
            Wake::Stopped => return Ok(outcome(&result)),
        }
        // `--force` and `--verify` are for the first build only.
        loaded = load().map(|now| config = now);
        (config.force, config.verify) = (false, false);
        if loaded.is_ok() {
            watch.set(sources(&config))?;
        }
    }
}

/// Makes the deferred images until something changes. The change comes first, and the images are deferred again.
fn make_deferred(config: &Config, both: &Both<'_>) {
    let mut pause = FIRST_PAUSE;
    loop {
        let result = build::build(config, both);
        match &result {
            Err(error) if error.kind() == ErrorKind::Interrupted => return,
            Err(error) => both.terminal.error(error),
            Ok(report) => both.terminal.summary(report, &config.output),
        }
        both.follower.ended(config, result.as_ref());
        let end = Instant::now() + pause;
        while is_hindered(&result) && Instant::now() < end && !both.is_cancelled() {
            std::thread::sleep(Duration::from_millis(50));
        }
        if !is_hindered(&result) || both.is_cancelled() {
            return;
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// The pause before a build that was hindered is tried again. Each pause is twice as long as the last one.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Whether something failed that may succeed later, although nobody changes the project.
fn is_hindered(result: &Result<Report, Error>) -> bool {
    match result {
        Ok(report) => report.failures.iter().any(Error::may_pass),
        Err(error) => error.may_pass(),
    }
}

/// Why the next build begins, if one does.
enum Wake {
    Changed(Vec<PathBuf>),
    /// Nothing has changed. The last build was hindered.
    Again,
    /// The process is to end.
    Stopped,
}

/// `again`: the time after which a build is due even if nothing changes.
fn next_change(watch: &mut Watch, again: Option<Duration>, terminal: &Terminal) -> Result<Wake, Error> {
    let pause = again.map(|pause| format!(", or {} s to try again", pause.as_secs())).unwrap_or_default();
    terminal.say(&format!("waiting for changes{pause} (Ctrl-C ends it)"));
    let end = again.map(|pause| Instant::now() + pause);
    loop {
        match watch.wait(end)? {
            Next::Changed(paths) => return Ok(Wake::Changed(paths)),
            Next::Slower(error) => {
                let hint = error.hint().map(|hint| format!("\n  hint: {hint}")).unwrap_or_default();
                terminal.warn(&format!("{error}{hint}"));
            }
            Next::Elapsed => return Ok(Wake::Again),
            Next::Stopped => return Ok(Wake::Stopped),
        }
    }
}

fn outcome(result: &Result<Report, Error>) -> Outcome {
    match result {
        Ok(report) if report.failures.is_empty() => Outcome::Complete,
        _ => Outcome::SomeFailed,
    }
}

/// What a build reads, without what it writes.
fn sources(config: &Config) -> Sources {
    let watermark = config.images.watermark.as_ref();
    let content = config.remote.is_none().then(|| config.content.clone());
    Sources {
        files: std::iter::once(config.root.join(FILE_NAME))
            .chain(watermark.map(|watermark| watermark.file.clone()))
            .collect(),
        folders: content.into_iter().chain([config.templates.clone(), config.static_files.clone()]).collect(),
        excluded: vec![config.output.clone(), config.root.join(state::FOLDER)],
    }
}

/// Makes Ctrl-C end the wait for changes.
fn interruptible(stopper: Stopper) -> Arc<AtomicBool> {
    let is_waiting = Arc::new(AtomicBool::new(false));
    let waits = is_waiting.clone();
    let stop = move || {
        stopper.stop();
        waits.load(Ordering::SeqCst)
    };
    interrupt::listen(stop, say_finishing);
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

/// Passes events on to the terminal and the follower, and cancels a build on request.
struct Both<'a> {
    terminal: &'a Terminal,
    follower: &'a dyn Follower,
    is_cancelled: &'a AtomicBool,
}

impl Observer for Both<'_> {
    fn event(&self, event: Event<'_>) {
        self.terminal.event(event);
        self.follower.event(event);
    }

    fn wanted(&self) -> Option<String> {
        self.follower.wanted()
    }

    fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::SeqCst) || interrupt::is_requested()
    }
}

struct Nobody;

impl Observer for Nobody {
    fn event(&self, _: Event<'_>) {}
}

impl Follower for Nobody {
    fn ended(&self, _: &Config, _: Result<&Report, &Error>) {}
}

//! What open pages are told while a site is built again and again: which state of the site is there to be shown, how
//! far a build is, and what went wrong.
//!
//! A page knows which state it shows, so that nothing is lost if it was away for a while: it compares, and reloads.

use super::awaited::Awaited;
use crate::build::progress::{Event, Observer, Stage};
use crate::error::Error;
use serde::Serialize;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// Where pages find the script and the events: below a name that no site uses.
pub(super) const SCRIPT_PATH: &str = "/.iiif-build/live.js";
pub(super) const EVENTS_PATH: &str = "/.iiif-build/events";

/// How many problems a page is told of.
const MOST_SHOWN: usize = 50;

/// Between two words about a running build. Most are over before the first.
const INTERVAL: Duration = Duration::from_millis(100);

/// See the [module](self).
pub struct Live {
    /// Tells this server from one that ran before on the same port.
    started: u128,
    status: watch::Sender<Status>,
    meter: Mutex<Meter>,
    pub(super) awaited: Awaited,
}

/// What a page is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Status {
    /// The state of the site that can be shown; none before the first build.
    pub site: Option<String>,
    building: Option<Progress>,
    /// Whether the problems have kept the last build from its end.
    failed: bool,
    problems: Vec<Problem>,
    /// How many problems there are beyond those.
    more: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Progress {
    stage: &'static str,
    percent: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Problem {
    /// `path:line:column`, as far as known.
    place: Option<String>,
    message: String,
    hint: Option<String>,
}

#[derive(Default)]
struct Meter {
    done: u64,
    total: u64,
    builds: u64,
    /// When progress was last told, or the build began.
    told: Option<Instant>,
}

impl Live {
    /// `has_site`: whether an earlier run has left a site to show.
    pub fn new(has_site: bool) -> Live {
        let started = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        let site = has_site.then(|| format!("{started:x}-0"));
        let (status, _) = watch::channel(Status { site, ..Status::default() });
        Live { started, status, meter: Mutex::default(), awaited: Awaited::default() }
    }

    /// A build is over; `changed`: pages may look different now.
    pub fn built(&self, changed: bool, failures: &[Error]) {
        let builds = {
            let mut meter = self.meter();
            meter.builds += u64::from(changed);
            meter.told = None;
            meter.builds
        };
        let site = Some(format!("{:x}-{builds}", self.started));
        let problems = failures.iter().take(MOST_SHOWN).map(Problem::of).collect();
        let more = failures.len().saturating_sub(MOST_SHOWN);
        self.status.send_replace(Status { site, building: None, failed: false, problems, more });
    }

    /// Images with these ids are still to be made; pages name them already.
    pub fn await_images(&self, ids: impl Iterator<Item = String>) {
        self.awaited.set(ids.collect());
    }

    /// A build has ended before its time; the last site stays.
    pub fn failed(&self, error: &Error) {
        self.meter().told = None;
        self.status.send_modify(|status| {
            let site = status.site.take();
            *status = Status { site, building: None, failed: true, problems: vec![Problem::of(error)], more: 0 };
        });
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// The state of the site that can be shown now.
    pub(super) fn site(&self) -> Option<String> {
        self.status.borrow().site.clone()
    }

    fn tell(&self, meter: &mut Meter, stage: Stage) {
        if meter.told.get_or_insert_with(Instant::now).elapsed() < INTERVAL {
            return;
        }
        meter.told = Some(Instant::now());
        let percent = meter.done.saturating_mul(100).checked_div(meter.total).map(|percent| percent.min(100));
        let progress = Some(Progress { stage: stage.name(), percent });
        self.status.send_if_modified(|status| {
            let is_news = status.building != progress;
            status.building = progress;
            is_news
        });
    }

    fn meter(&self) -> std::sync::MutexGuard<'_, Meter> {
        self.meter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self, stage: Stage, total: u64) {
        let mut meter = self.meter();
        (meter.done, meter.total) = (0, total);
        self.tell(&mut meter, stage);
    }

    fn advance(&self, stage: Stage, by: u64) {
        let mut meter = self.meter();
        meter.done += by;
        self.tell(&mut meter, stage);
    }
}

impl Observer for Live {
    fn event(&self, event: Event<'_>) {
        match event {
            Event::StageStarted { stage, total } => self.start(stage, total),
            Event::Advanced { stage, by } => self.advance(stage, by),
            Event::Image { path, .. } => self.awaited.done(path.rsplit('/').next().unwrap_or(path)),
            _ => {}
        }
    }

    fn wanted(&self) -> Option<String> {
        self.awaited.next()
    }
}

impl Problem {
    fn of(error: &Error) -> Problem {
        let position = error.position().map(|at| format!(":{}:{}", at.line, at.column)).unwrap_or_default();
        Problem {
            place: error.path().map(|path| format!("{}{position}", path.display())),
            message: error.message().to_owned(),
            hint: error.hint().map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Position;

    #[test]
    fn only_a_build_that_changed_something_makes_a_new_state() {
        let live = Live::new(true);
        let first = live.site();
        live.built(false, &[]);
        assert_eq!(live.site(), first);
        live.built(true, &[]);
        assert_ne!(live.site(), first);
        assert_ne!(Live::new(true).site(), first, "another server");
    }

    #[test]
    fn a_build_that_fails_leaves_the_site_and_says_where() {
        let live = Live::new(false);
        let told = live.subscribe();
        live.failed(&Error::image("torn").with_path("a.tif").with_position(Position { line: 3, column: 7 }));
        let status = told.borrow().clone();
        assert_eq!((status.site, status.failed), (None, true));
        assert_eq!(status.problems[0].place.as_deref(), Some("a.tif:3:7"));
        live.built(true, &[]);
        assert!(!told.borrow().failed && told.borrow().problems.is_empty());
    }

    #[test]
    fn progress_is_told_now_and_then() {
        let live = Live::new(false);
        let mut told = live.subscribe();
        live.event(Event::StageStarted { stage: Stage::Tile, total: 1000 });
        assert!(!told.has_changed().unwrap(), "most builds are over soon");
        std::thread::sleep(INTERVAL);
        live.event(Event::Advanced { stage: Stage::Tile, by: 509 });
        assert_eq!(told.borrow_and_update().building, Some(Progress { stage: "tile", percent: Some(50) }));
    }
}

//! The status that is sent to open pages while a site is built again and again: the state of the site, the progress of
//! a build, and its errors.
//!
//! A page knows which state it shows. After a pause it compares that with the current one, and reloads: no event can be
//! lost.
//!
//! Rejected: an event for each build, which is lost on a page that was away. Rejected: watching the root, because it
//! holds the output. Rejected: a graceful end of the server, which would wait for open streams.

use super::awaited::Awaited;
use crate::build::progress::{Event, Observer, Stage};
use crate::error::Error;
use parking_lot::Mutex;
use serde::Serialize;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// The addresses of the script and the events, below a name that no site uses.
pub(super) const SCRIPT_PATH: &str = "/.iiif-build/live.js";
pub(super) const EVENTS_PATH: &str = "/.iiif-build/events";

/// The number of errors that a page shows.
const MAX_SHOWN: usize = 50;

/// The time between two reports of progress. Most builds end before the first.
const INTERVAL: Duration = Duration::from_millis(100);

/// See the [module](self).
pub struct Live {
    /// Differs from that of an earlier server on the same port.
    started: u128,
    status: watch::Sender<Status>,
    meter: Mutex<Meter>,
    pub(super) awaited: Awaited,
}

/// The status that is sent to pages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Status {
    /// The state of the site; `None` before the first build.
    pub site: Option<String>,
    building: Option<Progress>,
    /// Whether the last build was ended by an error.
    failed: bool,
    problems: Vec<Problem>,
    /// The number of further problems.
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
    /// When progress was last reported, or the build began.
    reported: Option<Instant>,
}

impl Live {
    /// `has_site`: whether an earlier run has left a site that can be shown.
    pub fn new(has_site: bool) -> Live {
        let started = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        let site = has_site.then(|| format!("{started:x}-0"));
        let (status, _) = watch::channel(Status { site, ..Status::default() });
        Live { started, status, meter: Mutex::default(), awaited: Awaited::default() }
    }

    /// Reports the end of a build; `changed`: pages may look different now.
    pub fn built(&self, changed: bool, failures: &[Error]) {
        let builds = {
            let mut meter = self.meter.lock();
            meter.builds += u64::from(changed);
            meter.reported = None;
            meter.builds
        };
        let site = Some(format!("{:x}-{builds}", self.started));
        let problems = failures.iter().take(MAX_SHOWN).map(Problem::of).collect();
        let more = failures.len().saturating_sub(MAX_SHOWN);
        self.status.send_replace(Status { site, building: None, failed: false, problems, more });
    }

    /// Sets the ids of the images that are named by pages but not made yet.
    pub fn await_images(&self, ids: impl Iterator<Item = String>) {
        self.awaited.set(ids.collect());
    }

    /// Reports that a build wrote nothing because of errors. The previous site stays.
    pub fn failed(&self, errors: &[Error]) {
        self.meter.lock().reported = None;
        let problems = errors.iter().take(MAX_SHOWN).map(Problem::of).collect();
        let more = errors.len().saturating_sub(MAX_SHOWN);
        self.status.send_modify(|status| {
            let site = status.site.take();
            *status = Status { site, building: None, failed: true, problems, more };
        });
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// The state of the site that can be shown now.
    pub(super) fn site(&self) -> Option<String> {
        self.status.borrow().site.clone()
    }

    fn report(&self, meter: &mut Meter, stage: Stage) {
        if meter.reported.get_or_insert_with(Instant::now).elapsed() < INTERVAL {
            return;
        }
        meter.reported = Some(Instant::now());
        let percent = meter.done.saturating_mul(100).checked_div(meter.total).map(|percent| percent.min(100));
        let progress = Some(Progress { stage: stage.name(), percent });
        self.status.send_if_modified(|status| {
            let is_news = status.building != progress;
            status.building = progress;
            is_news
        });
    }

    fn start(&self, stage: Stage, total: u64) {
        let mut meter = self.meter.lock();
        (meter.done, meter.total) = (0, total);
        self.report(&mut meter, stage);
    }

    fn advance(&self, stage: Stage, by: u64) {
        let mut meter = self.meter.lock();
        meter.done += by;
        self.report(&mut meter, stage);
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
        let receiver = live.subscribe();
        live.failed(&[Error::image("torn").with_path("a.tif").with_position(Position { line: 3, column: 7 })]);
        let status = receiver.borrow().clone();
        assert_eq!((status.site, status.failed), (None, true));
        assert_eq!(status.problems[0].place.as_deref(), Some("a.tif:3:7"));
        live.built(true, &[]);
        assert!(!receiver.borrow().failed && receiver.borrow().problems.is_empty());
    }

    #[test]
    fn progress_is_reported_from_time_to_time() {
        let live = Live::new(false);
        let mut status = live.subscribe();
        live.event(Event::StageStarted { stage: Stage::Tile, total: 1000 });
        assert!(!status.has_changed().unwrap(), "most builds are over soon");
        std::thread::sleep(INTERVAL);
        live.event(Event::Advanced { stage: Stage::Tile, by: 509 });
        assert_eq!(status.borrow_and_update().building, Some(Progress { stage: "tile", percent: Some(50) }));
    }
}

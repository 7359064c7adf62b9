//! Runs stages one after the other: times them, notifies the observer, gathers the report.

use super::report::{Report, StageTime};
use crate::build::progress::{DocumentKind, Event, Observer, Outcome, Stage};
use crate::diagnostics::{Code, Diagnostic};
use crate::error::{Error, Result};
use crate::model::ImageId;
use crate::model::address::SitePath;
use crate::storage::fingerprint::Reason;
use crate::storage::output::Published;
use parking_lot::Mutex;
use std::path::Path;
use std::time::Instant;

/// See the [module](self).
pub struct Stages<'a> {
    observer: &'a dyn Observer,
    report: Mutex<Report>,
}

/// The receiver of a running stage's reports, from any of its threads.
pub struct Running<'a> {
    stage: Stage,
    stages: &'a Stages<'a>,
}

impl<'a> Stages<'a> {
    pub fn new(observer: &'a dyn Observer) -> Stages<'a> {
        Stages { observer, report: Mutex::default() }
    }

    /// Runs a stage that will advance by `total`.
    pub fn run<T>(&mut self, stage: Stage, total: u64, work: impl FnOnce(&Running<'_>) -> Result<T>) -> Result<T> {
        let start = Instant::now();
        self.observer.event(Event::StageStarted { stage, total });
        let done = work(&Running { stage, stages: self });
        let elapsed = start.elapsed();
        self.observer.event(Event::StageFinished { stage, elapsed });
        self.count(|report| report.stages.push(StageTime { stage, elapsed }));
        done
    }

    /// Reports an image or document that was left out.
    pub fn fail_all(&self, errors: Vec<Error>) {
        for error in errors {
            self.observer.event(Event::Failed(&error));
            self.count(|report| report.failures.push(error));
        }
    }

    /// Reports diagnostics: everything is built, but the curator should know.
    pub fn found(&self, mut diagnostics: Vec<Diagnostic>) {
        diagnostics.sort_by_key(|diagnostic| (diagnostic.severity, diagnostic.code));
        for of_a_kind in diagnostics.chunk_by(|a, b| (a.severity, a.code) == (b.severity, b.code)) {
            self.observer.event(Event::Found(of_a_kind));
        }
        self.count(|report| report.diagnostics.extend(diagnostics));
    }

    pub fn note(&self, text: &str) {
        self.observer.event(Event::Note(text));
    }

    /// Whether there is anything that a strict build does not tolerate.
    pub fn is_clean(&self) -> bool {
        let report = self.report.lock();
        report.failures.is_empty() && report.warnings().next().is_none()
    }

    pub fn finish(self) -> Report {
        self.report.into_inner()
    }

    fn count(&self, change: impl FnOnce(&mut Report)) {
        change(&mut self.report.lock());
    }
}

impl Running<'_> {
    pub fn advance(&self, by: u64) {
        self.stages.observer.event(Event::Advanced { stage: self.stage, by });
    }

    /// Counts a document.
    pub fn published(&self, outcome: Published) {
        self.count(|report| match outcome {
            Published::Written => report.written += 1,
            Published::Unchanged => report.unchanged += 1,
        });
    }

    /// Reports an image that is made from the readable part of its file.
    pub fn warn_of_damage(&self, file: &Path, damage: &str) {
        let message = format!("the file is damaged, see how it looks: {damage}");
        self.found(Diagnostic::new(Code::DamagedImage, message).with_path(file));
    }

    pub fn note(&self, text: &str) {
        self.stages.observer.event(Event::Note(text));
    }

    pub fn found(&self, diagnostic: Diagnostic) {
        self.stages.found(vec![diagnostic]);
    }

    pub fn image(&self, id: &ImageId, outcome: Outcome<'_>) {
        self.stages.observer.event(Event::Image { path: id.site_path().as_str(), outcome });
    }

    pub fn documents(&self, kind: DocumentKind, folder: &SitePath, why: &[Reason]) {
        self.stages.observer.event(Event::Documents { kind, path: folder.as_str(), why });
    }

    pub fn wanted(&self) -> Option<String> {
        self.stages.observer.wanted()
    }

    pub fn is_cancelled(&self) -> bool {
        self.stages.observer.is_cancelled()
    }

    pub fn fail(&self, error: Error) {
        self.stages.fail_all(vec![error]);
    }

    /// Changes the report.
    pub fn count(&self, change: impl FnOnce(&mut Report)) {
        self.stages.count(change);
    }
}

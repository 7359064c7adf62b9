//! The only file that prints. Results go to standard output, all else to standard error.

use super::arguments::{Global, Log};
use super::interrupt;
use super::report_file::{diagnostic, failure, names, stage_times};
use iiif_build::build::progress::{Event, Observer, Outcome, Stage};
use iiif_build::build::{Refusal, Report};
use iiif_build::diagnostics::{Diagnostic, Severity};
use iiif_build::error::{Error, ErrorKind, shown_path};
#[cfg(feature = "deploy")]
use iiif_build::publish::deploy::{Act, Publication};
use iiif_build::storage::fingerprint::Reason;
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// The time between two lines about a long stage, where there is no progress bar.
const SPARSE: Duration = Duration::from_secs(30);

/// The number of diagnostics of one kind that are shown one by one.
const MAX_SHOWN: usize = 3;

/// The number of errors of one kind that are shown one by one.
const MAX_ERRORS: u64 = 20;

/// Faster stages are not in the summary.
const MIN_STAGE_TIME: Duration = Duration::from_millis(10);

/// Listens to a build and shows it.
pub struct Terminal {
    log: Log,
    quiet: bool,
    verbose: bool,
    explain: bool,
    has_bars: bool,
    running: Mutex<Option<Running>>,
    /// How many errors of each kind a command had so far, with the first of them.
    errors: Mutex<BTreeMap<String, (u64, String)>>,
}

struct Running {
    stage: Stage,
    bar: ProgressBar,
    done: u64,
    total: u64,
    /// When a line about it was last written.
    reported: Instant,
}

impl Terminal {
    pub fn new(global: &Global) -> Terminal {
        let &Global { log, quiet, verbose, explain, .. } = global;
        let has_bars = log == Log::Text && !quiet && std::io::stderr().is_terminal();
        let (running, errors) = (Mutex::new(None), Mutex::default());
        Terminal { log, quiet, verbose, explain, has_bars, running, errors }
    }

    /// A line of the result.
    pub fn print(&self, line: &str) {
        out(&mut std::io::stdout().lock(), line);
    }

    /// A result that is a file. A terminal gets it without characters that it would obey.
    pub fn print_bytes(&self, bytes: &[u8]) {
        let mut out = std::io::stdout().lock();
        let _ = match (out.is_terminal(), std::str::from_utf8(bytes)) {
            (true, Ok(text)) => text.lines().try_for_each(|line| writeln!(out, "{}", harmless(line))),
            _ => out.write_all(bytes),
        };
    }

    pub fn print_json(&self, value: &Value) {
        self.print(&value.to_string());
    }

    /// Whether programs read what is said.
    pub fn is_json(&self) -> bool {
        self.log == Log::Json
    }

    /// A publication of a target's log.
    #[cfg(feature = "deploy")]
    pub fn publication(&self, publication: &Publication) {
        if self.log == Log::Json {
            return self.print_json(&json!(publication));
        }
        let Publication { act, put, deleted, items, images, program, base_url, .. } = publication;
        let act = if *act == Act::Rollback { "went back" } else { "deployed" };
        self.print(&format!(
            "{}: {act}, {put} files put, {deleted} deleted; {items} items, {images} images at {base_url}; version {program}",
            publication.in_words()
        ));
    }

    /// A message, unless quiet.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            self.line(text, &json!({ "event": "message", "text": text }));
        }
    }

    pub fn warn(&self, text: &str) {
        if !self.quiet {
            self.line(&format!("warning: {text}"), &json!({ "event": "warning", "text": text }));
        }
    }

    /// Warns of an error that ends nothing.
    pub fn warn_of(&self, error: &Error) {
        if !self.quiet {
            let value = json!({ "event": "warning", "text": error.to_string(), "hint": error.hint() });
            self.lines(&format!("warning: {error}"), error.hint(), &value);
        }
    }

    /// Shows diagnostics of one kind: in text the first few and the number of the others, and notes only with
    /// `--verbose`.
    pub fn found(&self, diagnostics: &[Diagnostic]) {
        let is_note = diagnostics.first().is_some_and(|first| first.severity == Severity::Note);
        if self.quiet || (is_note && self.log == Log::Text && !self.verbose) {
            return;
        }
        let shown = if self.verbose || self.log == Log::Json { diagnostics.len() } else { MAX_SHOWN };
        let mut last = None;
        for found in diagnostics.iter().take(shown) {
            // The same advice is given once.
            let hint = found.hint.as_deref().filter(|hint| last.replace(*hint) != Some(*hint));
            let mut value = diagnostic(found);
            value["event"] = found.severity.name().into();
            self.lines(&format!("{}[{}]: {found}", found.severity.name(), found.code.name()), hint, &value);
        }
        if let Some(first) = diagnostics.first().filter(|_| diagnostics.len() > shown) {
            let more = format!("{}[{}]: {} more", first.severity.name(), first.code.name(), diagnostics.len() - shown);
            self.line(&format!("{more}, all of them with -v"), &Value::Null);
        }
    }

    pub fn error(&self, error: &Error) {
        let kind = if error.kind() == ErrorKind::Internal { "internal error" } else { "error" };
        let mut value = failure(error);
        value["event"] = "error".into();
        self.lines(&format!("{kind}: {error}"), error.hint(), &value);
    }

    /// Shows one of the errors that end nothing: in text the first of each kind, until [`fold`](Terminal::fold).
    pub fn failed(&self, error: &Error) {
        let mut errors = self.errors.lock();
        let (count, _) = errors.entry(kind_of(error)).or_insert_with(|| (0, error.message().to_owned()));
        *count += 1;
        let is_shown = *count <= MAX_ERRORS || self.verbose || self.log == Log::Json;
        drop(errors);
        if is_shown {
            self.error(error);
        }
    }

    /// Says how many errors were not shown.
    fn fold(&self) {
        for (count, first) in std::mem::take(&mut *self.errors.lock()).into_values() {
            if count > MAX_ERRORS && !self.verbose && self.log == Log::Text {
                let more = count - MAX_ERRORS;
                self.line(&format!("error: {more} more like \"{first}\", all of them with -v"), &Value::Null);
            }
        }
    }

    /// Shows errors that end nothing, together.
    pub fn failed_all(&self, errors: &[Error]) {
        errors.iter().for_each(|error| self.failed(error));
        self.fold();
    }

    /// Says that nothing was written because of so many errors.
    pub fn refused(&self, errors: usize) {
        let errors = plural(errors as u64, "error");
        self.line(
            &format!("refused: {errors}; nothing was written. Correct these mistakes and try again"),
            &Value::Null,
        );
    }

    /// The result of a build: counts, then the slow stages, slowest first.
    pub fn summary(&self, report: &Report, output: &Path) {
        self.fold();
        let mut stages = report.stages.clone();
        stages.sort_by_key(|stage| std::cmp::Reverse(stage.elapsed));
        if self.log == Log::Json {
            let summary = json!({
                "event": "summary", "images": report.images, "reused": report.reused, "linked": report.linked, "files": report.files, "bytes": report.bytes,
                "written": report.written, "unchanged": report.unchanged, "removed": report.removed,
                "failed": report.failures.len(), "warnings": report.warnings().count(), "refused": report.refused.is_some(),
                "stages": stage_times(&stages),
            });
            return self.line("", &summary);
        }
        let warnings = warnings(report.warnings());
        if let Some(refusal) = report.refused {
            let failed = Some(report.failures.len() as u64).filter(|failed| *failed > 0);
            let failed = failed.map(|failed| plural(failed, "error"));
            let why: Vec<String> =
                failed.into_iter().chain(Some(warnings).filter(|warnings| !warnings.is_empty())).collect();
            let why = why.join(", ");
            let reason = match refusal {
                Refusal::Strict => "the build is strict, and nothing was written",
                Refusal::Metadata => {
                    "nothing was written. Correct these mistakes, or build everything else with --keep-going"
                }
                _ => "nothing was written. Correct these mistakes and try again",
            };
            return self.line(&format!("refused: {why}; {reason}"), &Value::Null);
        }
        let images = plural(report.images, "image");
        let (files, bytes) = (HumanCount(report.files), in_bytes(report.bytes));
        let reused = if report.reused == 0 { String::new() } else { format!(", {} kept", HumanCount(report.reused)) };
        let cut =
            (report.images + report.reused > 0).then(|| format!("{images} cut into {files} files, {bytes}{reused}"));
        let recordings = (report.recordings > 0).then(|| plural(report.recordings, "recording"));
        let made: Vec<String> = [cut, recordings].into_iter().flatten().collect();
        let documents = format!(
            "{} written, {} unchanged, {} removed",
            plural(report.written, "document"),
            report.unchanged,
            report.removed
        );
        let has_documents = report.written + report.unchanged + report.removed > 0;
        let (first, second) = match (made.is_empty(), has_documents) {
            (false, true) => (made.join("; "), Some(documents)),
            (false, false) => (made.join("; "), None),
            (true, true) => (documents, None),
            (true, false) => ("nothing had to be made".to_owned(), None),
        };
        self.say(&format!("{}: {first}", shown_path(output)));
        if report.linked > 0 {
            self.say(&format!("{} linked for Image API 2", plural(report.linked, "image")));
        }
        if let Some(documents) = second {
            self.say(&documents);
        }
        let slow = stages.iter().filter(|stage| stage.elapsed >= MIN_STAGE_TIME);
        let slow: Vec<String> =
            slow.map(|stage| format!("{} {:.1} s", stage.stage.name(), stage.elapsed.as_secs_f64())).collect();
        if !slow.is_empty() {
            self.say(&slow.join(" · "));
        }
        if !warnings.is_empty() {
            self.say(&warnings);
        }
        if !report.failures.is_empty() {
            let failed = plural(report.failures.len() as u64, "problem");
            self.line(&format!("{failed}: see the errors above; all else is built"), &Value::Null);
        }
    }

    fn line(&self, text: &str, value: &Value) {
        self.lines(text, None, value);
    }

    /// A line, and in text a second one with the hint.
    fn lines(&self, text: &str, hint: Option<&str>, value: &Value) {
        let write = || match self.log {
            Log::Text => {
                let mut err = std::io::stderr().lock();
                out(&mut err, text);
                hint.iter().for_each(|hint| out(&mut err, &format!("  hint: {hint}")));
            }
            Log::Json => out(&mut std::io::stderr().lock(), &value.to_string()),
        };
        match self.running.lock().as_ref() {
            Some(running) => running.bar.suspend(write),
            None => write(),
        }
    }

    /// A file that was made, and the reasons.
    fn made(&self, what: &str, path: &str, why: &[Reason]) {
        if self.quiet || !(self.explain || self.log == Log::Json) {
            return;
        }
        let shown = if path.is_empty() { "/" } else { path };
        let reasons: Vec<String> = why.iter().map(|reason| reason.in_words()).collect();
        let value = json!({ "event": "made", "what": what, "path": path, "why": names(why) });
        self.line(&format!("made {what} {shown}: {}", reasons.join(", ")), &value);
    }

    /// Events that are in the JSON log only.
    fn log_image(&self, event: &str, path: &str, why: &Value) {
        if self.log == Log::Json && !self.quiet {
            self.line("", &json!({ "event": event, "what": "image", "path": path, "why": why }));
        }
    }

    fn start(&self, stage: Stage, total: u64) {
        let target =
            if self.has_bars && total > 0 { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        let template = match stage {
            Stage::Tile => "{msg:>8} {wide_bar} {percent:>3} % · {eta} left",
            _ => "{msg:>8} {wide_bar} {human_pos}/{human_len}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(stage.name());
        *self.running.lock() = Some(Running { stage, bar, done: 0, total, reported: Instant::now() });
    }

    fn advance(&self, by: u64) {
        let mut due = None;
        if let Some(running) = self.running.lock().as_mut() {
            running.done += by;
            running.bar.inc(by);
            if !self.has_bars && running.reported.elapsed() >= SPARSE {
                running.reported = Instant::now();
                due = Some((running.stage, running.done * 100 / running.total.max(1)));
            }
        }
        if let Some((stage, percent)) = due.filter(|_| !self.quiet) {
            let value = json!({ "event": "progress", "stage": stage.name(), "percent": percent });
            self.line(&format!("{} {percent} %", stage.name()), &value);
        }
    }

    fn finish(&self, stage: Stage, elapsed: Duration) {
        if let Some(running) = self.running.lock().take() {
            running.bar.finish_and_clear();
        }
        if self.log == Log::Json && !self.quiet {
            let value = json!({ "event": "stage", "stage": stage.name(), "seconds": elapsed.as_secs_f64() });
            self.line("", &value);
        }
    }
}

impl Observer for Terminal {
    fn event(&self, event: Event<'_>) {
        match event {
            Event::StageStarted { stage, total } => {
                interrupt::set_images_in_hand(matches!(stage, Stage::Tile | Stage::Deploy | Stage::Fetch));
                self.start(stage, total);
            }
            Event::Advanced { by, .. } => self.advance(by),
            Event::StageFinished { stage, elapsed } => {
                interrupt::set_images_in_hand(false);
                self.finish(stage, elapsed);
            }
            Event::Failed(error) => self.failed(error),
            Event::Found(diagnostics) => self.found(diagnostics),
            Event::Image { path, outcome: Outcome::Made { why, .. } } => self.made("image", path, why),
            Event::Image { path, outcome: Outcome::Reused } => self.log_image("kept", path, &Value::Null),
            Event::Image { path, outcome: Outcome::Failed(error) } => self.log_image("failed", path, &failure(error)),
            Event::Documents { kind, path, why } => self.made(kind.name(), path, why),
            Event::Note(text) if self.verbose => self.line(text, &json!({ "event": "note", "text": text })),
            _ => {}
        }
    }

    fn is_cancelled(&self) -> bool {
        interrupt::is_requested()
    }
}

/// The kind of an error: its message without names and numbers.
fn kind_of(error: &Error) -> String {
    let outside = error.message().split('"').step_by(2);
    let plain = outside.flat_map(|text| text.chars().filter(|c| !c.is_ascii_digit()));
    format!("{}: {}", error.code(), plain.collect::<String>())
}

/// `12.3 MiB`.
pub fn in_bytes(bytes: u64) -> String {
    HumanBytes(bytes).to_string()
}

/// `3 warnings: 2 page-gap, 1 duplicate`; empty if there are none.
pub fn warnings<'a>(warnings: impl Iterator<Item = &'a Diagnostic>) -> String {
    let mut counts = BTreeMap::<&str, u64>::new();
    warnings.for_each(|warning| *counts.entry(warning.code.name()).or_default() += 1);
    let kinds: Vec<String> = counts.iter().map(|(code, count)| format!("{count} {code}")).collect();
    match counts.values().sum() {
        0 => String::new(),
        all => format!("{}: {}", plural(all, "warning"), kinds.join(", ")),
    }
}

pub fn plural(count: u64, noun: &str) -> String {
    format!("{} {noun}{}", HumanCount(count), if count == 1 { "" } else { "s" })
}

/// Says after the first Ctrl-C that the images in hand are finished. The handler has no [`Terminal`].
pub fn say_finishing() {
    out(&mut std::io::stderr().lock(), "finishing the images in hand; once more to stop at once");
}

/// The same for a deploy.
#[cfg(feature = "deploy")]
pub fn say_stopping_deploy() {
    let text = "the deploy ends here, and the next one goes on from here; once more to stop at once";
    out(&mut std::io::stderr().lock(), text);
}

/// The same for `fetch-state`.
#[cfg(feature = "deploy")]
pub fn say_stopping_fetch() {
    out(&mut std::io::stderr().lock(), "nothing is kept of what was fetched; once more to stop at once");
}

/// A line without characters that a terminal obeys, or that make it look like other lines: names of files and values of
/// metadata may hold any. They are written as escapes, which JSON has too (`\u001b`).
fn harmless(line: &str) -> Cow<'_, str> {
    let is_harmful = |c: char| {
        c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !line.contains(is_harmful) {
        return Cow::Borrowed(line);
    }
    let escaped = |c: char| match c {
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        c if is_harmful(c) => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    };
    Cow::Owned(line.chars().map(escaped).collect())
}

/// An error means that the pipe is closed, so it cannot be reported.
fn out(to: &mut impl Write, line: &str) {
    let _ = writeln!(to, "{}", harmless(line));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_escaped_and_all_else_stays() {
        let name = "a\u{1b}[2Jb\nerror: c\u{9b}d\u{202e}e";
        assert_eq!(harmless(name), r"a\u001b[2Jb\nerror: c\u009bd\u202ee");
        let json = json!({ "text": name }).to_string();
        let shown = harmless(&json);
        assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), json!({ "text": name }), "JSON stays JSON");
        for text in ["L'été 日本 \u{5d0}", "\\u001b as it is written"] {
            assert_eq!(harmless(text), text);
        }
    }
}

//! `--report FILE`: the results of a build, as one JSON object. Images are written while the build runs, so that they
//! take no memory. Documents are written at the end.

use iiif_build::build::progress::{Event, Observer, Outcome};
use iiif_build::build::{Report, StageTime};
use iiif_build::config::Config;
use iiif_build::diagnostics::Diagnostic;
use iiif_build::error::{Error, shown_path};
use iiif_build::storage::fingerprint::Reason;
use iiif_build::storage::ownership::named_file::NamedFile;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Passes events on to `listener`, and writes them to a file.
pub struct ReportFile<'a> {
    listener: &'a dyn Observer,
    path: PathBuf,
    lines: Mutex<Lines>,
}

struct Lines {
    file: BufWriter<File>,
    is_first: bool,
    documents: Vec<Value>,
    /// The first write that failed.
    failed: Option<io::Error>,
}

impl Lines {
    fn image(&mut self, line: &Value) {
        let comma = if std::mem::take(&mut self.is_first) { "" } else { "," };
        if let Err(error) = write!(self.file, "{comma}\n  {line}") {
            self.failed.get_or_insert(error);
        }
    }
}

/// The beginning of every report: a file that begins in another way is not written over.
const MARK: &str = "{\"program\": \"iiif-build\",\n\"report\": \"build\",\n";

/// Begins the report at `path` with its mark, at once, so that the file of a run that is killed is known as a report.
/// `force`: as [`NamedFile::force`].
///
/// # Errors
/// Something is there that is no report of this kind, or the file would be published.
pub fn begin(path: &Path, mark: &str, config: &Config, force: Option<bool>) -> Result<File, Error> {
    let file = NamedFile {
        path,
        noun: "a report",
        mark: Some(mark),
        force,
        published: &[&config.output, &config.static_files],
        sources: &[&config.content, &config.templates],
    };
    let mut file = file.create()?;
    file.write_all(mark.as_bytes()).map_err(|error| Error::output(path, error))?;
    Ok(file)
}

impl ReportFile<'_> {
    /// Begins the report of a build of `config`.
    pub fn create<'a>(path: &Path, config: &Config, listener: &'a dyn Observer) -> Result<ReportFile<'a>, Error> {
        let mut file = BufWriter::new(begin(path, MARK, config, Some(config.force))?);
        file.write_all(b"\"images\": [").map_err(|error| Error::output(path, error))?;
        let lines = Mutex::new(Lines { file, is_first: true, documents: vec![], failed: None });
        Ok(ReportFile { listener, path: path.to_path_buf(), lines })
    }

    /// Writes the result of the build as a whole.
    pub fn finish(self, done: &Result<Report, Error>) -> Result<(), Error> {
        let mut lines = self.lines.into_inner();
        let rest = match done {
            Ok(report) => summary(report),
            Err(error) => json!({ "failures": [failure(error)] }),
        };
        let written = match lines.failed.take() {
            Some(error) => Err(error),
            None => write!(lines.file, "\n],\n\"documents\": {},\n", json!(lines.documents))
                .and_then(|()| writeln!(lines.file, "{}", rest.to_string().trim_start_matches('{')))
                .and_then(|()| lines.file.flush()),
        };
        written.map_err(|error| Error::output(&self.path, error))
    }
}

impl Observer for ReportFile<'_> {
    fn event(&self, event: Event<'_>) {
        let mut lines = self.lines.lock();
        match &event {
            Event::Image { path, outcome } => {
                let id = path.rsplit('/').next().unwrap_or_default();
                lines.image(&match outcome {
                    Outcome::Made { why, files, bytes } => {
                        json!({ "id": id, "outcome": "written", "why": names(why), "files": files, "bytes": bytes })
                    }
                    Outcome::Reused => json!({ "id": id, "outcome": "reused" }),
                    Outcome::Failed(error) => json!({ "id": id, "outcome": "failed", "why": failure(error) }),
                    _ => json!({ "id": id, "outcome": "unknown" }),
                });
            }
            Event::Documents { kind, path, why } => {
                lines.documents.push(json!({ "kind": kind.name(), "path": path, "why": names(why) }));
            }
            _ => {}
        }
        drop(lines);
        self.listener.event(event);
    }

    fn is_cancelled(&self) -> bool {
        self.listener.is_cancelled()
    }
}

fn summary(report: &Report) -> Value {
    json!({
        "written": report.written,
        "unchanged": report.unchanged,
        "removed": report.removed,
        "files": report.files,
        "bytes": report.bytes,
        "stages": stage_times(&report.stages),
        "refused": report.refused.is_some(),
        "findings": report.diagnostics.iter().map(diagnostic).collect::<Vec<_>>(),
        "failures": report.failures.iter().map(failure).collect::<Vec<_>>(),
    })
}

/// As it stands in JSON logs too.
pub fn stage_times(stages: &[StageTime]) -> Value {
    let time = |time: &StageTime| json!({ "stage": time.stage.name(), "seconds": time.elapsed.as_secs_f64() });
    stages.iter().map(time).collect()
}

/// As it stands in JSON logs too.
pub fn names(why: &[Reason]) -> Vec<&'static str> {
    why.iter().map(|reason| reason.name()).collect()
}

/// As it stands in JSON logs too.
pub fn diagnostic(diagnostic: &Diagnostic) -> Value {
    json!({
        "code": diagnostic.code.name(),
        "severity": diagnostic.severity.name(),
        "paths": diagnostic.paths.iter().map(|path| shown_path(path)).collect::<Vec<_>>(),
        "text": diagnostic.message,
        "hint": diagnostic.hint,
    })
}

/// As it stands in JSON logs too.
pub fn failure(error: &Error) -> Value {
    let position = error.position();
    json!({
        "kind": error.kind().name(),
        "code": error.code(),
        "path": error.path().map(shown_path),
        "line": position.map(|position| position.line),
        "column": position.map(|position| position.column),
        "message": error.message(),
        "hint": error.hint(),
    })
}

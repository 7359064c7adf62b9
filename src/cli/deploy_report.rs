//! What a deploy did, or would do, as one JSON object: `deploy --report FILE`, and `deploy --dry-run --log json`.

use super::report_file::failure;
use iiif_build::config::Target;
use iiif_build::error::{Error, ErrorKind};
use iiif_build::publish::deploy::{NamedTarget, Report, Verified};
use serde_json::{Map, Value, json};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The file of a report, which may be written.
pub struct DeployReportFile(PathBuf);

impl DeployReportFile {
    /// Refuses a file that is there and is no report of a deploy.
    pub fn at(path: &Path) -> Result<DeployReportFile, Error> {
        let is_replaceable = match fs::read(path) {
            Ok(bytes) => bytes.is_empty() || is_report(&bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
            Err(error) => return Err(Error::output(path, error)),
        };
        match is_replaceable {
            true => Ok(DeployReportFile(path.to_path_buf())),
            false => Err(Error::new(ErrorKind::Config, "this file is no report of a deploy, and it would be lost")
                .with_path(path)
                .with_hint("name another file for --report")),
        }
    }

    /// Writes the result of a deploy in one step.
    pub fn write(&self, named: NamedTarget<'_>, dry_run: bool, done: Result<&Report, &Error>) -> Result<(), Error> {
        let value = match done {
            Ok(report) => summary(report, named, dry_run),
            Err(error) => {
                let mut value = head(named, dry_run);
                value.insert("failures".into(), json!([failure(error)]));
                Value::Object(value)
            }
        };
        let folder = self.0.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let write = || {
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            writeln!(file, "{value:#}")?;
            Ok(file.persist(&self.0).map(drop)?)
        };
        write().map_err(|error| Error::output(&self.0, error))
    }
}

fn is_report(bytes: &[u8]) -> bool {
    let value: Option<Value> = serde_json::from_slice(bytes).ok();
    value.is_some_and(|value| value["target"].is_string() && value["url"].is_string() && value["dry_run"].is_boolean())
}

fn head(NamedTarget { name, target }: NamedTarget<'_>, dry_run: bool) -> Map<String, Value> {
    let head = [("target", json!(name)), ("url", json!(target.url.url())), ("dry_run", json!(dry_run))];
    head.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// All that a deploy reports. In a dry run the numbers are those of what would be done.
pub fn summary(report: &Report, named: NamedTarget<'_>, dry_run: bool) -> Value {
    let kinds: Map<String, Value> = report
        .put
        .iter()
        .map(|(phase, count)| (phase.name().to_owned(), json!({ "files": count.files, "bytes": count.bytes })))
        .collect();
    let mut value = head(named, dry_run);
    value.extend([
        ("put".to_owned(), json!({ "files": report.files(), "bytes": report.bytes(), "kinds": kinds })),
        ("changed".to_owned(), json!(report.changed)),
        ("copied".to_owned(), json!(report.copied)),
        ("deleted".to_owned(), deleted(report, named.target)),
        ("requests".to_owned(), json!(report.requests())),
        ("invalidated".to_owned(), json!(report.stale)),
        ("recovered".to_owned(), json!(report.recovered.map(|time| time.to_string()))),
        ("keeps_versions".to_owned(), json!(report.keeps_versions)),
        ("verified".to_owned(), report.verified.as_ref().map_or(Value::Null, verified)),
        ("warnings".to_owned(), json!(report.warnings)),
        ("failures".to_owned(), json!(report.refused.iter().map(|error| failure(error)).collect::<Vec<_>>())),
    ]);
    Value::Object(value)
}

fn deleted(report: &Report, target: &Target) -> Value {
    json!({
        "done": report.deleted,
        "due": report.due,
        "withdrawn": report.withdrawn,
        "later": report.waiting,
        "too_many": report.is_too_many,
        "most": target.max_delete,
    })
}

fn verified(verified: &Verified) -> Value {
    let Verified { listed, read, bytes, broken, strange, all_strange, public_strangers, leftover, .. } = verified;
    json!({
        "listed": listed,
        "read": read,
        "bytes": bytes,
        "broken": broken,
        "strangers": { "all": all_strange, "first": strange, "deletable": public_strangers.len() },
        "leftover": leftover.len(),
    })
}

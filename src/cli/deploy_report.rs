//! What a deploy did, or would do, as one JSON object: `deploy --report FILE`, and `deploy --dry-run --log json`.

use super::report_file::{begin, failure};
use iiif_build::config::{Config, Target};
use iiif_build::error::Error;
use iiif_build::publish::deploy::{NamedTarget, Report, Verified};
use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::Write;
use std::path::Path;

/// The beginning of every report: a file that begins in another way is not written over.
const MARK: &str = "{\"program\": \"iiif-build\",\n\"report\": \"deploy\",\n";

/// The file of a report.
pub struct DeployReportFile<'a> {
    path: &'a Path,
    file: File,
}

impl DeployReportFile<'_> {
    /// Begins the report of a deploy of the site of `config`.
    pub fn create<'a>(path: &'a Path, config: &Config) -> Result<DeployReportFile<'a>, Error> {
        let file = begin(path, MARK, config, None)?;
        Ok(DeployReportFile { path, file })
    }

    /// Writes the result of the deploy.
    pub fn finish(mut self, named: NamedTarget<'_>, dry_run: bool, done: Result<&Report, &Error>) -> Result<(), Error> {
        let value = match done {
            Ok(report) => summary(report, named, dry_run),
            Err(error) => {
                let mut value = head(named, dry_run);
                value.insert("failures".into(), json!([failure(error)]));
                Value::Object(value)
            }
        };
        let rest = format!("{value:#}");
        let written = writeln!(self.file, "{}", rest.trim_start_matches('{').trim_start());
        written.map_err(|error| Error::output(self.path, error))
    }
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

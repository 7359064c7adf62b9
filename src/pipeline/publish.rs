//! PUBLISH: the project's own files, then what nobody asks for any more goes, the state last. And before a build: whether
//! the output is ours to write, and what a killed one left there.

use super::Run;
use super::documents::Documents;
use super::stages::Running;
use super::statics::{STATIC, Statics};
use crate::address::SitePath;
use crate::config::{Config, Scope};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{IMAGES, ImageId};
use crate::output::Directory;
use crate::plan::Plan;
use crate::state::{self, DocumentRecord, Known};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Refuses an output folder that would swallow the project, or that holds somebody else's files.
pub fn check_output(config: &Config) -> Result<()> {
    let refuse =
        |why: &str, hint: &str| Err(Error::new(ErrorKind::Config, why).with_path(&config.output).with_hint(hint));
    let resolve = |path: &Path| -> PathBuf {
        let existing = path.ancestors().find_map(|above| Some((above.canonicalize().ok()?, above)));
        match existing {
            Some((resolved, above)) => resolved.join(path.strip_prefix(above).unwrap_or(Path::new(""))),
            None => path.to_path_buf(),
        }
    };
    let (output, root, content) = (resolve(&config.output), resolve(&config.root), resolve(&config.content));
    if root.starts_with(&output) || content.starts_with(&output) || output.starts_with(&content) {
        return refuse(
            "the output folder and the project's sources would mix",
            "choose a folder of its own with --output",
        );
    }
    let is_empty = fs::read_dir(&output).map_or(true, |mut entries| entries.next().is_none());
    let is_known = state::is_known(&config.root, &config.output);
    if !is_empty && !is_known && !output.join("collection.json").is_file() {
        return refuse(
            "the output folder holds files that are not a site",
            "empty it, or choose another with --output",
        );
    }
    Ok(())
}

/// Removes what a killed build left unfinished beside images and documents; flushes what nobody flushed.
pub fn clean_up(plan: &Plan, run: &Run<'_>) -> Result<()> {
    let Run { known, directory, state, .. } = *run;
    if known.is_unfinished {
        let root = SitePath::root();
        directory.sweep(&root.join(IMAGES))?;
        let recorded = known.documents.values().flat_map(|record| &record.files);
        let folders: BTreeSet<&str> = recorded.filter_map(|file| Some(file.rsplit_once('/')?.0)).collect();
        let planned = plan.images.iter().map(|image| image.item_path.as_str());
        for folder in folders.into_iter().chain(planned).collect::<BTreeSet<_>>() {
            directory.sweep(&root.join(folder))?;
        }
        directory.sweep(&root)?;
    }
    if known.is_flush_due { state.flush(directory) } else { Ok(()) }
}

/// Files that were published and are not any more.
pub struct Stale<'a> {
    /// Where a folder is to be now, or in a folder where a file is to be.
    in_the_way: Vec<&'a str>,
    others: Vec<&'a str>,
}

impl<'a> Stale<'a> {
    pub fn of(documents: &Documents<'_>, statics: &Statics, known: &'a Known) -> Stale<'a> {
        let generated = documents.all().flat_map(|(_, record)| &record.files).map(String::as_str);
        let wanted: BTreeSet<&str> = generated.chain(statics.paths().map(SitePath::as_str)).collect();
        let is_in_the_way = |stale: &&str| {
            let below = format!("{stale}/");
            let is_folder = wanted.range(below.as_str()..).next().is_some_and(|file| file.starts_with(&below));
            is_folder || stale.match_indices('/').any(|(end, _)| wanted.contains(&stale[..end]))
        };
        let published = known.documents.values().flat_map(|record| &record.files).map(String::as_str);
        let stale = published.filter(|file| !wanted.contains(file));
        let (in_the_way, others) = stale.partition(is_in_the_way);
        Stale { in_the_way, others }
    }

    /// Makes room for what is to be published.
    pub fn clear_the_way(&self, directory: &Directory) -> Result<()> {
        self.in_the_way.iter().try_for_each(|stale| directory.remove(&SitePath::root().join(stale)))
    }
}

/// Copies the project's own files, removes what is stale, and writes down what is there.
pub fn publish(
    documents: &Documents<'_>,
    statics: &Statics,
    stale: &Stale<'_>,
    plan: &Plan,
    run: &Run<'_>,
    stage: &Running<'_>,
) -> Result<()> {
    let Run { config, known, directory, state } = *run;
    let mut records: Vec<(String, Option<DocumentRecord>)> =
        documents.due().map(|(path, record)| (path.as_str().to_owned(), Some(record.clone()))).collect();
    if statics.are_due(run) {
        statics.publish(directory, stage)?;
        records.push((STATIC.to_owned(), Some(statics.record())));
    }
    let folders: BTreeSet<&str> = documents.all().map(|(path, _)| path.as_str()).chain([STATIC]).collect();
    let gone = known.documents.keys().filter(|folder| !folders.contains(folder.as_str()));
    records.extend(gone.map(|folder| (folder.clone(), None)));

    let remove = |path: &SitePath| {
        stage.count(|report| report.removed += 1);
        directory.remove(path)
    };
    for file in &stale.others {
        remove(&SitePath::root().join(file))?;
    }
    let images = stale_images(plan, config, known);
    for image in &images {
        remove(&ImageId(image.clone()).site_path())?;
    }
    if !images.is_empty() {
        state.forget_images(&images)?;
    }
    if !records.is_empty() {
        state.documents(&records)?;
    }
    state.finish()
}

/// Images that were made, or begun, and that are no page's any more. A file that cannot be read may still hold them.
fn stale_images(plan: &Plan, config: &Config, known: &Known) -> Vec<String> {
    if config.scope != Scope::All {
        return vec![];
    }
    let planned: BTreeSet<&str> = plan.images.iter().map(|image| image.id.0.as_str()).collect();
    let of_unreadable = |id: &str| {
        let of = |file: &ImageId| id.strip_prefix(&file.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
        plan.unreadable.iter().any(of)
    };
    known.images.keys().filter(|id| !planned.contains(id.as_str()) && !of_unreadable(id)).cloned().collect()
}

//! Whose output it is: compares the list in an output with the records of the project.

use super::paths::{is_within, resolved};
use super::site_list::{Head, SiteList, sweep};
use super::{FILE, FOLDER};
use crate::config::{Config, FILE_NAME};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::fingerprint::Hash;
use crate::storage::lock::Lock;
use std::fs;
use std::path::Path;

/// Refuses an output folder that would mix with the project's sources, or that holds files of which neither a record
/// (`has_records`) nor a list says that they are ours.
pub fn check_folder(config: &Config, has_records: bool) -> Result<()> {
    check_place(config)?;
    let output = resolved(&config.output);
    // Also where a folder above the output is a file.
    if output.ancestors().find_map(|above| above.metadata().ok()).is_some_and(|kind| !kind.is_dir()) {
        let hint = "move the file away, or choose a folder with --output";
        return Err(refused(config, "the output is a folder, and a file is in its place", hint));
    }
    if has_records || adopts(config) || is_empty(&output) || SiteList::read(&output)?.is_some() {
        return Ok(());
    }
    Err(unlisted(config))
}

/// Refuses an output folder in which a build would overwrite what the site is made from, or become its own source.
fn check_place(config: &Config) -> Result<()> {
    let (output, root) = (resolved(&config.output), resolved(&config.root));
    let mixed = |with: &str| {
        let why = format!("the output folder and {with} would mix, and a build could overwrite it");
        Err(refused(config, &why, "choose a folder of its own with --output"))
    };
    if is_within(&root, &output) {
        return mixed("the project");
    }
    // If the content is the project's own folder, the output in it is left out of the content.
    let content = resolved(&config.content);
    let holds_project = is_within(&root, &content);
    let is_apart = config.remote.is_some() || (holds_project && !is_within(&content, &output));
    let sources = [
        ((!is_apart).then_some(content.as_path()), "the content of the project"),
        (Some(config.static_files.as_path()), "the folder static/ of the project"),
        (Some(config.templates.as_path()), "the folder templates/ of the project"),
        (config.images.watermark.as_ref().map(|watermark| watermark.file.as_path()), "the watermark"),
    ];
    for (source, name) in sources {
        let Some(source) = source.map(resolved) else { continue };
        if is_within(&output, &source) || is_within(&source, &output) {
            return mixed(name);
        }
    }
    let notes = resolved(&config.root.join(FOLDER));
    // Builds into a store keep their documents there.
    let is_of_store = is_within(&output, &notes.join("stores")) && output != notes.join("stores");
    if (is_within(&output, &notes) && !is_of_store) || is_within(&output, &resolved(&config.root.join(FILE_NAME))) {
        return mixed("what the project notes in .iiif-build/");
    }
    Ok(())
}

/// The lock of an output, whichever project builds into it.
pub fn lock(output: &Path) -> Result<Lock> {
    let folder = output.join(FOLDER);
    fs::create_dir_all(&folder).map_err(|error| Error::output(&folder, error))?;
    let lock = Lock::take(
        &folder.join("lock"),
        "another build of this output is running",
        "wait until it has ended, or choose another folder with --output",
    )?;
    sweep(output).map_err(|error| Error::output(&folder, error))?;
    Ok(lock)
}

/// What the records of a project say about its output.
#[derive(Debug, Default)]
pub struct Known {
    /// There are records of images or documents.
    pub has_records: bool,
    /// The hashes of the list that was written last and of the one before, if any was written.
    pub lists: Vec<Hash>,
    /// The machine went down since the last build, and records may be lost.
    pub is_doubtful: bool,
}

/// How the records and an output go together.
#[derive(Debug)]
pub enum Claim {
    /// The output is empty, or it is the one that the records are about.
    Ours,
    /// The records are about another state of the output: all files must be compared with them.
    Mixed(Option<SiteList>),
    /// There are no records, and the list stands in for them.
    Lost(SiteList),
    /// There are neither records nor a list, and the user said to go on.
    Unlisted,
}

impl Claim {
    /// Compares the output with what is `known` of it. `hash`: that of the list in it. `shares`: whether the project has one of
    /// the images in a list.
    ///
    /// # Errors
    /// The output holds something else, and the user did not say to take it over.
    pub fn of(
        config: &Config,
        known: &Known,
        hash: Option<Hash>,
        shares: impl FnOnce(&SiteList) -> bool,
    ) -> Result<Claim> {
        let output = resolved(&config.output);
        let Some(hash) = hash else {
            // Versions before 0.2 wrote no list.
            let is_ours = is_empty(&output) || (known.has_records && known.lists.is_empty());
            return match is_ours {
                true => Ok(Claim::Ours),
                false if adopts(config) && known.has_records => Ok(Claim::Mixed(None)),
                false if adopts(config) => Ok(Claim::Unlisted),
                false => Err(unlisted(config)),
            };
        };
        if known.lists.contains(&hash) {
            return Ok(Claim::Ours);
        }
        let list = SiteList::read(&output)?;
        if !adopts(config) {
            check_list(config, list.as_ref(), known, shares)?;
        }
        Ok(match list {
            Some(list) if !known.has_records => Claim::Lost(list),
            None if !known.has_records => Claim::Unlisted,
            list => Claim::Mixed(list),
        })
    }
}

/// Refuses a list that this project did not write. It may have: a restored cache is of another day or branch, records are
/// lost.
fn check_list(
    config: &Config,
    list: Option<&SiteList>,
    known: &Known,
    shares: impl FnOnce(&SiteList) -> bool,
) -> Result<()> {
    let is_in_project = is_within(&resolved(&config.output), &resolved(&config.root));
    let Some(list) = list else {
        return if is_in_project && known.has_records { Ok(()) } else { Err(unlisted(config)) };
    };
    let own = Head::of(config);
    let is_others = list.head != own && !list.images.is_empty() && !shares(list);
    if is_others {
        let theirs = &list.head.base_url;
        let why = format!("the output folder holds the site of another project ({theirs}), and it would be replaced");
        return Err(refused(config, &why, ADOPT));
    }
    // A folder elsewhere may belong to any project, even one with the same names.
    if !is_in_project && !known.is_doubtful {
        let why =
            "the output folder holds a site that the records of this project are not about, and it would be replaced";
        return Err(refused(config, why, ADOPT));
    }
    Ok(())
}

const ADOPT: &str =
    "choose another folder with --output; --adopt goes on, and removes what this project does not publish";

fn unlisted(config: &Config) -> Error {
    let why = format!(
        "the output folder holds files that are not known to be a site of this project: {FILE} is not there or of another \
         program. They could be overwritten"
    );
    let hint = "empty the folder, or choose another with --output; --adopt builds here, and leaves all files that are \
                not in the way";
    refused(config, &why, hint)
}

fn refused(config: &Config, why: &str, hint: &str) -> Error {
    Error::new(ErrorKind::Config, why).with_path(&config.output).with_hint(hint)
}

fn adopts(config: &Config) -> bool {
    config.adopt || config.force
}

/// Whether there is nothing in the folder but notes.
fn is_empty(output: &Path) -> bool {
    let mut entries = fs::read_dir(output).into_iter().flatten().flatten();
    !entries.any(|entry| entry.file_name() != FOLDER)
}

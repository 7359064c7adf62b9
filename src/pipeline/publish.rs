//! PUBLISH: documents after the images they name, then what nobody asks for any more goes, the state last.

use super::stages::Running;
use crate::address::SitePath;
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::iiif::Document;
use crate::iiif::image::INFO_JSON;
use crate::model::ImageId;
use crate::output::{self, Directory};
use crate::plan::Plan;
use crate::state::{Published, State};
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
    let known = State::new(&config.root, &config.output).read() != Published::default();
    if !is_empty && !known && !output.join("collection.json").is_file() {
        return refuse(
            "the output folder holds files that are not a site",
            "empty it, or choose another with --output",
        );
    }
    Ok(())
}

/// What was published before this build.
pub struct Before {
    state: State,
    published: Published,
    /// Images that the plan names, made or not: the last good files of those that failed stay.
    images: BTreeSet<SitePath>,
    /// Files that could not be read, so that nobody knows how many images they hold.
    unreadable: Vec<SitePath>,
}

/// Notes what the build is going to write, so that an interrupted one is cleaned up after.
pub fn begin(config: &Config, plan: &Plan) -> Result<Before> {
    let state = State::new(&config.root, &config.output);
    let mut published = state.read();
    let images: BTreeSet<SitePath> = plan.images.iter().map(|image| image.id.site_path()).collect();
    let unreadable = plan.unreadable.iter().map(ImageId::site_path).collect();
    published.images.extend(images.iter().cloned());
    state.write(&published)?;
    Ok(Before { state, published, images, unreadable })
}

impl Before {
    /// Whether an image folder is still some page's.
    fn is_wanted(&self, image: &SitePath) -> bool {
        let of_file = |file: &SitePath| {
            image.as_str().strip_prefix(file.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        self.images.contains(image) || self.unreadable.iter().any(of_file)
    }

    /// What was published and is neither among `documents` nor a page's image any more.
    fn stale(&self, documents: &BTreeSet<&SitePath>) -> Vec<SitePath> {
        let within_wanted = |path: &SitePath| match path.as_str().strip_suffix(&format!("/{INFO_JSON}")) {
            Some(image) => self.is_wanted(&SitePath::root().join(image)),
            None => false,
        };
        let old = |path: &&SitePath| !documents.contains(path) && !within_wanted(path);
        let images = self.published.images.iter().filter(|image| !self.is_wanted(image));
        self.published.documents.iter().filter(old).chain(images).cloned().collect()
    }
}

/// Writes the documents and the project's static files, removes what is stale.
pub fn publish(
    documents: Vec<Document>,
    mut before: Before,
    config: &Config,
    directory: &Directory,
    stage: &Running<'_>,
) -> Result<()> {
    let statics = static_files(&config.static_files)?;
    let replaced: BTreeSet<&SitePath> = statics.iter().map(|document| &document.path).collect();
    let generated = documents.iter().filter(|document| !replaced.contains(&document.path));
    let all: Vec<&Document> = generated.chain(&statics).collect();
    let stale = before.stale(&all.iter().map(|document| &document.path).collect());
    before.published.documents.extend(all.iter().map(|document| document.path.clone()));
    before.state.write(&before.published)?;

    for document in &all {
        let outcome = directory.publish(&document.path, &document.bytes)?;
        stage.advance(1);
        stage.count(|report| match outcome {
            output::Published::Written => report.written += 1,
            output::Published::Unchanged => report.unchanged += 1,
        });
    }
    for path in &stale {
        directory.remove(path)?;
        before.published.documents.remove(path);
        before.published.images.remove(path);
        stage.count(|report| report.removed += 1);
    }
    before.state.write(&before.published)
}

/// The files below `static/`, each at its own path.
fn static_files(folder: &Path) -> Result<Vec<Document>> {
    fn gather(folder: &Path, path: &SitePath, files: &mut Vec<Document>) -> Result<()> {
        let unreadable = |error| Error::read(ErrorKind::Config, folder, error);
        let mut entries =
            fs::read_dir(folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>).map_err(unreadable)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let (source, path) = (entry.path(), path.join(&name));
            if source.is_dir() {
                gather(&source, &path, files)?;
            } else if crate::content::naming::junk(&name).is_none() {
                let bytes = fs::read(&source).map_err(|error| Error::read(ErrorKind::Config, &source, error))?;
                files.push(Document { path, bytes });
            }
        }
        Ok(())
    }
    let mut files = vec![];
    if folder.is_dir() {
        gather(folder, &SitePath::root(), &mut files)?;
    }
    Ok(files)
}

//! PUBLISH: what nobody asks for any more goes, the state last. And before a build: whether
//! the output is ours to write, and what a killed one left there.

use super::documents::{Documents, STATIC, Statics, discovery};
use super::images::image2_links;
use super::run::{self, Run};
use super::stages::{Running, Stages};
use crate::build::plan::{Plan, PlannedImage};
use crate::config::{Config, Scope};
use crate::diagnostics::Code;
use crate::error::{Error, ErrorKind, Result};
use crate::model::address::SitePath;
use crate::model::{IMAGES, IMAGES_2, ImageId};
use crate::storage::output::{Directory, resolved};
use crate::storage::state::{self, DocumentRecord, ImageRecord, PreviousBuild};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Refuses an output folder that would swallow the project, or that holds somebody else's files.
pub fn check_output(config: &Config) -> Result<()> {
    let refuse =
        |why: &str, hint: &str| Err(Error::new(ErrorKind::Config, why).with_path(&config.output).with_hint(hint));
    let (output, root, content) = (resolved(&config.output), resolved(&config.root), resolved(&config.content));
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
        [IMAGES, IMAGES_2].iter().try_for_each(|images| directory.sweep(&root.join(images)))?;
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

/// What was published and is not any more.
pub struct Stale<'a> {
    /// Ids.
    images: Vec<String>,
    /// Ids of images whose twin is stale.
    image2_links: Vec<String>,
    /// Where a folder is to be now, or in a folder where a file is to be.
    in_the_way: Vec<&'a str>,
    others: Vec<&'a str>,
}

impl<'a> Stale<'a> {
    pub fn of(
        documents: &Documents<'_>,
        statics: &Statics,
        images: &[PlannedImage],
        absent: &UnavailableSources,
        run: &Run<'a>,
    ) -> Stale<'a> {
        let generated = documents.all().flat_map(|(_, record)| &record.files).map(String::as_str);
        let generated = generated.chain(discovery::kept(run));
        let wanted: BTreeSet<&str> = generated.chain(statics.paths().map(SitePath::as_str)).collect();
        let is_in_the_way = |stale: &&str| {
            let below = format!("{stale}/");
            let is_folder = wanted.range(below.as_str()..).next().is_some_and(|file| file.starts_with(&below));
            is_folder || stale.match_indices('/').any(|(end, _)| wanted.contains(&stale[..end]))
        };
        let published = run.known.documents.values().flat_map(|record| &record.files).map(String::as_str);
        let stale = published.filter(|file| !wanted.contains(file));
        let (in_the_way, others) = stale.partition(is_in_the_way);
        let gone = stale_images(images, absent, run);
        Stale { image2_links: image2_links::stale(images, &gone, run), images: gone, in_the_way, others }
    }

    /// Makes room for what is to be published.
    pub fn clear_the_way(&self, directory: &Directory) -> Result<()> {
        self.in_the_way.iter().try_for_each(|stale| directory.remove(&SitePath::root().join(stale)))
    }
}

/// Removes what is stale, tells harvesters, and writes down what is there. Runs on the current rayon pool.
pub fn publish(documents: &Documents<'_>, stale: &Stale<'_>, run: &Run<'_>, stage: &Running<'_>) -> Result<()> {
    let Run { config, known, directory, state, .. } = *run;
    let mut records: Vec<(String, Option<DocumentRecord>)> =
        documents.made().into_iter().map(|(path, record)| (path, Some(record))).collect();
    let all = documents.all().map(|(path, _)| path.as_str());
    let folders: BTreeSet<&str> = all.chain([STATIC]).chain(discovery::folders(config)).collect();
    let gone = known.documents.keys().filter(|folder| !folders.contains(folder.as_str()));
    records.extend(gone.map(|folder| (folder.clone(), None)));

    for file in &stale.others {
        directory.remove(&SitePath::root().join(file))?;
    }
    for image in &stale.images {
        directory.remove_image(&ImageId(image.clone()).site_path())?;
    }
    image2_links::remove(&stale.image2_links, run)?;
    stage.count(|report| report.removed += (stale.others.len() + stale.images.len()) as u64);
    if !stale.images.is_empty() {
        state.forget_images(&stale.images)?;
    }
    records.extend(discovery::publish(documents, run, stage)?);
    if !records.is_empty() {
        state.documents(&records)?;
    }
    state.finish(config.scope == Scope::All)
}

/// Images that were made, or begun, and that are no page's any more. Of a master that could not be read, or that was
/// refused, nobody knows: its images stay. What is withheld goes whatever else is asked for or failed.
fn stale_images(images: &[PlannedImage], absent: &UnavailableSources, run: &Run<'_>) -> Vec<String> {
    let planned: BTreeSet<&str> = images.iter().map(|image| image.id.0.as_str()).collect();
    let is_gone = |source: &str| run.config.scope == Scope::All && !absent.unread.holds(source);
    let is_stale = |(id, record): &(&String, &ImageRecord)| {
        !planned.contains(id.as_str()) && (absent.withheld.holds(&record.source) || is_gone(&record.source))
    };
    run.known.images.iter().filter(is_stale).map(|(id, _)| id.clone()).collect()
}

/// What of the content is not in the plan though it is there.
pub struct UnavailableSources {
    /// It could not be read, or was refused.
    unread: Paths,
    withheld: Paths,
}

impl UnavailableSources {
    pub fn of(failures: &[Error], withheld: &[PathBuf], config: &Config) -> UnavailableSources {
        let paths =
            |paths: &mut dyn Iterator<Item = &Path>| Paths(paths.map(|path| run::relative(path, config)).collect());
        let unread = paths(&mut failures.iter().filter_map(Error::path));
        UnavailableSources { unread, withheld: paths(&mut withheld.iter().map(PathBuf::as_path)) }
    }

    /// Says what is withheld by now, and stays public because nothing is written.
    pub fn tell_of_public(&self, known: &PreviousBuild, stages: &mut Stages<'_>) {
        let is_public = |record: &&ImageRecord| record.made.is_some() && self.withheld.holds(&record.source);
        let public: Vec<&str> = known.images.values().filter(is_public).map(|record| record.source.as_str()).collect();
        if let Some(first) = public.first() {
            let message = format!("{} images that are withheld by now stay published, such as {first}", public.len());
            let told = Error::new(ErrorKind::Output, message).with_code(Code::Withheld);
            stages.fail_all(vec![told.with_hint("build without --strict to take them down at once")]);
        }
    }
}

/// Files and folders of the content.
struct Paths(BTreeSet<String>);

impl Paths {
    /// Whether a master is one of them or lies below one.
    fn holds(&self, source: &str) -> bool {
        let above = source.match_indices('/').map(|(end, _)| &source[..end]);
        self.0.contains("") || above.chain([source]).any(|path| self.0.contains(path))
    }
}

/// Refuses to take a content folder without a single image for a site without images: it may not be mounted. Unless
/// all that was published is withheld by now.
pub fn check_content(plan: &Plan, absent: &UnavailableSources, run: &Run<'_>) -> Result<()> {
    let is_missed = |record: &ImageRecord| record.made.is_some() && !absent.withheld.holds(&record.source);
    let had_images = run.known.images.values().any(is_missed);
    if !plan.images.is_empty() || !had_images || run.config.scope != Scope::All || run.config.force {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Content, "there is not one image any more, and the last build published some")
        .with_path(&run.config.content)
        .with_hint("is the folder mounted? --force builds a site without images"))
}

//! PUBLISH: removes files that are no longer wanted, and records those that are there. Before a build: checks whether
//! the output folder can be written, and removes the unfinished files of a killed build.
//!
//! The images of a master or folder on which SCAN or PROBE failed stay: an unreadable file is not a deleted one. A
//! content folder without a single image is refused if the last build published some, because it may not be mounted.

use super::documents::{Bound, Documents, Statics, discovery};
use super::images::image2_links;
use super::run::Run;
use super::stages::Stages;
use crate::build::plan::{InDoubt, Plan, PlannedImage};
use crate::build::progress::Stage;
use crate::build::report::Report;
use crate::config::{Config, Scope};
use crate::diagnostics::Code;
use crate::error::{Error, ErrorKind, Result};
use crate::model::address::{SitePath, normalised};
use crate::model::{IMAGES, IMAGES_2, ImageId, WithheldAddress};
use crate::storage::output::Directory;
use crate::storage::state::{self, BuildEnd, DocumentRecord, ImageRecord, LastBuild, PreviousBuild, Withdrawn};
use crate::storage::{ownership, revision};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Refuses an output folder that would mix with the project, or that holds files that are not known to be ours.
pub fn check_output(config: &Config) -> Result<()> {
    ownership::check_folder(config, state::is_known(&config.root, &config.output))
}

/// Before anything is written: checks the scope of the build against the content.
pub fn check(plan: &Plan, unavailable: &UnavailableSources, previous: &PreviousBuild, config: &Config) -> Result<()> {
    check_scope(plan, previous, config)?;
    check_content(plan, unavailable, previous, config)
}

/// Refuses a scope that matches nothing.
fn check_scope(plan: &Plan, previous: &PreviousBuild, config: &Config) -> Result<()> {
    let refuse = |why: String, hint: &str| Err(Error::new(ErrorKind::Config, why).with_hint(hint));
    match &config.scope {
        Scope::Documents if previous.images.values().all(|record| record.made.is_none()) => {
            refuse("nothing is known of any image".into(), "build once without --documents, while the masters are here")
        }
        Scope::Items(ids) => {
            let planned = plan.images.iter().map(|image| &image.item.id).chain(&plan.in_doubt.items);
            let planned: BTreeSet<&str> = planned.map(|item| item.0.as_str()).collect();
            match ids.iter().find(|id| !planned.contains(id.as_str())) {
                Some(id) => refuse(format!("there is no item {id:?}"), "`iiif-build plan` lists all ids"),
                None => Ok(()),
            }
        }
        Scope::All | Scope::Documents => Ok(()),
    }
}

/// Removes unfinished files of a killed build beside images and documents. Flushes the output if no build did.
pub fn clean_up(plan: &Plan, run: &Run<'_>) -> Result<()> {
    let Run { previous, directory, state, .. } = *run;
    if previous.is_unfinished {
        let root = SitePath::root();
        let is_image = |id: &str| previous.images.contains_key(id) || previous.image2_links.contains_key(id);
        [IMAGES, IMAGES_2].iter().try_for_each(|images| directory.sweep(&root.join(images), is_image))?;
        let recorded = previous.documents.values().flat_map(|record| &record.files);
        let folders: BTreeSet<&str> = recorded.filter_map(|file| Some(file.rsplit_once('/')?.0)).collect();
        let planned = plan.images.iter().map(|image| image.item.path.as_str());
        for folder in folders.into_iter().chain(planned).collect::<BTreeSet<_>>() {
            directory.sweep(&root.join(folder), |_| false)?;
        }
        directory.sweep(&root, |_| false)?;
    }
    if previous.is_flush_due { state.flush(directory) } else { Ok(()) }
}

/// Files that the last build published and this one does not.
pub struct Removals<'a> {
    /// The ids of images.
    images: Vec<String>,
    /// Ids of images whose links for Image API 2 go.
    image2_links: Vec<String>,
    /// Files in the place of a future folder, or in a folder in the place of a future file.
    in_the_way: Vec<&'a str>,
    others: Vec<&'a str>,
}

impl<'a> Removals<'a> {
    pub fn of(
        documents: &Documents<'_>,
        statics: &Statics,
        bound: &Bound,
        images: &[PlannedImage],
        unavailable: &UnavailableSources,
        run: &Run<'a>,
    ) -> Removals<'a> {
        let generated = documents.all().flat_map(|(_, record)| &record.files).map(String::as_str);
        let generated = generated.chain(discovery::kept(run));
        let others = statics.paths().chain(bound.paths()).map(SitePath::as_str);
        let wanted: BTreeSet<&str> = generated.chain(others).collect();
        let is_in_the_way = |file: &&str| {
            let below = format!("{file}/");
            let is_folder = wanted.range(below.as_str()..).next().is_some_and(|file| file.starts_with(&below));
            is_folder || file.match_indices('/').any(|(end, _)| wanted.contains(&file[..end]))
        };
        let published = run.previous.documents.values().flat_map(|record| &record.files).map(String::as_str);
        let unwanted: BTreeSet<&str> = published.filter(|file| !wanted.contains(file)).collect();
        let (in_the_way, others) = unwanted.into_iter().partition(is_in_the_way);
        let images_gone = unwanted_images(images, unavailable, run);
        let image2_links = image2_links::unwanted(images, &images_gone, run);
        Removals { image2_links, images: images_gone, in_the_way, others }
    }

    /// Makes room for the files that will be published.
    pub fn clear_the_way(&self, directory: &Directory<'_>) -> Result<()> {
        self.in_the_way.iter().try_for_each(|file| directory.remove(&SitePath::root().join(file)))
    }
}

/// Runs PUBLISH: removes files that are no longer wanted, updates the feeds, and records those that are there.
pub fn publish(
    documents: &Documents<'_>,
    statics: &Statics,
    bound: Bound,
    removals: &Removals<'_>,
    run: &Run<'_>,
    stages: &mut Stages<'_>,
) -> Result<()> {
    stages.run(Stage::Publish, 0, |stage| {
        let Run { config, previous, directory, state, .. } = *run;
        for file in &removals.others {
            directory.remove(&SitePath::root().join(file))?;
        }
        for image in &removals.images {
            directory.remove_image(&ImageId(image.clone()).site_path())?;
        }
        image2_links::remove(&removals.image2_links, run)?;
        stage.count(|report| report.removed += (removals.others.len() + removals.images.len()) as u64);
        if !removals.images.is_empty() {
            state.forget_images(&removals.images)?;
        }

        let mut records: Vec<(String, Option<DocumentRecord>)> =
            documents.made().into_iter().map(|(key, record)| (key, Some(record))).collect();
        let folders = documents.all().map(|(path, _)| path.as_str()).chain(discovery::folders(config));
        let keys: BTreeSet<String> = folders.map(str::to_owned).chain(statics.keys()).chain(bound.keys()).collect();
        let gone = previous.documents.keys().filter(|key| !keys.contains(*key));
        records.extend(gone.map(|key| (key.clone(), None)));
        records.extend(bound.records);
        records.extend(run.pool.install(|| discovery::publish(documents, run, stage))?);
        if !records.is_empty() {
            state.documents(&records)?;
            state.put_snapshots(&mut documents.snapshots())?;
        }
        run.list.close()
    })
}

/// Ids of images that were made, or begun, and that are on no page any more. Nothing is known of a master that could
/// not be read or that was refused: its images stay. Withheld images go in any case, for any scope and with any
/// failures. An image of which only the id is known may be withheld: it goes, unless it can be of a master that cannot be
/// read.
fn unwanted_images(images: &[PlannedImage], unavailable: &UnavailableSources, run: &Run<'_>) -> Vec<String> {
    let planned: BTreeSet<&str> = images.iter().map(|image| image.id.0.as_str()).collect();
    let unknown: BTreeSet<&str> = match unavailable.unread.0.is_empty() {
        true => BTreeSet::new(),
        false => unavailable.unknown_images(images, run.previous).into_iter().collect(),
    };
    let is_gone = |source: &str| run.config.scope == Scope::All && !unavailable.unread.holds(source);
    let is_unwanted = |(id, record): &(&String, &ImageRecord)| {
        let is_gone = match record.is_of_list() {
            true => !unknown.contains(id.as_str()),
            false => unavailable.withheld.holds(&record.source) || is_gone(&record.source),
        };
        is_gone && !planned.contains(id.as_str())
    };
    run.previous.images.iter().filter(is_unwanted).map(|(id, _)| id.clone()).collect()
}

/// What the records say of this build. `named`: the images that documents name.
pub fn last_build(
    named: &BTreeSet<&str>,
    removals: &Removals<'_>,
    unavailable: &UnavailableSources,
    run: &Run<'_>,
    report: &Report,
) -> LastBuild {
    let end = match (report.deferred.is_empty(), report.failures.is_empty()) {
        (false, _) => BuildEnd::Deferred,
        (true, false) => BuildEnd::WithFailures,
        (true, true) => BuildEnd::Complete,
    };
    let previous = run.previous.images.iter().filter(|(_, record)| record.made.is_some());
    let is_left = |id: &&String| !named.contains(id.as_str()) && !removals.images.contains(id);
    let unnamed = previous.map(|(id, _)| id).filter(is_left).cloned().collect();
    let failed = report.failures.iter().filter_map(Error::path);
    let failed = failed.map(|path| normalised(&run.config.relative(path))).collect();
    LastBuild { end, commit: revision::head(&run.config.root), failed, unnamed, withdrawn: unavailable.withdrawn(run) }
}

/// Content that is there and not in the plan.
pub struct UnavailableSources {
    /// Content that could not be read, or was refused.
    unread: Paths,
    withheld: Paths,
    withheld_addresses: Vec<WithheldAddress>,
}

impl UnavailableSources {
    pub fn of(
        failures: &[Error],
        in_doubt: &InDoubt,
        withheld: &[PathBuf],
        withheld_addresses: Vec<WithheldAddress>,
        config: &Config,
    ) -> UnavailableSources {
        let paths = |paths: &mut dyn Iterator<Item = &Path>| Paths(paths.map(|path| config.relative(path)).collect());
        let unread = paths(&mut failures.iter().filter_map(Error::path).chain(in_doubt.folders()));
        let withheld = paths(&mut withheld.iter().map(PathBuf::as_path));
        UnavailableSources { unread, withheld, withheld_addresses }
    }

    /// The addresses that the withheld content would have.
    fn addresses(&self) -> impl Iterator<Item = WithheldAddress> {
        let folders =
            self.withheld.0.iter().map(|path| WithheldAddress::folder(SitePath::root().join(&normalised(path))));
        folders.chain(self.withheld_addresses.iter().cloned())
    }

    /// The addresses that the withheld content would have, and those of its images that an earlier build published.
    fn withdrawn(&self, run: &Run<'_>) -> Withdrawn {
        let images = run.previous.images.iter().filter(|(_, record)| self.withheld.holds(&record.source));
        let images = images.map(|(id, _)| WithheldAddress::Image(ImageId(id.clone())));
        Withdrawn::of(&images.chain(self.addresses()).collect::<Vec<_>>())
    }

    /// Of the images that only the list names and that are on no page, the ids of those that do not have the address of
    /// anything withheld.
    fn unknown_images<'a>(&self, images: &[PlannedImage], previous: &'a PreviousBuild) -> Vec<&'a str> {
        let withdrawn = Withdrawn::of(&self.addresses().collect::<Vec<_>>());
        let is_withheld = |id: &str| withdrawn.holds(ImageId(id.to_owned()).site_path().as_str());
        listed_images(images, previous).filter(|id| !is_withheld(id)).collect()
    }

    /// Reports images that are withheld by now, and that stay public because nothing is written.
    pub fn report_public(&self, plan: &Plan, previous: &PreviousBuild, stages: &mut Stages<'_>) {
        let is_public = |record: &&ImageRecord| record.made.is_some() && self.withheld.holds(&record.source);
        let public: Vec<&str> =
            previous.images.values().filter(is_public).map(|record| record.source.as_str()).collect();
        let fail = |message: String| {
            let error = Error::new(ErrorKind::Output, message).with_code(Code::Withheld);
            stages.fail_all(vec![error.with_hint("nothing was written: mend the mistakes, or build with --keep-going or without --strict, to take them down")]);
        };
        if let Some(first) = public.first() {
            fail(format!("{} images that are withheld by now stay published, such as {first}", public.len()));
        }
        let listed: Vec<&str> = listed_images(&plan.images, previous).collect();
        if let Some(first) = listed.first() {
            fail(format!("{} images that may be withheld by now stay published, such as {first}", listed.len()));
        }
    }

    /// Reports images that stay public although they may be withheld by now: their records are lost, and a master that cannot
    /// be read may be theirs.
    pub fn report_unknown(&self, plan: &Plan, previous: &PreviousBuild, stages: &mut Stages<'_>) {
        let unknown = self.unknown_images(&plan.images, previous);
        let Some(first) = unknown.first().filter(|_| !self.unread.0.is_empty()) else { return };
        let message = format!(
            "{} images of an earlier build stay published, such as {first}: the records are lost and some sources cannot be \
             read, so nobody knows whether these images are withheld by now",
            unknown.len()
        );
        let error = Error::new(ErrorKind::Output, message).with_code(Code::Withheld);
        stages.fail_all(vec![
            error.with_hint("make all sources readable and build again, or delete the folders of the images"),
        ]);
    }
}

/// Ids of images of which only the id is known, from the list in the output, and that are on no page.
fn listed_images<'a>(images: &[PlannedImage], previous: &'a PreviousBuild) -> impl Iterator<Item = &'a str> {
    let planned: BTreeSet<String> = images.iter().map(|image| image.id.0.clone()).collect();
    let listed = previous.images.iter().filter(|(_, record)| record.is_of_list()).map(|(id, _)| id.as_str());
    listed.filter(move |id| !planned.contains(*id))
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

/// Refuses a content folder without a single image if the last build published some: it may not be mounted. Images that are
/// withheld by now do not count.
fn check_content(
    plan: &Plan,
    unavailable: &UnavailableSources,
    previous: &PreviousBuild,
    config: &Config,
) -> Result<()> {
    let is_missed = |record: &ImageRecord| match record.is_of_list() {
        true => unavailable.withheld.0.is_empty(),
        false => record.made.is_some() && !unavailable.withheld.holds(&record.source),
    };
    let had_images = previous.images.values().any(is_missed);
    let has_images = !plan.images.is_empty() || !plan.in_doubt.kept.is_empty();
    if has_images || !had_images || config.scope != Scope::All || config.force {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Content, "there is not one image any more, and the last build published some")
        .with_path(&config.content)
        .with_hint("is the folder mounted? --force builds a site without images"))
}

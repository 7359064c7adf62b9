//! What a deploy refuses before it writes anything: to publish what was built for another address, to write over what
//! no deploy put there or what another project published, to take back what somebody else published, and to take much
//! away by accident. A refusal says what would be lost, and which flag goes on.

use super::artifact::{Artifact, Artifacts};
use super::inventory::Inventory;
use super::lineage::{self, Dated, Lineage};
use super::note::Note;
use super::publication::{Publication, image_id, is_manifest};
use super::publication_log::PublicationLog;
use super::session::{NamedTarget, TargetSnapshot};
use super::{Options, shrink, stale, strangers};
use crate::config::{Bucket, Config, Destination, FILE_NAME, Target};
use crate::error::{Error, ErrorKind, Result};
use crate::model::address::BaseUrl;
use crate::storage::ownership::resolved;
use crate::storage::revision;
use crate::storage::state::{BuildEnd, FOLDER, Withdrawn};
use crate::storage::store::Store;
use std::fs;
use std::path::Path;

/// Refuses a folder as a target that is a project, or that mixes with this one. Nothing is written.
///
/// # Errors
/// The refusal.
pub fn check_place(config: &Config, target: &Target) -> Result<()> {
    let Destination::Folder(folder) = &target.url else { return Ok(()) };
    let refuse = |why: &str| {
        let error = Error::new(ErrorKind::Config, format!("the target cannot be used: {why}")).with_path(folder);
        Err(error.with_hint("choose a folder for the published site alone as `url`"))
    };
    if is_project(folder) {
        return refuse("it is the folder of a project, whose files a deploy would write over");
    }
    let (place, output) = (resolved(folder), resolved(&config.output));
    if place.starts_with(&output) || output.starts_with(&place) {
        return refuse("it is the folder that builds write into, or one above or below it");
    }
    let sources = [&config.content, &config.static_files, &config.templates].map(|folder| resolved(folder));
    match sources.iter().any(|source| place.starts_with(source) || source.starts_with(&place)) {
        true => refuse("it mixes with the project's sources"),
        false => Ok(()),
    }
}

/// Whether a project lies in `folder`: its settings, or the records of its builds.
fn is_project(folder: &Path) -> bool {
    let records = fs::read_dir(folder.join(FOLDER)).into_iter().flatten().flatten();
    let is_state = |name: &Path| name.extension().is_some_and(|ending| ending == "sqlite");
    folder.join(FILE_NAME).exists() || records.into_iter().any(|entry| is_state(Path::new(&entry.file_name())))
}

/// A deploy that is about to begin.
pub struct Preconditions<'a> {
    pub config: &'a Config,
    pub named: NamedTarget<'a>,
    pub options: &'a Options,
    pub store: &'a Store,
    pub snapshot: &'a TargetSnapshot,
}

/// The findings of the checks that were passed.
pub struct Passed {
    /// Things that are most likely wrong.
    pub warnings: Vec<String>,
    /// The files of others that a first deploy writes over.
    pub written_over: Vec<String>,
    /// The time of the commit that was built.
    pub committed: Option<i64>,
}

fn refusal(message: String, hint: impl Into<String>) -> Error {
    Error::new(ErrorKind::Output, message).with_hint(hint)
}

impl Preconditions<'_> {
    /// Checks all.
    ///
    /// # Errors
    /// The first refusal.
    pub async fn check(&self, site: &Inventory) -> Result<Passed> {
        let &Preconditions { config, named: NamedTarget { target, .. }, options, store, snapshot, .. } = self;
        self.check_base_url(&site.base_url).await?;
        self.check_strangers().await?;
        let written_over = match snapshot.is_first() && options.adopt {
            true => strangers::written_over(store, &site.artifacts).await?,
            false => vec![],
        };
        let (live, goal) = (snapshot.live(), &site.artifacts);
        let mut passed = Passed { warnings: vec![], written_over, committed: None };
        if snapshot.shows(goal) {
            return Ok(passed);
        }
        passed.warnings.extend(prefix_warning(target, &site.base_url));
        let log = match snapshot.state {
            Some(_) => PublicationLog::read(store).await?,
            None => PublicationLog::default(),
        };
        passed.committed = site.last.commit.as_ref().and_then(|commit| lineage::time_of(&config.root, commit));
        let lineage = self.lineage(site.last.commit.as_deref(), passed.committed);
        // After a build that could not build everything the scans are the first thing to look at.
        let is_poor = site.last.end == BuildEnd::WithFailures || !goal.keys().any(|path| is_manifest(path));
        if is_poor {
            self.check_shrink(site, &live, &log)?;
        }
        self.check_identity(&live, lineage, |live| shares(live, goal))?;
        let (live, log, withdrawn) = (&live, &log, &site.last.withdrawn);
        let may_remove = self.options.allow_shrink > 0;
        self.check_stale(|published| stale::Comparison { published, lineage, log, live, goal, withdrawn, may_remove })?;
        self.check_shrink(site, live, log)?;
        self.check_retired(site, live)?;
        Ok(passed)
    }

    /// The same before images are put while the site is being built: what is there must be this project's.
    pub async fn check_place_of_images(&self) -> Result<()> {
        self.check_base_url(&self.config.base_url).await?;
        self.check_strangers().await
    }

    /// Before the first image is put: what is there must be this project's, and no older commit may write over it. What a
    /// build takes back otherwise shows when it is complete. `is_shared`: whether an image with this id is one of the site.
    pub fn check_before_images(&self, is_shared: impl Fn(&str) -> bool) -> Result<()> {
        let (live, commit) = (self.snapshot.live(), revision::head(&self.config.root));
        let time = commit.as_ref().and_then(|commit| lineage::time_of(&self.config.root, commit));
        let lineage = self.lineage(commit.as_deref(), time);
        let shares = |live: &Artifacts| live.iter().any(|(path, one)| image_id(path, one).is_some_and(&is_shared));
        self.check_identity(&live, lineage, shares)?;
        let (log, withdrawn) = (PublicationLog::default(), Withdrawn::default());
        let (live, goal) = (&live, &live);
        self.check_stale(|published| stale::Comparison {
            published,
            lineage,
            log: &log,
            live,
            goal,
            withdrawn: &withdrawn,
            may_remove: false,
        })
    }

    async fn check_base_url(&self, built: &BaseUrl) -> Result<()> {
        let NamedTarget { name, target } = self.named;
        if let Some(wanted) = &target.base_url {
            return match wanted == built {
                true => Ok(()),
                false => Err(refusal(
                    format!("the site was built for {}, and the target {name} is {}", built.as_str(), wanted.as_str()),
                    format!(
                        "build it for this target: `iiif-build build --target {name}` (with --documents if images need not be made)"
                    ),
                )),
            };
        }
        match self.snapshot.base_url(self.store).await? {
            Some(before) if before != built.as_str() => Err(refusal(
                format!("the site was built for {}, and the target shows one for {before}", built.as_str()),
                format!(
                    "build it with --base-url {before}; if the address of the target has changed, set `base-url` to the new one below [deploy.{name}]"
                ),
            )),
            None if self.config.base_url_is_set && self.config.base_url != *built => Err(refusal(
                format!(
                    "the site was built for {}, and `base-url` is {}",
                    built.as_str(),
                    self.config.base_url.as_str()
                ),
                format!("build it again, or set `base-url` below [deploy.{name}]").to_owned(),
            )),
            _ => Ok(()),
        }
    }

    async fn check_strangers(&self) -> Result<()> {
        match self.snapshot.is_first() && !self.options.adopt {
            true => strangers::refuse(self.store).await,
            false => Ok(()),
        }
    }

    fn lineage(&self, commit: Option<&str>, time: Option<i64>) -> Lineage {
        let Some(published) = self.snapshot.published() else { return Lineage::Unknown };
        let Some((ours, theirs)) = commit.zip(published.commit.as_deref()) else { return Lineage::Unknown };
        let ours = Dated { commit: ours, time };
        lineage::lineage(&self.config.root, ours, Dated { commit: theirs, time: published.committed })
    }

    /// What this copy of the project remembers of this target.
    fn note(&self) -> Option<Note> {
        let site = self.snapshot.site()?;
        Note::read(&self.config.root, self.named.name).filter(|note| note.site == site.id)
    }

    /// Refuses the site of another project.
    fn check_identity(&self, live: &Artifacts, lineage: Lineage, shares: impl Fn(&Artifacts) -> bool) -> Result<()> {
        let Some(theirs) = self.snapshot.site().filter(|_| !self.options.adopt) else { return Ok(()) };
        let is_empty = !live.iter().any(|(path, one)| is_manifest(path) || image_id(path, one).is_some());
        let is_ours = self.note().is_some() || self.snapshot.is_continued();
        if is_empty || is_ours || lineage == Lineage::Descends || shares(live) {
            return Ok(());
        }
        let last = self.snapshot.published().map(|last| format!(", published {}", last.in_words())).unwrap_or_default();
        Err(refusal(
            format!(
                "the target shows the site of another project, {:?} at {}{last}: all of it would be taken away",
                theirs.title, theirs.base_url
            ),
            "choose another place for this project; if it is the same project, or to replace the other one, say --adopt",
        ))
    }

    fn check_stale<'c>(&'c self, comparison: impl FnOnce(&'c Publication) -> stale::Comparison<'c>) -> Result<()> {
        let Some(published) = self.snapshot.published().filter(|_| !self.options.from_stale) else { return Ok(()) };
        if self.note().is_some_and(|note| note.publications.contains(&published.id)) {
            return Ok(());
        }
        comparison(published).refusal().map_or(Ok(()), Err)
    }

    fn check_shrink(&self, site: &Inventory, live: &Artifacts, log: &PublicationLog) -> Result<()> {
        let was_unnamed = log.left_unnamed();
        let (goal, last) = (&site.artifacts, &site.last);
        let loss = shrink::Comparison { live, was_unnamed: &was_unnamed, goal, last }.loss();
        let NamedTarget { name, target } = self.named;
        if loss.number() <= self.options.allow_shrink || !loss.needs_a_word(target.max_shrink.0.into()) {
            return Ok(());
        }
        let number = loss.number();
        Err(refusal(
            format!("the deploy would take away {}, and nobody withheld them; nothing was written", loss.in_words()),
            format!(
                "are all scans there, and did the build end without errors? If they are to go, say --allow-shrink {number}; \
                 `max-shrink` below [deploy.{name}] says how much may go unasked"
            ),
        ))
    }

    /// Refuses to retire more files than the target allows to delete.
    fn check_retired(&self, site: &Inventory, live: &Artifacts) -> Result<()> {
        let NamedTarget { name, target } = self.named;
        let goal = &site.artifacts;
        let retired = live.iter().filter(|(path, artifact)| goal.get(*path) != Some(*artifact));
        let retired = retired.filter(|(path, _)| !site.last.withdrawn.holds(path));
        let files: u64 = retired.map(|(path, artifact)| artifact.leftover(path, goal).len() as u64).sum();
        if files <= target.max_delete {
            return Ok(());
        }
        let most = target.max_delete;
        Err(refusal(
            format!("the deploy would retire {files} files, more than `max-delete` ({most}); nothing was written"),
            format!("if that is meant, set `max-delete = {files}` below [deploy.{name}] for this deploy"),
        ))
    }
}

/// Whether two sites have an image or a Manifest in common. Other files, such as scripts, are the same in all sites.
fn shares(live: &Artifacts, goal: &Artifacts) -> bool {
    let is_content = |path: &str, artifact: &Artifact| is_manifest(path) || image_id(path, artifact).is_some();
    let is_same = |path, live: &Artifact| goal.get(path).is_some_and(|goal| goal == live || live.is_unmade());
    live.iter().any(|(path, artifact)| is_content(path, artifact) && is_same(path, artifact))
}

/// A warning if the path of the site's address is not where its files lie in the bucket. Behind a CDN that adds a path it
/// may be right: a `base-url` of the target says that somebody has thought of it.
fn prefix_warning(target: &Target, base_url: &BaseUrl) -> Option<String> {
    let Destination::Bucket(Bucket { name, prefix, .. }) = &target.url else { return None };
    let path = base_url.path().trim_matches('/');
    // Some stores are read with the bucket's name in the path.
    let with_name = format!("{name}/{prefix}");
    if target.base_url.is_some() || path == prefix || path == with_name.trim_end_matches('/') {
        return None;
    }
    Some(format!(
        "the site's address {} has the path {:?}, and its files are put below {:?}: readers find them only if the host \
         adds that path; `base-url` in the target's settings says that it does",
        base_url.as_str(),
        format!("/{path}"),
        format!("/{prefix}")
    ))
}

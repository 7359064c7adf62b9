//! SCAN and PROBE together, their findings in the content, and the plan that follows from them.

mod copies;
mod duplicates;
mod fixity;
mod odd_sizes;
pub mod probe;
mod watermarks;

use crate::build::last_good::LastGood;
use crate::build::plan::{self, Headers, Plan};
use crate::build::progress::{Observer, Stage};
use crate::build::stages::Stages;
use crate::build::threads::{SCAN_STACK, thread_pool};
use crate::build::worker::Worker;
use crate::config::{Config, Scope};
use crate::diagnostics::{Code, Diagnostic};
use crate::documents::render::theme::Theme;
use crate::error::{Error, ErrorKind, Result};
use crate::input::content::{self, Scanned};
use crate::input::source::ContentSource;
use crate::model::{Catalog, ContentFile, FileRole, Ignored, WithheldAddress};
use crate::storage::state::PreviousBuild;
use probe::Prober;
use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

/// The result of [`plan()`].
#[non_exhaustive]
pub struct Planned {
    /// The site that a build would make.
    pub plan: Plan,
    /// Every file of the content folder. Empty if they were not to be listed.
    pub files: Vec<PlannedFile>,
    /// The number of files in the content folder.
    pub all_files: usize,
    /// How many of them are not used.
    pub unused_files: usize,
    /// Files that are not part of the site.
    pub ignored: Vec<Ignored>,
    /// Warnings and notes about content and settings.
    pub diagnostics: Vec<Diagnostic>,
    /// The reasons why files and items cannot be built; a build leaves them out.
    pub failures: Vec<Error>,
}

/// A file of the content folder.
#[non_exhaustive]
pub struct PlannedFile {
    /// Its path, and its role in the site.
    pub file: ContentFile,
    /// Indices of its images in [`Plan::images`].
    pub images: Vec<usize>,
}

/// Works out the files that a build of an empty output folder would make; writes nothing.
///
/// # Errors
/// Settings, metadata or a watermark that stop a build before it writes anything. Failures of one file or item only are
/// in [`Planned::failures`].
pub fn plan(config: &Config, observer: &dyn Observer) -> Result<Planned> {
    plan_and_list(config, true, observer)
}

/// The same as [`plan()`]. Very many files take much memory if they are listed.
///
/// # Errors
/// Those of [`plan()`].
pub fn plan_and_list(config: &Config, lists_files: bool, observer: &dyn Observer) -> Result<Planned> {
    let (pool, worker) = (thread_pool(config.resources.jobs, SCAN_STACK)?, Worker::new(&config.resources, None)?);
    let mut stages = Stages::new(observer);
    let source = ContentSource::open(config)?;
    let prober = Prober { config, source: &source, worker: &worker, previous: &PreviousBuild::default() };
    let survey = Survey::of(&prober, &pool, &mut stages)?;
    let list = || content::inventory(&survey.scanned, &survey.failures);
    let files = if lists_files { list() } else { vec![] };
    let (all_files, unused_files) = match lists_files {
        true => (files.len(), files.iter().filter(|file| file.role == FileRole::Ignored).count()),
        false => content::count(&survey.scanned, &survey.failures),
    };
    let ignored = survey.scanned.catalog.ignored.clone();
    let previous = PreviousBuild::default();
    let last_good = LastGood { state: None, previous: &previous, config };
    let (plan, mut failures) = survey.plan(&pool, &last_good, &mut stages)?;
    failures.extend(Theme::load(Some(&config.templates), &config.language).err().into_iter().flatten());
    let files = with_images(files, &plan);
    Ok(Planned { plan, files, all_files, unused_files, ignored, diagnostics: stages.finish().diagnostics, failures })
}

fn with_images(files: Vec<ContentFile>, plan: &Plan) -> Vec<PlannedFile> {
    let mut images = BTreeMap::<&Path, Vec<usize>>::new();
    for (index, image) in plan.images.iter().enumerate() {
        images.entry(&image.master.source).or_default().push(index);
    }
    let planned = |file: ContentFile| {
        let images = file.path.as_deref().and_then(|path| images.remove(path)).unwrap_or_default();
        PlannedFile { file, images }
    };
    files.into_iter().map(planned).collect()
}

/// See the [module](self).
pub struct Survey {
    scanned: Scanned,
    headers: Headers,
    /// Files and items that cannot be built, with the reasons.
    failures: Vec<Error>,
}

impl Survey {
    /// Runs SCAN and PROBE, and reports their findings.
    pub fn of(prober: &Prober<'_>, pool: &rayon::ThreadPool, stages: &mut Stages<'_>) -> Result<Survey> {
        let Prober { config, source, worker, previous } = *prober;
        config.check_features()?;
        if config.checksums && source.is_remote() {
            let refused = Error::new(ErrorKind::Config, "--checksums reads all files, and these are in a bucket");
            return Err(refused.with_hint("check the bags where they are, or copy them into a folder"));
        }
        let mut scanned = stages
            .run(Stage::Scan, 0, |_| pool.install(|| content::scan(config, source, &remembered(config, previous))))?;
        let files = scanned.catalog.items().iter().map(|item| item.image_files().count() as u64).sum();
        let (headers, unreadable) = stages.run(Stage::Probe, files, |stage| {
            let (watermarks, mut failures) = watermarks::probe_all(&mut scanned.catalog, config, source, worker)?;
            let (headers, unreadable) = pool.install(|| prober.probe(&scanned.catalog, stage));
            failures.extend(unreadable);
            Ok((Headers { watermarks, ..headers }, failures))
        })?;
        let published = LazyCell::new(|| published(previous));
        let is_published = |path: &Path| published.contains(config.relative(path).as_str());
        let (mut found, unreadable) = copies::settle(&mut scanned.catalog, &headers, unreadable, &is_published);
        let items = scanned.catalog.items();
        found.extend(odd_sizes::find(&items, &headers));
        found.extend(pool.install(|| duplicates::find(&items, &headers, config, source, previous)));
        drop(items);
        let mut failures = std::mem::take(&mut scanned.failures);
        failures.extend(unreadable);
        if config.checksums {
            let checked = pool.install(|| fixity::check(&scanned.bags()));
            found.extend(checked.diagnostics);
            failures.extend(checked.failures);
        }
        // Only a strict build is certainly meant for publication.
        if config.strict && !config.base_url_is_set {
            found.push(Diagnostic::no_base_url(config.base_url.as_str()));
        }
        let catalog = &mut scanned.catalog;
        let found = found.into_iter().map(|diagnostic| catalog.accepted.apply_accept(diagnostic)).collect::<Vec<_>>();
        stages.found(std::mem::take(&mut catalog.diagnostics).into_iter().chain(found).collect());
        Ok(Survey { scanned, headers, failures })
    }

    /// Files and folders that are withheld, and those that are junk: what was published of them goes at once.
    pub fn withheld(&self) -> Vec<PathBuf> {
        let Catalog { withheld, ignored, .. } = &self.scanned.catalog;
        let junk = ignored.iter().filter(|ignored| ignored.code == Code::Junk).map(|ignored| &ignored.path);
        withheld.iter().chain(junk).cloned().collect()
    }

    /// The addresses that they would have, as far as their paths do not show them.
    pub fn withheld_addresses(&self) -> &[WithheldAddress] {
        &self.scanned.catalog.withheld_addresses
    }

    /// Whether nothing can be built, because the description of the site as a whole has a mistake.
    pub fn is_refused(&self) -> bool {
        self.scanned.is_refused
    }

    /// Runs PLAN; returns also everything that cannot be built.
    pub fn plan(
        self,
        pool: &rayon::ThreadPool,
        last_good: &LastGood<'_>,
        stages: &mut Stages<'_>,
    ) -> Result<(Plan, Vec<Error>)> {
        let Survey { scanned, headers, mut failures } = self;
        // On a thread of SCAN, whose allocator has the room that SCAN gave back.
        let plan = || plan::plan(scanned.catalog, &headers, last_good);
        let (plan, taken) = stages.run(Stage::Plan, 0, |_| Ok(pool.install(plan)))?;
        failures.extend(taken);
        stages.found(plan.in_doubt.diagnostics());
        Ok((plan, failures))
    }
}

/// The files of which the last build made images.
fn published(previous: &PreviousBuild) -> HashSet<&str> {
    let made = previous.images.values().filter(|record| record.made.is_some());
    made.map(|record| record.source.as_str()).collect()
}

/// Masters that count as being there where only documents are made.
fn remembered<'a>(config: &Config, previous: &'a PreviousBuild) -> BTreeSet<&'a str> {
    let made = previous.images.values().filter(|record| record.made.is_some());
    match config.scope {
        Scope::Documents => made.map(|record| record.source.as_str()).collect(),
        Scope::All | Scope::Items(_) => BTreeSet::new(),
    }
}

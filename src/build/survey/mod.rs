//! SCAN and PROBE together, what the two say of a collection, and the plan that comes of them.

mod duplicates;
mod fixity;
pub mod marks;
mod odd_sizes;
pub mod probe;

use crate::build::plan::{self, Headers, Plan};
use crate::build::progress::{Observer, Stage};
use crate::build::run::{SCAN_STACK, thread_pool};
use crate::build::stages::Stages;
use crate::build::worker::Worker;
use crate::config::{Config, Scope};
use crate::diagnostics::Diagnostic;
use crate::error::{Error, ErrorKind, Result};
use crate::input::content::{self, Scanned};
use crate::input::source::ContentSource;
use crate::model::{ContentFile, Ignored};
use crate::storage::state::PreviousBuild;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What [`plan`] found out.
pub struct Planned {
    pub plan: Plan,
    /// Every file of the content folder.
    pub files: Vec<PlannedFile>,
    /// Files that are not part of the site.
    pub ignored: Vec<Ignored>,
    /// What somebody should know.
    pub diagnostics: Vec<Diagnostic>,
    /// What cannot be built, and why.
    pub failures: Vec<Error>,
}

/// A file of the content folder, and its images by their place in the plan.
pub struct PlannedFile {
    pub file: ContentFile,
    pub images: Vec<usize>,
}

/// Works out what a build would make if nothing were there; writes nothing.
pub fn plan(config: &Config, observer: &dyn Observer) -> Result<Planned> {
    let (pool, worker) = (thread_pool(config.resources.jobs, SCAN_STACK)?, Worker::new(&config.resources, None)?);
    let mut stages = Stages::new(observer);
    let source = ContentSource::open(config)?;
    let survey = Survey::of(config, &PreviousBuild::default(), &source, &pool, &worker, &mut stages)?;
    let files = content::inventory(&survey.scanned, &survey.failures);
    let ignored = survey.scanned.catalog.ignored.clone();
    let (plan, failures) = survey.plan(&mut stages)?;
    let files = with_images(files, &plan);
    Ok(Planned { plan, files, ignored, diagnostics: stages.finish().diagnostics, failures })
}

fn with_images(files: Vec<ContentFile>, plan: &Plan) -> Vec<PlannedFile> {
    let mut images = BTreeMap::<&Path, Vec<usize>>::new();
    for (index, image) in plan.images.iter().enumerate() {
        images.entry(&image.source).or_default().push(index);
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
    /// What cannot be built, and why.
    failures: Vec<Error>,
}

impl Survey {
    /// Runs SCAN and PROBE, and tells what was found.
    pub fn of(
        config: &Config,
        known: &PreviousBuild,
        source: &ContentSource,
        pool: &rayon::ThreadPool,
        worker: &Worker,
        stages: &mut Stages<'_>,
    ) -> Result<Survey> {
        if config.checksums && source.is_remote() {
            let refused = Error::new(ErrorKind::Config, "--checksums reads all files, and these are in a bucket");
            return Err(refused.with_hint("check the bags where they are, or copy them into a folder"));
        }
        let mut scanned = stages
            .run(Stage::Scan, 0, |_| pool.install(|| content::scan(config, source, &remembered(config, known))))?;
        let items = scanned.catalog.items();
        let files = items.iter().map(|item| item.image_files().count() as u64).sum();
        let (headers, unreadable) = stages.run(Stage::Probe, files, |stage| {
            let marks = marks::probe(&scanned.catalog, config, source, worker)?;
            let (headers, unreadable) =
                pool.install(|| probe::probe(&scanned.catalog, config, known, (source, worker), stage));
            Ok((Headers { marks, ..headers }, unreadable))
        })?;
        let mut found = odd_sizes::find(&items, &headers);
        found.extend(pool.install(|| duplicates::find(&items, &headers, config, source, known)));
        drop(items);
        let mut failures = std::mem::take(&mut scanned.failures);
        failures.extend(unreadable);
        if config.checksums {
            let checked = pool.install(|| fixity::check(&scanned.bags()));
            found.extend(checked.diagnostics);
            failures.extend(checked.failures);
        }
        // Only what is strict is sure to be published.
        if config.strict && !config.base_url_is_set {
            found.push(Diagnostic::no_base_url(config.base_url.as_str()));
        }
        let catalog = &mut scanned.catalog;
        let found = found.into_iter().map(|diagnostic| catalog.accepted.apply_accept(diagnostic)).collect::<Vec<_>>();
        stages.found(std::mem::take(&mut catalog.diagnostics).into_iter().chain(found).collect());
        Ok(Survey { scanned, headers, failures })
    }

    /// Files and folders that a description withholds.
    pub fn withheld(&self) -> &[PathBuf] {
        &self.scanned.catalog.withheld
    }

    /// Runs PLAN; answers also all that cannot be built.
    pub fn plan(self, stages: &mut Stages<'_>) -> Result<(Plan, Vec<Error>)> {
        let Survey { scanned, headers, mut failures } = self;
        let (plan, taken) = stages.run(Stage::Plan, 0, |_| Ok(plan::plan(scanned.catalog, &headers)))?;
        failures.extend(taken);
        Ok((plan, failures))
    }
}

/// Masters that count as being there where only documents are made.
fn remembered<'a>(config: &Config, known: &'a PreviousBuild) -> BTreeSet<&'a str> {
    let made = known.images.values().filter(|record| record.made.is_some());
    match config.scope {
        Scope::Documents => made.map(|record| record.source.as_str()).collect(),
        Scope::All | Scope::Items(_) => BTreeSet::new(),
    }
}

//! The build: a list of stages, each a function from values to values.
//!
//! SCAN → PROBE → PLAN → COMPARE → TILE → LINK → DESCRIBE → RENDER → PUBLISH. Threads exist only inside PROBE, COMPARE,
//! TILE, LINK, DESCRIBE and RENDER. What the last build made of the same is left as it is.

mod compare;
mod discovery;
mod documents;
mod history;
mod marks;
mod memory;
mod probe;
mod publish;
mod queue;
mod report;
mod single;
mod stages;
mod statics;
mod texts;
mod tile;
mod twins;
mod worker;

pub use report::{Report, StageTime};
pub use single::{SingleImage, tile_file};
pub use worker::serve as serve_worker;

use worker::Worker;

use crate::config::{Config, Scope};
use crate::content;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Ignored;
use crate::output::Directory;
use crate::plan::{self, Headers, Plan};
use crate::progress::{Observer, Stage};
use crate::render::theme::Theme;
use crate::state::{Known, State};
use documents::{Documents, ImageChanges};
use publish::{Absent, Stale};
use stages::Stages;
use statics::Statics;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Builds the whole site. One bad image never stops the others: it is in the report's failures. An error is returned
/// when the build cannot go on, before anything is written if settings, metadata or templates are at fault.
pub fn build(config: &Config, observer: &dyn Observer) -> Result<Report> {
    publish::check_output(config)?;
    let theme = Theme::load(Some(&config.templates))?;
    let pool = thread_pool(config.resources.jobs)?;
    let mut stages = Stages::new(observer);
    let (state, known, warning) = State::open(&config.root, &config.output)?;
    warning.iter().for_each(|text| stages.warn(text));

    let worker = Worker::new(&config.resources, Some(state.lock().again()?))?;
    let planned = plan_with(config, &known, &pool, &worker, &mut stages)?;
    let Planned { plan, failures, withheld, .. } = planned;
    let absent = Absent::of(&failures, &withheld, config);
    stages.fail_all(failures);

    let directory = Directory::open(&config.output)?;
    let run = Run { config, known: &known, directory: &directory, state: &state };
    check_scope(&plan, &run)?;
    publish::check_content(&plan, &absent, &run)?;
    publish::clean_up(&plan, &run)?;
    let Plan { site, images, files } = plan;
    let statics = Statics::gather(&config.static_files, files)?;
    let compared = stages.run(Stage::Compare, images.len() as u64, |stage| {
        Ok(pool.install(|| compare::compare(&images, &run, stage)))
    })?;
    let changed_items = compared.items();
    compared.note(&changed_items, &run)?;
    let is_deferred = config.defer_beyond.is_some_and(|pixels| compared.pixels() > pixels);
    let deferred = if is_deferred { compared.ids() } else { BTreeSet::new() };
    let failed = match is_deferred {
        true => BTreeSet::new(),
        false => stages.run(Stage::Tile, compared.pixels(), |stage| tile::tile(&compared.due, &run, &worker, stage))?,
    };
    if !compared.unlinked.is_empty() {
        let unlinked = &compared.unlinked;
        stages
            .run(Stage::Link, unlinked.len() as u64, |stage| pool.install(|| twins::link_all(unlinked, &run, stage)))?;
    }

    let site = site.without(&failed).without(&compared.left_out);
    let shelves = site.shelves();
    let changes = ImageChanges { items: changed_items, deferred: &deferred };
    let documents = pool.install(|| Documents::compare(&site, &shelves, &theme, &statics, changes, &run));
    documents.note()?;
    let stale = Stale::of(&documents, &statics, &images, &absent, &run);
    stale.clear_the_way(&directory)?;
    let [to_describe, to_render] = documents.counts();
    stages.run(Stage::Describe, to_describe, |stage| pool.install(|| documents.describe(stage)))?;
    stages.run(Stage::Render, to_render, |stage| pool.install(|| documents.render(stage)))?;
    stages.run(Stage::Publish, 0, |stage| pool.install(|| publish::publish(&documents, &stale, &run, stage)))?;
    Ok(Report { deferred, ..stages.finish() })
}

/// Refuses to do nothing where somebody expects something.
fn check_scope(plan: &Plan, run: &Run<'_>) -> Result<()> {
    let refuse = |why: String, hint: &str| Err(Error::new(ErrorKind::Config, why).with_hint(hint));
    match &run.config.scope {
        Scope::Documents if run.known.images.values().all(|record| record.made.is_none()) => {
            refuse("nothing is known of any image".into(), "build once without --documents, while the masters are here")
        }
        Scope::Items(ids) => {
            let known: BTreeSet<&str> = plan.images.iter().map(|image| image.item.0.as_str()).collect();
            match ids.iter().find(|id| !known.contains(id.as_str())) {
                Some(id) => refuse(format!("there is no item {id:?}"), "`iiif-build plan` lists all ids"),
                None => Ok(()),
            }
        }
        Scope::All | Scope::Documents => Ok(()),
    }
}

/// What the stages of one build share.
struct Run<'a> {
    config: &'a Config,
    /// What earlier builds left.
    known: &'a Known,
    directory: &'a Directory,
    state: &'a State,
}

impl Run<'_> {
    /// Whether documents are not believed to be as they were written until they are made again and compared.
    fn doubts_documents(&self) -> bool {
        self.config.verify || self.known.doubtful_from.is_some()
    }
}

/// What [`plan`] found out.
pub struct Planned {
    pub plan: Plan,
    /// Files that are not part of the site.
    pub ignored: Vec<Ignored>,
    /// Those of them that are withheld.
    pub withheld: Vec<PathBuf>,
    /// What cannot be built, and why.
    pub failures: Vec<Error>,
}

/// Works out what a build would make if nothing were there; writes nothing.
pub fn plan(config: &Config, observer: &dyn Observer) -> Result<Planned> {
    let (pool, worker) = (thread_pool(config.resources.jobs)?, Worker::new(&config.resources, None)?);
    plan_with(config, &Known::default(), &pool, &worker, &mut Stages::new(observer))
}

fn plan_with(
    config: &Config,
    known: &Known,
    pool: &rayon::ThreadPool,
    worker: &Worker,
    stages: &mut Stages<'_>,
) -> Result<Planned> {
    let (catalog, mut failures) = stages.run(Stage::Scan, 0, |_| content::scan(config, &remembered(config, known)))?;
    let files = catalog.items().iter().map(|item| item.image_files().count() as u64).sum();
    let (headers, unreadable) = stages.run(Stage::Probe, files, |stage| {
        let marks = marks::probe(&catalog, config, worker)?;
        let (headers, unreadable) = pool.install(|| probe::probe(&catalog, config, known, worker, stage));
        Ok((Headers { marks, ..headers }, unreadable))
    })?;
    failures.extend(unreadable);
    catalog.warnings.iter().for_each(|text| stages.warn(text));
    let (ignored, withheld) = (catalog.ignored.clone(), catalog.withheld.clone());
    let (plan, taken) = stages.run(Stage::Plan, 0, |_| Ok(plan::plan(catalog, &headers)))?;
    failures.extend(taken);
    Ok(Planned { plan, ignored, withheld, failures })
}

/// Masters that count as being there where only documents are made.
fn remembered<'a>(config: &Config, known: &'a Known) -> BTreeSet<&'a str> {
    let made = known.images.values().filter(|record| record.made.is_some());
    match config.scope {
        Scope::Documents => made.map(|record| record.source.as_str()).collect(),
        Scope::All | Scope::Items(_) => BTreeSet::new(),
    }
}

fn thread_pool(jobs: usize) -> Result<rayon::ThreadPool> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build();
    pool.map_err(|error| Error::new(ErrorKind::Internal, format!("cannot start threads: {error}")))
}

//! The build: a list of stages, each a function from values to values.
//!
//! SCAN → PROBE → PLAN → TILE → DESCRIBE → RENDER → PUBLISH. Threads exist only inside PROBE, TILE and RENDER.

mod memory;
mod probe;
mod publish;
mod report;
mod single;
mod stages;
mod tile;
mod worker;

pub use report::{Report, StageTime};
pub use single::{SingleImage, tile_file};
pub use worker::serve as serve_worker;

use worker::Worker;

use crate::config::Config;
use crate::content;
use crate::error::{Error, ErrorKind, Result};
use crate::iiif;
use crate::model::Ignored;
use crate::output::Directory;
use crate::plan::{self, Plan};
use crate::progress::{Observer, Stage};
use crate::render::{self, theme::Theme};
use stages::Stages;

/// Builds the whole site. One bad image never stops the others: it is in the report's failures. An error is returned
/// when the build cannot go on, before anything is written if settings, metadata or templates are at fault.
pub fn build(config: &Config, observer: &dyn Observer) -> Result<Report> {
    publish::check_output(config)?;
    let theme = Theme::load(Some(&config.templates))?;
    let pool = thread_pool(config.resources.jobs)?;
    let mut stages = Stages::new(observer);

    let worker = Worker::new(&config.resources)?;
    let planned = plan_with(config, &pool, &worker, &mut stages)?;
    let Planned { plan, failures, .. } = planned;
    stages.fail_all(failures);

    let directory = Directory::open(&config.output)?;
    let before = publish::begin(config, &plan)?;
    let failed =
        stages.run(Stage::Tile, plan.pixels(), |stage| tile::tile(&plan.images, config, &worker, &directory, stage))?;
    let site = plan.site.without(&failed);
    let mut documents = stages.run(Stage::Describe, 0, |_| Ok(iiif::describe(&site, &config.base_url)))?;
    let settings = render::Settings { base_url: &config.base_url, title: &config.title, language: &config.language };
    documents.extend(stages.run(Stage::Render, 0, |_| pool.install(|| render::render(&site, &theme, settings)))?);
    stages.run(Stage::Publish, documents.len() as u64, |stage| {
        publish::publish(documents, before, config, &directory, stage)
    })?;
    Ok(stages.finish())
}

/// What [`plan`] found out.
pub struct Planned {
    pub plan: Plan,
    /// Files that are not part of the site.
    pub ignored: Vec<Ignored>,
    /// What cannot be built, and why.
    pub failures: Vec<Error>,
}

/// Works out what a build would do; writes nothing.
pub fn plan(config: &Config, observer: &dyn Observer) -> Result<Planned> {
    let (pool, worker) = (thread_pool(config.resources.jobs)?, Worker::new(&config.resources)?);
    plan_with(config, &pool, &worker, &mut Stages::new(observer))
}

fn plan_with(config: &Config, pool: &rayon::ThreadPool, worker: &Worker, stages: &mut Stages<'_>) -> Result<Planned> {
    let (catalog, mut failures) = stages.run(Stage::Scan, 0, |_| content::scan(config))?;
    let files = catalog.items().iter().map(|item| item.files.len() as u64).sum();
    let (headers, unreadable) =
        stages.run(Stage::Probe, files, |stage| Ok(pool.install(|| probe::probe(&catalog, worker, stage))))?;
    failures.extend(unreadable);
    let ignored = catalog.ignored.clone();
    let (plan, taken) = stages.run(Stage::Plan, 0, |_| Ok(plan::plan(catalog, &headers)))?;
    failures.extend(taken);
    Ok(Planned { plan, ignored, failures })
}

fn thread_pool(jobs: usize) -> Result<rayon::ThreadPool> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build();
    pool.map_err(|error| Error::new(ErrorKind::Internal, format!("cannot start threads: {error}")))
}

//! The build: a list of stages, each a function from values to values.
//!
//! SCAN → PROBE → PLAN → COMPARE → TILE → LINK → DESCRIBE → RENDER → PUBLISH. Threads exist only inside SCAN, PROBE, COMPARE,
//! TILE, LINK, DESCRIBE and RENDER. What the last build made of the same is left as it is.

mod documents;
mod image_sink;
mod images;
pub mod plan;
pub mod progress;
mod publish;
mod report;
mod run;
mod stages;
mod survey;
mod worker;

pub use image_sink::{ImageSink, PendingImage};
pub use images::{SingleImage, tile_file};
pub use report::{Report, StageTime};
pub use survey::{Planned, PlannedFile, plan};
pub use worker::serve as serve_worker;

use documents::{Documents, ImageChanges, Statics};
use images::{compare, image2_links, tile};
use run::{Run, SCAN_STACK, thread_pool};
use survey::Survey;
use worker::Worker;

use crate::build::plan::Plan;
use crate::build::progress::{Observer, Stage};
use crate::config::{Config, Scope};
use crate::diagnostics::{Code, Diagnostic};
use crate::documents::render::theme::Theme;
use crate::error::{Error, ErrorKind, Result};
use crate::input::source::ContentSource;
use crate::storage::output::Directory;
use crate::storage::state::State;
use publish::{Stale, UnavailableSources};
use stages::Stages;
use std::collections::BTreeSet;

/// Builds the whole site. One bad image never stops the others: it is in the report's failures. An error is returned
/// when the build cannot go on, before anything is written if settings, metadata or templates are at fault. A strict
/// build writes nothing where PLAN leaves a warning or a failure.
pub fn build(config: &Config, observer: &dyn Observer) -> Result<Report> {
    build_with(config, None, observer)
}

/// The same, while `sink` takes the images away.
pub fn build_with(config: &Config, sink: Option<&dyn ImageSink>, observer: &dyn Observer) -> Result<Report> {
    publish::check_output(config)?;
    build_from(&ContentSource::open(config)?, config, sink, observer)
}

/// The same where the content of `config` is read from `source`.
pub fn build_from(
    source: &ContentSource,
    config: &Config,
    sink: Option<&dyn ImageSink>,
    observer: &dyn Observer,
) -> Result<Report> {
    publish::check_output(config)?;
    let theme = Theme::load(Some(&config.templates))?;
    let pool = thread_pool(config.resources.jobs, SCAN_STACK)?;
    let mut stages = Stages::new(observer);
    let (state, known, warning) = State::open(&config.root, &config.output)?;
    stages.found(warning.map(|text| Diagnostic::new(Code::StateLost, text)).into_iter().collect());

    let worker = Worker::new(&config.resources, Some(state.lock().again()?))?;
    let survey = Survey::of(config, &known, source, &pool, &worker, &mut stages)?;
    let withheld = survey.withheld().to_vec();
    let (plan, failures) = survey.plan(&mut stages)?;
    let absent = UnavailableSources::of(&failures, &withheld, config);
    stages.fail_all(failures);
    if config.strict && !stages.is_clean() {
        absent.tell_of_public(&known, &mut stages);
        return Ok(Report { refused: true, ..stages.finish() });
    }

    let directory = Directory::open(&config.output)?;
    let run = Run { config, source, known: &known, directory: &directory, state: &state, sink };
    check_scope(&plan, &run)?;
    publish::check_content(&plan, &absent, &run)?;
    publish::clean_up(&plan, &run)?;
    let Plan { site, images, files } = plan;
    let statics = Statics::gather(&config.static_files, files, source)?;
    let compared = stages.run(Stage::Compare, images.len() as u64, |stage| {
        Ok(pool.install(|| compare::compare(&images, &run, stage)))
    })?;
    let changed_items = compared.items();
    compared.announce(&run)?;
    compared.note(&changed_items, &run)?;
    let is_deferred = config.defer_beyond.is_some_and(|pixels| compared.pixels() > pixels);
    let deferred = if is_deferred { compared.ids() } else { BTreeSet::new() };
    let failed = match is_deferred {
        true => BTreeSet::new(),
        false => stages.run(Stage::Tile, compared.pixels(), |stage| tile::tile(&compared.due, &run, &worker, stage))?,
    };
    if !compared.unlinked.is_empty() {
        let unlinked = &compared.unlinked;
        stages.run(Stage::Link, unlinked.len() as u64, |stage| {
            pool.install(|| image2_links::link_all(unlinked, &run, stage))
        })?;
    }

    let site = site.without(&failed).without(&compared.left_out);
    let nodes = site.nodes();
    let changes = ImageChanges { items: changed_items, deferred: &deferred };
    let documents = pool.install(|| Documents::compare(&site, &nodes, &theme, &statics, changes, &run));
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

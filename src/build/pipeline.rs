//! The whole build, stage by stage.

use super::claim::{self, OutputClaim};
use super::documents::{self, Documents, ImageChanges, Statics};
use super::image_sink::ImageSink;
use super::images;
use super::last_good::LastGood;
use super::plan::Plan;
use super::progress::Observer;
use super::publish::{self, Removals, UnavailableSources};
use super::report::{Refusal, Report};
use super::run::Run;
use super::shards::{self, Freezing, Taken};
use super::stages::Stages;
use super::survey::{Survey, probe::Prober};
use super::texts::TextFiles;
use super::threads::{SCAN_STACK, thread_pool};
use super::worker::Worker;
use crate::config::{Config, Scope};
use crate::diagnostics::{Code, Diagnostic};
use crate::documents::render::theme::Theme;
use crate::error::{Error, ErrorKind, Result};
use crate::input::source::ContentSource;
use crate::storage::output::Directory;
use crate::storage::ownership::Head;
use crate::storage::state::{BuildEnd, PreviousBuild, RunningList, State};
use std::mem;

/// Builds the whole site. One bad image does not stop the others, unless `fail-fast` is set: its error is in
/// [`Report::failures`]. A build writes nothing if templates or the description of the site as a whole have mistakes, or if
/// metadata has some and nothing is published yet; a strict build, if PLAN leaves a warning or a failure ([`Report::refused`]).
///
/// # Errors
/// An error that stops the whole build. If settings, metadata or templates are at fault, nothing has been written into the output; if
/// the disk is full or the build was interrupted, the same build again continues where this one ended.
pub fn build(config: &Config, observer: &dyn Observer) -> Result<Report> {
    build_with(config, None, observer)
}

/// The same as [`build`], while `sink` takes the images away as they are made.
///
/// # Errors
/// Those of [`build`], and those of the sink.
pub fn build_with(config: &Config, sink: Option<&dyn ImageSink>, observer: &dyn Observer) -> Result<Report> {
    publish::check_output(config)?;
    recorded(config, |records| stages(&ContentSource::open(config)?, config, sink, Images::Make, observer, records))
}

/// Writes down, in shards, the images that a build would make. Tasks on other machines make them, then [`finish`] does the rest.
/// Where images are uploaded, `sink` learns which are going to be.
///
/// # Errors
/// Those of [`build`], and the plan cannot be written.
pub fn freeze(
    config: &Config,
    sink: Option<&dyn ImageSink>,
    freezing: &Freezing<'_>,
    observer: &dyn Observer,
) -> Result<Report> {
    freezing.check(config)?;
    publish::check_output(config)?;
    let images = Images::Freeze(freezing);
    recorded(config, |records| stages(&ContentSource::open(config)?, config, sink, images, observer, records))
}

/// Builds the site around the images that tasks on other machines have made. It makes none itself.
///
/// # Errors
/// Those of [`build`]; and an image is due that is not in the plan, because content or settings have changed.
pub fn finish(
    config: &Config,
    sink: Option<&dyn ImageSink>,
    taken: &Taken<'_>,
    observer: &dyn Observer,
) -> Result<Report> {
    publish::check_output(config)?;
    recorded(config, |mut records| {
        taken.note(records.state, &mut records.previous, sink)?;
        stages(&ContentSource::open(config)?, config, sink, Images::Take(taken), observer, records)
    })
}

/// What a build does with the images that are due.
#[derive(Clone, Copy)]
enum Images<'a> {
    Make,
    /// They are written down for others, and the build ends there.
    Freeze(&'a Freezing<'a>),
    /// Others have made them.
    Take(&'a Taken<'a>),
}

/// The same as [`build_with`], where the content of `config` is read from `source`.
///
/// # Errors
/// Those of [`build_with`].
pub fn build_from(
    source: &ContentSource,
    config: &Config,
    sink: Option<&dyn ImageSink>,
    observer: &dyn Observer,
) -> Result<Report> {
    publish::check_output(config)?;
    recorded(config, |records| stages(source, config, sink, Images::Make, observer, records))
}

/// The records of earlier builds, and a warning if they were lost.
struct Records<'a> {
    state: &'a State,
    previous: PreviousBuild,
    warning: Option<String>,
}

/// Opens the records for a build, and notes in them how it ended. A deploy must not take the files of a build that failed
/// for a whole site, even if it failed before its first stage.
fn recorded(config: &Config, build: impl FnOnce(Records<'_>) -> Result<Report>) -> Result<Report> {
    let (state, previous, warning) = State::open(&config.root, &config.output)?;
    let built = build(Records { state: &state, previous, warning });
    let end = match &built {
        Ok(report) if report.refused == Some(Refusal::Strict) => BuildEnd::Refused,
        Ok(report) if report.refused.is_some() => BuildEnd::Failed,
        // PUBLISH noted it together with the last records.
        Ok(_) => return built,
        Err(error) if error.kind() == ErrorKind::Interrupted => BuildEnd::Interrupted,
        Err(_) => BuildEnd::Failed,
    };
    let noted = state.note_end(end);
    built.and_then(|report| noted.map(|()| report))
}

/// The stages that only read, and the checks of what they found; then those that write.
fn stages(
    source: &ContentSource,
    config: &Config,
    sink: Option<&dyn ImageSink>,
    way: Images<'_>,
    observer: &dyn Observer,
    records: Records<'_>,
) -> Result<Report> {
    let Records { state, mut previous, warning } = records;
    let theme = Theme::load(Some(&config.templates), &config.language);
    let pool = thread_pool(config.resources.jobs, SCAN_STACK)?;
    let mut stages = Stages::new(observer);
    stages.found(warning.map(|text| Diagnostic::new(Code::StateLost, text)).into_iter().collect());
    let worker = Worker::new(&config.resources, Some(state.lock().again()?))?;

    let prober = Prober { config, source, worker: &worker, previous: &previous };
    let survey = Survey::of(&prober, &pool, &mut stages)?;
    let (withheld, addresses) = (survey.withheld(), survey.withheld_addresses().to_vec());
    let is_root_wrong = survey.is_refused();
    let last_good = LastGood { state: Some(state), previous: &previous, config };
    let (mut plan, failures) = survey.plan(&pool, &last_good, &mut stages)?;
    let unavailable = UnavailableSources::of(&failures, &plan.in_doubt, &withheld, addresses, config);
    stages.fail_all(failures);
    let theme = theme.and_then(|theme| documents::try_templates(&plan.site, theme, config));
    let theme = theme.map_err(|mistakes| stages.fail_all(mistakes)).ok();
    let claim = claim::of_output(config, &plan, &mut previous)?;
    let statics = pool.install(|| statics(&mut plan, config, source, &previous, &stages));
    let Some(theme) = theme.filter(|_| !is_root_wrong) else {
        return Ok(refused(Refusal::Site, &plan, &unavailable, &previous, stages));
    };
    if is_worse(&plan, &previous, config) {
        return Ok(refused(Refusal::Metadata, &plan, &unavailable, &previous, stages));
    }
    if config.strict && !stages.is_clean() {
        return Ok(refused(Refusal::Strict, &plan, &unavailable, &previous, stages));
    }
    publish::check(&plan, &unavailable, &previous, config)?;

    let list = RunningList::new(state, &config.output, Head::of(config));
    let directory = Directory::open(&config.output, || list.open())?;
    let _lock = claim.lock(config)?;
    let (previous, directory) = (&previous, &directory);
    let texts = TextFiles::of(source);
    let run = Run { config, source, texts, previous, directory, state, list: &list, sink, pool: &pool };
    let checked = Checked { plan, statics, unavailable, claim, theme, worker };
    write(checked, way, &run, stages).map_err(Error::after_writing)
}

/// Whether mistakes in metadata would make a worse site than the one there is. Where an earlier build published something, they
/// do not: what has a mistake stays as it was.
fn is_worse(plan: &Plan, previous: &PreviousBuild, config: &Config) -> bool {
    !config.keep_going && previous.documents.is_empty() && plan.in_doubt.is_new
}

/// The report of a build that writes nothing.
fn refused(
    why: Refusal,
    plan: &Plan,
    unavailable: &UnavailableSources,
    previous: &PreviousBuild,
    mut stages: Stages<'_>,
) -> Report {
    unavailable.report_public(plan, previous, &mut stages);
    Report { refused: Some(why), ..stages.finish() }
}

/// The files of the project that are published as they are.
fn statics(
    plan: &mut Plan,
    config: &Config,
    source: &ContentSource,
    previous: &PreviousBuild,
    stages: &Stages<'_>,
) -> Statics {
    let Plan { site, images, files, in_doubt } = plan;
    let (files, kept) = (mem::take(files), mem::take(&mut in_doubt.files));
    let mut statics = Statics::gather(&config.static_files, files, kept, source, previous, stages);
    stages.found(statics.settle(documents::addresses(site, images, config)));
    stages.fail_all(statics.take_failures());
    statics
}

/// What was checked before anything is written.
struct Checked {
    plan: Plan,
    statics: Statics,
    unavailable: UnavailableSources,
    claim: OutputClaim,
    theme: Theme,
    worker: Worker,
}

/// The stages that write.
fn write(checked: Checked, way: Images<'_>, run: &Run<'_>, mut stages: Stages<'_>) -> Result<Report> {
    let Checked { plan, statics, unavailable, claim, theme, worker } = checked;
    publish::clean_up(&plan, run)?;
    claim.note(run, &mut stages)?;
    unavailable.report_unknown(&plan, run.previous, &mut stages);
    let Plan { site, images, .. } = plan;
    if let Images::Take(taken) = way {
        taken.describe(&images, run)?;
    }
    let compared = images::compare(&images, run, &mut stages)?;
    let tiled = match way {
        Images::Make => images::tile(&compared, &worker, run, &mut stages)?,
        Images::Take(taken) => taken.tiled(&compared, run, &mut stages)?,
        Images::Freeze(freezing) => return frozen(&compared, freezing, run, stages),
    };
    images::link(&compared.unlinked, run, &mut stages)?;

    let site = site.without(&tiled.failed).without(&compared.left_out);
    let site = if run.sink.is_some() { site.without_cards() } else { site };
    let (site, bound) = documents::bind(site, &statics, &tiled, run, &mut stages)?;
    let nodes = site.nodes();
    let changes = ImageChanges { items: compared.items(), deferred: &tiled.deferred };
    let documents = Documents::compare(&site, &nodes, &theme, &statics, changes, run);
    documents.note()?;
    let removals = Removals::of(&documents, &statics, &bound, &images, &unavailable, run);
    removals.clear_the_way(run.directory)?;
    documents.describe(&mut stages)?;
    documents.render(&mut stages)?;
    publish::publish(&documents, &statics, bound, &removals, run, &mut stages)?;
    let named = nodes.iter().flat_map(|node| &node.items).flat_map(|item| item.images());
    let named = named.map(|image| image.id.0.as_str()).collect();
    let pages = nodes.iter().flat_map(|node| &node.items).flat_map(|item| &item.pages);
    let recordings = pages.map(|page| page.recordings.len() + page.sequels.len()).sum::<usize>() as u64;
    let report = Report { recordings, deferred: tiled.deferred.clone(), ..stages.finish() };
    let is_whole = run.config.scope == Scope::All;
    run.state.finish(is_whole, &publish::last_build(&named, &removals, &unavailable, run, &report))?;
    if let Images::Take(_) = way {
        shards::attempts(&run.config.output).clear()?;
    }
    Ok(report)
}

/// Writes the plan for others. Until it is finished, this build counts as interrupted.
fn frozen(
    compared: &images::Compared<'_>,
    freezing: &Freezing<'_>,
    run: &Run<'_>,
    mut stages: Stages<'_>,
) -> Result<Report> {
    compared.begin(run)?;
    shards::freeze(compared, freezing, run, &mut stages)?;
    run.state.note_end(BuildEnd::Interrupted)?;
    Ok(stages.finish())
}

//! `iiif-build deploy`.

use super::arguments::{Global, Outcome};
use super::deploy_report::{DeployReportFile, summary};
use super::interrupt;
use super::terminal::{Terminal, in_bytes, say_stopping_deploy};
use clap::{Args, ValueEnum};
use iiif_build::build::shards::{Selection, ShardedPlan, Task, TaskEnd};
use iiif_build::build::{self, ImageSink};
use iiif_build::config::{Config, Destination, Overrides, Service, Target};
use iiif_build::error::{Error, ErrorKind};
use iiif_build::publish::deploy::{
    self, FREE_PATHS, NamedTarget, Options, PATH_PRICE, Report, ShardUpload, StreamingDeploy, Verified, Verify,
};
use iiif_build::storage::shared::SharedFolder;
use iiif_build::storage::store::Store;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How many files of others are named.
const MAX_NAMED: usize = 5;

#[derive(Args)]
pub struct DeployArguments {
    /// The name of a target in iiif-build.toml. You can leave it out if there is only one.
    target: Option<String>,
    /// The folder that was built [default: public].
    #[arg(long, value_name = "DIR", env = "IIIF_BUILD_OUTPUT")]
    output: Option<PathBuf>,
    /// Show what would be done, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Check the target, and upload missing and damaged files again. The names and sizes of all files are checked, and the
    /// bytes of a thousand files, or of all.
    #[arg(long, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "sample")]
    verify: Option<How>,
    /// Delete unused files at once, without the grace period. You cannot go back then.
    #[arg(long)]
    delete_now: bool,
    /// Bring back what the last deploy replaced, within the grace period.
    #[arg(long, conflicts_with_all = ["verify", "delete_now", "allow_localhost", "output"])]
    rollback: bool,
    /// Deploy although the site was built for this machine.
    #[arg(long)]
    allow_localhost: bool,
    /// Upload nothing, and check that viewers can use the published site.
    #[arg(long, conflicts_with_all = ["dry_run", "verify", "delete_now", "rollback", "no_probe"])]
    probe: bool,
    /// Do not check the published site afterwards.
    #[arg(long)]
    no_probe: bool,
    /// Upload nothing, and list who published what in the target, and when.
    #[arg(long, conflicts_with_all = ["dry_run", "verify", "delete_now", "rollback", "probe"])]
    history: bool,
    /// With --verify: delete files that no deploy of this site can account for, at most `max-delete`.
    #[arg(long, requires = "verify")]
    delete_strangers: bool,
    /// How long to wait for another deploy to end, such as 90s, 15m or 2h.
    #[arg(long, value_name = "TIME", value_parser = parse_time, default_value = "0s", hide_default_value = true)]
    wait: Duration,
    /// Write a report of the deploy to a JSON file.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["probe", "history"])]
    report: Option<PathBuf>,
    /// Deploy into a place that has other files, or the site of another project. Files with the same names are overwritten.
    #[arg(long)]
    adopt: bool,
    #[command(flatten)]
    consent: ConsentArguments,
}

/// Consent to what a deploy refuses unasked.
#[derive(Args)]
pub struct ConsentArguments {
    /// Deploy although this build is not based on the published site. Changes of other people are undone.
    #[arg(long)]
    from_stale: bool,
    /// How many images or items can go, if more than `max-shrink` allows.
    #[arg(long, value_name = "N", default_value_t = 0)]
    allow_shrink: u64,
    /// The name of the person for the target's history [default: the CI's actor, else user@host].
    #[arg(long = "as", value_name = "WHO")]
    by: Option<String>,
}

impl ConsentArguments {
    /// `adopt`: go on in a place that holds files of others.
    fn options(&self, adopt: bool) -> Options {
        let &ConsentArguments { from_stale, allow_shrink, .. } = self;
        let by = self.by.clone().unwrap_or_else(actor);
        Options { adopt, from_stale, allow_shrink, by, ..Options::default() }
    }
}

/// Variables in which CI services name the person who started a job.
const ACTORS: [&str; 6] =
    ["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "CIRCLE_USERNAME", "BUILD_REQUESTEDFOR", "CI_COMMIT_AUTHOR", "GITEA_ACTOR"];

/// The person or job that runs this program.
fn actor() -> String {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(actor) = ACTORS.iter().find_map(|name| variable(name)) {
        return format!("{actor} (CI)");
    }
    let user = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| variable(name));
    let system = || std::fs::read_to_string("/proc/sys/kernel/hostname").ok().map(|name| name.trim().to_owned());
    let host = variable("HOSTNAME").or_else(|| variable("COMPUTERNAME")).or_else(system);
    format!("{}@{}", user.as_deref().unwrap_or("unknown"), host.as_deref().unwrap_or("unknown"))
}

#[derive(Clone, Copy, ValueEnum)]
enum How {
    Sample,
    Full,
}

pub fn run(arguments: &DeployArguments, global: &Global, terminal: &Terminal) -> Result<Outcome, Error> {
    let &DeployArguments { dry_run, delete_now, allow_localhost, delete_strangers, .. } = arguments;
    let mut overrides = Overrides::default();
    overrides.output = arguments.output.clone();
    let config = Config::load(&global.root, &overrides)?;
    let named = chosen(&config, arguments.target.as_deref())?;
    interrupt::listen(|| false, say_stopping_deploy);
    if arguments.probe {
        return probe(&config, named.target, None, terminal);
    }
    deploy::check_place(&config, named.target)?;
    if arguments.history {
        return history(&Store::open(named.target)?, terminal);
    }
    let report_file = arguments.report.as_deref().map(|path| DeployReportFile::create(path, &config)).transpose()?;
    let verify = arguments.verify.map(|how| match how {
        How::Sample => Verify::Sample,
        How::Full => Verify::Full,
    });
    let consent = arguments.consent.options(arguments.adopt);
    let options = Options { dry_run, allow_localhost, delete_now, verify, delete_strangers, ..consent };
    let deploy = if arguments.rollback { deploy::roll_back } else { deploy::deploy };
    let done = patiently(arguments.wait, terminal, |wait| {
        let options = Options { wait, ..options.clone() };
        deploy(&config, named, &Store::open(named.target)?, options, terminal)
    });
    if let Some(file) = report_file {
        file.finish(named, dry_run, done.as_ref())?;
    }
    let done = done?;
    let outcome = report(&done, &config, named, dry_run, terminal);
    // After a rollback the output is not the published site.
    let is_wanted = !dry_run && !arguments.no_probe && !arguments.rollback && deploy::is_likely(named.target, &config);
    match is_wanted && done.files() + done.deleted > 0 {
        true => Ok(outcome.and(probe(&config, named.target, Some(&done), terminal)?)),
        false => Ok(outcome),
    }
}

/// Does `work`, and again while another deploy or build is running, until the time `wait` is over. `work` gets the time
/// that is left.
fn patiently<T>(wait: Duration, terminal: &Terminal, work: impl Fn(Duration) -> Result<T, Error>) -> Result<T, Error> {
    let begun = Instant::now();
    if !wait.is_zero() {
        terminal.say("if another deploy is running, this one waits for its end");
    }
    loop {
        let left = wait.saturating_sub(begun.elapsed());
        match work(left) {
            Err(error) if deploy::is_of_another_run(&error) && begun.elapsed() < wait => sleep(PAUSE.min(left)),
            done => return done,
        }
    }
}

/// The time between two attempts.
const PAUSE: Duration = Duration::from_secs(1);

/// `90s`, `15m` or `2h`.
fn parse_time(text: &str) -> Result<Duration, String> {
    let units = [('s', 1), ('m', 60), ('h', 3600)];
    let time = units.into_iter().find_map(|(unit, seconds)| {
        let count: u64 = text.strip_suffix(unit)?.parse().ok()?;
        count.checked_mul(seconds).map(Duration::from_secs)
    });
    time.ok_or_else(|| format!("{text:?} is not a time such as 90s, 15m or 2h"))
}

/// Probes the published site; after a deploy again and again, because caches may hold the previous files.
fn probe(config: &Config, target: &Target, deployed: Option<&Report>, terminal: &Terminal) -> Result<Outcome, Error> {
    if deployed.is_some() {
        terminal.say("looking at the published site; what a cache may still hold is asked for again for two minutes");
    }
    let changed = deployed.map_or(&[][..], |report| &report.changed);
    let probed = deploy::probe(config, target, changed, deployed.is_some(), terminal)?;
    for error in &probed.faults {
        terminal.error(error);
    }
    for error in &probed.advice {
        terminal.warn_of(error);
    }
    let (faults, advice, questions) = (probed.faults.len(), probed.advice.len(), probed.questions);
    let result = match (faults, advice) {
        (0, 0) => "all is as viewers need it".to_owned(),
        (0, _) => format!("viewers can use it; {advice} things would be better"),
        _ => format!("{faults} things are not as viewers need them"),
    };
    terminal.say(&format!("{}: looked at {questions} addresses: {result}", probed.base_url));
    Ok(if faults > 0 { Outcome::SomeFailed } else { Outcome::Complete })
}

const TARGET_HINT: &str = "a target is two lines at the end of iiif-build.toml, for example: [deploy.live] and below it url = \"s3://my-bucket\" \
    or url = \"file:///srv/www/scans\"";

/// The target with this name, or else the only one.
pub fn chosen<'a>(config: &'a Config, name: Option<&str>) -> Result<NamedTarget<'a>, Error> {
    let names: Vec<&str> = config.targets.keys().map(String::as_str).collect();
    let only = if names.len() == 1 { names.first().copied() } else { None };
    let chosen = name.or(only).and_then(|name| config.targets.get_key_value(name));
    chosen.map(|(name, target)| NamedTarget { name, target }).ok_or_else(|| {
        let (why, hint) = match (name, names.is_empty()) {
            (_, true) => ("there is no target".to_owned(), TARGET_HINT.to_owned()),
            (Some(name), _) => (format!("there is no target {name:?}"), format!("there are {}", names.join(", "))),
            (None, _) => ("there are several targets".to_owned(), format!("say which: {}", names.join(", "))),
        };
        Error::new(ErrorKind::Config, why).with_hint(hint)
    })
}

/// Builds into a store with `build`: images are put one by one, everything else when the build is complete.
pub fn build_into_store(
    destination: Destination,
    config: &Config,
    consent: &ConsentArguments,
    build: impl FnOnce(Option<&dyn ImageSink>) -> Result<build::Report, Error>,
    terminal: &Terminal,
) -> Result<Outcome, Error> {
    if config.older.image {
        let why = "what goes to a store while it is built has the addresses of Image API 3 only";
        let hint = "set `image-api = [\"3\"]`, or build into a folder and deploy that";
        return Err(Error::new(ErrorKind::Config, why).with_hint(hint));
    }
    let (name, target) = target_of(destination, config);
    deploy::check_place(config, &target)?;
    let store = Store::open(&target)?;
    let named = NamedTarget { name: &name, target: &target };
    let options = Options { verify: config.verify.then_some(Verify::Full), ..consent.options(config.adopt) };
    let streaming = StreamingDeploy::new(config, named, &store, &options, terminal)?;
    let built = streaming.during(|| build(Some(&streaming)));
    if built.as_ref().is_ok_and(|report| report.refused.is_none()) {
        // The deploy that follows continues from here.
        drop(streaming);
    } else {
        streaming.give_up();
    }
    let built = built?;
    terminal.summary(&built, &config.output);
    let outcome = Outcome::of(&built, config);
    if built.refused.is_some() {
        return Ok(outcome);
    }
    let done = deploy::deploy(config, named, &store, options, terminal)?;
    Ok(outcome.and(report(&done, config, named, false, terminal)))
}

/// The target with this place, or one that has only defaults, and its name.
fn target_of(destination: Destination, config: &Config) -> (String, Target) {
    let configured = config.targets.iter().find(|(_, target)| target.url == destination);
    match configured {
        Some((name, target)) => (name.clone(), target.clone()),
        None => (destination.url(), Target::of(destination)),
    }
}

/// Writes a plan with `freeze`, and notes in the store which images its tasks will put there.
pub fn announce_to_store(
    destination: Destination,
    config: &Config,
    consent: &ConsentArguments,
    freeze: impl FnOnce(Option<&dyn ImageSink>) -> Result<build::Report, Error>,
    terminal: &Terminal,
) -> Result<build::Report, Error> {
    if matches!(destination, Destination::Folder(_)) {
        return Err(Error::new(ErrorKind::Config, "tasks put images into a bucket, or into a folder that they share")
            .with_hint("name the folder with --output, without file://"));
    }
    let (name, target) = target_of(destination, config);
    let store = Store::open(&target)?;
    let named = NamedTarget { name: &name, target: &target };
    let options = consent.options(config.adopt);
    let streaming = StreamingDeploy::new(config, named, &store, &options, terminal)?;
    let frozen = streaming.during(|| freeze(Some(&streaming)));
    streaming.give_up();
    frozen
}

/// Makes the images of some shards, and puts them into the store at `url`.
pub fn upload_shards(
    url: &str,
    config: &Config,
    plan: &ShardedPlan,
    selection: &Selection,
    terminal: &Terminal,
) -> Result<(TaskEnd, build::Report), Error> {
    let destination = Destination::try_from(url.to_owned()).map_err(|why| Error::new(ErrorKind::Config, why))?;
    let (_, target) = target_of(destination, config);
    let (store, made) = (Store::open(&target)?, ShardUpload::folder()?);
    let delivery = ShardUpload::new(&store, &target, made.path(), terminal)?;
    Task { config, plan, delivery: &delivery }.run(selection, terminal)
}

/// Opens the place of a plan in a bucket, which is reached as the target in that bucket is.
pub fn shared_folder(destination: Destination, config: Option<&Config>) -> Result<SharedFolder, Error> {
    let url = destination.url();
    let Destination::Bucket(bucket) = &destination else { return Err(Error::new(ErrorKind::Config, url)) };
    let is_there = |target: &&Target| match &target.url {
        Destination::Bucket(own) => own.service == bucket.service && own.name == bucket.name,
        _ => false,
    };
    let target = config.and_then(|config| config.targets.values().find(is_there));
    SharedFolder::bucket(url, bucket, &target.map(Target::access).unwrap_or_default())
}

/// Lists the publications of a target, the oldest first.
fn history(store: &Store, terminal: &Terminal) -> Result<Outcome, Error> {
    for publication in deploy::publications(store)? {
        terminal.publication(&publication);
    }
    Ok(Outcome::Complete)
}

/// Reports a deploy, or what it would do. Returns whether everything was done.
fn report(report: &Report, config: &Config, named: NamedTarget<'_>, dry_run: bool, terminal: &Terminal) -> Outcome {
    let NamedTarget { name, target } = named;
    if let Some(time) = report.recovered {
        terminal.warn(&format!(
            "{name}: `.iiif-build/pointer.json` is lost there; what the target holds was read from its state of {time}, \
             and nothing that was withdrawn is forgotten. --verify looks whether all of it is still so"
        ));
    }
    if let Some(verified) = &report.verified {
        report_verified(verified, report.deletes_strangers, dry_run, terminal);
    }
    if report.half_written > 0 {
        let (count, done) = (report.half_written, if dry_run { "would be removed" } else { "are removed" });
        terminal.say(&format!("{count} half-written files of a deploy that was killed {done}"));
    }
    report.warnings.iter().for_each(|warning| terminal.warn(warning));
    if !report.written_over.is_empty() {
        let (count, first) = (report.written_over.len(), report.written_over.iter().take(MAX_NAMED));
        let first = first.cloned().collect::<Vec<_>>().join(", ");
        let verb = if dry_run { "would be" } else { "were" };
        terminal.warn(&format!("{count} files that no deploy put there {verb} written over, such as {first}"));
    }
    let mut outcome = Outcome::Complete;
    if dry_run && terminal.is_json() {
        terminal.print_json(&summary(report, named, dry_run));
    } else if dry_run {
        announce(report, target, terminal);
    } else {
        let (files, bytes) = (report.files(), in_bytes(report.bytes()));
        let (deleted, waiting) = (report.deleted, report.waiting);
        terminal.say(&format!("{name}: {files} files put, {bytes}; {deleted} deleted, {waiting} to be deleted later"));
        if report.withdrawn > 0 {
            terminal.say(&format!("{} withdrawn files deleted at once", report.withdrawn));
        }
        let address = target.base_url.as_ref().map_or(config.base_url.as_str(), |url| url.as_str());
        terminal.say(&format!("the site is in {}, for readers at {address}", target.url.url()));
    }
    if dry_run && report.verified.as_ref().is_some_and(|verified| !verified.is_well()) {
        outcome = Outcome::SomeFailed;
    }
    if report.keeps_versions && report.deleted > 0 {
        terminal.warn(
            "the bucket keeps earlier versions: who may read versions can still read what was deleted or replaced\n  \
             hint: docs/deploy.md#buckets-that-keep-versions says how to remove them for good",
        );
    }
    if report.is_too_many {
        let (due, most) = (report.due, target.max_delete);
        terminal.warn(&format!("{due} files are due to be deleted, more than `max-delete` ({most}): none was, but for those that were withdrawn"));
        outcome = Outcome::SomeFailed;
    }
    match &report.refused {
        Some(refused) => {
            terminal.error(refused);
            terminal.warn(&format!(
                "the site is deployed, but caches may show what was there before: `iiif-build deploy {name}` tells \
                 CloudFront again"
            ));
            outcome = Outcome::SomeFailed;
        }
        None if !dry_run && !report.stale.is_empty() => {
            terminal.say(&format!("CloudFront fetches again what is at {}", invalidated(&report.stale)));
        }
        None => {}
    }
    outcome
}

/// Reports what a deploy would do, and what it would cost.
fn announce(report: &Report, target: &Target, terminal: &Terminal) {
    for (phase, count) in &report.put {
        terminal.print(&format!("{:<12} {:>9} files  {}", phase.name(), count.files, in_bytes(count.bytes)));
    }
    terminal.print(&format!(
        "{} to put in {} writing requests, {} files to copy within the target, {} to delete now, {} later",
        in_bytes(report.bytes()),
        report.requests(),
        report.copied,
        report.due,
        report.waiting
    ));
    if report.withdrawn > 0 {
        terminal.print(&format!("{} of those to delete now were withdrawn", report.withdrawn));
    }
    let is_amazon = matches!(&target.url, Destination::Bucket(bucket) if bucket.service == Service::S3);
    if is_amazon && target.endpoint.is_none() {
        let price = report.price();
        terminal.print(&format!("the requests cost {price}, at Amazon's list price in us-east-1"));
    }
    if !report.stale.is_empty() {
        terminal.print(&format!("CloudFront is to fetch again what is at {}:", invalidated(&report.stale)));
        report.stale.iter().for_each(|path| terminal.print(&format!("  {path}")));
    }
}

/// The number of paths, and their price.
fn invalidated(paths: &[String]) -> String {
    let (count, ending) = (paths.len(), if paths.len() == 1 { "" } else { "s" });
    format!("{count} path{ending} (an account's first {FREE_PATHS} a month are free, each more {PATH_PRICE})")
}

fn report_verified(verified: &Verified, deletes_strangers: bool, dry_run: bool, terminal: &Terminal) {
    let Verified { listed, read, bytes, broken, strange, all_strange, public_strangers, .. } = verified;
    let done = if dry_run { "would be put again" } else { "is put again" };
    for (path, files) in broken {
        terminal.warn(&format!("{path}: {files} files are not as they should be: it {done}"));
    }
    if *all_strange > 0 {
        let first = strange.join(", ");
        terminal.warn(&format!("{all_strange} objects were put there by no deploy, such as {first}"));
        let deletable = public_strangers.len();
        let fate = match (deletes_strangers, dry_run) {
            _ if deletable == 0 => "they are left alone: they belong to another target or to a project".to_owned(),
            (false, _) => {
                "they are left alone; --delete-strangers deletes those that are not of another target".to_owned()
            }
            (true, true) => format!("{deletable} of them would be deleted"),
            (true, false) => format!("{deletable} of them are deleted, as far as `max-delete` allows"),
        };
        terminal.say(&fate);
    }
    terminal.say(&format!("{listed} objects listed, {read} files read, {}", in_bytes(*bytes)));
}

//! The command line: arguments in, library calls, exit code out.
//!
//! Exit codes: 0 all is well · 1 something could not be built, or is not as `--strict` wants it · 2 usage or configuration.

mod build;
mod deploy;
mod hosting;
mod init;
mod interrupt;
mod plan;
mod report_file;
mod serve;
mod terminal;
mod tile;
mod watch;
mod worker;

use clap::{Args, Parser, Subcommand, ValueEnum};
use iiif_build::config::{Config, Destination, Overrides, Resources, parse_bytes};
use iiif_build::error::{Error, ErrorKind};
use iiif_build::model::Day;
use iiif_build::model::settings::{Lossless, from_word};
use iiif_build::storage::state::FOLDER;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use terminal::Terminal;

/// Builds static IIIF collections: a folder of scans in, level 0 tiles, manifests and an accessible site out.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args)]
struct Global {
    /// The project's folder: the one with content/ in it.
    #[arg(long, global = true, value_name = "DIR", default_value = ".", env = "IIIF_BUILD_ROOT")]
    root: PathBuf,
    /// How progress and messages look.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORM")]
    log: Log,
    /// Only errors.
    #[arg(short, long, global = true)]
    quiet: bool,
    /// What is done to each image.
    #[arg(short, long, global = true)]
    verbose: bool,
    /// Why each image and document is made.
    #[arg(long, global = true)]
    explain: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Log {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, on standard error.
    Json,
}

#[derive(Subcommand)]
enum Command {
    /// Make a starter project.
    Init(init::InitArguments),
    /// Build the site.
    Build(build::SiteArguments),
    /// Build the site, and again whenever something changes.
    Watch(BuildArguments),
    /// Build the site and serve it on this machine, with pages that follow each change.
    Serve(serve::ServeArguments),
    /// TileOptions one image into a level 0 folder; no project needed.
    Tile(tile::TileArguments),
    /// Say what a build would do: pages, labels, ids, files and bytes.
    Plan(plan::PlanArguments),
    /// Put what was built where it is served from: only what changed.
    Deploy(deploy::DeployArguments),
    /// Write what a web host must be told: CORS, media types, redirects.
    Hosting(hosting::HostingArguments),
    #[command(hide = true)]
    Worker(worker::WorkerArguments),
}

#[derive(Args)]
struct BuildArguments {
    /// Where the site will be published.
    #[arg(long, value_name = "URL", env = "IIIF_BUILD_BASE_URL")]
    base_url: Option<String>,
    /// The folder to write [default: public]; `build` also takes s3://, gs:// and az://, where images go as they are made.
    #[arg(long, value_name = "DIR", env = "IIIF_BUILD_OUTPUT")]
    output: Option<PathBuf>,
    #[command(flatten)]
    resources: ResourceArguments,
    /// Stop at the first image that fails.
    #[arg(long)]
    fail_fast: bool,
    /// Make everything anew.
    #[arg(long)]
    force: bool,
    /// TileOptions only the images of this item; may be given several times.
    #[arg(long, value_name = "ITEM", conflicts_with = "documents")]
    only: Vec<String>,
    /// TileOptions no image: bring documents up to date, also where masters are not at hand.
    #[arg(long)]
    documents: bool,
    /// Check all files in the output, and make damaged ones anew.
    #[arg(long)]
    verify: bool,
    /// The day on which embargoes are looked at, such as 2030-01-31 [default: the day it is].
    #[arg(long, value_name = "DAY", env = "IIIF_BUILD_TODAY", value_parser = str::parse::<Day>)]
    today: Option<Day>,
    /// Take tiles from JPEGs and JPEG-tiled TIFFs as they are, whatever the settings say: auto, always or never.
    #[arg(long, value_name = "WHEN", env = "IIIF_BUILD_LOSSLESS", value_parser = from_word::<Lossless>)]
    lossless: Option<Lossless>,
}

/// How much is looked at before a site is published.
#[derive(Args)]
struct CheckArguments {
    /// Take warnings for errors: a build then writes nothing.
    #[arg(long)]
    strict: bool,
    /// Read all files of BagIt bags, and compare them with the checksums in their manifests.
    #[arg(long)]
    checksums: bool,
}

impl CheckArguments {
    fn within(&self, mut config: Config) -> Config {
        (config.strict, config.checksums) = (self.strict, self.checksums);
        config
    }
}

#[derive(Args)]
struct ResourceArguments {
    /// Threads that compute [default: all cores].
    #[arg(long, value_name = "N", env = "IIIF_BUILD_JOBS", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Memory for pixels over the whole run, such as 512M or 2G [default: a quarter of the machine].
    #[arg(long, value_name = "SIZE", env = "IIIF_BUILD_MEMORY", value_parser = parse_bytes)]
    memory: Option<u64>,
}

impl ResourceArguments {
    fn resources(&self) -> Resources {
        let mut resources = Resources::new(self.jobs.map(usize::from), self.memory);
        resources.worker = std::env::current_exe().ok();
        resources
    }
}

impl BuildArguments {
    /// For commands that look at what lies in the output.
    fn local_config(&self, global: &Global) -> Result<Config, Error> {
        match self.destination()? {
            Some(_) => Err(Error::new(ErrorKind::Config, "only `build` writes into a store")
                .with_hint("say a folder for --output, and deploy what is in it")),
            None => self.config(global),
        }
    }

    /// Where the output is not a folder.
    fn destination(&self) -> Result<Option<Destination>, Error> {
        let Some(url) = self.output.as_deref().and_then(Path::to_str).filter(|url| url.contains("://")) else {
            return Ok(None);
        };
        let destination = Destination::try_from(url.to_owned());
        destination.map(Some).map_err(|why| Error::new(ErrorKind::Config, why).with_hint("see docs/deploy.md"))
    }

    fn config(&self, global: &Global) -> Result<Config, Error> {
        // Documents are gathered here, and what is known of images.
        let gathered = |destination: Destination| {
            let name = utf8_percent_encode(&destination.url(), NON_ALPHANUMERIC).to_string();
            std::path::absolute(&global.root).map(|root| root.join(FOLDER).join("stores").join(name))
        };
        let output = match self.destination()? {
            Some(destination) => Some(gathered(destination).map_err(|error| Error::output(&global.root, error))?),
            None => self.output.clone(),
        };
        let mut overrides = Overrides::default();
        overrides.base_url = self.base_url.clone();
        overrides.output = output;
        overrides.jobs = self.resources.jobs.map(usize::from);
        overrides.memory = self.resources.memory;
        overrides.worker = std::env::current_exe().ok();
        overrides.fail_fast = self.fail_fast;
        overrides.force = self.force;
        overrides.verify = self.verify;
        overrides.only = self.only.clone();
        overrides.documents_only = self.documents;
        overrides.lossless = self.lossless;
        overrides.today = self.today;
        Config::load(&global.root, &overrides)
    }
}

/// Whether everything asked for was done.
enum Outcome {
    Complete,
    SomeFailed,
}

impl Outcome {
    fn and(self, other: Outcome) -> Outcome {
        match self {
            Outcome::Complete => other,
            Outcome::SomeFailed => Outcome::SomeFailed,
        }
    }
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let Arguments { global, command } = Arguments::parse();
    let terminal = Terminal::new(&global);
    let outcome = match command {
        Command::Init(arguments) => init::run(&arguments, &terminal),
        Command::Build(arguments) => build::run(&arguments, &global, &terminal),
        Command::Watch(arguments) => watch::run(&arguments, &global, &terminal),
        Command::Serve(arguments) => serve::run(&arguments, &global, &terminal),
        Command::Tile(arguments) => tile::run(&arguments, &terminal),
        Command::Plan(arguments) => plan::run(&arguments, &global, &terminal),
        Command::Deploy(arguments) => deploy::run(&arguments, &global, &terminal),
        Command::Hosting(arguments) => hosting::run(&arguments, &global, &terminal),
        Command::Worker(arguments) => worker::run(&arguments),
    };
    match outcome {
        Ok(Outcome::Complete) => ExitCode::SUCCESS,
        Ok(Outcome::SomeFailed) => ExitCode::from(1),
        Err(error) => {
            terminal.error(&error);
            ExitCode::from(exit_code(error.kind()))
        }
    }
}

/// For an error that ended the command. Where settings, metadata or templates are at fault, nothing was written.
fn exit_code(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Config | ErrorKind::Content | ErrorKind::Template => 2,
        ErrorKind::Interrupted => interrupt::EXIT_CODE,
        _ => 1,
    }
}

//! Arguments that several subcommands share, and how a subcommand ends.

use clap::{Args, ValueEnum};
use iiif_build::build::{Refusal, Report};
use iiif_build::config::{Config, Destination, Overrides, Resources, parse_bytes};
use iiif_build::error::{Error, ErrorKind};
use iiif_build::model::Day;
use iiif_build::model::settings::{Lossless, from_word};
use iiif_build::storage::state::FOLDER;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct Global {
    /// The project's folder: the one with content/ in it.
    #[arg(long, global = true, value_name = "DIR", default_value = ".", env = "IIIF_BUILD_ROOT")]
    pub root: PathBuf,
    /// How progress and messages look.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORM")]
    pub log: Log,
    /// Show only errors.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Show what is done to each image.
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Show why each image and document is made.
    #[arg(long, global = true)]
    pub explain: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Log {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, on standard error.
    Json,
}

#[derive(Args)]
pub struct BuildArguments {
    /// The project's folder, instead of --root.
    #[arg(value_name = "PROJECT")]
    project: Option<PathBuf>,
    /// Where the site will be published.
    #[arg(long, value_name = "URL", env = "IIIF_BUILD_BASE_URL")]
    base_url: Option<String>,
    /// Build for this target: its `base-url` is where the site will be published.
    #[arg(long, value_name = "NAME", conflicts_with = "base_url")]
    target: Option<String>,
    /// The folder to write [default: public]. `build` also takes s3://, gs:// and az://: images are uploaded as they are made.
    #[arg(long, value_name = "DIR", env = "IIIF_BUILD_OUTPUT")]
    output: Option<PathBuf>,
    #[command(flatten)]
    resources: ResourceArguments,
    /// Stop at the first image that fails.
    #[arg(long)]
    fail_fast: bool,
    /// Make a first build although metadata has mistakes. The parts with mistakes are left out.
    #[arg(long)]
    keep_going: bool,
    /// Make everything again, and overwrite files in the output that iiif-build did not write.
    #[arg(long)]
    pub force: bool,
    /// Build into an output of another project, or into one whose records in .iiif-build/ are lost.
    #[arg(long)]
    adopt: bool,
    /// Make only the images of this item. You can repeat the option.
    #[arg(long, value_name = "ITEM", conflicts_with = "documents")]
    only: Vec<String>,
    /// Make no images, only documents. This works without the masters.
    #[arg(long)]
    documents: bool,
    /// Check all files in the output, and make damaged ones again.
    #[arg(long)]
    verify: bool,
    /// The day that counts for embargoes, such as 2030-01-31 [default: today].
    #[arg(long, value_name = "DAY", env = "IIIF_BUILD_TODAY", value_parser = str::parse::<Day>)]
    today: Option<Day>,
    /// Publish the JPEG data of masters without encoding it again: auto, always or never.
    #[arg(long, value_name = "WHEN", env = "IIIF_BUILD_LOSSLESS", value_parser = from_word::<Lossless>)]
    lossless: Option<Lossless>,
}

/// How much is checked before a site is published.
#[derive(Args)]
pub struct CheckArguments {
    /// Treat warnings as errors: a build with warnings writes nothing.
    #[arg(long)]
    strict: bool,
    /// Compare all files of BagIt bags with the checksums in their manifests.
    #[arg(long)]
    checksums: bool,
}

impl CheckArguments {
    pub fn within(&self, mut config: Config) -> Config {
        (config.strict, config.checksums) = (self.strict, self.checksums);
        config
    }
}

#[derive(Args)]
pub struct ResourceArguments {
    /// Number of threads [default: all cores].
    #[arg(long, value_name = "N", env = "IIIF_BUILD_JOBS", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Memory for pixels, such as 512M or 2G [default: a quarter of the machine's memory].
    #[arg(long, value_name = "SIZE", env = "IIIF_BUILD_MEMORY", value_parser = parse_bytes)]
    memory: Option<u64>,
}

impl ResourceArguments {
    pub fn resources(&self) -> Resources {
        let mut resources = Resources::new(self.jobs.map(usize::from), self.memory);
        resources.worker = std::env::current_exe().ok();
        resources
    }
}

impl BuildArguments {
    /// For commands that build again after each change, into a folder on this machine. They keep going.
    pub fn local_config(&self, global: &Global) -> Result<Config, Error> {
        if self.destination()?.is_some() {
            return Err(Error::new(ErrorKind::Config, "only `build` writes into a store")
                .with_hint("say a folder for --output, and deploy what is in it"));
        }
        let mut config = self.config(global)?;
        config.keep_going = true;
        Ok(config)
    }

    /// The store that `--output` names; `None`: a folder.
    pub fn destination(&self) -> Result<Option<Destination>, Error> {
        let Some(url) = self.output.as_deref().and_then(Path::to_str).filter(|url| url.contains("://")) else {
            return Ok(None);
        };
        let destination = Destination::try_from(url.to_owned());
        destination.map(Some).map_err(|why| Error::new(ErrorKind::Config, why).with_hint("see docs/deploy.md"))
    }

    pub fn config(&self, global: &Global) -> Result<Config, Error> {
        Config::load(self.root(global), &self.overrides(global)?)
    }

    /// The settings, and the mistakes of iiif-build.toml.
    pub fn read(&self, global: &Global) -> Result<(Config, Vec<Error>), Error> {
        Config::read(self.root(global), &self.overrides(global)?)
    }

    /// The settings of a build into the store at `url`.
    pub fn config_into(&self, url: &str, global: &Global) -> Result<Config, Error> {
        let mut overrides = self.overrides(global)?;
        overrides.output = Some(self.local_of(url, global)?);
        Config::load(self.root(global), &overrides)
    }

    /// The folder on this machine for a build into the store at `url`: documents, and the records of images.
    fn local_of(&self, url: &str, global: &Global) -> Result<PathBuf, Error> {
        let (root, name) = (self.root(global), utf8_percent_encode(url, NON_ALPHANUMERIC).to_string());
        let absolute = std::path::absolute(root).map_err(|error| Error::output(root, error))?;
        Ok(absolute.join(FOLDER).join("stores").join(name))
    }

    fn root<'a>(&'a self, global: &'a Global) -> &'a Path {
        self.project.as_deref().unwrap_or(&global.root)
    }

    fn overrides(&self, global: &Global) -> Result<Overrides, Error> {
        let output = match self.destination()? {
            Some(destination) => Some(self.local_of(&destination.url(), global)?),
            None => self.output.clone(),
        };
        let mut overrides = Overrides::default();
        overrides.base_url = self.base_url.clone();
        overrides.target = self.target.clone();
        overrides.output = output;
        overrides.jobs = self.resources.jobs.map(usize::from);
        overrides.memory = self.resources.memory;
        overrides.worker = std::env::current_exe().ok();
        overrides.fail_fast = self.fail_fast;
        overrides.keep_going = self.keep_going;
        overrides.force = self.force;
        overrides.adopt = self.adopt;
        overrides.verify = self.verify;
        overrides.only = self.only.clone();
        overrides.documents_only = self.documents;
        overrides.lossless = self.lossless;
        overrides.today = self.today;
        Ok(overrides)
    }
}

/// Whether everything was done.
pub enum Outcome {
    Complete,
    SomeFailed,
    /// Nothing was written because of mistakes.
    Refused,
    /// This exit code.
    Code(u8),
}

impl Outcome {
    /// The outcome of a build of `config` that ran to its end.
    pub fn of(report: &Report, config: &Config) -> Outcome {
        if matches!(report.refused, Some(Refusal::Site | Refusal::Metadata)) {
            return Outcome::Refused;
        }
        let is_clean = report.failures.is_empty() && !(config.strict && report.warnings().next().is_some());
        if is_clean { Outcome::Complete } else { Outcome::SomeFailed }
    }

    pub fn and(self, other: Outcome) -> Outcome {
        match self {
            Outcome::Complete => other,
            Outcome::SomeFailed | Outcome::Refused | Outcome::Code(_) => self,
        }
    }
}

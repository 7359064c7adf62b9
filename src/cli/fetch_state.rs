//! `iiif-build fetch-state`.

use super::arguments::{Global, Outcome};
use super::deploy::chosen;
use super::interrupt;
use super::terminal::{Terminal, in_bytes, say_stopping_fetch};
use clap::Args;
use iiif_build::config::{Config, Overrides};
use iiif_build::error::{Error, shown_path};
use iiif_build::publish::deploy::{Fetched, fetch};
use iiif_build::storage::store::Store;
use std::path::PathBuf;

#[derive(Args)]
pub struct FetchArguments {
    /// The name of a target in iiif-build.toml. You can leave it out if there is only one.
    target: Option<String>,
    /// The folder for the site; it must be empty [default: public].
    #[arg(long, value_name = "DIR", env = "IIIF_BUILD_OUTPUT")]
    output: Option<PathBuf>,
    /// Also fetch the files of all images.
    #[arg(long)]
    images: bool,
}

pub fn run(arguments: &FetchArguments, global: &Global, terminal: &Terminal) -> Result<Outcome, Error> {
    let mut overrides = Overrides::default();
    overrides.output = arguments.output.clone();
    let config = Config::load(&global.root, &overrides)?;
    let named = chosen(&config, arguments.target.as_deref())?;
    interrupt::listen(|| false, say_stopping_fetch);
    let store = Store::open(named.target)?;
    let Fetched { files, bytes, images, .. } = fetch(&config, named.name, &store, arguments.images, terminal)?;
    let output = shown_path(&config.output);
    let fetched = in_bytes(bytes);
    terminal.say(&format!("{output}: {files} files fetched, {fetched}; the records of {images} images are back"));
    if !arguments.images {
        terminal.say("the images stay in the target: `iiif-build build --documents` builds without them, then deploy");
    }
    Ok(Outcome::Complete)
}

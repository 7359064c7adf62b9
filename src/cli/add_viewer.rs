//! `iiif-build add-viewer`: brings another viewer into the project.

use super::arguments::{Global, Outcome};
use super::terminal::Terminal;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use iiif_build::config::{Config, Overrides};
use iiif_build::error::Error;
use iiif_build::model::SiteViewer;
use iiif_build::publish::viewers::{self, Package, REGISTRY, Source};
use std::path::PathBuf;

#[derive(Args)]
pub struct AddViewerArguments {
    /// The viewer.
    #[arg(value_name = "VIEWER", value_parser = viewer_parser())]
    viewer: SiteViewer,
    /// Take the npm package from this file instead of the registry; it must be the same version.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Write all files again, also over changed files and files of yours.
    #[arg(long)]
    force: bool,
}

/// A viewer by its name.
fn viewer_parser() -> impl TypedValueParser<Value = SiteViewer> {
    PossibleValuesParser::new(SiteViewer::ALL.map(SiteViewer::name)).try_map(|name| {
        let named = SiteViewer::ALL.into_iter().find(|viewer| viewer.name() == name);
        named.ok_or("there is no such viewer")
    })
}

pub fn run(arguments: &AddViewerArguments, global: &Global, terminal: &Terminal) -> Result<Outcome, Error> {
    // The settings may ask for the viewer already, which is a mistake until it is there.
    let (config, _) = Config::read(&global.root, &Overrides::default())?;
    let registry = registry();
    let source = match &arguments.from {
        Some(file) => Source::File(file),
        None => Source::Registry(&registry),
    };
    let added = viewers::add(arguments.viewer, source, &config, arguments.force)?;
    for path in &added.left {
        terminal.warn(&format!("{}: somebody changed it, and it stays (--force writes over it)", path.display()));
    }
    let (viewer, folder) = (arguments.viewer, added.folder.display());
    let (title, version) = (viewer.title(), Package::of(viewer).version);
    match added.written {
        0 => terminal.say(&format!("{title} {version} is there already: {folder}")),
        files => terminal.say(&format!("{title} {version}: {files} files written to {folder}")),
    }
    if !config.viewers.contains(&viewer) {
        terminal.say(&format!("next: viewer = \"{}\" in iiif-build.toml, then build", viewer.name()));
        terminal.say("next: if there are files for a host, write them again (iiif-build hosting HOST --force)");
    }
    Ok(Outcome::Complete)
}

/// The registry that npm would ask.
fn registry() -> String {
    let set = ["NPM_CONFIG_REGISTRY", "npm_config_registry"].into_iter().filter_map(|name| std::env::var(name).ok());
    set.map(|url| url.trim().to_owned()).find(|url| !url.is_empty()).unwrap_or_else(|| REGISTRY.to_owned())
}

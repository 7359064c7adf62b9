//! `iiif-build hosting`: writes the files that a host needs. It does not overwrite files that are there.

use super::arguments::{Global, Outcome};
use super::terminal::Terminal;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use iiif_build::config::{Config, Overrides};
use iiif_build::error::{Error, ErrorKind};
use iiif_build::publish::hosting::{self, Files, Host, HostingFile, Site};
use iiif_build::storage::ownership::named_file::{Existing, existing};
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct HostingArguments {
    /// The host that the files are for.
    #[arg(value_name = "HOST", value_parser = host_parser())]
    host: Host,
    /// Where the site will be published.
    #[arg(long, value_name = "URL", env = "IIIF_BUILD_BASE_URL")]
    base_url: Option<String>,
    /// The folder with the built site [default: public].
    #[arg(long, value_name = "DIR", env = "IIIF_BUILD_OUTPUT")]
    output: Option<PathBuf>,
    /// Print the files instead of writing them.
    #[arg(long, conflicts_with = "force")]
    print: bool,
    /// Overwrite files that exist.
    #[arg(long)]
    force: bool,
}

/// A host by its name.
fn host_parser() -> impl TypedValueParser<Value = Host> {
    PossibleValuesParser::new(Host::ALL.map(Host::name)).try_map(|name| {
        let named = Host::ALL.into_iter().find(|host| host.name() == name);
        named.ok_or("there is no such host")
    })
}

pub fn run(arguments: &HostingArguments, global: &Global, terminal: &Terminal) -> Result<Outcome, Error> {
    let mut overrides = Overrides::default();
    (overrides.base_url, overrides.output) = (arguments.base_url.clone(), arguments.output.clone());
    let config = Config::load(&global.root, &overrides)?;
    let (root, output) = (absolute(&config.root)?, absolute(&config.output)?);
    let site = Site {
        base_url: config.base_url_is_set.then_some(&config.base_url),
        root: &root,
        output: &output,
        static_files: &absolute(&config.static_files)?,
        image_api_2: config.older.image,
        viewers: &config.viewers,
    };
    let files = hosting::files(arguments.host, &site)?;
    match arguments.print {
        true => print(&files.files, terminal),
        false => write(&files, arguments.force, terminal)?,
    }
    Ok(Outcome::Complete)
}

/// The absolute path, so that paths can be compared.
fn absolute(path: &Path) -> Result<PathBuf, Error> {
    let failed = |error| Error::read(ErrorKind::Config, path, error);
    Ok(std::path::absolute(path).map_err(failed)?.components().collect())
}

fn print(files: &[HostingFile], terminal: &Terminal) {
    for file in files {
        if files.len() > 1 {
            terminal.print(&format!("==> {} <==", file.path.display()));
        }
        terminal.print_bytes(file.text.as_bytes());
    }
}

/// All of them or none.
fn write(files: &Files, force: bool, terminal: &Terminal) -> Result<(), Error> {
    let mut due = vec![];
    for file in &files.files {
        let Existing { place, bytes } = existing(&file.path)?;
        match bytes {
            Some(there) if there == file.text.as_bytes() => {
                terminal.say(&format!("{}: unchanged", file.path.display()));
            }
            Some(_) if !force => return Err(occupied(&file.path)),
            _ => due.push((file, place)),
        }
    }
    for (file, place) in due {
        let folder = place.parent().unwrap_or(Path::new("."));
        let written = fs::create_dir_all(folder).and_then(|()| fs::write(&place, &file.text));
        written.map_err(|error| Error::output(&file.path, error))?;
        terminal.say(&format!("{}: written", file.path.display()));
    }
    for next in &files.next {
        terminal.say(&format!("next: {next}"));
    }
    Ok(())
}

fn occupied(path: &Path) -> Error {
    Error::new(ErrorKind::Config, "this file is there already, with other contents")
        .with_path(path)
        .with_hint("--print shows what would be written, --force writes over it")
}

//! `iiif-build man`, hidden: one manual page for the program and one for each subcommand, from the same definitions
//! as `--help`.

use super::arguments::Outcome;
use clap::{Args, Command};
use clap_mangen::Man;
use iiif_build::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct ManualArguments {
    /// The folder to make.
    dir: PathBuf,
}

pub fn run(arguments: &ManualArguments, command: Command) -> Result<Outcome, Error> {
    fs::create_dir(&arguments.dir).map_err(|error| Error::output(&arguments.dir, error))?;
    let mut command = command.disable_help_subcommand(true);
    command.build();
    write(&command, &arguments.dir)?;
    Ok(Outcome::Complete)
}

fn write(command: &Command, folder: &Path) -> Result<(), Error> {
    let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
    let path = folder.join(format!("{name}.1"));
    let page = render(command.clone()).and_then(|page| fs::write(&path, page));
    page.map_err(|error| Error::output(&path, error))?;
    command.get_subcommands().filter(|command| !command.is_hide_set()).try_for_each(|command| write(command, folder))
}

fn render(command: Command) -> io::Result<Vec<u8>> {
    let mut page = vec![];
    let source = concat!("iiif-build ", env!("CARGO_PKG_VERSION"));
    Man::new(command).source(source).manual("iiif-build").render(&mut page)?;
    Ok(page)
}

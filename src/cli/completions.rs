//! `iiif-build completions`: a script for a shell, made from the same definitions as `--help`.

use super::arguments::Outcome;
use super::terminal::Terminal;
use clap::{Args, Command};
use clap_complete::Shell;
use iiif_build::error::Error;

#[derive(Args)]
pub struct CompletionsArguments {
    /// The shell that the script is for.
    shell: Shell,
}

pub fn run(arguments: &CompletionsArguments, mut command: Command, terminal: &Terminal) -> Result<Outcome, Error> {
    let mut script = vec![];
    clap_complete::generate(arguments.shell, &mut command, "iiif-build", &mut script);
    terminal.print_bytes(&script);
    Ok(Outcome::Complete)
}

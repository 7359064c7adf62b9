//! `iiif-build serve`.

use super::terminal::Terminal;
use super::{BuildArguments, Global, Outcome, build};
use clap::Args;
use iiif_build::error::Error;
use iiif_build::serve::Server;

#[derive(Args)]
pub struct ServeArguments {
    #[command(flatten)]
    build: BuildArguments,
    /// The port to listen on.
    #[arg(long, value_name = "N", default_value_t = 8000, env = "IIIF_BUILD_PORT")]
    port: u16,
    /// Open the site in a browser.
    #[arg(long)]
    open: bool,
}

pub fn run(arguments: &ServeArguments, global: &Global, terminal: &Terminal) -> Result<Outcome, Error> {
    let config = arguments.build.config(global)?;
    let server = Server::bind(&config.output, &config.base_url, arguments.port)?;
    let outcome = build::build(&config, terminal)?;
    terminal.say(&format!("serving {} (Ctrl-C ends it)", server.url()));
    if arguments.open
        && let Err(error) = open::that_detached(server.url())
    {
        terminal.warn(&format!("no browser could be opened: {error}"));
    }
    server.run()?;
    Ok(outcome)
}

//! `iiif-build serve`.

use super::arguments::{BuildArguments, Global, Outcome};
use super::build;
use super::terminal::Terminal;
use super::watch::{Follower, keep_building};
use clap::Args;
use iiif_build::build::Report;
use iiif_build::build::progress::{Event, Observer};
use iiif_build::config::Config;
use iiif_build::error::Error;
use iiif_build::publish::serve::{Live, Server, Serving};
use std::sync::Arc;

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
    /// Build once, and serve the site exactly as it is published.
    #[arg(long)]
    no_watch: bool,
}

pub fn run(arguments: &ServeArguments, global: &Global, terminal: &Terminal) -> Result<Outcome, Error> {
    let config = arguments.build.local_config(global)?;
    let server = Server::bind(arguments.port)?;
    if arguments.no_watch {
        let outcome = build::build(&config, terminal)?;
        let serving = server.start(&config, None);
        announce(&serving, arguments.open, false, terminal);
        serving.run();
        return Ok(outcome);
    }
    let live = Arc::new(Live::new(config.output.join("index.html").is_file()));
    let serving = server.start(&config, Some(live.clone()));
    announce(&serving, arguments.open, true, terminal);
    let pages = Pages { live: &live, serving: &serving };
    let outcome = keep_building(config, || arguments.build.local_config(global), terminal, &pages);
    serving.stop();
    outcome
}

/// `follows`: the site is built again after each change.
fn announce(serving: &Serving, open: bool, follows: bool, terminal: &Terminal) {
    terminal.say(&format!("serving {} (Ctrl-C ends it)", serving.url()));
    if follows {
        terminal.say("next: change a file of the project; open pages show it at once");
    }
    if open && let Err(error) = open::that_detached(serving.url()) {
        terminal.warn(&format!("no browser could be opened: {error}"));
    }
}

/// The number of pixels that are made while a reader waits for the page. Further images come after it, first those that
/// the reader looks at.
const PIXELS_BEFORE_PAGES: u64 = 64 << 20;

/// The open pages.
struct Pages<'a> {
    live: &'a Live,
    serving: &'a Serving,
}

impl Observer for Pages<'_> {
    fn event(&self, event: Event<'_>) {
        self.live.event(event);
    }

    fn wanted(&self) -> Option<String> {
        self.live.wanted()
    }
}

impl Follower for Pages<'_> {
    fn defer_beyond(&self) -> Option<u64> {
        Some(PIXELS_BEFORE_PAGES)
    }

    fn ended(&self, config: &Config, result: Result<&Report, &Error>) {
        match result {
            Ok(report) if report.refused.is_some() => {
                self.live.await_images(std::iter::empty());
                self.live.failed(&report.failures);
            }
            Ok(report) => {
                self.serving.show(config);
                self.live.await_images(report.deferred.iter().map(|image| image.0.clone()));
                // Deferred images are shown when they are requested; pages need not reload.
                let images = if config.defer_beyond.is_some() { report.images } else { 0 };
                let changed = images + report.written + report.removed > 0;
                self.live.built(changed, &report.failures);
            }
            Err(error) => {
                self.live.await_images(std::iter::empty());
                self.live.failed(std::slice::from_ref(error));
            }
        }
    }
}

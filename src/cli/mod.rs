//! The command line: arguments in, library calls, exit code out.
//!
//! Exit codes: 0 success · 1 something could not be built, or failed under `--strict` · 2 usage,
//! configuration or mistakes, and nothing was written. A build on many machines has its own ([`shards`]).

#[cfg(feature = "deploy")]
mod add_viewer;
mod arguments;
mod build;
mod completions;
#[cfg(feature = "deploy")]
mod deploy;
#[cfg(not(feature = "deploy"))]
#[path = "no_deploy.rs"]
mod deploy;
#[cfg(feature = "deploy")]
mod deploy_report;
mod doctor;
#[cfg(feature = "deploy")]
mod fetch_state;
mod hosting;
mod init;
mod interrupt;
mod manual;
mod plan;
mod plan_tree;
mod report_file;
#[cfg(feature = "serve")]
mod serve;
mod shards;
mod terminal;
mod tile;
#[cfg(feature = "serve")]
mod watch;
mod worker;

use arguments::{Global, Outcome};
use clap::{CommandFactory, Parser, Subcommand};
use iiif_build::error::{Error, ErrorKind};
use iiif_build::pixels::codecs;
use std::process::ExitCode;
use std::sync::LazyLock;
use terminal::Terminal;

/// Builds static IIIF collections: a folder of scans in, level 0 tiles, manifests and an accessible site out.
#[derive(Parser)]
#[command(version, long_version = VERSION.as_str(), max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a project.
    Init(init::InitArguments),
    /// Build the site.
    Build(build::SiteArguments),
    /// Build the site, and build again after each change.
    #[cfg(feature = "serve")]
    Watch(arguments::BuildArguments),
    /// Build the site and show it on this machine. Open pages follow each change.
    #[cfg(feature = "serve")]
    Serve(serve::ServeArguments),
    /// Cut one image into a level 0 folder. This needs no project.
    Tile(tile::TileArguments),
    /// Show what a build would make: pages, labels, ids, files and bytes.
    Plan(plan::PlanArguments),
    /// Upload the built site to a bucket or a folder. Only changes are uploaded.
    #[cfg(feature = "deploy")]
    Deploy(deploy::DeployArguments),
    /// Bring the built site and its records back from a target if they are lost here.
    #[cfg(feature = "deploy")]
    FetchState(fetch_state::FetchArguments),
    /// Add Mirador, the Universal Viewer or Clover to the site, from the npm registry.
    #[cfg(feature = "deploy")]
    AddViewer(add_viewer::AddViewerArguments),
    /// Finish a build on many machines: take the images of its tasks, and make and publish everything else.
    Finish(shards::FinishArguments),
    /// Show how far the tasks of a plan are.
    Status(shards::StatusArguments),
    /// Write the configuration for a web host: CORS, media types, redirects.
    Hosting(hosting::HostingArguments),
    /// Check this machine for problems that would hurt a build.
    Doctor(doctor::DoctorArguments),
    /// Print a script that lets a shell complete commands and options.
    Completions(completions::CompletionsArguments),
    /// Write the manual pages into a new folder, for packages.
    #[command(hide = true)]
    Man(manual::ManualArguments),
    #[command(hide = true)]
    Worker(worker::WorkerArguments),
}

/// The version of the program, and those of its codecs.
static VERSION: LazyLock<String> =
    LazyLock::new(|| format!("{}\n{}", env!("CARGO_PKG_VERSION"), codecs::versions().join("\n")));

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let Arguments { global, command } = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if error.exit_code() != 0 && shards::is_one(std::env::args()) => {
            // Who closed the terminal reads no message.
            let _ = error.print();
            return ExitCode::from(shards::USAGE);
        }
        Err(error) => error.exit(),
    };
    let terminal = Terminal::new(&global);
    let outcome = match command {
        Command::Init(arguments) => init::run(&arguments, &terminal),
        Command::Build(arguments) => build::run(&arguments, &global, &terminal),
        #[cfg(feature = "serve")]
        Command::Watch(arguments) => watch::run(&arguments, &global, &terminal),
        #[cfg(feature = "serve")]
        Command::Serve(arguments) => serve::run(&arguments, &global, &terminal),
        Command::Tile(arguments) => tile::run(&arguments, &terminal),
        Command::Plan(arguments) => plan::run(&arguments, &global, &terminal),
        #[cfg(feature = "deploy")]
        Command::Deploy(arguments) => deploy::run(&arguments, &global, &terminal),
        #[cfg(feature = "deploy")]
        Command::FetchState(arguments) => fetch_state::run(&arguments, &global, &terminal),
        #[cfg(feature = "deploy")]
        Command::AddViewer(arguments) => add_viewer::run(&arguments, &global, &terminal),
        Command::Finish(arguments) => shards::finish(&arguments, &global, &terminal),
        Command::Status(arguments) => shards::status(&arguments, &global, &terminal),
        Command::Hosting(arguments) => hosting::run(&arguments, &global, &terminal),
        Command::Doctor(arguments) => doctor::run(&arguments, &global, &terminal),
        Command::Completions(arguments) => completions::run(&arguments, Arguments::command(), &terminal),
        Command::Man(arguments) => manual::run(&arguments, Arguments::command()),
        Command::Worker(arguments) => worker::run(&arguments),
    };
    match outcome {
        Ok(Outcome::Complete) => ExitCode::SUCCESS,
        Ok(Outcome::SomeFailed) => ExitCode::from(1),
        Ok(Outcome::Refused) => ExitCode::from(2),
        Ok(Outcome::Code(code)) => ExitCode::from(code),
        Err(error) => {
            terminal.error(&error);
            ExitCode::from(exit_code(&error))
        }
    }
}

/// The exit code for an error that ended the command. With 2 nothing was written.
fn exit_code(error: &Error) -> u8 {
    match error.kind() {
        _ if error.has_written() && error.kind() != ErrorKind::Interrupted => 1,
        ErrorKind::Config | ErrorKind::Content | ErrorKind::Template => 2,
        ErrorKind::Interrupted => interrupt::EXIT_CODE,
        _ => 1,
    }
}

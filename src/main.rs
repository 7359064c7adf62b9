//! The `iiif-build` command.

// A part of the program that is built without another one may hold code that only that one uses.
#![cfg_attr(
    not(all(feature = "deploy", feature = "serve", feature = "discovery", feature = "image2")),
    allow(dead_code)
)]

mod cli;

fn main() -> std::process::ExitCode {
    cli::run()
}

//! The `iiif-build` command.

// A part of the program that is built without another one may hold code that only that one uses.
#![cfg_attr(
    not(all(feature = "deploy", feature = "serve", feature = "discovery", feature = "image2")),
    allow(dead_code)
)]

mod cli;

/// musl's own allocator takes one lock for all threads.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::run()
}

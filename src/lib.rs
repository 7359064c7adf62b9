//! iiif-build: a folder of scans in, a static IIIF site out; no image server.
//!
//! The build is a list of stages ([`pipeline::build`]):
//!
//! SCAN ([`content`]) → PROBE ([`decode`]) → PLAN ([`plan`]) → TILE ([`tiling`]) → DESCRIBE ([`iiif`]) → RENDER
//! ([`render`]) → PUBLISH ([`output`], [`state`]).
//!
//! The library never prints, exits or panics; it tells an [`progress::Observer`] what happens, and its
//! [`error::Error`] says who must act. ARCHITECTURE.md in the repository follows one image through the build.

#![deny(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::todo,
        clippy::print_stdout,
        clippy::print_stderr,
        clippy::exit
    )
)]

pub mod build;
pub mod config;
pub mod diagnostics;
pub mod documents;
pub mod error;
pub mod input;
pub mod model;
pub mod pixels;
pub mod publish;
pub mod storage;

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

pub mod address;
pub mod config;
pub mod content;
pub mod cutting;
pub mod decode;
pub mod deploy;
pub mod discovery;
pub mod encode;
pub mod error;
pub mod finding;
pub mod fingerprint;
pub mod geometry;
pub mod headers;
pub mod hosting;
pub mod iiif;
pub mod import;
mod libjpeg;
mod machine;
pub mod media;
pub mod metadata;
pub mod model;
mod openjpeg;
pub mod output;
pub mod pipeline;
pub mod plan;
pub mod progress;
pub mod pyramid;
pub mod render;
pub mod serve;
pub mod settings;
pub mod site;
mod splice;
pub mod state;
pub mod store;
pub mod tables;
pub mod text;
pub mod tiling;
pub mod watch;
pub mod xml;
mod yaml;

//! The suite: a project in a temporary folder is built through the library or the binary, and what was written is
//! looked at from outside. tests/README.md is its map.

mod bad_input;
mod cli;
mod corpus;
mod determinism;
mod documents;
mod draw;
mod http;
mod names;
mod objects;
mod pixels;
mod project;
mod prove;
mod rebuild;
mod reference;
mod serve;
mod site;
mod stitch;
mod tiff;
mod viewer_oracle;
mod viewers;
mod walk;

//! The suite: a project in a temporary folder is built through the library or the binary, and what was written is
//! looked at from outside. tests/README.md is its map.

mod action;
mod archive;
mod bad_input;
mod bags;
mod cards;
mod cli;
mod collections;
mod completions;
mod cookbook;
mod corpus;
#[cfg(target_os = "linux")]
mod crash;
mod credentials;
mod curator;
mod damaged;
mod deploy;
mod determinism;
mod diagnostics;
mod discovery;
mod documents;
mod doors;
mod draw;
mod explain;
mod first_use;
mod folders;
mod guides;
#[cfg(target_os = "linux")]
mod hostile;
mod hosting;
mod http;
mod import;
mod incremental;
#[cfg(unix)]
mod isolation;
mod item_pages;
mod item_text;
mod jpeg_2000;
mod languages;
mod leaks;
mod libtiff;
#[cfg(target_os = "linux")]
mod limits;
mod lists;
mod lossless;
#[cfg(target_os = "linux")]
mod memory;
mod metadata;
#[cfg(target_os = "linux")]
mod mutations;
mod names;
mod next_steps;
mod objects;
mod old_jpeg;
mod older;
mod operators;
mod overlooked;
mod ownership;
mod page_list;
mod page_texts;
mod pdf;
mod pixels;
mod presentation;
mod project;
mod properties;
mod prove;
mod random;
mod rebuild;
mod recorded;
mod recordings;
mod reference;
mod second_opinion;
mod serve;
mod settings;
#[cfg(unix)]
mod shards;
mod site;
mod site_viewers;
mod sources;
mod stitch;
mod tables;
mod take_away;
mod text;
mod tiff;
mod tiff_pages;
mod told;
mod trace;
#[cfg(target_os = "linux")]
mod usage;
mod viewer_oracle;
mod viewers;
mod walk;
mod watch;
mod watermark;
mod withheld;
mod wording;
mod yaml;

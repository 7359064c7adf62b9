//! The material of archives: folders, metadata, tables, text, recordings, and other programs' projects.

pub mod budget;
pub mod content;
pub mod import;
mod language;
pub mod media;
pub mod metadata;
pub mod source;
pub mod tables;
pub mod text;
pub mod xml;
mod yaml;

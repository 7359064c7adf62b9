//! Prints the IIIF documents of a project without cutting a tile: `cargo run --example manifest_only -- PROJECT`.
//!
//! This suits programs that have an image server already: only the headers of images are read, and nothing is written.

use iiif_build::{Config, Overrides};
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = std::env::args().nth(1).ok_or("name the folder of a project: the one with content/ in it")?;
    let config = Config::load(Path::new(&root), &Overrides::default())?;
    let made = iiif_build::iiif_documents(&config)?;
    for document in made.documents.iter().filter(|document| document.path.as_str().ends_with("manifest.json")) {
        println!("{}\n{}", document.path.as_str(), String::from_utf8_lossy(&document.bytes));
    }
    for failure in &made.failures {
        eprintln!("{failure}");
    }
    Ok(())
}

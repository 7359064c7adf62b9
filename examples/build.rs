//! Builds the project in a folder: `cargo run --example build -- PROJECT`.

use iiif_build::{Config, Overrides};
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = std::env::args().nth(1).ok_or("name the folder of a project: the one with content/ in it")?;
    let config = Config::load(Path::new(&root), &Overrides::default())?;
    let report = iiif_build::build(&config)?;
    println!("{} images made, {} kept, {} documents written", report.images, report.reused, report.written);
    for failure in &report.failures {
        eprintln!("{failure}");
    }
    Ok(())
}

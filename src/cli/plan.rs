//! `iiif-build plan`: a table of what would be built, before any tile is cut.

use super::terminal::{Terminal, in_bytes};
use super::{BuildArguments, Global, Log, Outcome};
use iiif_build::config::Config;
use iiif_build::error::Error;
use iiif_build::pipeline::{self, Planned};
use iiif_build::plan::PlannedImage;
use serde_json::json;

/// Tile sizes to compare.
const TILE_SIZES: [u32; 3] = [256, 512, 1024];

pub fn run(arguments: &BuildArguments, global: &Global, terminal: &Terminal) -> Result<Outcome, Error> {
    let config = arguments.config(global)?;
    let planned = pipeline::plan(&config, terminal)?;
    match global.log {
        Log::Text => print_text(&planned, &config, global.verbose, terminal),
        Log::Json => print_json(&planned, &config, terminal),
    }
    planned.failures.iter().for_each(|error| terminal.error(error));
    Ok(if planned.failures.is_empty() { Outcome::Complete } else { Outcome::SomeFailed })
}

fn source(image: &PlannedImage, config: &Config) -> String {
    image.source.strip_prefix(&config.content).unwrap_or(&image.source).display().to_string()
}

fn label(image: &PlannedImage) -> String {
    image.label.values().next().cloned().unwrap_or_default()
}

fn print_text(planned: &Planned, config: &Config, verbose: bool, terminal: &Terminal) {
    let rows: Vec<[String; 5]> = planned
        .plan
        .images
        .iter()
        .map(|image| {
            let size = image.header.size;
            let name = format!("{} {}x{}", image.header.format, size.width, size.height);
            [source(image, config), name, image.id.0.clone(), label(image), image.rule.to_owned()]
        })
        .collect();
    let headings = ["file", "image", "id", "label", "named by"].map(str::to_owned);
    let widths = [0, 1, 2, 3]
        .map(|column| rows.iter().chain([&headings]).map(|row| row[column].chars().count()).max().unwrap_or(0));
    for (index, row) in std::iter::once(&headings).chain(&rows).enumerate() {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}  "));
        terminal.print(format!("{}{}", cells.collect::<String>(), row[4]).trim_end());
        if verbose && index > 0 {
            let image = &planned.plan.images[index - 1];
            terminal.print(&format!("    {}", image.cutting.treatment(&image.header)));
        }
    }
    for ignored in &planned.ignored {
        let path = ignored.path.strip_prefix(&config.content).unwrap_or(&ignored.path);
        terminal.print(&format!("ignored: {} ({})", path.display(), ignored.reason));
    }
    terminal.print("");
    print_estimates(planned, config, terminal);
}

/// For several tile sizes; where collections have tiles of their own size, also as it will be.
fn print_estimates(planned: &Planned, config: &Config, terminal: &Terminal) {
    let print = |name: &str, tile_size: Option<u32>, is_chosen: bool| {
        let estimate = planned.plan.estimate(tile_size, config.older);
        let chosen = if is_chosen { "  <- chosen" } else { "" };
        let (files, bytes) = (estimate.files, in_bytes(estimate.bytes));
        terminal.print(&format!("{name}: {files} image files, about {bytes}{chosen}"));
    };
    let chosen = chosen_tile_size(planned, config);
    for tile_size in tile_sizes(planned, config) {
        print(&format!("tile size {tile_size:>4}"), Some(tile_size), chosen == Some(tile_size));
    }
    if chosen.is_none() {
        print("tile sizes as set", None, true);
    }
}

/// `None` where images differ.
fn chosen_tile_size(planned: &Planned, config: &Config) -> Option<u32> {
    let mut sizes = planned.plan.images.iter().map(|image| image.settings.tile_size);
    let first = sizes.next().unwrap_or(config.images.tile_size);
    sizes.all(|size| size == first).then_some(first)
}

fn print_json(planned: &Planned, config: &Config, terminal: &Terminal) {
    for image in &planned.plan.images {
        terminal.print_json(&json!({
            "file": source(image, config),
            "format": image.header.format,
            "width": image.header.size.width,
            "height": image.header.size.height,
            "treatment": image.cutting.treatment(&image.header),
            "page": image.token,
            "id": image.id.0,
            "label": label(image),
            "rule": image.rule,
        }));
    }
    for ignored in &planned.ignored {
        terminal.print_json(&json!({ "ignored": ignored.path, "reason": ignored.reason }));
    }
    for tile_size in tile_sizes(planned, config) {
        let estimate = planned.plan.estimate(Some(tile_size), config.older);
        terminal.print_json(&json!({ "tile-size": tile_size, "files": estimate.files, "bytes": estimate.bytes }));
    }
    let chosen = planned.plan.estimate(None, config.older);
    terminal.print_json(&json!({ "files": chosen.files, "bytes": chosen.bytes }));
}

fn tile_sizes(planned: &Planned, config: &Config) -> Vec<u32> {
    let chosen = chosen_tile_size(planned, config).unwrap_or(config.images.tile_size);
    let mut sizes: Vec<u32> = TILE_SIZES.into_iter().chain([chosen]).collect();
    sizes.sort_unstable();
    sizes.dedup();
    sizes
}

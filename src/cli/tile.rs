//! `iiif-build tile`.

use super::terminal::Terminal;
use super::{Lossless, Outcome, ResourceArguments};
use clap::Args;
use iiif_build::config::ImageSettings;
use iiif_build::error::Error;
use iiif_build::pipeline::{self, SingleImage};
use std::path::PathBuf;

#[derive(Args)]
pub struct TileArguments {
    /// The image file.
    source: PathBuf,
    /// The folder to make; it is replaced if it is an image service already.
    out_dir: PathBuf,
    /// The URI at which the folder will be published; viewers find tiles below it
    /// [default: http://localhost:8000/ and the folder's name].
    #[arg(long, value_name = "URI")]
    id: Option<String>,
    /// Which image of a multi-page file.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    page: u32,
    /// Side of a tile in pixels, a multiple of 16.
    #[arg(long, value_name = "PIXELS", default_value_t = ImageSettings::default().tile_size)]
    tile_size: u32,
    /// JPEG quality, 1 to 100.
    #[arg(long, value_name = "Q", default_value_t = ImageSettings::default().quality)]
    quality: u8,
    /// Longest side of full/max in pixels.
    #[arg(long, value_name = "PIXELS", default_value_t = ImageSettings::default().max_size)]
    max_size: u32,
    /// Take tiles from a JPEG or a JPEG-tiled TIFF as they are: where that is wise, wherever it can be, or not at all.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    lossless: Lossless,
    /// Only tiles and info.json, as `vips dzsave` writes them; not all viewers can show such a folder.
    #[arg(long)]
    no_extras: bool,
    #[command(flatten)]
    resources: ResourceArguments,
}

pub fn run(arguments: &TileArguments, terminal: &Terminal) -> Result<Outcome, Error> {
    let target = arguments.out_dir.as_path();
    let name = target.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let default_id = format!("{}{name}", iiif_build::config::LOCAL_BASE_URL);
    let image = SingleImage {
        source: &arguments.source,
        target,
        id: arguments.id.as_deref().unwrap_or(&default_id),
        page: arguments.page as usize - 1,
        settings: ImageSettings {
            tile_size: arguments.tile_size,
            quality: arguments.quality,
            max_size: arguments.max_size,
            lossless: arguments.lossless.into(),
        },
        tiles_only: arguments.no_extras,
    };
    let report = pipeline::tile_file(&image, arguments.resources.resources(), terminal)?;
    terminal.summary(&report, target);
    Ok(Outcome::Complete)
}

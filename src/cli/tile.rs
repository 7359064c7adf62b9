//! `iiif-build tile`.

use super::arguments::{Outcome, ResourceArguments};
use super::terminal::Terminal;
use clap::Args;
use iiif_build::build::{self, SingleImageOptions};
use iiif_build::error::{Error, ErrorKind};
use iiif_build::model::settings::{
    Colour, FileFormat, Formats, Huffman, ImageChoices, ImageSettings, Limit, Lossless, Subsampling, from_word,
};
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct TileArguments {
    /// The image file.
    source: PathBuf,
    /// The folder to make. A folder that `iiif-build tile` made is replaced.
    out_dir: PathBuf,
    /// The URI at which the folder will be published; viewers look for tiles below it
    /// [default: http://localhost:8000/ and the folder's name].
    #[arg(long, value_name = "URI")]
    id: Option<String>,
    /// Which image of a multi-page file.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    page: u32,
    #[command(flatten)]
    images: ImageArguments,
    /// Write only tiles and info.json, as `vips dzsave` does. Not all viewers can show such a folder.
    #[arg(long)]
    no_extras: bool,
    /// Write into a folder that has other files.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    resources: ResourceArguments,
}

/// The keys of `[images]` in iiif-build.toml.
#[derive(Args)]
struct ImageArguments {
    /// Side of a tile in pixels, a multiple of 16.
    #[arg(long, value_name = "PIXELS", default_value_t = ImageSettings::default().tile_size)]
    tile_size: u32,
    /// Quality of JPEG and WebP, 1 to 100.
    #[arg(long, value_name = "Q", default_value_t = ImageSettings::default().coding.quality)]
    quality: u8,
    /// Colour resolution of JPEG: auto (4:4:4 from quality 90 on), 4:4:4 or 4:2:0.
    #[arg(long, value_name = "KIND", default_value = "auto", value_parser = from_word::<Subsampling>)]
    subsampling: Subsampling,
    /// Coding of JPEG: fast, optimised (smaller) or progressive (smallest). The pixels are the same.
    #[arg(long, value_name = "KIND", default_value = "fast", value_parser = from_word::<Huffman>)]
    huffman: Huffman,
    /// Formats of the files: jpg, or jpg,webp.
    #[arg(long, value_name = "LIST", default_value = "jpg", value_delimiter = ',', value_parser = from_word::<FileFormat>)]
    formats: Vec<FileFormat>,
    /// The colour behind transparent pixels.
    #[arg(long, value_name = "COLOUR", default_value_t = ImageSettings::default().background, value_parser = from_word::<Colour>)]
    background: Colour,
    /// Longest side of full/max in pixels, or full.
    #[arg(long, value_name = "PIXELS", default_value_t = ImageSettings::default().max_size, value_parser = from_word::<Limit>)]
    max_size: Limit,
    /// Longest side that is published at all, in pixels, or full. A larger image is reduced to it first.
    #[arg(long, value_name = "PIXELS", default_value_t = ImageSettings::default().max_resolution, value_parser = from_word::<Limit>)]
    max_resolution: Limit,
    /// Publish the JPEG data of the image without encoding it again: auto (if that costs few bytes), always or never.
    #[arg(long, value_name = "WHEN", default_value = "auto", value_parser = from_word::<Lossless>)]
    lossless: Lossless,
}

impl ImageArguments {
    fn settings(&self) -> Result<ImageSettings, Error> {
        let refused = |why: String| Error::new(ErrorKind::Config, why);
        let choices = ImageChoices {
            tile_size: Some(self.tile_size),
            quality: Some(self.quality),
            subsampling: Some(self.subsampling),
            huffman: Some(self.huffman),
            formats: Some(Formats::try_from(self.formats.clone()).map_err(|why| refused(why.into()))?),
            background: Some(self.background),
            max_size: Some(self.max_size),
            max_resolution: Some(self.max_resolution),
            lossless: Some(self.lossless),
            watermark: None,
        };
        choices.over(ImageSettings::default(), Path::new("")).map_err(|mut wrong| refused(wrong.swap_remove(0).why))
    }
}

pub fn run(arguments: &TileArguments, terminal: &Terminal) -> Result<Outcome, Error> {
    let target = arguments.out_dir.as_path();
    let mut options = SingleImageOptions::default();
    options.id = arguments.id.clone();
    options.page = arguments.page as usize - 1;
    options.settings = arguments.images.settings()?;
    options.tiles_only = arguments.no_extras;
    options.force = arguments.force;
    options.resources = arguments.resources.resources();
    let report = build::tile(&arguments.source, target, &options, terminal)?;
    terminal.summary(&report, target);
    Ok(Outcome::Complete)
}

//! Cuts one image into a level 0 folder: `cargo run --example tile -- IMAGE FOLDER`.

use iiif_build::SingleImageOptions;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (source, folder) = arguments.next().zip(arguments.next()).ok_or("name an image, and the folder to make")?;
    let mut options = SingleImageOptions::default();
    options.id = Some(format!("https://example.org/{folder}"));
    options.settings.coding.quality = 85;
    let report = iiif_build::tile(Path::new(&source), Path::new(&folder), &options)?;
    println!("{} files, {} bytes", report.files, report.bytes);
    Ok(())
}

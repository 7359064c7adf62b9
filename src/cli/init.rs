//! `iiif-build init`: a project that builds at once and explains itself.

use super::Outcome;
use super::terminal::Terminal;
use clap::Args;
use iiif_build::error::{Error, ErrorKind};
use image::{Rgb, RgbImage};
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct InitArguments {
    /// The folder to make.
    dir: PathBuf,
}

const FILES: [(&str, &str); 4] = [
    ("iiif-build.toml", include_str!("starter/iiif-build.toml")),
    ("content/collection.toml", include_str!("starter/collection.toml")),
    ("content/first-item/item.toml", include_str!("starter/item.toml")),
    (".gitignore", "public/\n.iiif-build/\n"),
];

pub fn run(arguments: &InitArguments, terminal: &Terminal) -> Result<Outcome, Error> {
    let root = arguments.dir.as_path();
    if fs::read_dir(root).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Error::new(ErrorKind::Config, "the folder is not empty").with_path(root));
    }
    for (name, text) in FILES {
        write(&root.join(name), |path| fs::write(path, text))?;
    }
    for (number, tint) in [(1, [214, 196, 160]), (2, [176, 196, 201])] {
        let path = root.join(format!("content/first-item/{number:03}.png"));
        write(&path, |path| test_card(tint).save(path).map_err(std::io::Error::other))?;
    }
    terminal.say(&format!("made {}; next: iiif-build serve --root {}", root.display(), root.display()));
    Ok(Outcome::Complete)
}

fn write(path: &Path, contents: impl FnOnce(&Path) -> std::io::Result<()>) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).and_then(|()| contents(path)).map_err(|error| Error::output(path, error))
}

/// A page to zoom into until there are real ones: fine rules on tinted paper.
fn test_card(tint: [u8; 3]) -> RgbImage {
    RgbImage::from_fn(1200, 1600, |x, y| {
        let margin = x < 80 || y < 80 || x >= 1120 || y >= 1520;
        let ruled = !margin && (y % 40 < 2 || (y % 40 < 24 && y % 40 > 10 && (x / 7 * (y / 40 + 3)) % 5 < 2));
        let shade = |value: u8| if ruled { value / 3 } else { value - (x / 80 + y / 160) as u8 };
        Rgb(tint.map(shade))
    })
}

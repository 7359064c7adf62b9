//! `iiif-build init`: a project that builds at once and explains itself, or one out of another program's folder.

use super::arguments::Outcome;
use super::terminal::Terminal;
use clap::{Args, ValueEnum};
use iiif_build::error::{Error, ErrorKind};
use iiif_build::input::import::{self, Peer};
use iiif_build::storage::ownership;
use image::{Rgb, RgbImage};
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct InitArguments {
    /// The folder to make; with --from, the other program's folder, which is only read.
    dir: PathBuf,
    /// With --from: the folder to make [default: the name of DIR with -iiif].
    #[arg(requires = "from")]
    target: Option<PathBuf>,
    /// Make the project out of what another program builds from.
    #[arg(long, value_enum, value_name = "PROGRAM")]
    from: Option<From>,
}

#[derive(Clone, Copy, ValueEnum)]
enum From {
    /// Folders with info.yml, canvases in folders that begin with _.
    Biiif,
    /// The tables and images below _data/ that _config.yml names.
    Wax,
    /// A CSV, XLSX or ODS file and images beside it.
    Csv,
    /// Folders with METS and images.
    Mets,
}

impl From {
    fn peer(self) -> Peer {
        match self {
            From::Biiif => Peer::Biiif,
            From::Wax => Peer::Wax,
            From::Csv => Peer::Table,
            From::Mets => Peer::Mets,
        }
    }
}

const FILES: [(&str, &str); 4] = [
    ("iiif-build.toml", include_str!("starter/iiif-build.toml")),
    ("content/collection.toml", include_str!("starter/collection.toml")),
    ("content/first-item/item.toml", include_str!("starter/item.toml")),
    (".gitignore", "public/\n.iiif-build/\n"),
];

pub fn run(arguments: &InitArguments, terminal: &Terminal) -> Result<Outcome, Error> {
    match arguments.from {
        Some(from) => take_over(from.peer(), arguments, terminal),
        None => start(&arguments.dir, terminal),
    }
}

/// Makes a project out of another program's folder.
fn take_over(peer: Peer, arguments: &InitArguments, terminal: &Terminal) -> Result<Outcome, Error> {
    let target = match &arguments.target {
        Some(target) => target.clone(),
        None => default_target(&arguments.dir)?,
    };
    let imported = import::import(peer, &arguments.dir, &target)?;
    if !imported.mistakes.is_empty() {
        terminal.failed_all(&imported.mistakes);
        terminal.refused(imported.mistakes.len());
        return Ok(Outcome::Refused);
    }
    for what in &imported.left_out {
        terminal.warn(&format!("left out: {what}"));
    }
    let (items, collections) = (imported.items, imported.collections);
    let (linked, copied, left_out) = (imported.linked, imported.copied, imported.left_out.len());
    terminal.say(&format!(
        "made {}: items {items}, collections {collections}, images {linked} linked and {copied} copied, left out {left_out}",
        target.display()
    ));
    terminal.say(&format!("next: iiif-build serve --root {}", target.display()));
    Ok(Outcome::Complete)
}

/// In the current folder, by the name of the source.
fn default_target(source: &Path) -> Result<PathBuf, Error> {
    let whole = source.canonicalize().map_err(|error| Error::read(ErrorKind::Config, source, error))?;
    let name = whole.file_name().unwrap_or_default().to_string_lossy();
    Ok(PathBuf::from(format!("{name}-iiif")))
}

/// Makes the starter project.
fn start(root: &Path, terminal: &Terminal) -> Result<Outcome, Error> {
    ownership::check_new_folder(root)?;
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

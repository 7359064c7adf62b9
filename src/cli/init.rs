//! `iiif-build init`: a project that builds at once and explains itself, or one out of another program's folder.

use super::arguments::Outcome;
use super::terminal::Terminal;
use clap::{Args, ValueEnum};
use iiif_build::config::{FILE_NAME, project_above};
use iiif_build::error::{Error, ErrorKind, shown_path};
use iiif_build::input::content::holds_scans;
use iiif_build::input::import::{self, Peer};
use iiif_build::storage::ownership;
use image::{Rgb, RgbImage};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct InitArguments {
    /// The folder of the project. If it has scans in it, no file is moved. With --from: the other program's folder, which is
    /// only read.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// With --from: the folder to make [default: the name of DIR with -iiif].
    #[arg(requires = "from")]
    target: Option<PathBuf>,
    /// Make the project from the folder of another program.
    #[arg(long, value_enum, value_name = "PROGRAM")]
    from: Option<From>,
    /// Make a project with three example objects.
    #[arg(long, conflicts_with = "from")]
    example: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum From {
    /// Folders with info.yml, and canvases in folders whose names begin with _.
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
    (FILE_NAME, include_str!("starter/iiif-build.toml")),
    ("content/collection.toml", include_str!("starter/collection.toml")),
    ("content/first-item/item.toml", include_str!("starter/item.toml")),
    (".gitignore", "public/\n.iiif-build/\n"),
];

const SETTLED: &str = "# The scans lie in this folder itself, and not in content/.\n";

const EXAMPLE_TEXTS: [(&str, &str); 3] =
    [FILES[0], ("content/collection.toml", include_str!("starter/example.toml")), FILES[3]];

/// A file of `content/` in the repository.
macro_rules! example {
    ($($name:literal),* $(,)?) => {
        [$((concat!("content/", $name), include_bytes!(concat!("../../content/", $name)) as &[u8])),*]
    };
}

/// What `init --example` makes: a part of the example collection that is small enough for the program.
const EXAMPLE: [(&str, &[u8]); 12] = example![
    "balloon-1786/balloon_kdu71.jp2",
    "balloon-1786/item.toml",
    "books/collection.toml",
    "books/german/bebel-1879/bebel_frau_1879_0146.tif",
    "books/german/bebel-1879/bebel_frau_1879_0168.tif",
    "books/german/bebel-1879/bebel_frau_1879_0176.tif",
    "books/german/bebel-1879/bebel_frau_1879_0186.tif",
    "books/german/bebel-1879/item.toml",
    "books/german/collection.toml",
    "books/german/mimili-1815/clauren_mimil_1815_0040.jpg",
    "books/german/mimili-1815/clauren_mimil_1815_0041.jpg",
    "books/german/mimili-1815/item.toml",
];

pub fn run(arguments: &InitArguments, terminal: &Terminal) -> Result<Outcome, Error> {
    let root = &arguments.dir;
    if let Some(above) = project_above(root).filter(|_| arguments.from.is_none()) {
        let error = Error::new(ErrorKind::Config, format!("it would lie inside of the project {}", above.display()));
        return Err(error.with_path(root).with_hint("go to that folder, or choose another place"));
    }
    match arguments.from {
        Some(from) => return take_over(from.peer(), arguments, terminal),
        None if arguments.example => example(root)?,
        None if holds_scans(root) => settle(root)?,
        None => start(root)?,
    }
    terminal.say(&format!("{} is a project now", shown_path(root)));
    terminal.say(&format!("next: iiif-build serve --open{}", argument(root)));
    Ok(Outcome::Complete)
}

/// How a command names the project at `root`: not at all if it is the current folder.
fn argument(root: &Path) -> String {
    if root == Path::new(".") { String::new() } else { format!(" {}", root.display()) }
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
        shown_path(&target)
    ));
    terminal.say(&format!("next: iiif-build serve --open{}", argument(&target)));
    Ok(Outcome::Complete)
}

/// In the current folder, by the name of the source.
fn default_target(source: &Path) -> Result<PathBuf, Error> {
    let whole = source.canonicalize().map_err(|error| Error::read(ErrorKind::Config, source, error))?;
    let name = whole.file_name().unwrap_or_default().to_string_lossy();
    Ok(PathBuf::from(format!("{name}-iiif")))
}

/// What helps where there are files and no scans. `None`: the folder is empty, or it cannot be read.
fn next_step(root: &Path) -> Option<&'static str> {
    let names: Vec<_> = fs::read_dir(root).ok()?.flatten().map(|entry| entry.path()).collect();
    let is_pdf = |path: &PathBuf| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("pdf"));
    match names.iter().any(is_pdf) {
        _ if names.is_empty() => None,
        true => Some(
            "the pages of a PDF are not read. Make an image of each page, for example with \
             `pdftoppm -r 300 -tiff book.pdf page`, and run `iiif-build init` again",
        ),
        false => Some("put scans into the folder first, or name a new one for an empty project: `iiif-build init NEW`"),
    }
}

/// Makes the starter project.
fn start(root: &Path) -> Result<(), Error> {
    if let Some(hint) = next_step(root) {
        let why = "the folder holds files, and none of them is an image or a recording: no project was made";
        return Err(Error::new(ErrorKind::Config, why).with_path(root).with_hint(hint));
    }
    ownership::check_new_folder(root)?;
    FILES.into_iter().try_for_each(|(name, text)| write(&root.join(name), |path| fs::write(path, text)))?;
    for (number, tint) in [(1, [214, 196, 160]), (2, [176, 196, 201])] {
        let path = root.join(format!("content/first-item/{number:03}.png"));
        write(&path, |path| test_card(tint).save(path).map_err(std::io::Error::other))?;
    }
    Ok(())
}

/// Makes the project of the example collection.
fn example(root: &Path) -> Result<(), Error> {
    ownership::check_new_folder(root)?;
    let texts = EXAMPLE_TEXTS.into_iter().map(|(name, text)| (name, text.as_bytes()));
    EXAMPLE
        .into_iter()
        .chain(texts)
        .try_for_each(|(name, bytes)| write(&root.join(name), |path| fs::write(path, bytes)))
}

/// Makes a project of a folder with scans, and adds nothing but the settings. Scans in `content/` lie where they are
/// looked for; others are published from where they are.
fn settle(root: &Path) -> Result<(), Error> {
    let settings = root.join(FILE_NAME);
    if settings.symlink_metadata().is_ok() {
        let error = Error::new(ErrorKind::Config, "the folder is a project already").with_path(settings);
        return Err(error.with_hint(format!("next: iiif-build serve --open{}", argument(root))));
    }
    let is_apart = root.join("content").is_dir() && holds_scans(&root.join("content"));
    let place = if is_apart { String::new() } else { format!("{SETTLED}content = \".\"\n\n") };
    let (_, starter) = FILES[0];
    let text = starter.replace("\nlanguage =", "\n# language =");
    write(&settings, |path| fs::File::create_new(path)?.write_all((place + &text).as_bytes()))
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

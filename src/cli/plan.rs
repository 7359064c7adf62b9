//! `iiif-build plan`: what would be built, before any tile is cut: a tree of collections and items, or a table of all files.

use super::arguments::{BuildArguments, CheckArguments, Global, Log, Outcome};
use super::deploy::ConsentArguments;
use super::plan_tree::Tree;
use super::shards::FreezeArguments;
use super::terminal::{Terminal, in_bytes, warnings};
use clap::Args;
use iiif_build::build::plan::PlannedImage;
use iiif_build::build::progress::Silent;
use iiif_build::build::{self, Planned, PlannedFile};
use iiif_build::config::Config;
use iiif_build::error::{Error, shown_path};
use iiif_build::input::tables::write_pages;
use iiif_build::model::{FileRole, LanguageMap};
use iiif_build::publish::hosting::Host;
use iiif_build::storage::ownership::named_file::NamedFile;
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Tile sizes to compare.
const TILE_SIZES: [u32; 3] = [256, 512, 1024];

#[derive(Args)]
pub struct PlanArguments {
    #[command(flatten)]
    build: BuildArguments,
    #[command(flatten)]
    checks: CheckArguments,
    /// List every file of the content, with its role and the reason for it.
    #[arg(long, conflicts_with_all = ["csv", "json"])]
    files: bool,
    /// Print the list of files as JSON, one object a line.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Write the list as CSV. Edited and saved as pages.csv in the content folder, it decides which pages there are.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    csv: Option<PathBuf>,
    #[command(flatten)]
    freeze: FreezeArguments,
    #[command(flatten)]
    consent: ConsentArguments,
}

pub fn run(arguments: &PlanArguments, global: &Global, terminal: &Terminal) -> Result<Outcome, Error> {
    let (config, mistakes) = arguments.build.read(global)?;
    let config = arguments.checks.within(config);
    if !mistakes.is_empty() {
        return refused(&mistakes, &config, terminal);
    }
    if arguments.freeze.is_wanted() {
        return arguments.freeze.run(&arguments.build, &config, &arguments.consent, terminal);
    }
    let lists_files = arguments.files || arguments.json || arguments.csv.is_some() || global.log == Log::Json;
    let planned = build::plan_and_list(&config, lists_files, terminal)?;
    match (&arguments.csv, global.log) {
        (Some(file), _) => write_csv(&planned, file, &config, terminal)?,
        (None, log) if arguments.json || log == Log::Json => print_json(&planned, &config, terminal),
        (None, _) if arguments.files => print_files(&planned, &config, global.verbose, terminal),
        (None, _) => print_tree(&planned, &config, global.verbose, terminal),
    }
    terminal.failed_all(&planned.failures);
    let warnings = warnings(planned.diagnostics.iter().filter(|diagnostic| diagnostic.is_warning()));
    if !warnings.is_empty() {
        terminal.say(&warnings);
    }
    let is_clean = planned.failures.is_empty() && (warnings.is_empty() || !config.strict);
    Ok(if is_clean { Outcome::Complete } else { Outcome::SomeFailed })
}

/// Tells the mistakes of iiif-build.toml, and those of the content, as far as it can be read without them.
pub fn refused(mistakes: &[Error], config: &Config, terminal: &Terminal) -> Result<Outcome, Error> {
    terminal.failed_all(mistakes);
    let failures = build::plan(config, &Silent).map_or_else(|error| vec![error], |planned| planned.failures);
    terminal.failed_all(&failures);
    terminal.refused(mistakes.len() + failures.len());
    Ok(Outcome::Refused)
}

fn write_csv(planned: &Planned, path: &Path, config: &Config, terminal: &Terminal) -> Result<(), Error> {
    let ids = |file: &PlannedFile| file.images.iter().map(|index| planned.plan.images[*index].id.0.as_str()).collect();
    let rows: Vec<_> = planned.files.iter().map(|file| (&file.file, ids(file))).collect();
    let csv = write_pages(&rows);
    if path == Path::new("-") {
        terminal.print_bytes(&csv);
        return Ok(());
    }
    let (noun, force) = ("a list of pages", config.force);
    // A list that was edited is never overwritten, so no file counts as ours.
    let published: &[&Path] = &[&config.output, &config.static_files];
    let file = NamedFile { path, noun, mark: None, force: Some(force), published, sources: &[] };
    file.create()?.write_all(&csv).map_err(|error| Error::output(path, error))?;
    terminal.say(&format!("{}: {} rows", shown_path(path), rows.len()));
    Ok(())
}

/// A row of the list: a file, and one of its images.
struct Row<'a> {
    planned: &'a PlannedFile,
    image: Option<&'a PlannedImage>,
}

impl Row<'_> {
    fn file(&self, config: &Config) -> String {
        let path = self.planned.file.path.as_deref().map(|path| path.strip_prefix(&config.content).unwrap_or(path));
        path.map(|path| path.display().to_string()).unwrap_or_default()
    }

    fn label(&self) -> String {
        let own = self.planned.file.label.values().next();
        self.image.and_then(|image| first(&image.label)).or(own).cloned().unwrap_or_default()
    }

    fn page(&self) -> &str {
        let own = self.planned.file.page.as_deref().unwrap_or_default();
        self.image.map_or(own, |image| image.token.as_str())
    }

    fn role(&self) -> String {
        let file = &self.planned.file;
        file.master.map_or(file.role.name().to_owned(), |master| format!("{}, {}", file.role.name(), master.name()))
    }
}

fn first(label: &LanguageMap) -> Option<&String> {
    label.values().next()
}

/// A file with several images has as many rows.
fn rows(planned: &Planned) -> Vec<Row<'_>> {
    let mut rows = vec![];
    for file in &planned.files {
        let images = file.images.iter().map(|index| planned.plan.images.get(*index));
        let images: Vec<_> = if file.images.is_empty() { vec![None] } else { images.collect() };
        rows.extend(images.into_iter().map(|image| Row { planned: file, image }));
    }
    rows
}

/// Collections and items, and how many files are not used.
fn print_tree(planned: &Planned, config: &Config, verbose: bool, terminal: &Terminal) {
    let tree = Tree { language: &config.language, is_whole: verbose };
    tree.lines(&planned.plan.site).iter().for_each(|line| terminal.print(line));
    let (all, ignored) = (planned.all_files, planned.unused_files);
    terminal.print("");
    if ignored > 0 {
        terminal.print(&format!("not used: {ignored} of {all} files; --files lists all with reasons"));
    }
    print_estimates(planned, config, terminal);
}

fn print_files(planned: &Planned, config: &Config, verbose: bool, terminal: &Terminal) {
    let (ignored, used): (Vec<_>, Vec<_>) =
        rows(planned).into_iter().partition(|row| row.planned.file.role == FileRole::Ignored);
    let cells = |row: &Row<'_>| {
        let image = row.image.map(|image| {
            let size = image.master.header.size;
            format!("{} {}x{}", image.master.header.format, size.width, size.height)
        });
        let file = &row.planned.file;
        let item = file.item.as_ref().map(|item| item.as_str()).unwrap_or_default().to_owned();
        let id = row.image.map(|image| image.id.0.clone()).unwrap_or_default();
        let (page, rule) = (row.page().to_owned(), file.rule.clone());
        [row.file(config), image.unwrap_or_default(), item, row.role(), page, id, row.label(), rule.into_owned()]
    };
    let headings = ["file", "image", "item", "role", "page", "id", "label", "named by"].map(str::to_owned);
    let cells: Vec<_> = used.iter().map(cells).collect();
    let widths: [usize; 7] = std::array::from_fn(|column| {
        cells.iter().chain([&headings]).map(|row| row[column].chars().count()).max().unwrap_or(0)
    });
    let print = |row: &[String; 8]| {
        let padded: String = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}  ")).collect();
        terminal.print(format!("{padded}{}", row[7]).trim_end());
    };
    print(&headings);
    for (row, cells) in used.iter().zip(&cells) {
        print(cells);
        match row.image {
            Some(image) if verbose => {
                terminal.print(&format!("    {}", image.tile_plan.treatment(&image.master.header)));
            }
            Some(image) => image.master.header.left_out().for_each(|part| terminal.print(&format!("    {part}"))),
            None => {}
        }
    }
    for row in ignored {
        terminal.print(&format!("ignored: {} ({})", row.file(config), row.planned.file.rule));
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
    let estimate = planned.plan.estimate(None, config.older);
    for host in Host::ALL {
        if let Some(limit) = host.refuses(estimate.files, estimate.bytes) {
            terminal.print(&format!("too large for {}: {limit}", host.name()));
        }
    }
}

/// `None` where images differ.
fn chosen_tile_size(planned: &Planned, config: &Config) -> Option<u32> {
    let mut sizes = planned.plan.images.iter().map(|image| image.options.settings.tile_size);
    let first = sizes.next().unwrap_or(config.images.tile_size);
    sizes.all(|size| size == first).then_some(first)
}

fn print_json(planned: &Planned, config: &Config, terminal: &Terminal) {
    for row in rows(planned) {
        let file = &row.planned.file;
        let text = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
        let mut value = json!({
            "file": text(&row.file(config)),
            "item": file.item.as_ref().map(|item| item.as_str()),
            "role": file.role.name(),
            "master": file.master.map(|master| master.name()),
            "page": text(row.page()),
            "id": row.image.map(|image| &image.id.0),
            "label": text(&row.label()),
            "rule": file.rule,
            "code": file.code.map(|code| code.name()),
        });
        if let Some(image) = row.image {
            value["format"] = (*image.master.header.format).into();
            value["width"] = image.master.header.size.width.into();
            value["height"] = image.master.header.size.height.into();
            value["treatment"] = image.tile_plan.treatment(&image.master.header).into();
        }
        terminal.print_json(&value);
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

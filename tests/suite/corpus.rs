//! Every image file of the corpus: decoded or refused as it should be, and in the right colours. Needs
//! `IIIF_BUILD_CORPUS`; colours are compared where the programs of `reference.rs` are installed.

use crate::reference::{Picture, TOOLS, are_installed};
use iiif_build::error::Error;
use iiif_build::model::ImageHeader;
use iiif_build::model::settings::ImageSettings;
use iiif_build::pixels::decode;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// A picture that differs more from every reference is wrong: mean absolute difference, in 1/255.
const WRONG: f64 = 2.0;

/// What the program is given in bytes, as `--memory 1G`.
const MEMORY: u64 = 1 << 30;

/// Larger pictures are decoded but not compared.
const COMPARED_PIXELS: u64 = 32 << 20;

/// Files that we treat otherwise than they are expected to be, or than all references do, and why.
const EXCEPTIONS: [(&str, &str); 9] = [
    (
        "tiff/imagetiff_hpredict-1c-12b.tiff",
        "libtiff does not undo the predictor in samples of 12 bits; TIFF 6.0, section 14 knows no such limit",
    ),
    (
        "tiff/imagetiff_flower-rgb-contig-24.tif",
        "only ImageMagick opens samples of 24 bits, and takes them for 32; ours equals the 16-bit file of the same name",
    ),
    (
        "tiff/twelvemonkeys_lab-a-8.tiff",
        "CIELab with alpha: libvips takes alpha for colour, ImageMagick D50 for D65; neutral colours are neutral in ours",
    ),
    (
        "jp2/opf_balloon_eciRGBv2_ps_adobeplugin.jpf",
        "OpenJPEG, which all references use, skips profiles by method 3 of JPX; with it applied by lcms the mean is 0.02",
    ),
    (
        "jp2/serenity_kakadu-lossless-gray-u8-prog1-layers1-res6-icc.jp2",
        "the same; with the profile applied by lcms the mean is 0.07",
    ),
    ("jp2/pillow_00r1_graya_la.jp2", "a sample for 129 columns: ImageMagick shows one column, the header says 32"),
    (
        "jpeg/twelvemonkeys_jfif-cmyk-invalid-icc-profile-srgb.jpg",
        "CMYK with a profile for RGB: libvips guesses an ink, ImageMagick applies it; without it ImageMagick agrees",
    ),
    (
        "hostile/pillow_crash-d2c93af851d3ab9a19e34503626368b2ecde9c03.j2k",
        "a sample for 65 rows: all references show one row, the header says 64",
    ),
    ("hostile/imagers_oob.gif", "a frame beyond the screen: GIF89a says that the screen is the picture"),
];

/// A line of `corpus.tsv`.
struct Row {
    name: String,
    /// `decode`, `reject`, `either` or `hard`.
    expected: String,
    has_profile: bool,
    /// The words of the facts column, as `8 bit x3` or `CMYK`.
    facts: Vec<String>,
}

enum Outcome {
    Decoded(Box<Comparison>),
    Refused(Error),
    Panicked,
}

/// A decoded file and what the references say of it.
struct Comparison {
    treatment: String,
    /// To each reference that was asked and reads the file.
    differences: Vec<(&'static str, f64)>,
    compared: bool,
}

impl Comparison {
    fn new(header: &ImageHeader) -> Comparison {
        let treatment = format!("{}, {}", header.format, header.treatment);
        let compared = header.size.area() <= COMPARED_PIXELS;
        Comparison { treatment, differences: vec![], compared }
    }

    /// Asks one reference after the other until one agrees.
    fn ask(&mut self, path: &Path, has_profile: bool, picture: &Picture) {
        for tool in TOOLS {
            let Some(reference) = tool.read(path, has_profile) else { continue };
            let difference = picture.difference(&reference);
            self.differences.push((tool.name(), difference));
            if difference < WRONG {
                break;
            }
        }
    }

    /// Whether the references disagree with each other.
    fn is_disputed(&self) -> bool {
        self.differences.iter().any(|(_, difference)| *difference >= WRONG)
    }

    fn nearest(&self) -> Option<f64> {
        self.differences.iter().map(|(_, difference)| *difference).min_by(f64::total_cmp)
    }
}

fn corpus() -> Option<PathBuf> {
    let corpus = std::env::var_os("IIIF_BUILD_CORPUS").map(PathBuf::from).filter(|corpus| corpus.is_dir());
    if corpus.is_none() {
        println!("skipped: no corpus");
    }
    corpus
}

fn rows(corpus: &Path) -> Vec<Row> {
    let table = std::fs::read_to_string(corpus.join("corpus.tsv")).unwrap();
    let mut lines = table.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let headings = lines.next().unwrap();
    let column = |name: &str| headings.iter().position(|heading| *heading == name).unwrap();
    let [name, expected, icc, facts] = ["file", "expect", "icc", "facts"].map(column);
    let row = |cells: Vec<&str>| Row {
        name: cells[name].to_owned(),
        expected: cells[expected].to_owned(),
        has_profile: !cells[icc].is_empty() || cells[facts].contains("ICC"),
        facts: cells[facts].split(';').map(|fact| fact.trim().to_owned()).collect(),
    };
    lines.map(row).collect()
}

#[test]
fn every_file_of_the_corpus_is_decoded_in_its_colours_or_refused() {
    let Some(corpus) = corpus() else { return };
    let has_references = are_installed();
    if !has_references {
        println!("skipped: no reference tools");
    }
    let rows = rows(&corpus);
    assert!(!rows.is_empty());
    let outcomes: Vec<Outcome> =
        rows.par_iter().map(|row| outcome(&corpus.join(&row.name), row.has_profile, has_references)).collect();
    println!("{}", table(&rows, &outcomes));
    let problems: Vec<String> = rows.iter().zip(&outcomes).filter_map(|(row, outcome)| problem(row, outcome)).collect();
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems.join("\n"));
}

fn outcome(path: &Path, has_profile: bool, has_references: bool) -> Outcome {
    let decoded = catch_unwind(AssertUnwindSafe(|| decoded(path)));
    match decoded {
        Err(_) => Outcome::Panicked,
        Ok(Err(error)) => Outcome::Refused(error),
        Ok(Ok((header, picture))) => {
            let mut comparison = Comparison::new(&header);
            if let Some(picture) = picture.filter(|_| has_references) {
                comparison.ask(path, has_profile, &picture);
            }
            Outcome::Decoded(Box::new(comparison))
        }
    }
}

/// The first image of a file through the library; no picture of one that is too large to compare.
fn decoded(path: &Path) -> Result<(ImageHeader, Option<Picture>), Error> {
    let header = decode::probe(path, &ImageSettings::default())?.swap_remove(0);
    let needed = header.decoder_memory.bytes(rayon::current_num_threads());
    if needed > MEMORY {
        return Err(Error::image("more memory than there is").with_path(path).with_hint("raise --memory"));
    }
    let mut source = decode::open(path, &header, &ImageSettings::default(), needed)?;
    let (width, height, channels) = (header.size.width as usize, header.size.height as usize, header.channels.count());
    let is_compared = header.size.area() <= COMPARED_PIXELS;
    let mut pixels = vec![];
    let mut band = vec![];
    for first in (0..height).step_by(512) {
        band.resize(512.min(height - first) * width * channels, 0);
        source.read_rows(&mut band).map_err(|error| error.with_path(path))?;
        if is_compared {
            pixels.extend_from_slice(&band);
        }
    }
    Ok((header, is_compared.then(|| Picture::of_channels(width, height, channels, &pixels))))
}

fn problem(row: &Row, outcome: &Outcome) -> Option<String> {
    let name = &row.name;
    let is_exception = row.is_exception();
    match outcome {
        Outcome::Panicked => Some(format!("{name}: panicked")),
        Outcome::Refused(error) if row.expected == "decode" && !is_exception => {
            Some(format!("{name}: refused: {error:?}"))
        }
        Outcome::Refused(error) if error.path().is_none() => Some(format!("{name}: the error names no file: {error}")),
        Outcome::Refused(error) if error.hint().is_none() => Some(format!("{name}: the error has no hint: {error}")),
        Outcome::Refused(_) => None,
        Outcome::Decoded(_) if row.expected == "reject" => Some(format!("{name}: decoded, should be refused")),
        Outcome::Decoded(_) if is_exception => None,
        Outcome::Decoded(comparison) if comparison.nearest().is_some_and(|nearest| nearest >= WRONG) => {
            Some(format!("{name}: {:.2?} ({})", comparison.differences, comparison.treatment))
        }
        Outcome::Decoded(_) => None,
    }
}

/// What is counted: totals, then a line for each kind of colour, and what nobody could compare.
fn table(rows: &[Row], outcomes: &[Outcome]) -> String {
    let mut kinds: BTreeMap<String, Vec<(&Row, &Comparison)>> = BTreeMap::new();
    let (mut decoded, mut refused, mut wrong) = (0, 0, 0);
    for (row, outcome) in rows.iter().zip(outcomes) {
        wrong += usize::from(problem(row, outcome).is_some());
        match outcome {
            Outcome::Decoded(comparison) => {
                decoded += 1;
                row.kinds().into_iter().for_each(|kind| kinds.entry(kind).or_default().push((row, comparison)));
            }
            _ => refused += 1,
        }
    }
    let mut text = format!("{} files: {decoded} decoded, {refused} refused, {wrong} wrong\n", rows.len());
    let _ =
        writeln!(text, "{:<28} {:>5} {:>8} {:>6} {:>6} {:>8}", "", "files", "compared", "mean", "worst", "disputed");
    for (kind, files) in &kinds {
        let _ = writeln!(text, "{}", table_line(kind, files));
    }
    for (row, comparison) in rows.iter().zip(outcomes).filter_map(|(row, outcome)| Some((row, outcome.comparison()?))) {
        let why = match comparison {
            Comparison { compared: false, .. } => "too large to compare",
            Comparison { differences, .. } if differences.is_empty() => "no reference reads it",
            _ => continue,
        };
        let _ = writeln!(text, "{why}: {} ({})", row.name, comparison.treatment);
    }
    for (file, why) in EXCEPTIONS {
        let _ = writeln!(text, "exception: {file}: {why}");
    }
    text
}

fn table_line(kind: &str, files: &[(&Row, &Comparison)]) -> String {
    let compared: Vec<(f64, &Row)> = files
        .iter()
        .filter(|(row, _)| !row.is_exception())
        .filter_map(|(row, comparison)| Some((comparison.nearest()?, *row)))
        .collect();
    let mean = compared.iter().map(|(difference, _)| difference).sum::<f64>() / compared.len().max(1) as f64;
    let worst = compared.iter().max_by(|a, b| a.0.total_cmp(&b.0));
    let (worst, name) = worst.map_or((0.0, ""), |(difference, row)| (*difference, row.name.as_str()));
    let disputed = files.iter().filter(|(_, comparison)| comparison.is_disputed()).count();
    format!("{kind:<28} {:>5} {:>8} {mean:>6.2} {worst:>6.2} {disputed:>8}  {name}", files.len(), compared.len())
}

impl Outcome {
    fn comparison(&self) -> Option<&Comparison> {
        match self {
            Outcome::Decoded(comparison) => Some(comparison),
            _ => None,
        }
    }
}

impl Row {
    fn is_exception(&self) -> bool {
        EXCEPTIONS.iter().any(|(file, _)| *file == self.name)
    }

    /// The lines of the table in which a file is counted: its colour space, and what else is special of its samples.
    fn kinds(&self) -> Vec<String> {
        let says = |word: &str| self.facts.iter().any(|fact| fact.contains(word));
        let profile = if self.has_profile { " + ICC" } else { "" };
        let mut kinds = vec![format!("{}{profile}", self.colour_space())];
        let bits = self.facts.iter().find_map(|fact| fact.split_once(" bit")?.0.parse::<u32>().ok()).unwrap_or(8);
        let traits = [
            ("~ alpha", ["alpha", "RGBA", "tRNS"].iter().any(|word| says(word))),
            ("~ more than 8 bit", bits > 8 && !says("float")),
            ("~ float", says("float")),
            ("~ signed", says("signed")),
            ("~ orientation", says("orientation")),
            ("~ JPEG 2000", says("layers")),
        ];
        kinds.extend(traits.into_iter().filter(|(_, applies)| *applies).map(|(kind, _)| kind.to_owned()));
        kinds
    }

    fn colour_space(&self) -> &'static str {
        let says = |word: &str| self.facts.iter().any(|fact| fact.starts_with(word) || fact.ends_with(word));
        match () {
            _ if says("Adobe transform 2") && says("bit x4") => "YCCK",
            _ if says("CMYK") || says("CMYK/YCCK inverted") => "CMYK",
            _ if says("CIELab") || says("Lab") => "CIELab",
            _ if says("LogLuv") => "LogLuv",
            _ if says("sYCC") => "sYCC",
            _ if says("Palette") || says("palette") => "palette",
            _ if says("YCbCr") => "YCbCr",
            _ if says("1 bit x1") || says("1 bit grey") => "bilevel",
            _ if says("MinIsWhite") || says("MinIsBlack") || says("grey") || says("grey+alpha") => "grey",
            _ if says("8 bit x1") || says("1 comp") || says("2 comp") => "grey",
            _ if says("sampling 1x1,1x1,1x1") && says("Adobe transform 0") => "RGB",
            _ if says("8 bit x3") && (says("baseline") || says("progressive") || says("extended")) => "YCbCr",
            _ => "RGB",
        }
    }
}

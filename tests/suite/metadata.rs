//! Every metadata file of the corpus in XML: read, refused with a reason, or known to be of another kind. What is read is
//! held in outlines beside this file, which were compared with the files by eye. Needs `IIIF_BUILD_CORPUS`.

use iiif_build::input::metadata::read_xml;
use iiif_build::model::{Description, LanguageMap, Link, Range, Record, RecordPage, Records};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Characters of a value that an outline shows.
const SHOWN: usize = 100;

/// Components of a finding aid that an outline shows, and the last.
const COMPONENTS: usize = 4;

fn corpus() -> Option<PathBuf> {
    let corpus = std::env::var_os("IIIF_BUILD_CORPUS").map(PathBuf::from);
    if corpus.is_none() {
        println!("skipped: no corpus");
    }
    corpus
}

/// The XML files in a folder and below, in order.
fn xml_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = vec![];
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        match entry.is_dir() {
            true => files.extend(xml_files(&entry)),
            false if entry.extension().is_some_and(|ending| ending == "xml") => files.push(entry),
            false => {}
        }
    }
    files.sort();
    files
}

/// What is made of a file: an outline, the refusal, or that it is something else.
fn told(file: &Path) -> String {
    let name = file.file_name().unwrap();
    match read_xml(&std::fs::read(file).unwrap(), Path::new(name)) {
        Ok(None) => "no metadata\n".into(),
        Err(error) => format!("{error:?}\n"),
        Ok(Some((records, warnings))) => outline(&records, &warnings),
    }
}

fn outline(Records { own, below, .. }: &Records, warnings: &[String]) -> String {
    let mut lines = String::new();
    own.iter().for_each(|record| outline_record(record, &mut lines));
    if !below.is_empty() {
        writeln!(lines, "\n{} records below", below.len()).unwrap();
    }
    for (at, record) in below.iter().enumerate() {
        if at < COMPONENTS || at + 1 == below.len() {
            lines.push('\n');
            outline_record(record, &mut lines);
        }
    }
    warnings.iter().for_each(|warning| writeln!(lines, "! {warning}").unwrap());
    lines
}

fn outline_record(record: &Record, lines: &mut String) {
    writeln!(lines, "{}, known as {:?}", record.place, record.keys).unwrap();
    outline_description(&record.description, lines);
    if let (Some(first), Some(last)) = (record.pages.first(), record.pages.last()) {
        writeln!(lines, "{} pages: {} to {}", record.pages.len(), page(first), page(last)).unwrap();
    }
    outline_ranges(&record.description.structures, 0, lines);
}

fn outline_description(description: &Description, lines: &mut String) {
    writeln!(lines, "label = {}", values(&description.label)).unwrap();
    if !description.summary.is_empty() {
        writeln!(lines, "summary = {}", values(&description.summary)).unwrap();
    }
    for pair in &description.metadata {
        writeln!(lines, "{} = {}", values(&pair.label), values(&pair.value)).unwrap();
    }
    let one = |name: &str, value: serde_json::Value, lines: &mut String| {
        if let Some(text) = value.as_str() {
            writeln!(lines, "{name}: {text}").unwrap();
        }
    };
    one("rights", serde_json::json!(description.rights), lines);
    one("navDate", serde_json::json!(description.nav_date), lines);
    one("viewingDirection", serde_json::json!(description.viewing_direction), lines);
    for provider in &description.provider.0 {
        writeln!(lines, "provider: {} {}", provider.id, values(&provider.label)).unwrap();
    }
    let links = [
        ("homepage", &description.homepage),
        ("seeAlso", &description.see_also),
        ("rendering", &description.rendering),
    ];
    for (name, links) in links {
        links.0.iter().for_each(|link| writeln!(lines, "{name}: {}", shown_link(link)).unwrap());
    }
}

fn shown_link(link: &Link) -> String {
    format!("{} {}", link.file.as_ref().unwrap_or(&link.id), values(&link.label))
}

/// Values by language, each shortened: `en: a | b; fr: c`; of no known language without a tag.
fn values(map: &LanguageMap) -> String {
    let shown = |value: &String| match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.clone(),
    };
    let languages = map.entries().map(|(language, values)| {
        let all = values.iter().map(shown).collect::<Vec<_>>().join(" | ");
        if language == "none" { all } else { format!("{language}: {all}") }
    });
    languages.collect::<Vec<_>>().join("; ")
}

fn page(page: &RecordPage) -> String {
    let label = if page.label.is_empty() { String::new() } else { format!(" [{}]", values(&page.label)) };
    let text = page.text.as_ref().map(|text| format!(" ({text})")).unwrap_or_default();
    format!("{}{label}{text}", page.file.as_deref().unwrap_or("no file"))
}

fn outline_ranges(ranges: &[Range], depth: usize, lines: &mut String) {
    for range in ranges {
        let pages = match (range.pages.first(), range.pages.last()) {
            (Some(first), Some(last)) => format!(": {} pages, {} to {}", range.pages.len(), first.0, last.0),
            _ => String::new(),
        };
        writeln!(lines, "{}- {}{pages}", "  ".repeat(depth), values(&range.label)).unwrap();
        outline_ranges(&range.structures, depth + 1, lines);
    }
}

#[test]
fn every_metadata_file_of_the_corpus_is_read_or_refused_with_a_reason() {
    let Some(corpus) = corpus() else { return };
    let files = xml_files(&corpus.join("metadata"));
    assert_eq!(files.len(), 22);
    for file in files.iter().filter(|file| !file.to_string_lossy().contains("dbmdz_")) {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        insta::assert_snapshot!(name, told(file));
    }
}

#[test]
fn the_metadata_of_whole_objects_are_read() {
    let Some(corpus) = corpus() else { return };
    let is_mets = |file: &&PathBuf| file.file_name().unwrap().to_string_lossy().contains("mets");
    let files = xml_files(&corpus.join("objects"));
    let mets: Vec<&PathBuf> = files.iter().filter(is_mets).collect();
    assert_eq!(mets.len(), 6);
    for file in mets {
        let path = file.strip_prefix(corpus.join("objects")).unwrap().with_extension("");
        let name = path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("_");
        insta::assert_snapshot!(name, told(file));
    }
}

#[test]
fn text_and_technical_files_are_no_metadata() {
    let Some(corpus) = corpus() else { return };
    let all = [xml_files(&corpus.join("metadata")), xml_files(&corpus.join("objects"))].concat();
    let is_other = |file: &&PathBuf| {
        let path = file.to_string_lossy();
        ["dbmdz_", "PAGE", "ALTO", "GT-", "fits", "upenn"].iter().any(|part| path.contains(part))
    };
    let others: Vec<&PathBuf> = all.iter().filter(is_other).collect();
    assert!(others.len() > 60, "{}", others.len());
    others.into_iter().for_each(|file| assert_eq!(told(file), "no metadata\n", "{}", file.display()));
}

/// Pages that an object lists and its folder holds: the files are where the record says.
#[test]
fn pages_of_objects_are_files_of_the_corpus() {
    let Some(corpus) = corpus() else { return };
    for object in ["bebel_frau_1879", "clauren_mimili_1815", "kant_aufklaerung_1784/data"] {
        let folder = corpus.join("objects").join(object);
        let bytes = std::fs::read(folder.join("mets.xml")).unwrap();
        let (records, _) = read_xml(&bytes, Path::new("mets.xml")).unwrap().unwrap();
        for page in records.own.unwrap().pages {
            assert!(folder.join(page.file.unwrap()).is_file());
            assert!(folder.join(page.text.unwrap()).is_file());
        }
    }
}

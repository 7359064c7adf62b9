//! Damaged metadata: no reader of it panics or takes forever, and what it says of a file names the file. Real files of the
//! corpus are damaged at random (needs `IIIF_BUILD_CORPUS`; `IIIF_BUILD_DAMAGES=N` for more cases than a second's worth).

use iiif_build::config::read_toml;
use iiif_build::error::{Error, ErrorKind};
use iiif_build::input::metadata::read_xml;
use iiif_build::input::tables;
use iiif_build::model::Description;
use iiif_build::model::settings::TableSettings;
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// For one file, also where the tests are built without optimisation and the machine is busy.
const PATIENCE: Duration = Duration::from_secs(20);

/// Larger files have nothing that smaller ones have not, and take their time.
const MAX_BYTES: usize = 120 << 10;

/// Metadata of every kind, by its path in the corpus.
fn sound() -> &'static [(PathBuf, Vec<u8>)] {
    static SOUND: OnceLock<Vec<(PathBuf, Vec<u8>)>> = OnceLock::new();
    SOUND.get_or_init(|| {
        let Some(corpus) = std::env::var_os("IIIF_BUILD_CORPUS").map(PathBuf::from) else {
            println!("skipped: no corpus");
            return vec![];
        };
        let mut files: Vec<PathBuf> =
            fs::read_dir(corpus.join("metadata")).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|ending| ending == "xml" || ending == "csv"));
        files.sort();
        let read = files.into_iter().map(|file| (file.clone(), fs::read(file).unwrap()));
        let own = include_bytes!("../../content/books/german/mimili-1815/item.toml").to_vec();
        read.filter(|(_, bytes)| bytes.len() <= MAX_BYTES).chain([("item.toml".into(), own)]).collect()
    })
}

/// Reads a file of any kind; answers what it was refused for.
fn read(path: &Path, bytes: &[u8]) -> Option<Error> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => tables::read(bytes, path, &TableSettings::default()).err().map(|mut errors| errors.remove(0)),
        Some("toml") => {
            let text = String::from_utf8_lossy(bytes);
            let mistakes = read_toml::<Description>(&text).mistakes;
            mistakes.into_iter().next().map(|mistake| mistake.error(ErrorKind::Content, path))
        }
        _ => read_xml(bytes, path, "2030-01-01".parse().unwrap()).err(),
    }
}

fn cases() -> u32 {
    std::env::var("IIIF_BUILD_DAMAGES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(200)
}

#[test]
fn no_damaged_metadata_makes_a_reader_panic_or_hang() {
    let sound = sound();
    if sound.is_empty() {
        return;
    }
    let put = prop_oneof![
        ".{0,3}",
        "[0-9]{1,40}",
        "</?[a-zA-Z:]{0,6}>?",
        "\"|'|\\||,|\n|\r|\t|&#0;|&x;|<!\\[CDATA\\[|<!--|\u{feff}|\u{0}|=|\\[|\\]|xml:id=\"a\"",
    ];
    let damage = (any::<prop::sample::Index>(), 0..200_usize, put);
    let strategy = (0..sound.len(), prop::collection::vec(damage, 1..5));
    let config = ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let run = |(which, damages): (usize, Vec<(prop::sample::Index, usize, String)>)| {
        let (path, bytes) = &sound[which];
        let mut bytes = bytes.clone();
        for (at, removed, put) in damages {
            let at = at.index(bytes.len().max(1)).min(bytes.len());
            bytes.splice(at..(at + removed).min(bytes.len()), put.bytes());
        }
        let start = Instant::now();
        let error = read(path, &bytes);
        prop_assert!(start.elapsed() < PATIENCE, "{}: {:?}", path.display(), start.elapsed());
        if let Some(error) = error {
            prop_assert_eq!(error.path(), Some(path.as_path()), "{}", error);
        }
        Ok(())
    };
    runner.run(&strategy, run).unwrap();
}

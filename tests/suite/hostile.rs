//! Files of the corpus that were made to break decoders: each is refused or decoded, soon and in little memory.

use crate::cli::command;
use crate::usage::watch;
use std::path::Path;
use std::time::Duration;

/// Computing that is enough for any of them, and how long a hanging program is waited for.
const ENOUGH: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(60);

/// MiB.
const BUDGET: u64 = 256;
const BESIDE: u64 = 64;

#[test]
fn every_hostile_file_ends_soon_and_in_little_memory() {
    let Ok(corpus) = std::env::var("IIIF_BUILD_CORPUS") else {
        println!("skipped: no corpus");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut offences = vec![];
    for entry in std::fs::read_dir(Path::new(&corpus).join("hostile")).unwrap() {
        let file = entry.unwrap().path();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let target = folder.path().join(&name);
        let mut command = command(&["tile", "--memory", &format!("{BUDGET}M")]);
        let usage = watch(command.arg(&file).arg(&target), PATIENCE);
        let summary = format!("{name}: {:?}, {} MiB, {:?}", usage.code, usage.peak, usage.computing);
        println!("{summary}");
        if !matches!(usage.code, Some(0 | 1)) || usage.computing > ENOUGH || usage.peak > BUDGET + BESIDE {
            offences.push(format!("{summary}: {}", usage.said));
        }
    }
    assert!(offences.is_empty(), "\n{}\n", offences.join("\n"));
}

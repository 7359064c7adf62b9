//! Files of the corpus that were made to break decoders: each is refused or decoded, soon and in little memory.

use crate::cli::command;
use crate::usage::watch;
use std::path::Path;
use std::time::Duration;

/// What is honest in it is large: 4 gigapixels.
const GIANT: &str = "sharp_65536-uint32-limit.png";

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
        let mut command = command(&["tile", "--memory", "256M"]);
        let usage = watch(command.arg(&file).arg(&target), Duration::from_secs(20));
        println!("{name}: {:?}, {} MiB, {:?}", usage.code, usage.peak, usage.time);
        let in_time = usage.time < Duration::from_secs(5) || name == GIANT;
        if !matches!(usage.code, Some(0 | 1)) || !in_time || usage.peak > 256 + 64 {
            offences.push(format!("{name}: {:?}, {} MiB, {:?}: {}", usage.code, usage.peak, usage.time, usage.said));
        }
    }
    assert!(offences.is_empty(), "\n{}\n", offences.join("\n"));
}

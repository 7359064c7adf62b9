//! A master that changes while it is read: that image fails with a word about it, and the next build is right.

use super::scan;
use crate::archive::{assert_as_clean, assert_at_rest};
use crate::project::Project;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{scope, sleep};
use std::time::Duration;

const SIDE: u32 = 2500;

/// Builds while `meddle` happens to `content/a/1.tif` again and again; it fails, and then all is well.
fn build_while(meddle: impl Fn(&Path, u64) + Sync) {
    let project = Project::new()
        .file("iiif-build.toml", "[images]\ntile-size = 256\n")
        .file("content/a/1.tif", scan(SIDE, 1))
        .file("content/a/2.tif", scan(100, 2))
        .with_jobs(1);
    let (path, ended) = (project.root().join("content/a/1.tif"), AtomicBool::new(false));
    let report = scope(|scope| {
        scope.spawn(|| {
            for turn in 0.. {
                if ended.load(Ordering::Relaxed) {
                    break;
                }
                meddle(&path, turn);
                sleep(Duration::from_micros(300));
            }
        });
        let report = project.try_build();
        ended.store(true, Ordering::Relaxed);
        report.unwrap()
    });
    let failures: Vec<String> = report.failures.iter().map(|error| format!("{error:?}")).collect();
    assert!(failures.len() == 1 && failures[0].contains("1.tif"), "{failures:?}");
    assert!(failures[0].contains("chang"), "{failures:?}");
    assert_eq!(report.images, 1, "the other image is made");
    assert_eq!(project.site().page_labels("a"), ["2"]);
    project.built();
    assert_as_clean(&project);
    assert_at_rest(&project);
}

#[test]
fn a_master_that_is_written_into_while_it_is_read_is_noticed() {
    build_while(|path, turn| {
        let file = File::options().write(true).open(path).unwrap();
        let somewhere = 4096 + turn * 7919 % u64::from(SIDE * (SIDE - 10));
        file.write_all_at(&[turn as u8; 64], somewhere).unwrap();
    });
}

#[test]
fn a_master_that_is_replaced_while_it_is_read_is_noticed() {
    build_while(|path, turn| {
        let aside = path.ancestors().nth(3).unwrap().join("aside.tif");
        fs::copy(path, &aside).unwrap();
        File::options().write(true).open(&aside).unwrap().write_all_at(&[turn as u8; 64], 9000).unwrap();
        fs::rename(&aside, path).unwrap();
    });
}

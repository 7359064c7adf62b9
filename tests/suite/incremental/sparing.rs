//! What a build reads: nothing of files that did not change.

use crate::archive::sized;
use crate::project::Project;
use crate::usage::bytes_read;
use iiif_build::build;
use iiif_build::build::progress::{Event, Observer, Outcome};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Longer than the coarsest clock of a file system: younger files may change again unseen, and are read again.
const SETTLED: Duration = Duration::from_millis(2100);

const MEBIBYTE: u64 = 1 << 20;

/// Interrupts a build when its first image is made.
#[derive(Default)]
struct OneImage(AtomicBool);

impl Observer for OneImage {
    fn event(&self, event: Event<'_>) {
        if matches!(event, Event::Image { outcome: Outcome::Made { .. }, .. }) {
            self.0.store(true, Ordering::SeqCst);
        }
    }

    fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

#[test]
fn a_first_build_that_is_resumed_reads_no_master_whole_to_find_copies() {
    const MASTERS: u8 = 12;
    let name = |number: u8| format!("content/a/{number:02}.tif");
    let project = (1..=MASTERS)
        .fold(Project::new(), |project, number| project.file(&name(number), sized(1024, 1024, number)))
        .with_jobs(1);
    // The one that is made, once more.
    project.write(&name(MASTERS), sized(1024, 1024, 1));
    std::thread::sleep(SETTLED);
    let interrupted = build::build(&project.config().unwrap(), &OneImage::default());
    assert!(interrupted.is_err() && project.site().image_ids().len() == 1, "{interrupted:?}");
    // A strict build ends before it makes anything: there is a copy.
    let (said, read) = bytes_read(&mut project.command(&["build", "--strict"]));
    assert!(said.contains("the same bytes as"), "{said}");
    assert_eq!(project.site().image_ids().len(), 1);
    assert!(read > MEBIBYTE && read < u64::from(MASTERS) / 3 * MEBIBYTE, "{read} bytes");
}

#[test]
fn one_changed_static_file_is_all_that_is_read_of_them() {
    let large = |seed: u8| vec![seed; 4 * MEBIBYTE as usize];
    let project = Project::new()
        .file("content/a/1.tif", sized(60, 40, 1))
        .file("static/one.bin", large(1))
        .file("static/two.bin", large(2))
        .file("static/CNAME", "one.example");
    std::thread::sleep(SETTLED);
    project.built();
    project.write("static/CNAME", "two.example");
    // That it has just changed costs the others nothing either time.
    for _ in 0..2 {
        let (said, read) = bytes_read(&mut project.command(&["build"]));
        assert_eq!(project.site().text("CNAME"), "two.example", "{said}");
        assert!(read < 2 * MEBIBYTE, "{read} bytes");
    }
    project.write("static/two.bin", large(3));
    let (_, read) = bytes_read(&mut project.command(&["build"]));
    assert!(project.site().read("two.bin") == large(3));
    assert!(read > 4 * MEBIBYTE && read < 15 * MEBIBYTE, "{read} bytes");
}

//! Threads that drive images through the worker: they take one after the other, and wait more than they compute.

use std::sync::mpsc::{self, Receiver};

/// Runs `drive` on so many `threads` until all of them have ended. Meanwhile `beside` runs on another thread; its channel
/// closes when they have.
pub fn run(threads: usize, drive: impl Fn() + Sync, beside: impl FnOnce(&Receiver<()>) + Send) {
    let (done, ended) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let drive = &drive;
        scope.spawn(move || beside(&ended));
        for _ in 0..threads {
            let done = done.clone();
            scope.spawn(move || {
                drive();
                drop(done);
            });
        }
        drop(done);
    });
}

/// How many threads drive images. One that is uploaded (`is_remote`) needs no processor meanwhile.
pub fn threads(jobs: usize, is_remote: bool, images: usize) -> usize {
    let each = if is_remote { 2 } else { 1 };
    (each * jobs).min(images)
}

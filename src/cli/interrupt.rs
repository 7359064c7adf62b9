//! Ctrl-C and SIGTERM: once, a build ends when the images in hand are done; twice, or where none is in hand, at once.

use super::terminal;
use std::process::exit;
use std::sync::atomic::{AtomicBool, Ordering};

/// As a shell says it of a command that Ctrl-C ended.
pub const EXIT_CODE: u8 = 130;

static REQUESTED: AtomicBool = AtomicBool::new(false);

static HAS_IMAGES_IN_HAND: AtomicBool = AtomicBool::new(false);

/// Listens from now on. `stop` is asked at the first signal to end what is idle; it answers whether the process will
/// then end by itself.
pub fn listen(stop: impl Fn() -> bool + Send + 'static) {
    let heard = move || {
        let is_first = !REQUESTED.swap(true, Ordering::SeqCst);
        let ends_by_itself = is_first && stop();
        match HAS_IMAGES_IN_HAND.load(Ordering::SeqCst) {
            true if is_first => terminal::say_aside("finishing the images in hand; once more to stop at once"),
            false if ends_by_itself => {}
            _ => exit(EXIT_CODE.into()),
        }
    };
    // Without a listener the signal ends the process at once, which costs the images in hand and nothing else.
    let _ = ctrlc::set_handler(heard);
}

/// Whether the build should end when it can.
pub fn is_requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// Images are being made from now on, or are not any more.
pub fn set_images_in_hand(are_in_hand: bool) {
    HAS_IMAGES_IN_HAND.store(are_in_hand, Ordering::SeqCst);
}

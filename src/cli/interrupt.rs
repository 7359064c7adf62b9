//! Ctrl-C and SIGTERM. After the first signal a build finishes and records the images in hand, then ends. After the
//! second one, or if no image is in hand, the process ends at once.

use std::process::exit;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

/// The exit code of a command that Ctrl-C ended, as shells report it.
pub const EXIT_CODE: u8 = 130;

static REQUESTED: AtomicBool = AtomicBool::new(false);

static HAS_IMAGES_IN_HAND: AtomicBool = AtomicBool::new(false);

/// The exit code of this command.
static CODE: AtomicU8 = AtomicU8::new(EXIT_CODE);

/// As [`listen`], in a command that ends with another exit code.
pub fn listen_and_end_with(code: u8, stop: impl Fn() -> bool + Send + 'static, finishing: impl Fn() + Send + 'static) {
    CODE.store(code, Ordering::SeqCst);
    listen(stop, finishing);
}

/// Listens from now on. `stop` is called at the first signal; it ends what is idle, and returns whether the process
/// will end by itself. `finishing` is called when the images in hand are finished first.
pub fn listen(stop: impl Fn() -> bool + Send + 'static, finishing: impl Fn() + Send + 'static) {
    let on_signal = move || {
        let is_first = !REQUESTED.swap(true, Ordering::SeqCst);
        let ends_by_itself = is_first && stop();
        match HAS_IMAGES_IN_HAND.load(Ordering::SeqCst) {
            true if is_first => finishing(),
            false if ends_by_itself => {}
            _ => exit(CODE.load(Ordering::SeqCst).into()),
        }
    };
    // Without a handler the signal ends the process at once, which loses the images in hand and nothing else.
    let _ = ctrlc::set_handler(on_signal);
}

/// Whether the build should end as soon as possible.
pub fn is_requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// Says whether images are being made.
pub fn set_images_in_hand(are_in_hand: bool) {
    HAS_IMAGES_IN_HAND.store(are_in_hand, Ordering::SeqCst);
}

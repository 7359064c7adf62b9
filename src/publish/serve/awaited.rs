//! Images that pages name and that are not made yet. If a file of such an image is requested, the request waits, and
//! the image is made next.

use parking_lot::Mutex;
use std::collections::{BTreeSet, VecDeque};
use tokio::sync::watch;

/// See the [module](self).
#[derive(Default)]
pub struct Awaited {
    lists: Mutex<Lists>,
    /// Changes with each image that is made.
    done: watch::Sender<u64>,
}

#[derive(Default)]
struct Lists {
    /// Image ids.
    pending: BTreeSet<String>,
    /// Images that requests wait for, in the order of the requests.
    wanted: VecDeque<String>,
}

impl Awaited {
    /// Sets the images that are still to be made.
    pub fn set(&self, pending: BTreeSet<String>) {
        *self.lists.lock() = Lists { pending, wanted: VecDeque::new() };
        self.notify();
    }

    /// Reports that an image was made, or cannot be made.
    pub fn done(&self, id: &str) {
        if self.lists.lock().pending.remove(id) {
            self.notify();
        }
    }

    /// The image to make next, if a request waits for one.
    pub fn next(&self) -> Option<String> {
        self.lists.lock().wanted.pop_front()
    }

    /// Waits until the image is made, or cannot be made.
    pub async fn until_done(&self, id: &str) {
        let mut done = self.done.subscribe();
        // Requested again each time: an interrupted build forgets it.
        while self.want(id) {
            if done.changed().await.is_err() {
                return;
            }
        }
    }

    /// Requests an image. Returns whether it is still to be made.
    fn want(&self, id: &str) -> bool {
        let mut lists = self.lists.lock();
        let is_pending = lists.pending.contains(id);
        if is_pending && !lists.wanted.iter().any(|wanted| wanted == id) {
            lists.wanted.push_back(id.to_owned());
        }
        is_pending
    }

    fn notify(&self) {
        self.done.send_modify(|count| *count += 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::time::Duration;

    #[test]
    fn a_request_waits_until_its_image_is_made_which_comes_first() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let awaited = Arc::new(Awaited::default());
        awaited.set(["a", "b"].map(str::to_owned).into());
        runtime.block_on(async {
            awaited.until_done("c").await;
            let waiting = tokio::spawn({
                let awaited = awaited.clone();
                async move { awaited.until_done("b").await }
            });
            while awaited.next().as_deref() != Some("b") {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            assert!(!waiting.is_finished());
            awaited.done("b");
            waiting.await.unwrap();
            assert_eq!(awaited.next(), None);
        });
    }
}

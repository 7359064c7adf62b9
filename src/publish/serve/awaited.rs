//! Images that pages name already and that are still to be made: whoever asks for a file of one waits, and has it made
//! next.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// See the [module](self).
#[derive(Default)]
pub struct Awaited {
    lists: Mutex<Lists>,
    /// Changes with each image that is done.
    done: watch::Sender<u64>,
}

#[derive(Default)]
struct Lists {
    /// Image ids.
    pending: BTreeSet<String>,
    /// Those that somebody waits for, first come, first served.
    wanted: VecDeque<String>,
}

impl Awaited {
    /// These are to be made, and no others.
    pub fn set(&self, pending: BTreeSet<String>) {
        *self.lists() = Lists { pending, wanted: VecDeque::new() };
        self.tell();
    }

    /// An image was made, or cannot be.
    pub fn done(&self, id: &str) {
        if self.lists().pending.remove(id) {
            self.tell();
        }
    }

    /// What to make next, if somebody waits for it.
    pub fn next(&self) -> Option<String> {
        self.lists().wanted.pop_front()
    }

    /// Waits until the image is not to be made any more.
    pub async fn until_done(&self, id: &str) {
        let mut done = self.done.subscribe();
        // Asked again each time: a build that was cut short has forgotten.
        while self.want(id) {
            if done.changed().await.is_err() {
                return;
            }
        }
    }

    /// Asks for an image; answers whether it is still to be made.
    fn want(&self, id: &str) -> bool {
        let mut lists = self.lists();
        let is_pending = lists.pending.contains(id);
        if is_pending && !lists.wanted.iter().any(|wanted| wanted == id) {
            lists.wanted.push_back(id.to_owned());
        }
        is_pending
    }

    fn tell(&self) {
        self.done.send_modify(|count| *count += 1);
    }

    fn lists(&self) -> MutexGuard<'_, Lists> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::time::Duration;

    #[test]
    fn who_waits_is_served_first_and_ends_waiting_when_it_is_done() {
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

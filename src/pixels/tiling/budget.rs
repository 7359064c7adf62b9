//! One byte budget for the whole run: an image asks for its computed peak before it is opened.
//!
//! Small images run side by side, a large one waits until it fits, and nothing is ever opened beyond the budget.

use std::sync::{Condvar, Mutex, PoisonError};

/// See the [module](self).
pub struct MemoryBudget {
    total: u64,
    free: Mutex<u64>,
    returned: Condvar,
}

/// A share of the budget; dropped, it returns.
pub struct Share<'a> {
    budget: &'a MemoryBudget,
    bytes: u64,
}

impl MemoryBudget {
    pub fn new(total: u64) -> MemoryBudget {
        MemoryBudget { total, free: Mutex::new(total), returned: Condvar::new() }
    }

    /// The whole budget in bytes.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Waits until `bytes` are free and takes them; `None` if the whole budget is less. Must not be called by a
    /// thread that others wait for.
    pub fn take(&self, bytes: u64) -> Option<Share<'_>> {
        if bytes > self.total {
            return None;
        }
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self.returned.wait_while(free, |free| *free < bytes).unwrap_or_else(PoisonError::into_inner);
        *free -= bytes;
        Some(Share { budget: self, bytes })
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        *self.budget.free.lock().unwrap_or_else(PoisonError::into_inner) += self.bytes;
        self.budget.returned.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn shares_never_exceed_the_budget() {
        let budget = MemoryBudget::new(10);
        let used = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for bytes in [3, 4, 5, 6, 7, 10, 1, 2] {
                let (budget, used) = (&budget, &used);
                scope.spawn(move || {
                    let _share = budget.take(bytes).unwrap();
                    assert!(used.fetch_add(bytes, Ordering::SeqCst) + bytes <= 10);
                    std::thread::yield_now();
                    used.fetch_sub(bytes, Ordering::SeqCst);
                });
            }
        });
        assert!(budget.take(11).is_none());
        assert!(budget.take(10).is_some(), "all shares came back");
    }
}

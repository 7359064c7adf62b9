//! What reading one file may cost, in memory and in work. A file of a few kilobytes can stand for gigabytes, by cells that
//! repeat, texts that are shared, or parts that multiply each other. So a reader takes from the budget of its file before
//! it makes something, and stops when nothing is left.
//!
//! The amounts are the same on every machine, so that a file that is read on one is read on all.

use crate::error::{Error, ErrorKind, Result};
use std::cell::Cell;

/// Memory that any file may take, however small it is.
const BYTES: u64 = 64 << 20;

/// Steps that any file may take, however small it is, and those for each of its bytes. A step is a few nanoseconds.
const STEPS: u64 = 50_000_000;
const STEPS_A_BYTE: u64 = 20;

/// Memory for each value of a description: of JSON, TOML or YAML.
const VALUE: u64 = 100;

/// See the [module](self).
pub struct Budget {
    limit: u64,
    bytes: Cell<u64>,
    steps: Cell<u64>,
}

impl Budget {
    /// For a file of `bytes` bytes, which may always take `times` its own size.
    pub fn new(bytes: usize, times: u64) -> Budget {
        let bytes = bytes as u64;
        let limit = BYTES.max(bytes.saturating_mul(times));
        let steps = STEPS.saturating_add(bytes.saturating_mul(STEPS_A_BYTE));
        Budget { limit, bytes: Cell::new(limit), steps: Cell::new(steps) }
    }

    /// Takes memory.
    ///
    /// # Errors
    /// The file takes more than it may.
    pub fn take(&self, bytes: usize) -> Result<()> {
        match self.bytes.get().checked_sub(bytes as u64) {
            Some(left) => {
                self.bytes.set(left);
                Ok(())
            }
            None => {
                let message = format!("reading it takes more than {} MiB of memory", self.limit >> 20);
                let error = Error::new(ErrorKind::Content, message);
                Err(error.with_hint("it repeats or nests far more than its size shows; divide it, or save it again"))
            }
        }
    }

    /// Takes `steps` of work.
    ///
    /// # Errors
    /// The file takes more than it may.
    pub fn work(&self, steps: usize) -> Result<()> {
        match self.steps.get().checked_sub(steps as u64) {
            Some(left) => {
                self.steps.set(left);
                Ok(())
            }
            None => {
                let error = Error::new(ErrorKind::Content, "reading it takes too long: its parts multiply each other");
                Err(error.with_hint("divide it, or save it again"))
            }
        }
    }

    /// Takes the memory for the values in a text of JSON, TOML or YAML. Marks within texts count too.
    ///
    /// # Errors
    /// As [`take`](Budget::take).
    pub fn take_values(&self, text: &[u8]) -> Result<()> {
        let values = text.iter().filter(|byte| matches!(byte, b',' | b':' | b'=' | b'[' | b'{')).count() as u64;
        self.take((values * VALUE) as usize + text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_file_may_take_some_memory_and_a_large_one_some_times_its_size() {
        let small = Budget::new(10, 4);
        assert!(small.take(40 << 20).is_ok() && small.take(40 << 20).is_err() && small.take(20 << 20).is_ok());
        let large = Budget::new(100 << 20, 4);
        assert!(large.take(399 << 20).is_ok() && large.take(2 << 20).is_err());
        assert!(small.work(STEPS as usize).is_ok() && small.work(1000).is_err());
    }
}

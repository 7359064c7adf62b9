//! In which order the images that are due are made: those that somebody waits for first, each once.

use super::compare::Due;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// See the [module](self).
pub struct Queue(Mutex<Places>);

struct Places {
    /// All before it are taken.
    next: usize,
    taken: Vec<bool>,
    /// Where an image is, by its id.
    of: BTreeMap<String, usize>,
}

impl Queue {
    pub fn new(due: &[Due<'_>]) -> Queue {
        let of = due.iter().enumerate().map(|(place, due)| (due.image.id.0.clone(), place)).collect();
        Queue(Mutex::new(Places { next: 0, taken: vec![false; due.len()], of }))
    }

    /// The next of `due`, or before it what is `wanted`.
    pub fn next<'a, 'b>(&self, due: &'a [Due<'b>], wanted: impl Fn() -> Option<String>) -> Option<&'a Due<'b>> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(id) = wanted() {
            if let Some(place) = places.of.get(&id).copied().filter(|place| !places.taken[*place]) {
                places.taken[place] = true;
                return due.get(place);
            }
        }
        while places.taken.get(places.next).copied()? {
            places.next += 1;
        }
        let place = places.next;
        places.taken[place] = true;
        due.get(place)
    }

    /// Nothing more is taken.
    pub fn close(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).taken.fill(true);
    }
}

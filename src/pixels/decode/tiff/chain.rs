//! Where the directories of the last files are.
//!
//! Each page of a file is opened on its own, and a directory can only be found by reading all those before it. A file of
//! thousands of pages would be read thousands of times.

use crate::pixels::decode::input::{FileIdentity, Input};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;

/// Files whose chains are kept: at least as many as are worked on at a time.
const FILES: usize = 64;

static CHAINS: Mutex<VecDeque<(FileIdentity, Arc<[u64]>)>> = Mutex::new(VecDeque::new());

/// The offsets of a file's directories, if they are known.
pub fn known(input: &Input) -> Option<Arc<[u64]>> {
    let file = input.identity()?;
    CHAINS.lock().iter().find(|(known, _)| *known == file).map(|(_, offsets)| offsets.clone())
}

/// Keeps the offsets of a file with several directories.
pub fn remember(input: &Input, offsets: Vec<u64>) {
    let Some(file) = input.identity().filter(|_| offsets.len() > 1) else { return };
    let mut chains = CHAINS.lock();
    chains.retain(|(known, _)| *known != file);
    chains.truncate(FILES - 1);
    chains.push_front((file, offsets.into()));
}

//! The threads of a build.

use crate::error::{Error, ErrorKind, Result};

/// Bytes of stack for SCAN. It recurses as deep as folders are nested, and a thread that waits for one folder scans
/// another on the same stack. Only the used part of it takes memory.
pub const SCAN_STACK: usize = 64 << 20;

/// Bytes of stack for decoding and tiling.
pub const STACK: usize = 2 << 20;

pub fn thread_pool(jobs: usize, stack: usize) -> Result<rayon::ThreadPool> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).stack_size(stack).build();
    pool.map_err(|error| Error::new(ErrorKind::Internal, format!("cannot start threads: {error}")))
}

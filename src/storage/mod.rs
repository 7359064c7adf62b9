//! Everything that is written or recorded: the published tree, the state of earlier builds, fingerprints, and buckets.

pub mod fingerprint;
pub mod output;
pub mod state;
pub mod store;

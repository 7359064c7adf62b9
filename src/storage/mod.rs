//! Everything that is written or recorded: the published tree, the state of earlier builds, fingerprints, and buckets.

pub mod file_system;
pub mod fingerprint;
pub mod lock;
pub mod output;
pub mod ownership;
#[cfg(feature = "site")]
pub mod revision;
#[cfg(feature = "site")]
pub mod shared;
#[cfg(feature = "site")]
pub mod state;
#[cfg(feature = "deploy")]
pub mod store;

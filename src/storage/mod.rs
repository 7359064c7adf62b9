//! What is kept: the published tree, the records of what was made, and stores of objects.

pub mod fingerprint;
pub mod output;
pub mod state;
pub mod store;

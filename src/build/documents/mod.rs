//! DESCRIBE and RENDER, and the feeds for harvesters that PUBLISH writes.

pub mod discovery;
mod folders;
mod history;
mod statics;
mod texts;

pub use folders::{Documents, ImageChanges};
pub use statics::Statics;

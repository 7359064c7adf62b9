//! DESCRIBE and RENDER, and what PUBLISH tells harvesters.

pub mod discovery;
mod folders;
mod history;
mod statics;
mod texts;

pub use folders::{Documents, ImageChanges};
pub use statics::{STATIC, Statics};

//! What annotations on a page's text are about.

use serde::{Deserialize, Serialize};

/// How much text one annotation holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Granularity {
    #[default]
    Line,
    /// Words where the file has them with boxes; else lines.
    Word,
}

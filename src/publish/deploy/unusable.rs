//! Why the pointer or a state of a target cannot be used.

use crate::error::{Error, ErrorKind};

/// See the [module](self).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    Damaged,
    /// It names files that cannot be.
    Impossible,
    /// The pointer names a state that is not there.
    Lost,
    /// A later version of the program wrote it.
    Newer,
}

impl Unusable {
    /// Whether the target can be looked at anew. What a later version wrote is sound, and only that version may replace
    /// it.
    pub fn can_be_mended(self) -> bool {
        self != Unusable::Newer
    }

    /// The error for the object at `path`. Its hint names no deletion: with the pointer, all that was withdrawn and is
    /// not yet deleted would be forgotten.
    pub fn error(self, path: String) -> Error {
        let unusable = |why: &str| {
            Error::new(ErrorKind::Network, format!("what the target notes about itself cannot be used: {why}"))
                .with_hint(
                    "`iiif-build deploy --verify` looks at what lies there and notes it anew; delete nothing by hand",
                )
        };
        let error = match self {
            Unusable::Damaged => unusable("it is damaged"),
            Unusable::Impossible => unusable("it names impossible files"),
            Unusable::Lost => unusable("it is not there"),
            Unusable::Newer => Error::new(ErrorKind::Network, "a later version of the program deployed to this target")
                .with_hint("deploy with that version or a later one: this one would lose what it noted"),
        };
        error.with_path(path)
    }
}

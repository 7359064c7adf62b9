//! The stable codes of all diagnostics: one table here, one for readers in docs/diagnostics.md.

use serde::de::{self, Deserialize, Deserializer};
use serde::{Serialize, Serializer};

/// How much a diagnostic matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Severity {
    /// Something is left out, or wrong in what is published.
    Error,
    /// All is built, but somebody should look. With `--strict` it counts as an error.
    Warning,
    /// Nobody has to do anything.
    Note,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

macro_rules! codes {
    ($($severity:ident { $($code:ident $name:literal)* })*) => {
        /// What kind of thing was found. Names are kept for good: settings and scripts hold them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($($code,)*)*
        }

        impl Code {
            pub const ALL: &[Code] = &[$($(Code::$code,)*)*];

            pub fn name(self) -> &'static str {
                match self {
                    $($(Code::$code => $name,)*)*
                }
            }

            pub fn severity(self) -> Severity {
                match self {
                    $($(Code::$code => Severity::$severity,)*)*
                }
            }
        }
    };
}

codes! {
    Error {
        IdTaken "id-taken"
        AbsentPage "absent-page"
        LooseImage "loose-image"
        RefusedName "refused-name"
        ChecksumMismatch "checksum-mismatch"
        ChecksumAbsent "checksum-absent"
        BadManifest "bad-manifest"
        UnreadableList "unreadable-list"
    }
    Warning {
        PageGap "page-gap"
        MixedWidths "mixed-widths"
        NoNumber "no-number"
        PatternMiss "pattern-miss"
        OtherMaster "other-master"
        ColourTarget "colour-target"
        Duplicate "duplicate"
        OddSize "odd-size"
        UnusedRecord "unused-record"
        Metadata "metadata"
        PageText "page-text"
        DamagedImage "damaged-image"
        ChecksumUnlisted "checksum-unlisted"
        StateLost "state-lost"
        NotFlushed "not-flushed"
        NoBaseUrl "no-base-url"
    }
    Note {
        DuplicateElsewhere "duplicate-elsewhere"
        Overruled "overruled"
        Junk "junk"
        NotMedia "not-media"
        NotListed "not-listed"
        Withheld "withheld"
        Watermark "watermark"
        LinkBack "link-back"
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.name().serialize(serializer)
    }
}

/// By its name.
impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Code, D::Error> {
        let name = String::deserialize(deserializer)?;
        let code = Code::ALL.iter().find(|code| code.name() == name);
        code.copied().ok_or_else(|| de::Error::custom(format!("there is no diagnostic {name:?}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_in_the_table_of_the_documentation_with_its_severity() {
        let table = include_str!("../../docs/diagnostics.md");
        for code in Code::ALL {
            let row = format!("| `{}` | {} |", code.name(), code.severity().name());
            assert_eq!(table.matches(&row).count(), 1, "{row}");
        }
        assert_eq!(table.lines().filter(|line| line.starts_with("| `")).count(), Code::ALL.len());
    }
}

//! The stable codes of all diagnostics. docs/diagnostics.md has the same table for readers.

use serde::{Deserialize, Serialize};

/// How much a diagnostic matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Severity {
    /// Something is missing or wrong in the published site.
    Error,
    /// Everything is built, but the curator should look at it. With `--strict` it counts as an error.
    Warning,
    /// No action is needed.
    Note,
}

impl Severity {
    /// The word for messages and JSON logs.
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
        /// The kind of a diagnostic. Names never change, because settings and scripts contain them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "&'static str")]
        #[non_exhaustive]
        #[allow(missing_docs)]
        pub enum Code {
            $($($code,)*)*
        }

        impl Code {
            /// All codes.
            pub const ALL: &[Code] = &[$($(Code::$code,)*)*];

            /// The name that settings and scripts contain.
            pub fn name(self) -> &'static str {
                match self {
                    $($(Code::$code => $name,)*)*
                }
            }

            /// The severity of its diagnostics, unless a warning is accepted.
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
        NotFetched "not-fetched"
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
        CopiesDiffer "copies-differ"
        NameCase "name-case"
        NoRow "no-row"
        ColourTarget "colour-target"
        Duplicate "duplicate"
        GuessedPages "guessed-pages"
        OddSize "odd-size"
        UnusedRecord "unused-record"
        Metadata "metadata"
        PageText "page-text"
        Captions "captions"
        DamagedImage "damaged-image"
        ChecksumUnlisted "checksum-unlisted"
        StateLost "state-lost"
        MixedOutput "mixed-output"
        NotFlushed "not-flushed"
        NoBaseUrl "no-base-url"
        InDoubt "in-doubt"
        SameName "same-name"
        NotRead "not-read"
        NoPdf "no-pdf"
        NoContent "no-content"
        UnusedColumn "unused-column"
    }
    Note {
        OtherCopy "other-copy"
        DuplicateElsewhere "duplicate-elsewhere"
        Overruled "overruled"
        Junk "junk"
        NotMedia "not-media"
        NotListed "not-listed"
        Sidecar "sidecar"
        Withheld "withheld"
        Watermark "watermark"
        LinkBack "link-back"
        LinkAgain "link-again"
    }
}

impl From<Code> for &'static str {
    fn from(code: Code) -> &'static str {
        code.name()
    }
}

impl TryFrom<String> for Code {
    type Error = String;

    fn try_from(name: String) -> Result<Code, String> {
        let code = Code::ALL.iter().find(|code| code.name() == name);
        code.copied().ok_or_else(|| {
            #[cfg(feature = "site")]
            let meant = super::words::did_you_mean(&name, Code::ALL.iter().map(|code| code.name()));
            #[cfg(not(feature = "site"))]
            let meant = String::new();
            let list = if meant.is_empty() { "; docs/diagnostics.md lists them all" } else { "" };
            format!("there is no diagnostic {name:?}{meant}{list}")
        })
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

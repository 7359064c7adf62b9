//! A project whose every text means something to somebody who should not listen.

use crate::archive::plate;
use crate::project::Project;

/// Ends of sections, markup, control characters, writing from right to left, a letter of four bytes.
pub const TEXT: &str = "]]> <script>alert(1)</script> & \"'\u{0}\u{1}\u{b}\u{1b} \u{202e}שלום\u{202c} 𝄞 &#0;";

/// What XML can hold of it.
pub fn in_xml() -> String {
    TEXT.replace(['\u{0}', '\u{1}', '\u{b}', '\u{1b}'], "\u{fffd}")
}

/// With these feeds.
pub fn project(feeds: &str) -> Project {
    let text: String = TEXT.chars().map(|c| format!("\\U{:08X}", u32::from(c))).collect();
    let item = format!(
        "label = \"{text}\"\nsummary = \"{text}\"\nprovider = {{ id = \"https://a.example/\", label = \"{text}\" }}\n\
         [[metadata]]\nlabel = \"Creator\"\nvalue = \"{text}\"\n[[metadata]]\nlabel = \"{text}\"\nvalue = \"x\"\n"
    );
    Project::new()
        .file(
            "iiif-build.toml",
            format!("title = \"{text}\"\ndiscovery = [{feeds}]\n[oai-pmh]\nadmin-email = \"archive@example.org\"\n"),
        )
        .file("content/a'é/item.toml", item)
        .file("content/a'é/1.tif", plate(1))
}

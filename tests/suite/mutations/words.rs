//! Texts that are made to break pages, feeds and terminals, in every place of every format that holds text.

use super::samples::metadata;
use super::{Mutants, planted};
use crate::draw::{grey, png};
use crate::prove::assert_proven;

/// Each plants something with the name that pages are searched for.
const HOSTILE: [&str; 12] = [
    "<planted>x</planted>",
    "<script>planted()</script>",
    "</script><script>planted()</script>",
    "</title></head><body onload=planted()>",
    "\"><img src=x onerror=planted()>",
    "' onmouseover='planted()' x='",
    "<svg/onload=planted()><a href=\"javascript:planted()\">y</a>",
    "<a href=' java\tscript:planted()'>y</a><iframe srcdoc='<planted>'></iframe>",
    "<style>planted{}</style><p style='background:url(javascript:planted())'>z</p>",
    "--><planted><!--",
    "]]></p><planted>&lt;planted&gt;{{ planted }}{% planted %}",
    "\u{1b}]0;planted\u{7}\u{1b}[31m\u{202e}planted\r\nplanted",
];

const SETTINGS: &str =
    "discovery = [\"atom\", \"activity\", \"dump\", \"oai-pmh\"]\n[oai-pmh]\nadmin-email = \"a@example.org\"\n";

#[test]
fn no_text_of_any_format_becomes_an_element_a_script_or_a_command() {
    let mutants = Mutants::with("words", SETTINGS);
    let picture = png(grey(90, 60));
    for (number, word) in HOSTILE.iter().enumerate() {
        for sample in metadata(word) {
            let folder = format!("content/{}{number}", sample.name);
            for page in sample.pages {
                mutants.project.write(&format!("{folder}/{page}"), &picture);
            }
            for (file, text) in &sample.beside {
                mutants.project.write(&format!("{folder}/{file}"), text);
            }
            mutants.project.write(&format!("{folder}/{}", sample.file), &sample.bytes);
        }
    }
    let told = mutants.run(&["build", "--jobs", "2"], &[0, 1]);
    mutants.expect(!told.said.contains(['\u{1b}', '\u{7}', '\u{202e}']), || "a terminal is told what to do".into());
    mutants.assert_well_formed();
    assert_proven(&mutants.project.site());
    let failed = mutants.failed(&told);
    for (number, sample) in
        (0..HOSTILE.len()).flat_map(|number| metadata("").into_iter().map(move |sample| (number, sample)))
    {
        let folder = format!("{}{number}", sample.name);
        let is_there = mutants.project.public().join(&folder).join("index.html").is_file();
        mutants.expect(is_there || failed.contains(&folder), || {
            format!("nothing of {folder} is published\n{}", told.said)
        });
    }
    // Not every format can hold every text.
    mutants.expect(failed.len() < HOSTILE.len(), || format!("{failed:?} are refused\n{}", told.said));
}

#[test]
fn the_search_for_what_is_planted_finds_it() {
    for html in [
        "<p><planted>",
        "<p planted=1>",
        "<img onerror='planted()'>",
        "<a href=' JavaScript:x'>",
        "<script>planted()</script>",
    ] {
        assert!(planted(html).is_some(), "{html}");
    }
    let data =
        "<script type='application/ld+json'>{\"a\": \"planted\"}</script><p title=planted>planted &lt;planted></p>";
    assert_eq!(planted(data), None);
}

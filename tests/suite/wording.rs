//! What is said about mistakes in settings and descriptions: the place, the right form, and no word of a parser.

use crate::draw::page;
use crate::project::Project;
use iiif_build::Error;

/// Words that parsers and their libraries say.
const JARGON: [&str; 22] = [
    "basic string",
    "literal string",
    "expected literal",
    "unknown variant",
    "unknown field",
    "missing field",
    "invalid type",
    "invalid value",
    "invalid length",
    "invalid float",
    "boolean",
    "sequence",
    "newline",
    "mapping",
    "scalar",
    "anchor",
    "enum ",
    "struct ",
    "wanted",
    "EOF",
    "u32",
    "this is not TOML",
];

/// Asserts that the first error is at the line, and says what is expected.
fn assert_says(error: &Error, text: &str, line: usize, expected: &str) {
    let said = format!("{}\n{}", error.message(), error.hint().unwrap_or_default());
    assert!(said.contains(expected), "{text:?}: {said}");
    assert_eq!(error.position().map(|at| at.line), Some(line), "{text:?}: {said}");
    assert!(!JARGON.iter().any(|word| said.contains(word)), "{text:?}: {said}");
    assert!(said.matches('"').count() <= 24 && said.matches('`').count() <= 24, "{text:?}: a long list: {said}");
}

#[test]
fn mistakes_in_settings_come_with_the_right_form() {
    for (text, line, expected) in [
        ("title = My site\n", 1, "a text must be in quotation marks: title = \"My site\""),
        ("\ntitle = \"My site\n", 2, "the closing quotation mark \" of this text is missing"),
        ("title: My site\n", 1, "write title = \"My site\""),
        ("title = \u{201c}My site\u{201d}\n", 1, "the quotation marks must be straight ones: title = \"My site\""),
        ("title = 'A'\n[images\nquality = 80\n", 2, "the closing ] of this line is missing: [images]"),
        ("title = 'A'\ntitle = 'B'\n", 2, "this key is here twice"),
        ("title = 5\n", 1, "for example: title = \"City Archive\""),
        ("titel = 'A'\n", 1, "did you mean `title`?"),
        ("foo = 'A'\n", 1, "there is no key `foo` here"),
        ("page-pattern = \"(?<page>\\d+)\"\n", 1, "single quotation marks"),
        ("[images]\nlossless = 'alwyas'\n", 2, "did you mean \"always\"?"),
        ("[images]\nlossless = 'sometimes'\n", 2, "expected one of \"auto\", \"always\", \"never\""),
        ("[images]\nlossless = true\n", 2, "expected one of \"auto\", \"always\", \"never\""),
        ("[images]\nlossless = always\n", 2, "lossless = \"always\""),
        ("[images]\nhuffman = 'optimized'\n", 2, "did you mean \"optimised\"?"),
        ("[images]\nhuffman = 3\n", 2, "for example: huffman = \"optimised\""),
        ("[images]\ntile-size = '512'\n", 2, "for example: tile-size = 512"),
        ("[images]\nformats = 'jpg'\n", 2, "for example: formats = [\"jpg\", \"webp\"]"),
        ("discovery = 'atom'\n", 1, "for example: discovery = [\"atom\", \"dump\"]"),
        ("discovery = ['oai-phm']\n", 1, "did you mean \"oai-pmh\"?"),
        ("viewer = 3\n", 1, "for example: viewer ="),
        ("originals = true\n", 1, "expected one of \"cut\", \"none\", \"as-is\""),
        ("accept = ['page-gaps']\n", 1, "did you mean \"page-gap\"?"),
        ("accept = ['nonsense']\n", 1, "docs/diagnostics.md lists them all"),
        ("images = 5\n", 1, "for example: images = { quality = 80 }"),
        ("[deploy]\nurl = 's3://scans'\n", 2, "[deploy.live]"),
        ("[deploy.live]\nurl = 's3://scans'\nmax-shrink = '5%'\n", 3, "for example: max-shrink = 5"),
        ("[deploy.live]\nurl = 's3://scans'\ngrace = 5\n", 3, "for example: grace = \"1d\""),
    ] {
        let project = Project::new().file("content/a/1.png", page()).file("iiif-build.toml", text);
        assert_says(&project.refused(), text, line, expected);
    }
}

#[test]
fn mistakes_in_descriptions_come_with_the_right_form() {
    for (file, text, line, expected) in [
        ("item.toml", "label = A letter\n", 1, "a text must be in quotation marks: label = \"A letter\""),
        ("item.toml", "label = 'A'\npublish = no\n", 2, "publish = false"),
        ("item.toml", "publish = 'no'\n", 1, "expected true or false, without quotation marks"),
        ("item.toml", "start = 0001\n", 1, "write it in quotation marks, such as \"0001\""),
        ("item.toml", "embargo = 2030-02-30\n", 1, "there is no such date"),
        ("item.toml", "behavior = 'pagd'\n", 1, "did you mean \"paged\"?"),
        ("item.toml", "behavior = 'rolled'\n", 1, "and 10 others"),
        ("item.toml", "behavior = true\n", 1, "for example: behavior = [\"paged\"]"),
        ("item.toml", "viewing-direction = 'right_to_lef'\n", 1, "did you mean \"right-to-left\"?"),
        ("item.toml", "viewing-direction = 1\n", 1, "expected one of \"left-to-right\", \"right-to-left\""),
        ("item.toml", "rights = true\n", 1, "for example: rights = "),
        ("item.toml", "xyz = 'A'\n", 1, "others"),
        ("item.toml", "nav-place = 'Paris'\n", 1, "for example: nav-place = [24.94, 60.17]"),
        ("item.toml", "annotations = 5\n", 1, "expected a file name, or a table such as"),
        ("item.toml", "duration = 'long'\n", 1, "for example: duration = 62.5"),
        ("item.toml", "[images]\nquality = 'high'\n", 2, "for example: quality = 80"),
        ("item.toml", "[pages.'1.png'\nlabel = 'A'\n", 1, "the closing ] of this line is missing: [pages.'1.png']"),
        ("item.yaml", "label: [A\n", 1, "the closing ] of this list is missing"),
        ("item.yaml", "label: Letter: 1888\n", 1, "a text with a colon needs quotation marks"),
        ("item.yaml", "label: A\nsummary\n", 2, "a colon is missing after the key"),
        ("item.yaml", "label: @A\n", 1, "needs quotation marks"),
        ("item.yaml", "label: A\nlabel: B\n", 2, "this is a duplicate of the key label"),
        ("item.yaml", "publish: no\n", 1, "for example: publish: false"),
        ("item.yaml", "images:\n  quality: high\n", 2, "for example: quality: 80"),
        ("manifest.extra.json", "{ label: 1 }", 1, "a key must be in double quotation marks"),
        ("manifest.extra.json", "{ \"a\": 1,\n}", 2, "there is a comma before a closing bracket"),
        ("manifest.extra.json", "[1]", 1, "this is a list; expected a table of keys and values"),
    ] {
        let project = Project::new().file("content/a/1.png", page()).file(&format!("content/a/{file}"), text);
        assert_says(&project.build_with_failure(), text, line, expected);
    }
}

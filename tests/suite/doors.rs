//! One door for names, and one item's fault stays with its item: names that no address can have, metadata with mistakes,
//! templates that fail, and what a build promises with its exit codes.

use crate::cli::run;
use crate::draw::{page, png};
use crate::project::Project;
use crate::prove::assert_proven;
use crate::site::Site;
use crate::told::Told;
use iiif_build::build::Report;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

/// Three items with titles from a table.
const TABLE: &str = "id,title,navDate,creator\n\
    a,Title A,1784-12-01T00:00:00Z,Anna\n\
    b,Title B,1850-01-01T00:00:00Z,Bert\n\
    c,Title C,,Cleo\n";

fn archive(table: &str) -> Project {
    Project::new()
        .file("content/a/1.png", page())
        .file("content/b/1.png", png(crate::draw::colour(300, 200)))
        .file("content/c/1.png", png(crate::draw::grey(200, 300)))
        .file("content/items.csv", table)
}

fn said(report: &Report) -> Vec<String> {
    report.failures.iter().map(ToString::to_string).collect()
}

fn title(site: &Site, item: &str) -> String {
    site.json(&format!("{item}/manifest.json"))["label"].to_string()
}

/// All files of the site but the feeds of its history.
fn tree(project: &Project) -> BTreeMap<String, Vec<u8>> {
    project.site().contents("")
}

#[test]
fn all_mistakes_of_a_table_are_told_and_cost_only_their_rows() {
    let table =
        "id,title,navDate,rights\na,Title A,about 1850,\n,Nobody,,\nb,Title B,,ftp://x\nc,Title C,,\nc,Again,,\n";
    let project = archive(table);
    let report = project.build();
    let said = said(&report);
    for expected in [
        r#"row 2, column "navDate" (C)"#,
        r#"row 3, column "id" (A)"#,
        r#"row 4, column "rights" (D)"#,
        r#"row 6, column "id" (A): "c" stands in row 5 already"#,
    ] {
        assert!(
            said.iter().any(|said| said.contains("items.csv: ") && said.contains(expected)),
            "{expected}\n{said:?}"
        );
    }
    assert_eq!(said.len(), 4, "{said:?}");
    let site = project.site();
    assert_proven(&site);
    assert!(title(&site, "a").contains("Title A"), "what can be read of a row is used on a first build");
    assert!(title(&site, "c").contains("\"c\""), "nobody knows which of two rows is right");
}

#[test]
fn an_item_whose_row_is_wrong_stays_as_it_was_and_the_others_are_built() {
    let project = archive(TABLE);
    project.built();
    let before = tree(&project);
    project
        .write("content/items.csv", TABLE.replace("1850-01-01T00:00:00Z", "about 1850").replace("Title C", "Other C"));
    project.write("content/b/2.png", page());
    let report = project.build();
    assert_eq!(said(&report).len(), 1, "{:?}", said(&report));
    assert!(report.warnings().any(|warning| warning.code.name() == "in-doubt"), "{:?}", report.diagnostics);
    let (site, after) = (project.site(), tree(&project));
    assert_proven(&site);
    assert!(title(&site, "c").contains("Other C"));
    let of_b = |tree: &BTreeMap<String, Vec<u8>>| {
        let is_own =
            |path: &str| path.starts_with("b/") && !path.ends_with("index.html") || path.starts_with("iiif/3/b_");
        tree.iter().filter(|(path, _)| is_own(path)).map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
    };
    let (was, is): (BTreeMap<_, _>, BTreeMap<_, _>) = (of_b(&before), of_b(&after));
    assert!(was == is, "b is not as it was");
    assert!(site.text("collection.json").contains("Title B"), "the collection names it as before");

    let again = project.build();
    assert_eq!((said(&again).len(), again.written, again.removed), (1, 0, 0), "nothing is left to do");
    project.write("content/items.csv", TABLE);
    assert_eq!(project.built().canvases("b").len(), 2);
    let fresh = project.afresh();
    fresh.built();
    assert!(tree(&project) == tree(&fresh));
}

#[test]
fn no_whole_table_is_lost_for_a_row_that_is_wider_for_a_lost_id_or_for_an_open_quotation_mark() {
    for wrong in [
        TABLE.replace("b,Title B", "b,Title, B"),
        TABLE.replace("b,Title B", ",Title B"),
        TABLE.replace("b,Title B", "b,\"Title B"),
        TABLE.replace("b,Title B", "c,Title B"),
        TABLE.replace("id,title", "title,title"),
    ] {
        let project = archive(TABLE);
        project.built();
        let before = tree(&project);
        project.write("content/items.csv", &wrong);
        let report = project.build();
        assert!(!report.failures.is_empty(), "{wrong}");
        let after = tree(&project);
        let changed: Vec<_> = before.keys().filter(|path| before.get(*path) != after.get(*path)).collect();
        assert!(before == after, "{wrong}\n{changed:?}");
    }
}

#[test]
fn what_a_description_with_a_mistake_may_hold_back_is_not_published_anew() {
    let project = archive(TABLE).file("content/b/item.toml", "publsh = false\n");
    let failure = project.build_with_failure();
    assert!(failure.to_string().contains("publsh"), "{failure}");
    let site = project.site();
    assert_proven(&site);
    assert!(!site.has("b/manifest.json") && !site.has("iiif/3/b_1/info.json"));
    assert!(site.has("a/manifest.json") && site.has("c/manifest.json"));

    project.remove("content/b/item.toml");
    project.built();
    let before = tree(&project);
    for (file, text) in [
        ("content/b/item.toml", "label = \n"),
        ("content/b/item.toml", "[pages.'9.png']\npublish = false\n"),
        ("content/b/item.toml", "annotations = ['../../../out.json']\n"),
        ("content/b/item.yaml", "label: 'B\n"),
        ("content/b/manifest.patch.json", "[{ \"op\": \"paint\" }]"),
        ("content/b/manifest.extra.json", "{"),
    ] {
        project.write(file, text);
        project.build_with_failure();
        assert!(before == tree(&project), "{file}: {text}");
        project.remove(file);
    }
    project.write("content/b/item.toml", "publish = false\n");
    project.build();
    assert!(!project.site().has("b/manifest.json"), "what is withheld goes");
}

#[test]
fn a_collection_with_a_mistake_keeps_what_is_in_it() {
    let project = Project::new()
        .file("content/letters/collection.toml", "label = \"Letters\"\n")
        .file("content/letters/a/1.png", page())
        .file("content/maps/1.png", page());
    project.built();
    let before = tree(&project);
    project.write("content/letters/collection.toml", "lable = \"Letters\"\n");
    project.write("content/letters/new/1.png", page());
    project.write("content/maps/item.toml", "label = \"Maps\"\n");
    project.build_with_failure();
    let site = project.site();
    assert_proven(&site);
    assert!(!site.has("letters/new/manifest.json"), "it may be held back");
    assert_eq!(site.read("letters/collection.json"), before["letters/collection.json"]);
    assert_eq!(site.read("letters/a/manifest.json"), before["letters/a/manifest.json"]);
    assert!(title(&site, "maps").contains("Maps"));
    project.write("content/letters/a/item.toml", "publish = false\n");
    project.build();
    assert!(!project.site().has("letters/a/manifest.json"), "what is withheld goes, whatever is wrong above it");
}

#[test]
fn what_is_withheld_goes_from_an_item_with_a_mistake_too() {
    let table = "id,title,navDate,publish\na,A,,\nb,B,,\n";
    let project = archive(table).file("content/b/2.png", page());
    project.built();
    project.write("content/items.csv", "id,title,navDate,publish\na,A,,\nb,B,1850,no\n");
    project.build();
    assert!(!project.site().has("b/manifest.json") && !project.site().has("iiif/3/b_1"));

    project.write("content/items.csv", table);
    project.built();
    project.write("content/items.csv", "id,title,navDate,publish\na,A,,\nb,B,1850,\n");
    project.write("content/b/item.toml", "[pages.'2.png']\npublish = false\n");
    project.build();
    let site = project.site();
    assert_proven(&site);
    assert_eq!(site.canvases("b").len(), 1);
    assert!(!site.has("iiif/3/b_2"));
}

#[test]
fn a_row_that_withholds_nobody_knows_whom_publishes_nothing_new() {
    let project = archive("id,title,publish\na,A,\n,B,no\n");
    assert_eq!(project.build().failures.len(), 1);
    let site = project.site();
    assert!(site.has("a/manifest.json"), "it has a row of its own");
    assert!(!site.has("b/manifest.json") && !site.has("c/manifest.json"), "one of them is withheld");
    project.write("content/items.csv", "id,title,publish\na,A,\nb,B,no\n");
    assert!(project.built().has("c/manifest.json"));
}

#[test]
fn a_record_with_one_bad_value_still_withholds() {
    let project = archive("id,title,rights,publish\na,A,https://example.org/terms,no\nb,B,,\n");
    project.build();
    assert!(!project.site().has("a/manifest.json"));
    assert!(project.site().has("b/manifest.json"));
}

#[test]
fn one_refused_name_costs_one_page_item_or_file() {
    let long = "x".repeat(190);
    let project = Project::new()
        .file("content/a/1.png", page())
        .file("content/a/a#b.png", page())
        .file("content/c/index.html/1.png", page())
        .file("content/c/Manifest.json/1.png", page())
        .file("content/c/good/1.png", page())
        .file("content/long/item.toml", format!("id = \"{long}\"\n"))
        .file(&format!("content/long/{}.png", "y".repeat(64)), page())
        .file("content/long/1.png", page())
        .file("content/notes/item.toml", format!("annotations = [\"{}.json\", \"n.json\"]\n", "z".repeat(245)))
        .file(&format!("content/notes/{}.json", "z".repeat(245)), "[]")
        .file("content/notes/n.json", "[]")
        .file("content/notes/1.png", page())
        .file("static/a", "the name of an item")
        .file("static/c/collection.json/x.txt", "the name of a document")
        .file("static/iiif", "a folder of the site")
        .file("static/good/x#y.txt", "no address")
        .file("static/good/new\nline.txt", "no address")
        .file("static/good/x.txt", "good");
    let report = project.build();
    let site = project.site();
    assert_proven(&site);
    for there in ["a/manifest.json", "c/good/manifest.json", "long/manifest.json", "notes/manifest.json", "good/x.txt"]
    {
        assert!(site.has(there), "{there}: {:?}", said(&report));
    }
    assert_eq!(site.read("good/x.txt"), b"good");
    let failed = said(&report);
    for place in [
        "a#b.png",
        "index.html",
        "Manifest.json",
        &"y".repeat(64),
        &"z".repeat(245),
        "static/a:",
        "x.txt",
        "static/iiif:",
        "x#y.txt",
        "new\nline.txt",
    ] {
        assert!(failed.iter().any(|failed| failed.contains(place)), "{place}: {failed:?}");
    }
    assert_eq!(failed.len(), 10, "{failed:?}");
    let again = project.build();
    assert_eq!((again.failures.len(), again.written), (10, 0));
}

#[cfg(unix)]
#[test]
fn names_that_are_not_unicode_are_told_and_cost_only_themselves() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let project = Project::new().file("content/a/1.png", page()).file("static/b.txt", "b");
    let put = |folder: &str, name: &[u8]| {
        let folder = project.root().join(folder);
        fs::create_dir_all(&folder).unwrap();
        // Some file systems have only names in Unicode.
        fs::write(folder.join(OsStr::from_bytes(name)), page()).is_ok()
    };
    if !put("content/a", b"M\xfcller.png") {
        return;
    }
    put("static", b"M\xfcller.txt");
    put("static", b"M\xe9ller.txt");
    let report = project.root().join("report.json");
    for arguments in [&["build", "--report", report.to_str().unwrap()][..], &["build", "--log", "json"], &["plan"]] {
        let (code, _, told) = run(&project, arguments);
        assert_eq!(code, Some(1), "{arguments:?}: {told}");
        assert!(told.contains(r"M\xfcller.png") || told.contains(r"M\\xfcller.png"), "{told}");
        assert!(!told.contains("panicked"), "{told}");
    }
    assert!(serde_json::from_slice::<serde_json::Value>(&fs::read(report).unwrap()).is_ok());
    let site = project.site();
    assert!(site.has("a/manifest.json") && site.has("b.txt"));
    assert_eq!(project.build().failures.len(), 3, "neither of the static files takes the place of the other");
    let (code, _, told) = run(&project, &["plan", "--csv"]);
    assert_eq!(code, Some(1), "{told}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_root_that_is_not_unicode_is_built_and_its_mistakes_are_told() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join(OsStr::from_bytes(b"Sammlung M\xfcller"));
    fs::create_dir_all(root.join("content/a")).unwrap();
    fs::write(root.join("content/a/1.png"), page()).unwrap();
    fs::write(root.join("content/a/2.png"), "no image").unwrap();
    for arguments in [&["build"][..], &["build", "--log", "json"], &["plan"], &["plan", "--log", "json"]] {
        let told = crate::cli::command(arguments).arg("--root").arg(&root).output().unwrap();
        let text = String::from_utf8_lossy(&told.stderr);
        assert_eq!(told.status.code(), Some(1), "{text}");
        assert!(text.contains("2.png") && text.contains("xfcller"), "{text}");
    }
    assert!(root.join("public/a/manifest.json").is_file());
}

#[test]
fn what_a_terminal_would_obey_is_never_printed() {
    let evil = "a\u{1b}[2K\nerror: forged\u{202e}.png";
    let project = Project::new().file("content/a/1.png", page()).file(&format!("content/a/{evil}"), page());
    project.write("content/b/item.toml", "label = \"\u{9b}31m red\"\nrights = \"\\u001b[31m\"\n");
    project.write("content/b/1.png", page());
    for arguments in [
        &["build", "--keep-going"][..],
        &["build", "-v", "--log", "json"],
        &["plan", "--files"],
        &["plan", "--log", "json"],
    ] {
        let (code, out, told) = run(&project, arguments);
        assert_eq!(code, Some(1), "{told}");
        let all = format!("{out}{told}");
        let obeyed = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!all.contains(obeyed), "{all:?}");
        assert!(!all.lines().any(|line| line.starts_with("error: forged")), "{all:?}");
        assert!(all.contains("001b"), "{all:?}");
    }
}

/// A METS or an item.toml whose contents are nested `depth` levels deep.
fn nested(depth: usize) -> String {
    let mut text = String::new();
    let mut key = "structures".to_owned();
    for level in 1..=depth {
        writeln!(text, "[[{key}]]\nlabel = \"Part {level}\"").unwrap();
        key += ".structures";
    }
    text.replace(&format!("label = \"Part {depth}\""), &format!("label = \"Part {depth}\"\npages = [\"1\"]"))
}

#[test]
fn contents_of_any_depth_are_shown_and_end_no_page() {
    for depth in [3, 20, 38] {
        let project = Project::new().file("content/a/1.png", page()).file("content/b/1.png", page());
        project.write("content/a/item.toml", nested(depth));
        let site = project.built();
        assert_proven(&site);
        let html = site.text("a/index.html");
        (1..=depth).for_each(|level| assert!(html.contains(&format!("Part {level}<")), "{depth}: {level}"));
        assert!(site.has("b/index.html"));
    }
}

#[test]
fn contents_of_a_mets_two_hundred_levels_deep_cost_nothing_else() {
    let divisions: String = (1..=150).map(|level| format!("<mets:div LABEL='Part {level}'>")).collect();
    let mets = format!(
        "<mets:mets xmlns:mets='http://www.loc.gov/METS/' xmlns:xlink='http://www.w3.org/1999/xlink'>\
         <mets:fileSec><mets:fileGrp USE='DEFAULT'><mets:file ID='F1'><mets:FLocat xlink:href='1.png'/></mets:file>\
         </mets:fileGrp></mets:fileSec><mets:structMap TYPE='PHYSICAL'><mets:div TYPE='physSequence'>\
         <mets:div ID='P1' TYPE='page' ORDER='1'><mets:fptr FILEID='F1'/></mets:div></mets:div></mets:structMap>\
         <mets:structMap TYPE='LOGICAL'><mets:div ID='L0' LABEL='Book'>{divisions}{}</mets:div></mets:structMap>\
         <mets:structLink><mets:smLink xlink:from='L0' xlink:to='P1'/></mets:structLink></mets:mets>",
        "</mets:div>".repeat(150),
    );
    let project = Project::new().file("content/a/1.png", page()).file("content/a/mets.xml", mets);
    project.write("content/b/1.png", page());
    project.build();
    let site = project.site();
    assert_proven(&site);
    assert!(site.has("a/index.html") && site.has("b/index.html") && site.has("index.html"));
}

#[test]
fn a_template_that_fails_for_one_item_costs_its_page_only() {
    let template = "{% extends \"theme/item.html\" %}{% block title %}\
        {% if description.label.text == \"Bad\" %}{{ nothing }}{% endif %}{% endblock %}";
    let project = Project::new()
        .file("content/a/1.png", page())
        .file("content/b/1.png", page())
        .file("content/b/item.toml", "label = \"Good\"\n")
        .file("templates/item.html", template);
    let good = project.built().read("b/index.html");
    project.write("content/b/item.toml", "label = \"Bad\"\n");
    project.write("content/a/item.toml", "label = \"New\"\n");
    let failure = project.build_with_failure();
    assert!(failure.to_string().contains("item.html:1:") && failure.to_string().contains("\"b\""), "{failure}");
    let site = project.site();
    assert_eq!(site.read("b/index.html"), good, "the last good page stays");
    assert!(site.text("a/index.html").contains("New") && site.text("index.html").contains("Bad"));
    assert_eq!(project.build().failures.len(), 1, "the next build tries again");

    project.remove("public");
    project.remove(".iiif-build");
    project.build_with_failure();
    let page = project.site().text("b/index.html");
    assert!(page.contains("<title>Bad"), "the built-in template makes a page that was never made: {page}");
}

#[test]
fn a_template_that_fails_for_each_item_is_told_with_one_page_that_needs_it() {
    let project = Project::new()
        .file("content/a/1.png", page())
        .file("content/b/1.png", page())
        .file("templates/item.html", "{% extends \"theme/item.html\" %}\n{% block title %}{{ nothing }}{% endblock %}");
    let failure = project.refused().to_string();
    assert!(failure.contains("item.html:2:") && failure.contains("the page of \"a\" cannot be made"), "{failure}");
    assert_eq!(failure.matches("item.html:").count(), 1, "{failure}");
}

/// Everything that ends a build before it writes, with the exit code 2 that promises so.
const REFUSED: [(&str, &str); 10] = [
    ("iiif-build.toml", "tytle = \"A\"\n"),
    ("iiif-build.toml", "[images.watermark]\nfile = \"nowhere.png\"\n"),
    ("content/collection.toml", "lable = \"A\"\n"),
    ("content/collection.toml", "publish = false\n"),
    ("content/collection.patch.json", "[{ \"op\": \"paint\" }]"),
    ("templates/item.html", "{% if %}"),
    ("templates/item.html", "{{ nothing }}"),
    ("templates/text.html", "{{ nothing }}"),
    ("templates/collection.html", "{{ site.titel.text }}"),
    ("templates/words.toml", "not_found = x"),
];

#[test]
fn a_build_that_ends_with_exit_code_2_has_written_nothing() {
    for (file, text) in REFUSED {
        let with_text = || Project::new().file("content/a/1.png", page()).file("content/a/1.txt", "Dear Sir\n");
        let fresh = with_text().file(file, text);
        let told = Told::by(&fresh, &[]);
        assert_eq!(told.code, Some(2), "{file}: {}", told.said);
        assert!(!fresh.public().exists(), "{file}: an output folder was made");

        let project = with_text();
        let site = project.built();
        let (before, times) = (site.contents(""), site.times(""));
        project.write("content/a/2.png", png(crate::draw::grey(90, 60)));
        project.write(file, text);
        assert_eq!(Told::by(&project, &[]).code, Some(2), "{file}");
        assert!(before == site.contents("") && times == site.times(""), "{file}: something was written");
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_nothing_in_static_costs_that_file_only() {
    let project = Project::new().file("content/a/1.png", page()).file("static/good.txt", "good");
    std::os::unix::fs::symlink("nowhere", project.root().join("static/link.txt")).unwrap();
    let failure = project.build_with_failure();
    assert!(failure.to_string().contains("link.txt: the link leads to nothing"), "{failure}");
    assert!(project.site().has("good.txt") && project.site().has("a/manifest.json"));
}

#[test]
fn two_recordings_of_one_name_are_not_one_file() {
    let project = Project::new()
        .file("content/a/images/1.wav", crate::recorded::wav(1.0))
        .file("content/a/scans/1.wav", crate::recorded::wav(2.0))
        .file("content/b/1.png", page());
    assert_eq!(project.build().failures.len(), 1);
    assert_proven(&project.site());
}

#[test]
fn an_item_stays_as_rich_as_it_was_through_a_mistake() {
    let project = Project::new()
        .file("content/a/1.png", page())
        .file("content/a/1.txt", "the words of a page")
        .file("content/a/2.png", page())
        .file("content/a/book.pdf", "a book")
        .file("content/a/notes.csv", "page,text\n1,a note\n")
        .file("content/a/manifest.patch.json", r#"[{ "op": "add", "path": "/own", "value": 1 }]"#)
        .file(
            "content/a/item.toml",
            "label = { en = \"A\", fr = \"Á\" }\nrendering = { file = \"book.pdf\", label = \"PDF\" }\n\
             annotations = [{ file = \"notes.csv\", label = \"Notes\" }]\nnav-place = [1.0, 2.0]\n\
             extra = { own = [1, { two = 2.5 }] }\nthumbnail = \"2\"\n\
             [[structures]]\nlabel = \"One\"\npages = [\"1\"]\nrights = \"http://rightsstatements.org/vocab/InC/1.0/\"\n\
             [[structures.structures]]\nlabel = \"Two\"\npages = [\"2#xywh=0,0,9,9\"]\n\
             [pages.'2.png']\nlabel = \"Second\"\nsummary = \"<b>bold</b>\"\n",
        );
    project.built();
    let before = tree(&project);
    let item = fs::read_to_string(project.root().join("content/a/item.toml")).unwrap();
    project.write("content/a/item.toml", format!("{item}\nnonsense = 1\n"));
    assert_eq!(project.build().failures.len(), 1);
    assert!(before == tree(&project));
    let other = project.with_base_url("https://other.example/");
    assert_eq!(other.build().failures.len(), 1);
    assert_proven(&other.site());
    other.write("content/a/item.toml", item);
    other.built();
    let mended = tree(&other);
    other.write("content/a/item.toml", "nonsense = 1\n");
    other.build();
    assert!(mended == tree(&other));
}

#[test]
fn a_watermark_that_an_item_names_in_vain_costs_that_item_only() {
    let project = archive(TABLE);
    for file in ["nowhere.png", "../../../outside.png"] {
        project.write("content/b/item.toml", format!("[images.watermark]\nfile = \"{file}\"\n"));
        let failure = project.build_with_failure();
        assert!(failure.to_string().contains("nowhere") || failure.to_string().contains("outside"), "{failure}");
        let site = project.site();
        assert_proven(&site);
        assert!(site.has("a/manifest.json") && !site.has("b/manifest.json"), "it is not published without its mark");
    }
}

#[test]
fn a_build_of_an_item_in_doubt_says_what_is_wrong_with_it() {
    for built_before in [false, true] {
        let project = archive(TABLE);
        if built_before {
            project.built();
        }
        project.write("content/c/item.toml", "lable = \"C\"\n");
        let told = Told::by(&project, &["--only", "c"]);
        assert!(told.code == Some(1) && told.said.contains("lable"), "{:?}: {}", told.code, told.said);
        assert!(!told.said.contains("no item"), "{}", told.said);
    }
}

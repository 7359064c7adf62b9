//! A curator's mistakes: one run tells all of them, each with its place, the word that was meant and an example.

use crate::draw::page;
use crate::project::Project;
use crate::told::Told;
use serde_json::Value;

/// Files with mistakes. Each is a line, a word of the message or the hint, and both together say what was meant.
type Mistakes = &'static [(&'static str, &'static str, &'static [(Option<u64>, &'static str)])];

/// 12 files with 25 mistakes: the wrong text, and of each mistake its line and what is said of it.
const WRONG: Mistakes = &[
    (
        "iiif-build.toml",
        "base_url = 'https://example.org/'\nlanguage = 'finnish language'\n",
        &[(Some(1), "did you mean `base-url`?"), (Some(2), "such as \"en\"")],
    ),
    (
        "content/collection.toml",
        "label = 'Letters'\nsumary = 'All letters'\nrights = 'https://creativecommons.org/licenses/by/5.0/'\n",
        &[(Some(2), "did you mean `summary`?"), (Some(3), "http://creativecommons.org/licenses/by/4.0/")],
    ),
    (
        "content/letters/collection.toml",
        "behavior = 'multipart'\nnav-place = [60.17, 124.94]\n",
        &[(Some(1), "did you mean \"multi-part\"?"), (Some(2), "[24.94, 60.17]")],
    ),
    (
        "content/letters/anna/item.toml",
        "lable = 'Anna'\nnav-date = '1.5.1888'\nbehavior = ['pagged']\n[pages.'ana_0001.png']\nlabel = 'Front'\n\
         [[structures]]\nlabel = 'All'\npages = ['anna-0002']\n",
        &[
            (Some(1), "label = \"Letter to Anna\""),
            (Some(2), "\"1888-05-01\""),
            (Some(3), "did you mean \"paged\"?"),
            (Some(4), "did you mean \"anna_0001.png\"?"),
            (Some(8), "did you mean \"anna_0002\"?"),
        ],
    ),
    (
        "content/letters/bert/item.yaml",
        "viewing_direction: right-to-left\npublish: nein\n",
        &[(Some(1), "did you mean `viewing-direction`?"), (Some(2), "publish: false")],
    ),
    (
        "content/letters/carl/notes.csv",
        "page,xywh,motivation,text\ncrl_0001,,,A\ncarl_0001,\"1,2,3\",,B\ncarl_0001,,comenting,C\n",
        &[
            (Some(2), "did you mean \"carl_0001\"?"),
            (Some(3), "10,20,300,400"),
            (Some(4), "did you mean \"commenting\"?"),
        ],
    ),
    (
        "content/letters/dora/notes.json",
        "[{ \"type\": \"Annotation\" }]",
        &[(None, "annotation 1 has no `target`; expected the page that it is on, as in \"target\": \"0001\"")],
    ),
    (
        "content/letters/items.csv",
        "id,title,navDate,rights,publish\nemil,Emil,May 1888,,\nfred,Fred,,https://rightsstatements.org/page/InnC/1.0/,\n\
         dora,Dora,,,maybe\n",
        &[
            (None, "row 2, column \"navDate\" (C): \"May 1888\""),
            (None, "row 3, column \"rights\" (D)"),
            (None, "row 4, column \"publish\" (E): \"maybe\" says neither yes nor no; expected yes, no or nothing"),
        ],
    ),
    (
        "content/letters/pages.csv",
        "item,file,role\nemil,,\nemil,emil_0001.png,pgae\n",
        &[(None, "row 2, column \"file\" (B): the page has no file"), (None, "row 3, column \"role\" (C): \"pgae\"")],
    ),
    ("templates/words.toml", "nextpage = 'Seuraava'\n", &[(Some(1), "did you mean `next_page`?")]),
    ("templates/item.html", "{% if %}", &[(Some(1), "")]),
    (
        "content/letters/fred/manifest.patch.json",
        "[{ \"op\": \"relabel\", \"path\": \"/label\" }]",
        &[(None, "operation 1 is none of JSON Patch (RFC 6902): \"relabel\" is not known here")],
    ),
];

/// The same files without mistakes.
const MENDED: &[(&str, &str)] = &[
    ("iiif-build.toml", "language = 'fi'\n"),
    (
        "content/collection.toml",
        "label = 'Letters'\nsummary = 'All letters'\nrights = 'https://creativecommons.org/licenses/by/4.0/deed.fi'\n",
    ),
    ("content/letters/collection.toml", "behavior = 'multi-part'\nnav-place = [24.94, 60.17]\n"),
    (
        "content/letters/anna/item.toml",
        "label = 'Anna'\nnav-date = '1888-05-01'\nbehavior = ['paged']\n[pages.'anna_0001.png']\nlabel = 'Front'\n\
         [[structures]]\nlabel = 'All'\npages = ['anna_0002']\n",
    ),
    ("content/letters/bert/item.yaml", "viewing-direction: right-to-left\npublish: true\n"),
    (
        "content/letters/carl/notes.csv",
        "page,xywh,motivation,text\ncarl_0001,,,A\ncarl_0001,\"1,2,3,4\",,B\ncarl_0001,,commenting,C\n",
    ),
    ("content/letters/dora/notes.json", "[{ \"type\": \"Annotation\", \"target\": \"dora_0001\" }]"),
    (
        "content/letters/items.csv",
        "id,title,navDate,rights,publish\nemil,Emil,1888-05,,\nfred,Fred,,https://rightsstatements.org/page/InC/1.0/,\n\
         dora,Dora,,,yes\n",
    ),
    ("content/letters/pages.csv", "item,file,role\nemil,emil_0001.png,page\nemil,emil_0002.png,\n"),
    ("templates/words.toml", "next_page = 'Seuraava'\n"),
    ("templates/item.html", "{% extends 'theme/item.html' %}"),
    ("content/letters/fred/manifest.patch.json", "[]"),
];

fn letters() -> Project {
    let mut project = Project::new().stops_at_mistakes();
    for name in ["anna", "bert", "carl", "dora", "emil", "fred"] {
        for number in [1, 2] {
            project = project.file(&format!("content/letters/{name}/{name}_000{number}.png"), drawn(name, number));
        }
    }
    let project = project.file("content/letters/carl/item.toml", "annotations = ['notes.csv']\n");
    project.file("content/letters/dora/item.toml", "annotations = ['notes.json']\n")
}

/// Pages of which no two are equal.
fn drawn(name: &str, number: u8) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(vec![]);
    let shade = |x: u32, y: u32| image::Luma([(x as u8) ^ (y as u8) ^ name.as_bytes()[0] ^ number]);
    image::GrayImage::from_fn(60, 40, shade).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn with_mistakes(is_left_out: impl Fn(&str) -> bool) -> Project {
    let project = letters();
    for ((path, wrong, _), (_, mended)) in WRONG.iter().zip(MENDED) {
        project.write(path, if is_left_out(path) { mended } else { wrong });
    }
    project
}

/// Each mistake is told once, and nothing else is.
fn assert_told(project: &Project, told: &Told, is_left_out: impl Fn(&str) -> bool) {
    let mut errors: Vec<&Value> = told.events("error").collect();
    let root = project.root().display().to_string();
    for (path, _, mistakes) in WRONG.iter().filter(|(path, ..)| !is_left_out(path)) {
        for (line, word) in *mistakes {
            let is_it = |error: &&Value| {
                let said =
                    format!("{} {}", error["message"].as_str().unwrap(), error["hint"].as_str().unwrap_or_default());
                error["path"] == format!("{root}/{path}") && error["line"].as_u64() == *line && said.contains(word)
            };
            let found = errors.iter().position(is_it);
            let found = found.unwrap_or_else(|| panic!("{path}, line {line:?}: {word}\n{}", told.said));
            errors.remove(found);
        }
    }
    assert!(errors.is_empty(), "told besides: {errors:#?}");
}

#[test]
fn one_run_tells_25_mistakes_in_12_files_and_writes_nothing() {
    assert_eq!((WRONG.len(), WRONG.iter().map(|(.., mistakes)| mistakes.len()).sum::<usize>()), (12, 25));
    let project = with_mistakes(|_| false);
    let told = Told::by(&project, &[]);
    assert_eq!(told.code, Some(2), "{}", told.said);
    assert_told(&project, &told, |_| false);
    assert!(!project.public().exists());
}

#[test]
fn mistakes_of_settings_hide_no_others_and_others_are_told_without_them() {
    for settings in ["iiif-build.toml", "templates/item.html"] {
        let is_left_out = |path: &str| path == settings || path == "iiif-build.toml";
        let project = with_mistakes(is_left_out);
        let told = Told::by(&project, &[]);
        assert_eq!(told.code, Some(2), "{}", told.said);
        assert_told(&project, &told, is_left_out);
        assert!(!project.public().exists());
    }
}

#[test]
fn after_mending_the_plan_is_silent() {
    let project = with_mistakes(|_| true);
    let output = project.command(&["plan"]).output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
    project.built();
}

#[test]
fn a_first_build_with_mistakes_writes_nothing_unless_it_keeps_going() {
    let project = Project::new().stops_at_mistakes();
    let project = project.file("content/a/1.png", page()).file("content/b/1.png", page());
    project.write("content/items.csv", "id,title,navDate\na,A,someday\nb,B,1850\n");
    let told = Told::by(&project, &[]);
    assert_eq!((told.code, project.public().exists()), (Some(2), false), "{}", told.said);
    let told = Told::by(&project, &["--keep-going"]);
    assert_eq!(told.code, Some(1), "{}", told.said);
    let site = project.site();
    assert_eq!(site.json("a/manifest.json")["label"]["none"][0], "A", "only the cell with the mistake is left out");
    assert_eq!(site.json("b/manifest.json")["navDate"], "1850-01-01T00:00:00Z");
}

#[test]
fn a_later_mistake_leaves_what_is_published_and_a_take_down_happens_all_the_same() {
    let project = Project::new().stops_at_mistakes();
    let project = project.file("content/a/1.png", page()).file("content/b/1.png", page());
    project.write("content/a/item.toml", "label = 'Good'\n");
    project.built();
    project.write("content/a/item.toml", "labell = 'Bad'\nrigths = 'x'\n");
    project.write("content/b/item.toml", "publish = false\n");
    let told = Told::by(&project, &[]);
    assert_eq!((told.code, told.events("error").count()), (Some(1), 2), "{}", told.said);
    assert_eq!(project.site().json("a/manifest.json")["label"]["none"][0], "Good");
    assert!(!project.public().join("b").exists());
}

#[test]
fn a_description_with_a_mistake_that_says_clearly_that_nothing_is_published_is_obeyed() {
    let project = Project::new().file("content/a/1.png", page()).file("content/b/1.png", page());
    project.built();
    project.write("content/a/item.toml", "labell = 'A'\npublish = false\n");
    let told = Told::by(&project, &[]);
    assert_eq!(told.code, Some(1), "{}", told.said);
    assert!(!project.public().join("a").exists());
}

#[test]
fn mistakes_of_one_kind_are_folded_after_20() {
    let project = Project::new().file("content/a/1.png", page());
    let rows: String = (0..30).map(|row| format!("i{row},someday {row}\n")).collect();
    project.write("content/items.csv", format!("id,navDate\na,1850\n{rows}"));
    let said = |arguments: &[&str]| {
        let output = project.command(&[&["build"], arguments].concat()).output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    let told = said(&[]);
    assert_eq!(told.matches("error: ").count(), 21, "{told}");
    assert!(told.contains("error: 10 more like"), "{told}");
    assert_eq!(said(&["-v"]).matches("is not a date").count(), 30);
}

#[test]
fn a_header_that_is_nearly_a_known_one_is_told() {
    let project = Project::new().file("content/a/1.png", page());
    project.write("content/items.csv", "id,tittle,rihgts,Subject\na,A,All rights reserved,Letters\n");
    let messages: Vec<String> = project.plan().diagnostics.iter().map(|found| found.message.clone()).collect();
    assert!(
        messages.iter().any(|message| message.contains("\"tittle\" (B)") && message.contains("\"title\"")),
        "{messages:?}"
    );
    assert!(
        messages.iter().any(|message| message.contains("\"rihgts\" (C)") && message.contains("\"rights\"")),
        "{messages:?}"
    );
    assert!(!messages.iter().any(|message| message.contains("Subject")), "{messages:?}");
}

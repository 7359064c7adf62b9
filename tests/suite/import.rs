//! `init --from`: folders of other programs become projects that build; their own files stay as they are.

use crate::cli;
use crate::draw::page;
use crate::project::Project;
use crate::site::Site;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

/// The folder of another program, and beside it the project that is made of it.
struct Move {
    source: Project,
    target: Project,
    output: Output,
}

/// Runs `init --from` on `files` and builds what it made.
fn moved(from: &str, files: &[(&str, &[u8])]) -> Move {
    let source = Project::new();
    source.remove("content");
    files.iter().for_each(|(path, bytes)| source.write(path, bytes));
    let target = Project::new();
    target.remove("content");
    let output = init(from, source.root(), target.root());
    Move { source, target, output }
}

fn init(from: &str, source: &Path, target: &Path) -> Output {
    cli::command(&["init", "--from", from]).arg(source).arg(target).output().unwrap()
}

impl Move {
    fn said(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    fn built(&self) -> Site {
        assert!(self.output.status.success(), "{}", self.said());
        self.target.built()
    }

    fn left_out(&self) -> Vec<String> {
        let (said, root) = (self.said(), self.source.root().canonicalize().unwrap());
        let root = format!("{}/", root.display());
        said.lines()
            .filter_map(|line| line.strip_prefix("warning: left out: "))
            .map(|line| line.replace(&root, ""))
            .collect()
    }
}

fn labels(manifest: &Value) -> Vec<&Value> {
    manifest["items"].as_array().unwrap().iter().map(|canvas| &canvas["label"]).collect()
}

#[test]
fn biiif_folders_become_collections_items_and_pages() {
    let image = page();
    let book = moved(
        "biiif",
        &[
            ("info.yml", b"label: The Lord of the Rings\ndescription: Trilogy\n"),
            ("thumb.jpg", &image),
            ("manifests.yml", b"manifests: []\n"),
            (
                "fellowship/info.yml",
                b"label: The Fellowship\nattribution: Tolkien\nmetadata:\n  Year: 1954\n  Author: J. R. R.\n",
            ),
            ("fellowship/_page-2/scan.png", &image),
            ("fellowship/_page-10/scan.png", &image),
            ("fellowship/_page-10/info.yml", b"label: Gollum\n"),
            ("fellowship/_page-10/thumb.jpg", &image),
            ("towers/1.png", &image),
        ],
    );
    let site = book.built();
    let collection = site.json("collection.json");
    assert_eq!(collection["label"], json!({"none": ["The Lord of the Rings"]}));
    assert_eq!(collection["items"].as_array().unwrap().len(), 2);
    let manifest = site.json("fellowship/manifest.json");
    assert_eq!(manifest["label"], json!({"none": ["The Fellowship"]}));
    assert_eq!(manifest["requiredStatement"]["value"], json!({"none": ["Tolkien"]}));
    assert_eq!(manifest["metadata"][0], json!({"label": {"none": ["Year"]}, "value": {"none": ["1954"]}}));
    assert_eq!(labels(&manifest), [&json!({"none": ["2"]}), &json!({"none": ["Gollum"]})]);
    let thumbnail = |path: &str| format!("{path}: thumbnails are made by the build");
    assert_eq!(
        book.left_out(),
        [
            "manifests.yml: manifests elsewhere cannot be part of a collection".to_owned(),
            thumbnail("thumb.jpg"),
            thumbnail("fellowship/_page-10/thumb.jpg")
        ]
    );
}

#[test]
fn a_wax_collection_becomes_items_without_what_wax_derived() {
    let image = page();
    let table =
        "pid,label,_date,thumbnail,full\nobj1,The Dala'il,1801,/img/t.jpg,/img/f.jpg\nobj2,Sulwan,,,\nobj3,Map,,,\n";
    let wax = moved(
        "wax",
        &[
            ("_config.yml", b"title: x\n"),
            ("_data/qatar.csv", table.as_bytes()),
            ("_data/raw_images/qatar/obj1.png", &image),
            ("_data/raw_images/qatar/obj2/0.png", &image),
            ("_data/raw_images/qatar/obj2/1.png", &image),
        ],
    );
    let site = wax.built();
    let manifest = site.json("qatar/obj1/manifest.json");
    assert_eq!(manifest["label"], json!({"none": ["The Dala'il"]}));
    assert_eq!(manifest["metadata"], json!([{"label": {"none": ["_date"]}, "value": {"none": ["1801"]}}]));
    assert_eq!(labels(&site.json("qatar/obj2/manifest.json")).len(), 2);
    assert_eq!(wax.left_out(), ["qatar/obj3: it has neither images nor recordings"]);
}

/// A second of silence.
fn recording() -> Vec<u8> {
    let (rate, bytes) = (8000_u32, 8000_u32);
    let mut wave = b"RIFF".to_vec();
    wave.extend((36 + bytes).to_le_bytes());
    wave.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wave.extend(rate.to_le_bytes());
    wave.extend(rate.to_le_bytes());
    wave.extend(b"\x01\0\x08\0data");
    wave.extend(bytes.to_le_bytes());
    wave.extend(vec![128; bytes as usize]);
    wave
}

#[test]
fn biiif_canvases_may_be_recordings_and_what_biiif_made_is_no_loss() {
    let (image, sound) = (page(), recording());
    let moved = moved(
        "biiif",
        &[
            ("index.json", b"{}"),
            ("tape/info.yml", b"label: Tape\n"),
            ("tape/index.json", b"{}"),
            ("tape/_side-a/side-a.wav", &sound),
            ("tape/_side-b/b.wav", &sound),
            ("photo/_p1/p1.png", &image),
            ("photo/_p1/p1.pdf", b"%PDF"),
        ],
    );
    let manifest = moved.built().json("tape/manifest.json");
    assert_eq!(manifest["items"].as_array().unwrap().len(), 2);
    let left_out = moved.left_out();
    assert!(left_out.len() == 1 && left_out[0].contains("p1.pdf") && left_out[0].contains("rendering"), "{left_out:?}");
}

#[test]
fn a_wax_site_says_in_its_settings_where_tables_and_images_are() {
    let image = page();
    let config =
        b"title: Wax\ncollections:\n  posts:\n    output: true\n  maps:\n    output: true\n    layout: map\n    \
        metadata:\n      source: tables/maps.csv\n    images:\n      source: scans/maps\n  lost:\n    metadata:\n      \
        source: lost.csv\n    images:\n      source: scans/lost\n";
    let moved = moved(
        "wax",
        &[
            ("_config.yml", config),
            ("_data/tables/maps.csv", b"pid,label\nobj1,Helsinki\n"),
            ("_data/scans/maps/obj1.png", &image),
        ],
    );
    assert_eq!(moved.built().json("maps/obj1/manifest.json")["label"]["none"][0], "Helsinki");
    let left_out = moved.left_out();
    assert!(left_out.len() == 1 && left_out[0].contains("lost.csv"), "{left_out:?}");
}

#[test]
fn an_import_tells_all_mistakes_and_makes_nothing() {
    let image = page();
    let files: &[(&str, &[u8])] = &[
        ("a/_1/scan.png", &image),
        ("a/info.yml", b"label: A\nlabell: B\nbehaviour: paged\n"),
        ("b/_1/scan.png", &image),
        ("b/info.yml", b"label: B\nviewingDirection: backwards\n"),
    ];
    let biiif = moved("biiif", files);
    let said = biiif.said();
    assert_eq!((biiif.output.status.code(), said.matches("error: ").count()), (Some(2), 3), "{said}");
    assert!(said.contains("did you mean `label`?") && said.contains("did you mean `behavior`?"), "{said}");
    let csv = moved("csv", &[("items.csv", b"id,navDate,behavior\na,soon,paged\nb,,pagged\n"), ("a.png", &image)]);
    let said = csv.said();
    assert_eq!((csv.output.status.code(), said.matches("error: ").count()), (Some(2), 2), "{said}");
    for target in [biiif.target, csv.target] {
        assert_eq!(fs::read_dir(target.root()).unwrap().count(), 0, "nothing is left");
    }
}

#[test]
fn a_table_beside_images_becomes_items_with_its_pages() {
    let image = page();
    let table = "id,parentid,title,title@fr,file,subject\n\
        kant,,Essay,Essai,,Reason|Morals\nk1,kant,Cover,,scans/k_1.png,\nk2,kant,,,scans/k_2.png,\nk3,kant,Lost,,scans/k_3.png,\n";
    let csv = moved("csv", &[("items.csv", table.as_bytes()), ("scans/k_1.png", &image), ("scans/k_2.png", &image)]);
    let site = csv.built();
    let manifest = site.json("kant/manifest.json");
    assert_eq!(manifest["label"], json!({"none": ["Essay"], "fr": ["Essai"]}));
    assert_eq!(manifest["metadata"][0]["value"], json!({"none": ["Reason", "Morals"]}));
    assert_eq!(labels(&manifest), [&json!({"none": ["Cover"]}), &json!({"none": ["2"]})]);
    assert_eq!(csv.left_out(), [r#"items.csv, row 2: there is no image "scans/k_3.png""#]);
}

#[test]
fn an_image_that_a_table_lists_twice_is_imported_once_and_the_other_page_is_named() {
    let table = "id,parentid,title,file\nmap,,Map,\nm1,map,Front,1.png\nm2,map,Front again,1.png\n";
    let csv = moved("csv", &[("items.csv", table.as_bytes()), ("1.png", &page())]);
    assert_eq!(csv.built().page_labels("map"), ["Front"]);
    assert_eq!(csv.left_out(), [r#"items.csv, row 2: a further page with the image "1.png"; list it in pages.csv"#]);
}

const METS: &[u8] = b"<?xml version='1.0'?>
<mets:mets xmlns:mets='http://www.loc.gov/METS/' xmlns:xlink='http://www.w3.org/1999/xlink'>
<mets:fileSec><mets:fileGrp USE='MASTER'><mets:file ID='f'><mets:FLocat LOCTYPE='URL' xlink:href='images/1.png'/></mets:file>
</mets:fileGrp></mets:fileSec><mets:structMap TYPE='PHYSICAL'><mets:div TYPE='physSequence'><mets:div TYPE='page' ORDERLABEL='i'>
<mets:fptr FILEID='f'/></mets:div></mets:div></mets:structMap></mets:mets>";

#[test]
fn folders_with_mets_become_items_with_their_files_where_they_were() {
    let image = page();
    let mets = moved(
        "mets",
        &[
            ("shelf/b1/b1.xml", METS),
            ("shelf/b1/images/1.png", &image),
            ("shelf/b1/alto/1.xml", b"<alto><Layout><Page ID='p' WIDTH='300' HEIGHT='200'/></Layout></alto>"),
            ("shelf/b1/notes.doc", b"x"),
            ("shelf/readme.txt", b"x"),
        ],
    );
    let folder = mets.target.root().join("content/shelf/b1");
    assert!(folder.join("b1.xml").is_file() && folder.join("alto/1.xml").is_file());
    assert_eq!(mets.built().page_labels("shelf/b1"), ["i"]);
    assert_eq!(
        mets.left_out(),
        ["shelf/readme.txt: there is no METS beside it", "shelf/b1/notes.doc: neither an image nor XML or text"]
    );
}

#[test]
fn what_cannot_be_imported_is_refused_and_nothing_is_touched() {
    let image = page();
    let files: &[(&str, &[u8])] = &[("a/_1/scan.png", &image), ("a/info.yml", b"label: A\nlabell: B\n")];
    let mistaken = moved("biiif", files);
    assert_eq!(mistaken.output.status.code(), Some(2));
    assert!(mistaken.said().contains("a/info.yml:2:1: "), "{}", mistaken.said());
    for (path, bytes) in files {
        assert_eq!(&fs::read(mistaken.source.root().join(path)).unwrap(), bytes);
    }
    for from in ["wax", "csv", "mets"] {
        assert_eq!(moved(from, &[("a/scan.png", &image)]).output.status.code(), Some(2), "{from}");
    }
    let outside = moved("csv", &[("items.csv", b"id,file\na,../../etc/passwd.png\n"), ("x.png", &image)]);
    assert!(outside.said().contains("row 2, column \"file\" (B)"), "{}", outside.said());
    let full = Project::new();
    assert_eq!(init("biiif", mistaken.source.root(), full.root()).status.code(), Some(2));
    let within: PathBuf = mistaken.source.root().join("site");
    assert_eq!(init("biiif", mistaken.source.root(), &within).status.code(), Some(2));
}

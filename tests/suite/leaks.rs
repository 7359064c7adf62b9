//! Marks in what metadata, rights, tables and systems withhold: no published byte holds one, in no format and at no
//! place that the site reaches. The same archive made public first shows that the search finds each of them.

use crate::archive::assert_as_clean;
use crate::cli;
use crate::deploy::bucket::Bucket;
use crate::deploy::server;
use crate::draw::{page, png};
use crate::http::get;
use crate::older::BOTH;
use crate::project::Project;
use crate::site::Site;
use crate::tables::{row, xlsx};
use crate::withheld::{alto, revealing, reveals, secret};
use std::collections::BTreeSet;
use std::fs;

const SETTINGS: &str = "discovery = [\"activity\", \"atom\", \"oai-pmh\", \"dump\"]\n[oai-pmh]\nadmin-email = \"a@example.org\"\n\
    [images]\ntile-size = 64\n";

/// The finding aid of the whole archive. `AUDIENCE` becomes the attribute that withholds, or nothing.
const EAD: &str = "<?xml version='1.0' encoding='UTF-8'?>\n<!DOCTYPE ead SYSTEM 'ead.dtd'>\n\
<ead xmlns='urn:isbn:1-931666-22-9' xmlns:xlink='http://www.w3.org/1999/xlink'><eadheader><eadid>F</eadid></eadheader>
<archdesc level='collection'><did><unittitle>Fonds</unittitle><physloc AUDIENCE>Sesame safe</physloc></did>
<processinfo AUDIENCE><p>On sesame</p></processinfo><scopecontent><p>All<emph AUDIENCE> of sesame</emph></p></scopecontent><dsc>
<c id='aspace_a1'><did><unittitle>Open file</unittitle></did></c>
<c id='aspace_a2' AUDIENCE><did><unittitle>Sesame file</unittitle><!-- sesame --></did></c>
<c01 id='s' AUDIENCE><did><unittitle>Sesame series</unittitle></did><c02 audience='external'><did><unitid>a3</unitid>
<unittitle>Sesame of a series</unittitle></did></c02></c01>
<c id='aspace_a4'><did><unittitle>Partly open</unittitle></did><dao xlink:href='http://example.org/x/1.png'/>
<dao AUDIENCE xlink:href='http://example.org/x/2-sesame.png' xlink:title='Sesame'/></c>
</dsc><dsc AUDIENCE><c id='a5'><did><unittitle>Sesame of a list</unittitle></did></c></dsc></archdesc></ead>";

/// `RESTRICTION` becomes one that denies, or one that grants.
const METS: &str = "<mets:mets xmlns:mets='http://www.loc.gov/METS/' xmlns:xlink='http://www.w3.org/1999/xlink'>
<mets:dmdSec ID='d'><mets:mdWrap MDTYPE='MODS'><mets:xmlData><mods><titleInfo><title>Book</title></titleInfo></mods></mets:xmlData></mets:mdWrap></mets:dmdSec>
<mets:dmdSec ID='d2'><mets:mdWrap MDTYPE='MODS'><mets:xmlData><mods><titleInfo><title>On sesame</title></titleInfo></mods></mets:xmlData></mets:mdWrap></mets:dmdSec>
<mets:amdSec ID='a'><mets:rightsMD ID='r'><mets:mdWrap MDTYPE='PREMIS'><mets:xmlData><premis:rightsStatement xmlns:premis='http://www.loc.gov/premis/v3'>
<premis:rightsGranted><premis:act>disseminate</premis:act><premis:restriction>RESTRICTION</premis:restriction></premis:rightsGranted>
</premis:rightsStatement></mets:xmlData></mets:mdWrap></mets:rightsMD></mets:amdSec>
<mets:fileSec><mets:fileGrp USE='MASTER'><mets:file ID='f1'><mets:FLocat xlink:href='1.png'/></mets:file>
<mets:file ID='f2'><mets:FLocat xlink:href='2-sesame.png'/></mets:file></mets:fileGrp>
<mets:fileGrp USE='FULLTEXT'><mets:file ID='t2' MIMETYPE='text/xml'><mets:FLocat xlink:href='ocr/2-sesame.xml'/></mets:file></mets:fileGrp>
</mets:fileSec><mets:structMap TYPE='PHYSICAL'><mets:div ID='w' TYPE='physSequence'><mets:div ID='p1' TYPE='page' ORDERLABEL='i'><mets:fptr FILEID='f1'/></mets:div>
<mets:div ID='p2' TYPE='page' ADMID='r' ORDERLABEL='Sesame ii'><mets:fptr FILEID='f2'/><mets:fptr FILEID='t2'/></mets:div></mets:div></mets:structMap>
<mets:structMap TYPE='LOGICAL'><mets:div ID='b' DMDID='d'><mets:div ID='l1' LABEL='One'/><mets:div ID='l2' DMDID='d2' LABEL='Of the sesame'/></mets:div></mets:structMap>
<mets:structLink><mets:smLink xlink:from='b' xlink:to='w'/><mets:smLink xlink:from='l1' xlink:to='p1'/><mets:smLink xlink:from='l2' xlink:to='p2'/></mets:structLink></mets:mets>";

/// Folders whose items go, with all that is in them.
const GONE: [&str; 10] = ["a2", "a3", "a5", "whole", "closed", "dc", "c2", "late", "inner/deep", "x/x2"];

const OPEN: [&str; 14] =
    ["a1", "a4", "m", "mods", "marc", "utf16", "ead3", "c1", "j", "r", "notes", "inner", "x/x1", "e"];

/// The files that hold a mark. Words in capitals become what withholds, or what does not.
fn files(is_withheld: bool) -> Vec<(String, Vec<u8>)> {
    let word = |closed: &'static str, open: &'static str| if is_withheld { closed } else { open };
    let ead = EAD.replace("AUDIENCE", word("audience=\"internal\"", ""));
    let mets = METS.replace("RESTRICTION", word("Disallow", "Allow"));
    let mods = |inner: &str| {
        format!("<mods xmlns='http://www.loc.gov/mods/v3'><titleInfo><title>T</title></titleInfo>{inner}</mods>")
    };
    let utf16 = format!(
        "<ead><archdesc level='item'><did><unittitle>Album</unittitle></did><note {}><p>Sésame sesame</p></note></archdesc></ead>",
        word("audience='internal'", "")
    );
    let utf16: Vec<u8> = std::iter::once(0xfeff).chain(utf16.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let marc = format!(
        "<record xmlns='http://www.loc.gov/MARC21/slim'><leader>00380nam a22001577a 4500</leader>\
         <datafield tag='245' ind1='1' ind2='0'><subfield code='a'>Title</subfield></datafield>\
         <datafield tag='541' ind1='{}' ind2=' '><subfield code='a'>Bought of sesame</subfield></datafield>\
         <datafield tag='561' ind1='{}' ind2=' '><subfield code='a'>Owned by sesame</subfield></datafield></record>",
        word("0", "1"),
        word("0", " ")
    );
    let table = xlsx(&[(
        "S",
        &(row(1, &[('A', "item"), ('B', "label"), ('C', "publish")])
            + &row(2, &[('A', "x1"), ('B', "Open"), ('C', "yes")])
            + &row(3, &[('A', "x2"), ('B', "Sesame"), ('C', word("no", "yes"))])),
    )]);
    let bin = word("@Recycle", "recycled");
    let texts = [
        ("content/ead.xml", ead.clone()),
        ("content/a1/finding-aid.xml", ead),
        ("content/m/mets.xml", mets.clone()),
        ("content/whole/mets.xml", mets.replace("ID='w' TYPE", "ID='w' ADMID='a' TYPE")),
        (
            "content/mods/mods.xml",
            mods(&format!(
                "<note{}>Sesame disputes it</note><abstract{}>Sesame</abstract>",
                word(" type='non-public'", ""),
                word(" shareable='no'", "")
            )),
        ),
        (
            "content/closed/mods.xml",
            mods(&format!(
                "<accessCondition type='restriction on access'>{}</accessCondition><note>Sesame</note>",
                word("closed access", "open access")
            )),
        ),
        (
            "content/dc/dc.xml",
            format!(
                "<dc xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:dcterms='http://purl.org/dc/terms/'><dc:title>Sesame</dc:title>\
            <dcterms:accessRights>http://purl.org/coar/access_right/{}</dcterms:accessRights></dc>",
                word("c_16ec", "c_abf2")
            ),
        ),
        ("content/marc/marc.xml", marc),
        (
            "content/ead3/ead.xml",
            format!(
                "<ead xmlns='http://ead3.archivists.org/schema/'><control><recordid>E</recordid></control><archdesc><did><unittitle>Album</unittitle>\
            <unitid {0}>Sesame 1</unitid></did><odd {0}><p>Sesame</p></odd></archdesc></ead>",
                word("audience='INTERNAL'", "")
            ),
        ),
        (
            "content/items.csv",
            format!(
                "item;label;publish;embargo\r\nc1;Open;yes;\r\nc2;\"Sesame\r\nsesame\";{};\r\nlate;Sesame;;{}\r\n",
                word("no", "yes"),
                word("2999-01-01", "2000-01-01")
            ),
        ),
        ("content/r/1.xml", if is_withheld { "<TEI>sesame</TEI>".to_owned() } else { alto("sesame") }),
        (
            "content/notes/bad.json",
            format!(
                "[{{\"body\": {{ \"type\": \"TextualBody\", \"value\": \"sesame\" }}, \"target\": \"1.png\" }}{}",
                word("", "]")
            ),
        ),
        ("content/inner/deep/item.toml", format!("label = \"Sesame\"\n{}", word("publish = false", ""))),
        (
            "content/e/item.toml",
            format!(
                "label = \"E\"\nsee-also = {{ file = \"list.xml\" }}\n[pages.\"2.png\"]\n{}",
                word("embargo = 2999-01-01", "label = \"Sesame\"")
            ),
        ),
    ];
    let mut files: Vec<(String, Vec<u8>)> =
        texts.into_iter().map(|(path, text)| (path.to_owned(), text.into_bytes())).collect();
    files.push(("content/utf16/ead.xml".to_owned(), utf16));
    files.push(("content/x/items.xlsx".to_owned(), table));
    files.push((format!("content/{bin}/1.png"), png(secret())));
    files.push((format!("content/j/{}/1.png/SYNO.png", word("@eaDir", "thumbs")), png(secret())));
    files.push((format!("content/j/{}/Cache/1.png", word("CaptureOne", "captures")), png(secret())));
    files.push((format!("static/{}/a.txt", word("$RECYCLE.BIN", "bin")), b"sesame".to_vec()));
    files.push((format!("static/{}/a.txt", word("#snapshot", "snapshot")), b"sesame".to_vec()));
    files
}

fn archive(is_withheld: bool) -> Project {
    let project = Project::new()
        .file("iiif-build.toml", format!("{SETTINGS}{BOTH}"))
        .file(
            "content/collection.toml",
            "label = \"Archive\"\nsee-also = [{ file = \"ead.xml\" }, { file = \"items.csv\" }]\n",
        )
        .file("content/x/collection.toml", "label = \"X\"\nsee-also = { file = \"items.xlsx\" }\n")
        .file("content/notes/item.toml", "annotations = \"bad.json\"\n")
        .file("content/inner/item.toml", "label = \"Outer\"\nsee-also = { file = \"deep/sesame.txt\" }\n")
        .file("content/inner/deep/sesame.txt", "sesame")
        .file("content/m/ocr/2-sesame.xml", alto("Sesame"))
        .file(
            "content/e/list.xml",
            METS.replace("2-sesame.png", "2.png").replace("ADMID='r'", "").replace("RESTRICTION", "Allow"),
        );
    for item in OPEN {
        project.write(&format!("content/{item}/1.png"), page());
    }
    for page in
        GONE.map(|item| format!("{item}/1")).into_iter().chain(["a4/2-sesame", "m/2-sesame", "e/2"].map(str::to_owned))
    {
        project.write(&format!("content/{page}.png"), png(secret()));
    }
    change(&project, is_withheld);
    project
}

/// Makes an archive withheld or public.
fn change(project: &Project, is_withheld: bool) {
    for (path, _) in files(!is_withheld) {
        if project.root().join(&path).exists() {
            project.remove(&path);
        }
    }
    files(is_withheld).into_iter().for_each(|(path, bytes)| project.write(&path, bytes));
}

fn built(project: &Project) -> Site {
    project.build();
    project.site()
}

#[track_caller]
fn assert_closed(project: &Project) {
    let site = project.site();
    assert_eq!(revealing(&site.root), BTreeSet::new());
    assert_eq!(revealing(&project.root().join(".iiif-build")), BTreeSet::new());
    for item in OPEN {
        assert!(site.has(&format!("{item}/manifest.json")), "{item} is open");
    }
    for item in GONE {
        assert!(!site.has(&format!("{item}/manifest.json")), "{item} is closed");
    }
}

#[test]
fn no_mark_in_what_is_withheld_is_published_whatever_withholds_it() {
    let project = archive(true);
    let report = project.build();
    assert_closed(&project);
    let site = project.site();
    let failures: Vec<String> = report.failures.iter().map(ToString::to_string).collect();
    assert_eq!(failures.len(), 2, "the refused text and the refused annotations: {failures:?}");
    assert_eq!(site.page_labels("m"), ["i"]);
    assert_eq!(site.page_labels("a4").len(), 1);
    // What is left of the originals is what it was.
    let ead = site.text("files/ead.xml");
    assert!(ead.starts_with("<?xml version='1.0' encoding='UTF-8'?>\n<!DOCTYPE ead") && ead.contains("Open file"));
    assert!(
        ead.contains("<unittitle>Partly open</unittitle></did><dao xlink:href='http://example.org/x/1.png'/>\n</c>")
    );
    assert_eq!(site.text("files/items.csv"), "item;label;publish;embargo\r\nc1;Open;yes;\r\n");
    for path in [
        "a1/files/finding-aid.xml",
        "m/files/mets.xml",
        "mods/files/mods.xml",
        "marc/files/marc.xml",
        "utf16/files/ead.xml",
        "ead3/files/ead.xml",
        "e/files/list.xml",
    ] {
        assert!(site.has(path), "{path}");
    }
    assert!(!site.has("x/files/items.xlsx"), "a workbook cannot be cut");
    let said = format!("{:?}", report.diagnostics);
    assert!(
        said.contains("it is published without") && said.contains("rows cannot be cut out of a workbook"),
        "{said}"
    );
    assert_as_clean_but_for_failures(&project);
}

fn assert_as_clean_but_for_failures(project: &Project) {
    let clean = project.afresh();
    clean.build();
    let contents = |project: &Project| {
        let mut contents = project.site().contents("");
        contents
            .retain(|path, _| !path.starts_with("activity") && !matches!(path.as_str(), "atom.xml" | "oai-pmh.xml"));
        contents
    };
    assert!(contents(project) == contents(&clean));
}

#[test]
fn the_search_finds_each_mark_that_is_public_and_none_after_it_is_withheld() {
    let project = archive(false);
    let site = built(&project);
    let public = revealing(&site.root);
    for path in [
        "files/ead.xml",
        "files/items.csv",
        "a1/files/finding-aid.xml",
        "a2/manifest.json",
        "a3/manifest.json",
        "a4/manifest.json",
        "a5/index.html",
        "m/files/mets.xml",
        "m/manifest.json",
        "m/text/2-sesame.xml",
        "whole/manifest.json",
        "mods/files/mods.xml",
        "mods/manifest.json",
        "closed/files/mods.xml",
        "dc/manifest.json",
        "marc/manifest.json",
        "utf16/files/ead.xml",
        "ead3/files/ead.xml",
        "c2/manifest.json",
        "late/manifest.json",
        "r/text/1.xml",
        "notes/annotations/bad/page-1.json",
        "inner/files/deep/sesame.txt",
        "e/manifest.json",
        "x/files/items.xlsx",
        "collection.json",
        "dump/items.csv",
        "dump/items.json",
        "atom.xml",
        "oai-pmh.xml",
        "bin/a.txt",
        "snapshot/a.txt",
        "iiif/3/recycled_1/full/max/0/default.jpg",
        "iiif/3/a4_2-sesame/full/max/0/default.jpg",
        "iiif/2/e_2/full/full/0/default.jpg",
    ] {
        assert!(public.contains(path), "{path} does not reveal what is public, of {public:#?}");
    }
    change(&project, true);
    readable_annotations(&project);
    built(&project);
    assert_closed(&project);
    assert_as_clean_but_for_failures(&project);
    change(&project, false);
    built(&project);
    assert_eq!(revealing(&site.root), public, "and it comes back");
}

/// Annotations that cannot be read any more are not withheld: the item stays as it was published.
fn readable_annotations(project: &Project) {
    project.write("content/notes/bad.json", "[]");
}

#[test]
fn what_metadata_withholds_is_taken_down_with_documents_and_only_too() {
    for arguments in [&["--documents"][..], &["--only", "a1"]] {
        let project = archive(false);
        // Under their real names they were never public.
        ["content/recycled", "content/j/thumbs", "content/j/captures"].iter().for_each(|folder| project.remove(folder));
        built(&project);
        change(&project, true);
        readable_annotations(&project);
        let output = project.command(&[&["build"], arguments].concat()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
        assert_closed(&project);
    }
}

#[test]
fn serve_gives_nothing_that_is_withheld() {
    let open = archive(false);
    let public = revealing(&built(&open).root);
    let project = archive(true);
    let mut process = cli::command(&["serve", "--no-watch", "--port", "0", "--root"])
        .arg(project.root())
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufReader::new(process.stderr.take().unwrap());
    let port = loop {
        let mut line = String::new();
        assert!(std::io::BufRead::read_line(&mut lines, &mut line).unwrap() > 0, "the server ended");
        if let Some((_, rest)) = line.split_once("serving http://localhost:") {
            break rest.split('/').next().unwrap().parse().unwrap();
        }
    };
    std::thread::spawn(move || std::io::Read::read_to_end(&mut lines, &mut vec![]));
    let found: Vec<&String> = public.iter().filter(|path| reveals(&get(port, &format!("/{path}")).body)).collect();
    let open = get(port, "/a1/manifest.json").status;
    process.kill().unwrap();
    process.wait().unwrap();
    // A page that says that there is none may repeat the address.
    assert_eq!((found.into_iter().filter(|path| !path.contains("sesame")).collect::<Vec<_>>(), open), (vec![], 200));
}

#[test]
fn no_object_of_a_deploy_holds_what_is_withheld() {
    let project = archive(true);
    built(&project);
    let folder = tempfile::tempdir().unwrap();
    let (url, base) = (folder.path().join("live"), crate::project::BASE_URL);
    let target = format!("base-url = \"{base}\"\n{SETTINGS}{BOTH}[deploy.live]\nurl = \"file://{}\"\n", url.display());
    project.write("iiif-build.toml", target);
    // The two failures are refused text and annotations, which a deploy may be asked to accept.
    repair(&project);
    let output = cli::command(&["deploy", "live", "--root"]).arg(project.root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(fs::read_dir(folder.path().join("live")).unwrap().count() > 3);
    assert_eq!(revealing(folder.path()), BTreeSet::new());
    server::each(|server| {
        let bucket = Bucket::on(server);
        bucket.is_target_of(&project, "2d");
        built(&project);
        let output = bucket.command(&project, &[]).output().unwrap();
        assert!(output.status.success(), "{}: {}", server.name, String::from_utf8_lossy(&output.stderr));
        let objects = bucket.client.everything();
        assert!(objects.iter().any(|(path, _)| path.contains(".iiif-build")), "{}", server.name);
        let found: Vec<&String> = objects
            .iter()
            .filter(|(path, bytes)| reveals(path.as_bytes()) || reveals(bytes))
            .map(|(path, _)| path)
            .collect();
        assert_eq!(found, Vec::<&String>::new(), "{}", server.name);
    });
}

/// An archive that was public, without what is only renamed when it is withheld, and without what fails then.
fn public_archive() -> Project {
    let project = archive(false);
    for folder in ["content/recycled", "content/j/thumbs", "content/j/captures", "content/r", "content/notes", "static"]
    {
        project.remove(folder);
    }
    built(&project);
    project
}

/// Withholds what [`public_archive`] published.
fn withhold(project: &Project) {
    change(project, true);
    ["content/r", "content/notes", "static"].iter().for_each(|folder| project.remove(folder));
    project.write("content/inner/item.toml", "label = \"Outer\"\n");
}

#[test]
fn what_is_withheld_after_the_records_were_lost_is_taken_down_too() {
    let project = public_archive();
    let site = project.site();
    assert!(!revealing(&site.root).is_empty());
    withhold(&project);
    project.remove(".iiif-build");
    built(&project);
    assert_eq!(revealing(&site.root), BTreeSet::new());
    assert_as_clean_but_for_failures(&project);
}

#[test]
fn a_deploy_leaves_no_object_that_shows_what_is_withheld_by_now_whatever_the_grace_time() {
    server::each(|server| {
        let project = public_archive();
        let bucket = Bucket::on(server);
        bucket.is_target_of(&project, "2d");
        let marked = |objects: Vec<(String, Vec<u8>)>| {
            let found = objects.into_iter().filter(|(path, bytes)| reveals(path.as_bytes()) || reveals(bytes));
            found.map(|(path, _)| path).collect::<Vec<_>>()
        };
        let deploy = || {
            built(&project);
            let output = bucket.command(&project, &[]).output().unwrap();
            assert!(output.status.success(), "{}: {}", server.name, String::from_utf8_lossy(&output.stderr));
            marked(bucket.client.everything())
        };
        assert!(!deploy().is_empty(), "{}", server.name);
        withhold(&project);
        assert_eq!(deploy(), Vec::<String>::new(), "{}", server.name);
    });
}

/// Removes what fails, so that the site is whole.
fn repair(project: &Project) {
    project.remove("content/r/1.xml");
    project.write("content/notes/bad.json", "[]");
    project.write("content/inner/item.toml", "label = \"Outer\"\n");
    project.built();
}

#[test]
fn a_whole_finding_aid_that_is_internal_withholds_its_folder() {
    let ead = "<ead audience='internal'><archdesc><did><unittitle>Sesame</unittitle></did></archdesc></ead>";
    let project = Project::new().file("content/a/1.png", page()).file("content/a/ead.xml", ead);
    let project = project.file("content/b/1.png", page()).file("content/c/d/1.png", page());
    let project = project.file(
        "content/c/ead.xml",
        ead.replace("<ead audience='internal'><archdesc", "<ead><archdesc audience='internal'"),
    );
    assert_eq!(project.built().image_ids(), ["b_1".to_owned()].into());
}

#[test]
fn a_curator_can_publish_what_metadata_withholds() {
    let project = Project::new().file("content/a/1.png", page()).file("content/b/1.png", page());
    let ead = "<ead><archdesc><dsc><c id='a' audience='internal'/><c id='b'><did><dao audience='internal' href='b/1.png'/></did></c></dsc></archdesc></ead>";
    let project = project.file("content/ead.xml", ead).file("content/c/1.png", page());
    assert_eq!(project.built().image_ids(), ["c_1".to_owned()].into());
    project.write("content/a/item.toml", "publish = true");
    project.write("content/b/item.toml", "[pages.\"1.png\"]\npublish = true");
    assert_eq!(project.built().image_ids(), ["a_1", "b_1", "c_1"].map(str::to_owned).into());
    assert_as_clean(&project);
}

#[test]
fn a_copy_for_access_stays_public_where_only_the_master_is_denied() {
    let mets = "<mets xmlns:xlink='x'><amdSec ID='a'><rightsMD ID='r'><mdWrap><xmlData><RightsDeclarationMD><Context CONTEXTCLASS='GENERAL PUBLIC'>\
        <Permissions DISPLAY='false'/></Context></RightsDeclarationMD></xmlData></mdWrap></rightsMD></amdSec><fileSec>\
        <fileGrp USE='MASTER' ADMID='r'><file ID='m'><FLocat xlink:href='tif/1.png'/></file></fileGrp>\
        <fileGrp USE='DEFAULT'><file ID='d'><FLocat xlink:href='jpg/1.webp'/></file></fileGrp></fileSec>\
        <structMap TYPE='PHYSICAL'><div><div TYPE='page'><fptr FILEID='m'/><fptr FILEID='d'/></div></div></structMap></mets>";
    let project = Project::new().file("content/a/mets.xml", mets).file("content/a/tif/1.png", png(secret()));
    let project = project.file("content/a/jpg/1.webp", crate::draw::webp(crate::draw::colour(150, 100)));
    let site = project.built();
    assert_eq!((site.image_ids().len(), revealing(&site.root)), (1, BTreeSet::new()));
    assert!(!site.text("a/files/mets.xml").contains("MASTER' ADMID='r'><file"));
}

#[test]
fn an_original_without_withheld_parts_keeps_each_byte() {
    let mods =
        "\u{feff}<?xml version='1.0'?>\r\n<mods  ><titleInfo><title>T</title></titleInfo><note>x</note></mods>\n";
    let project = Project::new().file("content/a/1.png", page()).file("content/a/mods.xml", mods);
    assert_eq!(project.built().read("a/files/mods.xml"), mods.as_bytes());
}

#[test]
fn what_systems_leave_is_listed_as_junk_and_no_description_brings_it_back() {
    let project = Project::new()
        .file("content/a/1.png", page())
        .file("content/a/@eaDir/x.pdf", "%PDF sesame")
        .file("content/a/item.toml", "rendering = { file = \"@eaDir/x.pdf\", label = \"X\" }")
        .file("content/System Volume Information/1.png", page())
        .file("content/lost+found/#123.png", page());
    let ignored = project.plan().ignored;
    let junk = ignored.iter().filter(|ignored| ignored.code.name() == "junk").count();
    assert_eq!(junk, 3, "{ignored:?}");
    assert!(project.build_with_failure().message().contains("which is junk"));
    assert_eq!(revealing(&project.public()), BTreeSet::new());
}

#[test]
fn a_text_that_becomes_no_text_is_taken_down() {
    let project = Project::new().file("content/a/1.png", page()).file("content/a/1.xml", alto("Dear"));
    assert!(project.built().has("a/text/1.xml"));
    project.write("content/a/1.xml", "<html><body>sesame</body></html>");
    assert!(project.build_with_failure().message().contains("not the text of a page"));
    assert!(!project.site().has("a/text/1.xml"));
    assert_eq!(revealing(&project.public()), BTreeSet::new());
    // And the next build says so again.
    assert!(project.build_with_failure().message().contains("not the text of a page"));
}

#[test]
fn a_row_of_a_page_withholds_the_page() {
    let rows = |publish: &str| {
        format!("id,parentid,file,label,publish\nb,,,Book,\n1,b,1.png,One,\n2,b,2.png,Sesame,{publish}\n")
    };
    let project = Project::new().file("content/b/1.png", page()).file("content/b/2.png", png(secret()));
    let project = project.file("content/items.csv", rows("yes"));
    let project = project.file("content/collection.toml", "see-also = { file = \"items.csv\" }");
    assert!(revealing(&project.built().root).contains("iiif/3/b_2/full/max/0/default.jpg"));
    project.write("content/items.csv", rows("no"));
    let site = project.built();
    assert_eq!((revealing(&site.root), site.page_labels("b")), (BTreeSet::new(), vec!["One".to_owned()]));
    assert_as_clean(&project);
}

#[test]
fn junk_that_an_earlier_version_published_goes_at_once() {
    let project = Project::new().file("content/a/1.png", page()).file("content/open/1.png", page());
    let project = project.file("content/a/eaDir/1.png", png(secret()));
    project.built();
    // As if it had always had this name.
    fs::rename(project.root().join("content/a/eaDir"), project.root().join("content/a/@eaDir")).unwrap();
    project.built();
    assert_eq!(revealing(&project.public()), BTreeSet::new());
    assert_as_clean(&project);
}

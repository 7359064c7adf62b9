//! An archive with a mark in everything that something withholds, in each format.

use crate::draw::{page, png};
use crate::older::BOTH;
use crate::project::Project;
use crate::tables::{row, xlsx};
use crate::withheld::{alto, secret};

pub const SETTINGS: &str = "pdf = true\ndiscovery = [\"activity\", \"atom\", \"oai-pmh\", \"dump\"]\n[oai-pmh]\nadmin-email = \"a@example.org\"\n\
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
pub const GONE: [&str; 10] = ["a2", "a3", "a5", "whole", "closed", "dc", "c2", "late", "inner/deep", "x/x2"];

pub const OPEN: [&str; 14] =
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

pub fn archive(is_withheld: bool) -> Project {
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
pub fn change(project: &Project, is_withheld: bool) {
    for (path, _) in files(!is_withheld) {
        if project.root().join(&path).exists() {
            project.remove(&path);
        }
    }
    files(is_withheld).into_iter().for_each(|(path, bytes)| project.write(&path, bytes));
}

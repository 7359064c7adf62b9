use super::*;
use std::path::Path;

fn read_text(text: &str) -> Result<String> {
    let document = xml::parse(text, Path::new("a.xml")).unwrap();
    let mut warnings = Warnings::new(text, Path::new("a.xml"));
    let (description, _) = read(document.root_element(), &mut warnings)?.finish();
    Ok(crate::input::metadata::outline(&description, &warnings.finish()))
}

/// Fields as `245 a=Title. b=Rest`.
fn shown(fields: &[&str]) -> String {
    let mut text = String::from("<record><leader>00380nam a22001577a 4500</leader>");
    for field in fields {
        let (tag, rest) = field.split_at(3);
        match tag {
            "001" | "008" => text += &format!("<controlfield tag='{tag}'>{}</controlfield>", &rest[1..]),
            _ => {
                text += &format!("<datafield tag='{tag}' ind1=' ' ind2=' '>");
                for subfield in rest.split('$').skip(1) {
                    let (code, value) = subfield.split_at(1);
                    text += &format!("<subfield code='{code}'>{}</subfield>", value.trim());
                }
                text += "</datafield>";
            }
        }
    }
    read_text(&format!("{text}</record>")).unwrap()
}

#[test]
fn a_title_loses_only_the_punctuation_at_its_end() {
    assert_eq!(
        shown(&["245 $aDie Frau : $bund der Sozialismus / $cvon A. Bebel."]),
        "none: Die Frau : und der Sozialismus\nStatement of responsibility = none: von A. Bebel\n"
    );
}

#[test]
fn a_title_in_another_script_is_kept_beside_it() {
    assert_eq!(shown(&["245 $6880-01 $aTha cha", "880 $6245-01 $a西夏文"]), "none: Tha cha | 西夏文\n");
}

#[test]
fn names_have_their_roles() {
    let fields = ["100 $aKant, Immanuel, $d1724-1804.", "700 $aEin, Anderer, $eHerausgeber.", "710 $aBody. $4prt"];
    let expected =
        "Creator = none: Kant, Immanuel, 1724-1804\nHerausgeber = none: Ein, Anderer\nPrinter = none: Body.\n";
    assert_eq!(shown(&fields), expected);
}

#[test]
fn codes_are_read_by_position() {
    let control = "008 890814s1784    gw ||||||||||||||||0ger d";
    assert_eq!(shown(&[control]), "Language = en: German\nnavDate: 1784-01-01T00:00:00Z\n");
    assert_eq!(shown(&["041 $aengfre"]), "Language = en: English | French\n");
}

#[test]
fn headings_notes_links_and_what_is_left() {
    let fields =
        ["650 $aSchool bonds $zUnited States.", "500 $aA note.", "856 $uhttp://a.org/b $yRead", "887 $ax", "974 $ax"];
    let expected = "Subject = none: School bonds -- United States\nNote = none: A note.\nhomepage: http://a.org/b Read\n\
        ! line 1: field \"887\" of MARC is not taken over\n";
    assert_eq!(shown(&fields), expected);
}

#[test]
fn records_of_authorities_are_refused() {
    let error = read_text("<record><leader>02128cz  a2200397n  4500</leader></record>").unwrap_err();
    assert!(error.to_string().starts_with("a.xml:1:1: this is a MARC record of an authority"), "{error}");
}

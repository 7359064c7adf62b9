//! What licences and rights statements are called.

/// The usual name of a licence or statement: `CC BY-SA 4.0`, `In Copyright`; else its address.
pub fn rights_label(url: &str) -> String {
    let path = url.trim_end_matches('/').split_once("://").map_or("", |(_, rest)| rest);
    let segments: Vec<&str> = path.trim_start_matches("www.").split('/').collect();
    match segments.as_slice() {
        ["creativecommons.org", "publicdomain", "mark", version] => format!("Public Domain Mark {version}"),
        ["creativecommons.org", "publicdomain", "zero", version] => format!("CC0 {version}"),
        ["creativecommons.org", "licenses", code, version, ..] => format!("CC {} {version}", code.to_uppercase()),
        ["rightsstatements.org", "vocab" | "page", code, ..] => match *code {
            "InC" => "In Copyright".into(),
            "InC-OW-EU" => "In Copyright – EU Orphan Work".into(),
            "InC-EDU" => "In Copyright – Educational Use Permitted".into(),
            "InC-NC" => "In Copyright – Non-Commercial Use Permitted".into(),
            "InC-RUU" => "In Copyright – Rights-holder(s) Unlocatable or Unidentifiable".into(),
            "NoC-CR" => "No Copyright – Contractual Restrictions".into(),
            "NoC-NC" => "No Copyright – Non-Commercial Use Only".into(),
            "NoC-OKLR" => "No Copyright – Other Known Legal Restrictions".into(),
            "NoC-US" => "No Copyright – United States".into(),
            "CNE" => "Copyright Not Evaluated".into(),
            "UND" => "Copyright Undetermined".into(),
            "NKC" => "No Known Copyright".into(),
            _ => url.to_owned(),
        },
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_have_their_usual_names() {
        assert_eq!(rights_label("http://creativecommons.org/licenses/by-sa/4.0/"), "CC BY-SA 4.0");
        assert_eq!(rights_label("http://rightsstatements.org/vocab/NoC-US/1.0/"), "No Copyright – United States");
        assert_eq!(rights_label("http://rightsstatements.org/vocab/NKC/1.0/"), "No Known Copyright");
        assert_eq!(rights_label("https://example.org/terms"), "https://example.org/terms");
    }
}

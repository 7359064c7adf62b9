//! Licences and rights statements, where a file names one by its exact address: those that Presentation API 3 allows in
//! `rights`. Words such as `CC-BY` say neither version nor variant; they stay words.

const LICENCES: [&str; 6] = ["by", "by-sa", "by-nc", "by-nd", "by-nc-sa", "by-nc-nd"];

const STATEMENTS: [&str; 12] =
    ["InC", "InC-OW-EU", "InC-EDU", "InC-NC", "InC-RUU", "NoC-CR", "NoC-NC", "NoC-OKLR", "NoC-US", "CNE", "UND", "NKC"];

/// The address of a Creative Commons licence or of a RightsStatements.org statement in the form that the specification
/// asks for (`http`, a `/` at the end); `None` if `address` is not one.
pub fn statement(address: &str) -> Option<String> {
    let address = address.trim();
    let rest = address.strip_prefix("http://").or_else(|| address.strip_prefix("https://"))?;
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    let segments: Vec<&str> = rest.trim_end_matches('/').split('/').collect();
    match segments.as_slice() {
        ["creativecommons.org", "licenses", code, version, place @ ..]
            if LICENCES.contains(code) && is_version(version) && is_jurisdiction(place) => {}
        ["creativecommons.org", "publicdomain", "mark" | "zero", version] if is_version(version) => {}
        ["rightsstatements.org", "vocab", code, version] if STATEMENTS.contains(code) && is_version(version) => {}
        _ => return None,
    }
    Some(format!("http://{}/", segments.join("/")))
}

fn is_version(text: &str) -> bool {
    matches!(text.as_bytes(), [major, b'.', minor] if major.is_ascii_digit() && minor.is_ascii_digit())
}

/// Licences before version 4 exist for single countries: `de`, `scotland`.
fn is_jurisdiction(segments: &[&str]) -> bool {
    match segments {
        [] => true,
        [place] => place.bytes().all(|byte| byte.is_ascii_lowercase()) && !matches!(*place, "legalcode" | "deed"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_addresses_are_taken() {
        for (given, expected) in [
            ("https://creativecommons.org/publicdomain/mark/1.0/", "http://creativecommons.org/publicdomain/mark/1.0/"),
            ("http://creativecommons.org/licenses/by-sa/3.0/de", "http://creativecommons.org/licenses/by-sa/3.0/de/"),
            ("http://rightsstatements.org/vocab/InC/1.0/", "http://rightsstatements.org/vocab/InC/1.0/"),
        ] {
            assert_eq!(statement(given).as_deref(), Some(expected));
        }
    }

    #[test]
    fn words_and_other_pages_are_not() {
        for given in [
            "CC-BY",
            "http://creativecommons.org/licenses/",
            "http://creativecommons.org/licenses/by/4.0/legalcode",
            "http://purl.org/coar/access_right/c_abf2",
            "http://www.princeton.edu/~rbsc/research/rights.html",
            "http://creativecommons.org.example.org/licenses/by/4.0/",
        ] {
            assert_eq!(statement(given), None, "{given}");
        }
    }
}

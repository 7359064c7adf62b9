//! The URIs of licences and rights statements (Presentation API 3, section 3.1, `rights`).
//!
//! What people copy from a browser is the page about a licence: `https`, `www.`, its language, its legal code. All readers
//! bring it to the URI of the licence itself: `http`, and `/` at the end.

use crate::diagnostics::words::nearest;
use serde::{Deserialize, Deserializer};

const CREATIVE_COMMONS: &str = "creativecommons.org";
const RIGHTS_STATEMENTS: &str = "rightsstatements.org";

const LICENCES: [&str; 6] = ["by", "by-sa", "by-nc", "by-nd", "by-nc-sa", "by-nc-nd"];

/// Licences that are no longer given. Works still have them.
const RETIRED: [&str; 10] =
    ["nc", "nd", "sa", "nc-sa", "nd-nc", "by-nd-nc", "sampling", "sampling+", "nc-sampling+", "devnations"];

const VERSIONS: [&str; 6] = ["1.0", "2.0", "2.1", "2.5", "3.0", "4.0"];

const STATEMENTS: [&str; 12] =
    ["InC", "InC-OW-EU", "InC-EDU", "InC-NC", "InC-RUU", "NoC-CR", "NoC-NC", "NoC-OKLR", "NoC-US", "CNE", "UND", "NKC"];

/// An address without scheme, `www.`, query and fragment: its host and the parts of its path.
struct Address<'a> {
    host: String,
    path: Vec<&'a str>,
}

/// The URI of the licence or statement that `text` means: an address of creativecommons.org or rightsstatements.org in any of
/// the forms that browsers show, or the name of a licence with its version (`CC BY-SA 4.0`). A licence without a version is
/// none.
///
/// # Errors
/// A message that names the URI that is meant, as far as it is known.
pub fn canonical(text: &str) -> Result<String, String> {
    let text = text.trim();
    // No name of a licence has a slash.
    if !text.contains('/')
        && let Some(named) = by_name(text)
    {
        return Ok(named);
    }
    match Address::of(text) {
        Some(Address { host, path }) if host == CREATIVE_COMMONS => creative_commons(&path, text),
        Some(Address { host, path }) if host == RIGHTS_STATEMENTS => rights_statement(&path, text),
        _ => Err(format!(
            "{text:?} is no licence of {CREATIVE_COMMONS} and no statement of {RIGHTS_STATEMENTS}; expected an address such as \
             \"http://creativecommons.org/licenses/by/4.0/\". Other terms belong in `required-statement` or `metadata`"
        )),
    }
}

/// Whether `text` is an address and no words: words about rights can be shown as they are.
pub fn is_address(text: &str) -> bool {
    let is_known = |host: &str| host == CREATIVE_COMMONS || host == RIGHTS_STATEMENTS;
    text.contains("://") || Address::of(text).is_some_and(|address| is_known(&address.host))
}

/// Reads a value of `rights`. One that is not known stays as it is, and is refused where descriptions are checked.
///
/// # Errors
/// It is no text.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let written = Option::<String>::deserialize(deserializer)?;
    Ok(written.map(|text| canonical(&text).unwrap_or(text)))
}

impl Address<'_> {
    fn of(text: &str) -> Option<Address<'_>> {
        let lower = text.to_ascii_lowercase();
        let scheme = ["http://", "https://", "//"].into_iter().find(|scheme| lower.starts_with(scheme));
        let rest = text.get(scheme.map_or(0, str::len)..)?;
        let rest = rest.split(['?', '#']).next()?;
        let mut parts = rest.split('/').filter(|part| !part.is_empty());
        let host = parts.next()?.to_ascii_lowercase();
        let host = host.strip_prefix("www.").unwrap_or(&host).to_owned();
        let is_host = host.contains('.') && !host.contains(char::is_whitespace);
        is_host.then(|| Address { host, path: parts.collect() })
    }
}

/// `CC BY-SA 4.0`, `CC-BY-4.0`, `CC0`, `CC0 1.0`, `Public Domain Mark 1.0`.
fn by_name(text: &str) -> Option<String> {
    let words = text.to_ascii_lowercase().replace(['-', '_'], " ");
    let words: Vec<&str> = words.split_whitespace().collect();
    match words.as_slice() {
        ["cc0"] | ["cc0", "1.0"] | ["cc", "zero", "1.0"] => Some(public_domain("zero")),
        ["public", "domain", "mark", "1.0"] | ["pdm", "1.0"] => Some(public_domain("mark")),
        ["cc", code @ .., version, "international" | "unported"] | ["cc", code @ .., version] => {
            let code = code.join("-");
            let is_one = LICENCES.contains(&code.as_str()) && VERSIONS.contains(version);
            is_one.then(|| licence(&code, version, ""))
        }
        _ => None,
    }
}

fn licence(code: &str, version: &str, place: &str) -> String {
    let place = if place.is_empty() { String::new() } else { format!("{place}/") };
    format!("http://{CREATIVE_COMMONS}/licenses/{code}/{version}/{place}")
}

fn public_domain(kind: &str) -> String {
    format!("http://{CREATIVE_COMMONS}/publicdomain/{kind}/1.0/")
}

fn creative_commons(path: &[&str], text: &str) -> Result<String, String> {
    let path: Vec<String> = path.iter().map(|part| part.to_ascii_lowercase()).collect();
    let path: Vec<&str> = path.iter().map(String::as_str).take_while(|part| !is_page(part)).collect();
    let refused = |meant: &str| Err(format!("{text:?} is no licence; did you mean {meant:?}?"));
    match path.as_slice() {
        ["publicdomain", kind @ ("zero" | "mark")] | ["publicdomain", kind @ ("zero" | "mark"), "1.0"] => {
            Ok(public_domain(kind))
        }
        ["publicdomain", kind @ ("zero" | "mark"), ..] => refused(&public_domain(kind)),
        ["licenses", "zero" | "cc0", ..] => refused(&public_domain("zero")),
        ["licenses", code, version] if is_licence(code) && VERSIONS.contains(version) => Ok(licence(code, version, "")),
        // Versions before 4.0 were written for single countries too: `de`, `scotland`, `igo`.
        ["licenses", code, version, place]
            if is_licence(code) && VERSIONS[..5].contains(version) && is_place(place) =>
        {
            Ok(licence(code, version, place))
        }
        ["licenses", code, rest @ ..] => {
            let code = nearest(code, LICENCES).unwrap_or("by");
            let version = rest.first().filter(|version| VERSIONS.contains(version)).unwrap_or(&"4.0");
            refused(&licence(code, version, ""))
        }
        _ => refused(&licence("by", "4.0", "")),
    }
}

fn is_licence(code: &str) -> bool {
    LICENCES.contains(&code) || RETIRED.contains(&code)
}

fn is_place(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Whether the last part of an address is a page about a licence: `deed.fi`, `legalcode`, `rdf`.
fn is_page(part: &str) -> bool {
    let name = part.split(['.', '-']).next().unwrap_or(part);
    matches!(name, "deed" | "legalcode" | "rdf")
}

fn rights_statement(path: &[&str], text: &str) -> Result<String, String> {
    let uri = |code: &str| format!("http://{RIGHTS_STATEMENTS}/vocab/{code}/1.0/");
    let code = match path {
        ["vocab" | "page" | "data", code] => Some(*code),
        ["vocab" | "page" | "data", code, version, ..] if *version == "1.0" || version.starts_with("1.0.") => {
            Some(*code)
        }
        _ => None,
    };
    let code = code.map(|code| code.split('.').next().unwrap_or(code));
    let known = STATEMENTS.into_iter().find(|known| code.is_some_and(|code| known.eq_ignore_ascii_case(code)));
    known.map(uri).ok_or_else(|| match path.iter().find_map(|part| nearest(part, STATEMENTS)) {
        Some(meant) => format!("{text:?} is no statement of {RIGHTS_STATEMENTS}; did you mean {:?}?", uri(meant)),
        None => {
            format!(
                "{text:?} is no statement of {RIGHTS_STATEMENTS}; expected one of {}",
                STATEMENTS.map(uri).join(", ")
            )
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_shows_is_brought_to_the_uri() {
        for (given, expected) in [
            (
                "https://creativecommons.org/publicdomain/mark/1.0/deed.fi",
                "http://creativecommons.org/publicdomain/mark/1.0/",
            ),
            ("https://www.creativecommons.org/licenses/by/4.0/deed.de", "http://creativecommons.org/licenses/by/4.0/"),
            (
                "HTTPS://CreativeCommons.org/Licenses/BY-SA/4.0/legalcode.pt_BR",
                "http://creativecommons.org/licenses/by-sa/4.0/",
            ),
            ("http://creativecommons.org/licenses/by-sa/3.0/de", "http://creativecommons.org/licenses/by-sa/3.0/de/"),
            (
                "creativecommons.org/licenses/by-nc/2.5/scotland/legalcode",
                "http://creativecommons.org/licenses/by-nc/2.5/scotland/",
            ),
            (
                "https://creativecommons.org/publicdomain/zero/1.0/?ref=chooser-v1",
                "http://creativecommons.org/publicdomain/zero/1.0/",
            ),
            ("https://rightsstatements.org/page/InC/1.0/?language=en", "http://rightsstatements.org/vocab/InC/1.0/"),
            ("http://rightsstatements.org/vocab/noc-us/1.0", "http://rightsstatements.org/vocab/NoC-US/1.0/"),
            ("http://rightsstatements.org/data/CNE/1.0.ttl", "http://rightsstatements.org/vocab/CNE/1.0/"),
            ("CC BY-NC-SA 4.0", "http://creativecommons.org/licenses/by-nc-sa/4.0/"),
            ("cc-by-4.0", "http://creativecommons.org/licenses/by/4.0/"),
            ("CC0", "http://creativecommons.org/publicdomain/zero/1.0/"),
        ] {
            assert_eq!(canonical(given).as_deref(), Ok(expected), "{given}");
            assert_eq!(canonical(expected).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn all_else_is_refused_and_the_right_one_is_named() {
        for (given, expected) in [
            ("https://creativecommons.org/licenses/by/5.0/", "licenses/by/4.0/\""),
            ("http://creativecommons.org/licenses/by-snc/4.0/", "licenses/by-nc/4.0/\""),
            ("http://creativecommons.org/licenses/by/4.0/de/", "licenses/by/4.0/\""),
            ("http://creativecommons.org/licenses/", "licenses/by/4.0/\""),
            ("http://creativecommons.org/licenses/zero/1.0/", "publicdomain/zero/1.0/\""),
            ("http://rightsstatements.org/page/InnC/1.0/", "vocab/InC/1.0/\""),
            ("https://rightsstatements.org/", "vocab/NKC/1.0/"),
            ("https://example.org/terms", "required-statement"),
            ("http://creativecommons.org.example.org/licenses/by/4.0/", "required-statement"),
            ("CC BY", "required-statement"),
            ("All rights reserved", "required-statement"),
            ("", "required-statement"),
        ] {
            let why = canonical(given).unwrap_err();
            assert!(why.contains(expected), "{given}: {why}");
        }
    }
}

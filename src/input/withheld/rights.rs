//! Rights that deny the public access, where they say so in a vocabulary that is known.
//!
//! - PREMIS 2 and 3: `rightsGranted` with an act of access (display, disseminate, publish …) and a `restriction` such as
//!   Archivematica's `Disallow`, while its term lasts.
//! - METSRights: `Context` for the general public whose `Permissions` say `DISPLAY="false"` or `DISCOVER="false"`; or
//!   contexts for groups of users only.
//! - MODS `accessCondition`, Dublin Core `accessRights` and `rights`: the vocabularies of COAR and of `info:eu-repo`, and
//!   the usual words, if the value is nothing but such a word. A condition of use is no condition of access.
//! - MARC 21, field 506: the standardised terms in subfield f.
//!
//! copyrightMD and the statements of RightsStatements.org and Creative Commons say who owns a work and what may be done with
//! it, and never that it is closed.

use crate::input::xml;
use crate::model::Day;
use roxmltree::Node;

/// Acts of PREMIS by which the public reads something, in lower case.
const ACTS: [&str; 9] =
    ["display", "disseminate", "publish", "access", "discover", "view", "read", "present", "make available"];

/// Values that deny access, in lower case.
const DENIED: [&str; 32] = [
    "access denied",
    "closed",
    "closed access",
    "confidential",
    "dark",
    "dark archive",
    "denied",
    "deny",
    "disallow",
    "disallowed",
    "embargo",
    "embargoed",
    "embargoed access",
    "forbidden",
    "gesperrt",
    "internal",
    "metadata only access",
    "no access",
    "no online access",
    "no public access",
    "not allowed",
    "not public",
    "offline",
    "online access with authorization",
    "preservation only",
    "preservation access only",
    "prohibited",
    "private",
    "restricted",
    "restricted access",
    "staff only",
    "withheld",
];

/// The vocabulary of access rights of COAR (vocabularies.coar-repositories.org/access_rights): metadata only, restricted,
/// embargoed.
const COAR: [&str; 3] = ["c_14cb", "c_16ec", "c_f1cf"];

/// `info:eu-repo/semantics/`, the vocabulary of OpenAIRE.
const EU_REPO: [&str; 3] = ["closedaccess", "restrictedaccess", "embargoedaccess"];

/// Whether what `section` holds denies the public access on the day `today`.
pub fn denies(section: Node<'_, '_>, today: Day) -> bool {
    let mut elements = section.descendants().filter(Node::is_element);
    elements.any(|node| !is_of_another_work(node, section) && element_denies(node, today))
}

/// MODS: a `relatedItem` has rights of its own.
fn is_of_another_work(node: Node<'_, '_>, section: Node<'_, '_>) -> bool {
    let mut within = node.ancestors().take_while(|above| *above != section);
    within.any(|above| xml::is(above, "relatedItem"))
}

fn element_denies(node: Node<'_, '_>, today: Day) -> bool {
    match node.tag_name().name() {
        "accessCondition" => condition_denies(node, today),
        "accessRights" => value_denies(&xml::text(node), today),
        "rights" if !node.children().any(|inner| inner.is_element()) => address_denies(&xml::text(node), today),
        "RightsDeclarationMD" => permissions_deny(node),
        "rightsGranted" => grant_denies(node, today),
        "subfield" => {
            let is_term = node.attribute("code") == Some("f");
            let field = node.parent_element().and_then(|field| field.attribute("tag"));
            is_term && field == Some("506") && value_denies(&xml::text(node), today)
        }
        _ => false,
    }
}

fn condition_denies(node: Node<'_, '_>, today: Day) -> bool {
    let sort = node.attribute("type").unwrap_or_default().to_lowercase().replace(' ', "");
    let addresses = ["href", "valueURI"].iter().filter_map(|name| xml::attribute(node, name));
    let words = xml::text(node);
    let is_of_use = sort == "useandreproduction";
    let has_address = addresses.into_iter().chain([words.as_str()]).any(|text| address_denies(text, today));
    has_address || (!is_of_use && value_denies(&words, today))
}

/// Whether a value is a word that denies access, or an address that does.
fn value_denies(text: &str, today: Day) -> bool {
    let word = text.trim().trim_end_matches('.').to_lowercase().replace(['-', '_'], " ");
    DENIED.contains(&word.as_str()) || address_denies(text, today)
}

fn address_denies(text: &str, today: Day) -> bool {
    let text = text.trim().to_lowercase();
    let last = text.rsplit('/').next().unwrap_or_default();
    if text.contains("purl.org/coar/access_right/") {
        return COAR.contains(&last);
    }
    match text.strip_prefix("info:eu-repo/") {
        Some(rest) if rest.starts_with("semantics/") => EU_REPO.contains(&last),
        Some(rest) if rest.starts_with("date/embargoend/") => last.parse::<Day>().is_ok_and(|end| today < end),
        _ => false,
    }
}

/// Groups of users that are not the public (METSRights, `CONTEXTCLASS`).
const GROUPS: [&str; 4] = ["ACADEMIC USER", "INSTITUTIONAL AFFILIATE", "MANAGED GRP", "REPOSITORY MGR"];

fn permissions_deny(declaration: Node<'_, '_>) -> bool {
    let says_no =
        |node: Node<'_, '_>, name: &str| node.attribute(name).is_some_and(|said| matches!(said.trim(), "false" | "0"));
    let contexts: Vec<(String, Node<'_, '_>)> = xml::children(declaration, "Context")
        .map(|context| (context.attribute("CONTEXTCLASS").unwrap_or("GENERAL PUBLIC").trim().to_uppercase(), context))
        .collect();
    let mut public = contexts.iter().filter(|(class, _)| class == "GENERAL PUBLIC").peekable();
    if public.peek().is_none() {
        return !contexts.is_empty() && contexts.iter().all(|(class, _)| GROUPS.contains(&class.as_str()));
    }
    public.any(|(_, context)| {
        let denied = |granted: Node<'_, '_>| says_no(granted, "DISPLAY") || says_no(granted, "DISCOVER");
        says_no(*context, "in-effect") || xml::children(*context, "Permissions").any(denied)
    })
}

fn grant_denies(granted: Node<'_, '_>, today: Day) -> bool {
    let mut acts = xml::children(granted, "act").map(|act| xml::text(act).to_lowercase()).peekable();
    let is_about_access = acts.peek().is_none() || acts.any(|act| ACTS.contains(&act.as_str()));
    is_about_access
        && xml::children(granted, "restriction").any(|restriction| value_denies(&xml::text(restriction), today))
        && lasts(granted, today)
}

/// Whether the restriction is in force. Without a term it always is.
fn lasts(granted: Node<'_, '_>, today: Day) -> bool {
    let mut terms = xml::children(granted, "termOfRestriction").peekable();
    let date = |term: Node<'_, '_>, name: &str| xml::child(term, name).map(xml::text).unwrap_or_default();
    let is_in = |term: Node<'_, '_>| {
        first_day(&date(term, "startDate")).is_none_or(|start| start <= today)
            && last_day(&date(term, "endDate")).is_none_or(|end| today <= end)
    };
    terms.peek().is_none() || terms.any(is_in)
}

/// The first day of `2030`, `2030-06` or `2030-06-30T12:00:00Z`. `None`: the text is none of these, such as `OPEN`.
fn first_day(text: &str) -> Option<Day> {
    completed(text, &["", "-01", "-01-01"])
}

fn last_day(text: &str) -> Option<Day> {
    completed(text, &["", "-31", "-30", "-29", "-28", "-12-31"])
}

/// The day of a date with the first of the `endings` that makes it whole.
fn completed(text: &str, endings: &[&str]) -> Option<Day> {
    let date: String = text.trim().chars().take(10).collect();
    endings.iter().find_map(|ending| format!("{date}{ending}").parse::<Day>().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn denied(xml: &str) -> bool {
        let text = format!("<r xmlns:xlink='http://www.w3.org/1999/xlink'>{xml}</r>");
        denies(xml::parse(&text, Path::new("a.xml")).unwrap().root_element(), "2030-06-15".parse().unwrap())
    }

    #[test]
    fn premis_denies_acts_of_access_while_the_term_lasts() {
        let granted = |act: &str, restriction: &str, term: &str| {
            denied(&format!(
                "<rightsGranted><act>{act}</act><restriction>{restriction}</restriction>{term}</rightsGranted>"
            ))
        };
        let until = |end: &str| {
            format!("<termOfRestriction><startDate>2000</startDate><endDate>{end}</endDate></termOfRestriction>")
        };
        assert!(granted("disseminate", "Disallow", "") && granted("Display", "disallow", &until("OPEN")));
        assert!(granted("publish", "Disallow", &until("2030-06")) && granted("publish", "Disallow", &until("2030")));
        assert!(!granted("publish", "Disallow", &until("2030-05")) && !granted("publish", "Allow", ""));
        assert!(!granted("replicate", "Disallow", "") && !granted("display", "Conditional", ""));
    }

    #[test]
    fn metsrights_denies_the_public_or_grants_to_groups_only() {
        let context = |class: &str, display: &str| {
            format!("<Context CONTEXTCLASS='{class}'><Permissions DISPLAY='{display}'/></Context>")
        };
        let declared =
            |contexts: &[String]| denied(&format!("<RightsDeclarationMD>{}</RightsDeclarationMD>", contexts.concat()));
        assert!(declared(&[context("GENERAL PUBLIC", "false"), context("REPOSITORY MGR", "true")]));
        assert!(declared(&[context("MANAGED GRP", "true")]));
        assert!(!declared(&[context("GENERAL PUBLIC", "true"), context("OTHER", "false")]) && !declared(&[]));
    }

    #[test]
    fn values_are_whole_words_or_addresses_of_vocabularies() {
        let condition =
            |attributes: &str, text: &str| denied(&format!("<accessCondition {attributes}>{text}</accessCondition>"));
        assert!(condition("type='restriction on access'", "Closed access."));
        assert!(condition("type='restriction on access' xlink:href='http://purl.org/coar/access_right/c_16ec'", ""));
        assert!(condition("type='restriction on access'", "info:eu-repo/date/embargoEnd/2031-01-01"));
        assert!(!condition("type='restriction on access'", "info:eu-repo/date/embargoEnd/2030-01-01"));
        assert!(!condition("type='use and reproduction'", "restricted"));
        assert!(!condition("type='restriction on access'", "The original is restricted; use the microfilm"));
        assert!(!condition("xlink:href='http://purl.org/coar/access_right/c_abf2'", "open access"));
        assert!(!denied(
            "<relatedItem><accessCondition type='restriction on access'>closed</accessCondition></relatedItem>"
        ));
        assert!(denied("<accessRights>info:eu-repo/semantics/closedAccess</accessRights>"));
        assert!(denied("<datafield tag='506'><subfield code='f'>No online access</subfield></datafield>"));
        assert!(!denied("<datafield tag='506'><subfield code='a'>Restricted.</subfield></datafield>"));
    }
}

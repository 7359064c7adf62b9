//! The description of an item or a collection on its page.

use super::Pages;
use super::context::{Described, Link, Localized, LocalizedHtml, MetadataRow, Rights};
use super::localized::{html, html_values};
use crate::documents::iiif::address::Destination;
use crate::documents::iiif::html::to_html;
use crate::model::address::SitePath;
use crate::model::{self, Description, LabelValue, LanguageMap};

impl Pages<'_> {
    /// The description of the item or collection in `folder`, for the page from which `root` leads to the root of the
    /// site.
    pub(super) fn described(&self, description: &Description, folder: &SitePath, root: &str) -> Described {
        let language = self.settings.language;
        let row = |pair: &LabelValue| MetadataRow {
            label: self.text(&pair.label),
            value: html_values(&pair.value, language).into_iter().map(|value| linked(self.dated(value))).collect(),
        };
        let href = |link: &model::Link| Destination::of(link, folder).href(root);
        let links = |links: &[model::Link]| {
            links.iter().map(|link| self.external(href(link), &link.label, link.format.clone())).collect()
        };
        let provider = |provider: &model::Provider| {
            let address = provider.homepage.0.first().map_or_else(|| provider.id.clone(), href);
            self.external(address, &provider.label, None)
        };
        Described {
            label: self.text(&description.label),
            summary: html(&description.summary, language),
            metadata: description.metadata.iter().filter(|pair| !is_technical(pair)).map(row).collect(),
            required_statement: description.required_statement.as_ref().map(row),
            rights: description.rights.as_ref().map(|url| Rights { url: url.clone(), label: rights_label(url) }),
            providers: description.provider.0.iter().map(provider).collect(),
            homepages: links(&description.homepage.0),
            see_also: links(&description.see_also.0),
            renderings: links(&description.rendering.0),
        }
    }

    /// A value that is a date for machines as people write it.
    fn dated(&self, value: LocalizedHtml) -> LocalizedHtml {
        let Some(date) = self.theme.words().date(&value.html) else { return value };
        let machine = value.html.trim();
        // The date is in the language of the words around it.
        LocalizedHtml {
            html: format!("<time datetime=\"{machine}\">{}</time>", to_html(&date)),
            lang: None,
            rtl: false,
            ..value
        }
    }

    /// A link to `href`. The address takes the place of a missing label.
    fn external(&self, href: String, label: &LanguageMap, format: Option<String>) -> Link {
        let label = match label.is_empty() {
            true => Localized { text: href.clone(), ..Localized::default() },
            false => self.text(label),
        };
        Link { host: host(&href), href, label, format }
    }
}

/// A value that is an address leads there. Text in HTML is escaped for attributes too.
fn linked(value: LocalizedHtml) -> LocalizedHtml {
    let text = value.html.replace("&#47;", "/");
    let rest = ["http://", "https://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    let is_address =
        rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(|c: char| c.is_whitespace() || c == '<'));
    if !is_address {
        return value;
    }
    LocalizedHtml { html: format!("<a href=\"{0}\" rel=\"external noopener\">{0}</a>", value.html), ..value }
}

/// Whether a pair is about the making of a package, not about what is in it. The Manifest has it all the same.
fn is_technical(pair: &LabelValue) -> bool {
    pair.label.values().any(|label| label == "Bagging Date" || label.starts_with("Ocrd "))
}

/// The host of an absolute address, as readers name it. `None`: the address is one of this site.
fn host(href: &str) -> Option<String> {
    let (scheme, rest) = href.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?.rsplit('@').next()?;
    let is_web = matches!(scheme, "http" | "https") && !host.is_empty();
    is_web.then(|| host.trim_start_matches("www.").to_owned())
}

/// The usual name of a licence or rights statement, such as `CC BY-SA 4.0` or `In Copyright`; else its address.
fn rights_label(url: &str) -> String {
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

    #[test]
    fn a_value_that_is_an_address_is_a_link_and_nothing_else_is() {
        let linked = |html: &str| linked(LocalizedHtml { html: html.into(), ..LocalizedHtml::default() }).html;
        let address = to_html("https://example.org/?a=1&b=\"><script>");
        let link = linked(&address);
        assert!(
            link.starts_with("<a href=\"https:") && link.matches('<').count() == 2 && link.matches('"').count() == 4,
            "{link}"
        );
        for other in [
            "see https://example.org/",
            "javascript:alert(1)",
            "https://",
            "<a href=\"https://a.example\">https://a.example</a>",
        ] {
            assert_eq!(linked(other), other);
        }
    }

    #[test]
    fn a_link_that_leaves_the_site_has_a_host() {
        let hosts =
            ["https://www.example.org/a?b", "http://me@h.example:8000", "../a/", "mailto:a@example.org"].map(host);
        assert_eq!(hosts, [Some("example.org".into()), Some("h.example:8000".into()), None, None]);
    }
}

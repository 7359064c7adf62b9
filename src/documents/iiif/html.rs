//! HTML in descriptive values, sanitised: only the tags that Presentation API 3, section 4.2 allows.

use ammonia::{Builder, UrlRelative};
use std::collections::{HashMap, HashSet};

const TAGS: [&str; 10] = ["a", "b", "br", "i", "img", "p", "small", "span", "sub", "sup"];

/// `value` as sanitised HTML in one element, as the specification requires; `None` if it is plain text.
///
/// A client takes text that starts with `<` and ends with `>` for HTML. Such text is escaped if it is plain.
pub fn markup(value: &str) -> Option<String> {
    let value = value.trim();
    let enclosed = value.starts_with('<') && value.ends_with('>');
    if !holds_tag(value) {
        return enclosed.then(|| format!("<span>{}</span>", escape(value)));
    }
    let clean = Builder::default()
        .tags(HashSet::from(TAGS))
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"])), ("img", HashSet::from(["src", "alt"]))]))
        .generic_attributes(HashSet::new())
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(None)
        .clean(value)
        .to_string();
    let encloses = clean.starts_with('<') && clean.ends_with('>');
    Some(if encloses { clean } else { format!("<span>{clean}</span>") })
}

/// `value` as HTML, whether it is plain text or not.
pub fn to_html(value: &str) -> String {
    markup(value).unwrap_or_else(|| escape(value))
}

/// `value` as plain text, without its markup.
pub fn plain(value: &str) -> String {
    if !holds_tag(value) {
        return value.trim().to_owned();
    }
    // Words of two paragraphs or lines do not run together.
    let spaced = to_html(value).replace("</p>", " </p>").replace("<br>", " ");
    let text = Builder::empty().clean(&spaced).to_string();
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&nbsp;", "\u{a0}"), ("&amp;", "&")];
    let text = entities.into_iter().fold(text, |text, (entity, letter)| text.replace(entity, letter));
    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

fn escape(text: &str) -> String {
    ammonia::clean_text(text).replace("&#32;", " ").replace("&#10;", "\n")
}

/// Whether one of the allowed tags is in the text.
fn holds_tag(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| {
        let rest = &text[at + 1..];
        let name = rest.strip_prefix('/').unwrap_or(rest);
        let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        let closes = name[end..].starts_with(['>', ' ', '/']);
        closes && TAGS.contains(&name[..end].to_ascii_lowercase().as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allowed_tags_stay_and_others_go() {
        assert_eq!(markup("<p>An <i>essay</i></p>").unwrap(), "<p>An <i>essay</i></p>");
        assert_eq!(markup("An <i>essay</i>").unwrap(), "<span>An <i>essay</i></span>");
        assert_eq!(markup("<b onclick=x>a</b><script>alert(1)</script>").unwrap(), "<b>a</b>");
        assert_eq!(markup("<a href=\"javascript:alert(1)\">x</a>").unwrap(), "<a>x</a>");
    }

    #[test]
    fn markup_can_be_taken_off() {
        assert_eq!(plain("<p>On <i>war</i> &amp; &lt;peace&gt;</p><p>By<br>me</p>"), "On war & <peace> By me");
        assert_eq!(plain(" a < b &amp; c "), "a < b &amp; c");
        assert_eq!(plain("<script>alert(1)</script> <b>x</b>"), "x");
    }

    #[test]
    fn plain_text_stays_plain() {
        assert_eq!(markup("Müller & Söhne, 3 < 4"), None);
        assert_eq!(to_html("a & b < c"), "a &amp; b &lt; c");
        assert_eq!(
            markup("<script>alert(1)</script>").unwrap(),
            "<span>&lt;script&gt;alert(1)&lt;&#47;script&gt;</span>"
        );
    }
}

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
    if !is_markup(value) {
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

/// `value` as HTML for a page, whether it is plain text or not. A page loads nothing from elsewhere, so the texts of images
/// stand in their places.
pub fn to_html(value: &str) -> String {
    markup(value).map_or_else(|| escape(value), |html| without_images(&html))
}

/// Sanitised HTML with the `alt` of each image in its place.
fn without_images(html: &str) -> String {
    let (mut text, mut rest) = (String::new(), html);
    while let Some((before, image)) = rest.split_once("<img") {
        text.push_str(before);
        let (mut parts, mut alt) = (image, "");
        // Only a quote ends a value: it may hold `>`.
        while let Some((name, value)) = parts.split_once("=\"").filter(|(name, _)| !name.contains('>')) {
            let (value, after) = value.split_once('"').unwrap_or((value, ""));
            if name.trim() == "alt" {
                alt = value;
            }
            parts = after;
        }
        text.push_str(&alt.replace('<', "&lt;").replace('>', "&gt;"));
        rest = parts.split_once('>').map_or("", |(_, after)| after);
    }
    text + rest
}

/// `value` as plain text, without its markup.
pub fn plain(value: &str) -> String {
    if !is_markup(value) {
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

/// Steps that reading a text as HTML may take, for any text and for each of its bytes.
const STEPS: usize = 10_000;
const STEPS_A_BYTE: usize = 4;

/// Elements without an end tag, and those that end where the next of them begins.
const VOID: [&str; 13] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];
const ENDED_BY_NEXT: [&str; 8] = ["dd", "dt", "li", "option", "p", "td", "th", "tr"];

/// Whether a text is HTML. Text that only hostile programs write is none: the rules of HTML open every element that was not
/// closed again in each paragraph, and compare each attribute of an element with every other.
fn is_markup(text: &str) -> bool {
    holds_tag(text) && steps(text) <= STEPS + STEPS_A_BYTE * text.len()
}

/// About how many steps it takes to read a text as HTML.
fn steps(text: &str) -> usize {
    let (mut open, mut steps): (HashMap<String, usize>, usize) = (HashMap::new(), 0);
    let mut depth = 0;
    for tag in text.split('<').skip(1) {
        let inner = tag.strip_prefix('/').unwrap_or(tag);
        let name_end = inner.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
        let (name, rest) = (inner[..name_end].to_ascii_lowercase(), &inner[name_end..]);
        let attributes = rest.split('>').next().unwrap_or_default().split_ascii_whitespace().count();
        steps += 1 + depth + attributes * attributes / 4;
        let count = open.entry(name.clone()).or_default();
        if inner.len() < tag.len() {
            depth -= usize::from(*count > 0);
            *count = count.saturating_sub(1);
        } else if !VOID.contains(&name.as_str()) && (*count == 0 || !ENDED_BY_NEXT.contains(&name.as_str())) {
            *count += 1;
            depth += 1;
        }
    }
    steps
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
    fn an_image_in_a_page_is_its_text() {
        let image =
            "<p>The <img alt='1 > 0 <script> &quot;' src='https://example.org/a.png'> seal <img src=x onerror=y></p>";
        assert_eq!(to_html(image), "<p>The 1 &gt; 0 &lt;script&gt; &quot; seal </p>");
        assert!(markup(image).unwrap().contains("src=\"https://example.org/a.png\""), "clients have it");
        assert_eq!(to_html("<img alt=\"a\">"), "a");
        assert_eq!(to_html("<b>no image</b>"), "<b>no image</b>");
    }

    #[test]
    fn markup_can_be_taken_off() {
        assert_eq!(plain("<p>On <i>war</i> &amp; &lt;peace&gt;</p><p>By<br>me</p>"), "On war & <peace> By me");
        assert_eq!(plain(" a < b &amp; c "), "a < b &amp; c");
        assert_eq!(plain("<script>alert(1)</script> <b>x</b>"), "x");
    }

    #[test]
    fn text_that_takes_too_long_as_html_is_plain() {
        let attributes: String = (0..20_000).map(|at| format!(" a{at}")).collect();
        for hostile in [
            "<a><b>".repeat(20_000),
            "<b><p>".repeat(20_000),
            (0..10_000).map(|at| format!("<p><b c={at}></p>")).collect(),
            format!("{}{}", "<b>".repeat(200), "<p>x</p>".repeat(20_000)),
            format!("<b{attributes}>x</b>"),
        ] {
            assert!(holds_tag(&hostile) && !is_markup(&hostile), "{}", &hostile[..40]);
            assert!(!to_html(&hostile).contains("<b"));
        }
        for honest in [
            "<p>An <i>essay</i><br>".repeat(5_000),
            "<p><b><i><a href=\"http://a.org/\">x</a></i></b></p>".repeat(1000),
        ] {
            assert!(is_markup(&honest), "{}", &honest[..40]);
        }
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

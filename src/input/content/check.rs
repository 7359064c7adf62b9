//! Checks descriptions against Presentation API 3, section 3, where types cannot: which keys and values are allowed in
//! which place, and links, services and rights (sections 3.1 and 3.3).

use crate::diagnostics::check_accepted;
use crate::input::media;
use crate::model::Behavior::{self, *};
use crate::model::address::check_name;
use crate::model::settings::ImageChoices;
use crate::model::{Description, Json, Link, NavPlace, Range, is_language_tag};
use serde_json::Value;

/// The kind of resource that a description describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Collection,
    Item,
    Page,
    Range,
}

impl Subject {
    fn name(self) -> &'static str {
        match self {
            Subject::Collection => "a collection",
            Subject::Item => "an item",
            Subject::Page => "a page",
            Subject::Range => "a range",
        }
    }
}

/// Values of `behavior` that exclude each other (section 3.4).
const EXCLUSIVE: [&[Behavior]; 6] = [
    &[AutoAdvance, NoAutoAdvance],
    &[Repeat, NoRepeat],
    &[Unordered, Individuals, Continuous, Paged],
    &[FacingPages, NonPaged],
    &[MultiPart, Together],
    &[Sequence, ThumbnailNav, NoNav],
];

/// The beginnings of URIs that `rights` may have (section 3.1).
const RIGHTS: [&str; 3] = [
    "http://creativecommons.org/licenses/",
    "http://creativecommons.org/publicdomain/",
    "http://rightsstatements.org/vocab/",
];

/// A mistake in a description, and the key that has it.
#[derive(Debug)]
pub struct Mistake {
    pub why: String,
    /// The key, then those around it; a number is the place in a list.
    within: Vec<String>,
}

impl Mistake {
    fn at(key: &str, why: impl Into<String>) -> Mistake {
        Mistake { why: why.into(), within: vec![key.to_owned()] }
    }

    fn within(mut self, key: &str) -> Mistake {
        self.within.push(key.to_owned());
        self
    }

    /// The keys that lead to the mistake, outermost first.
    pub fn keys(&self) -> Vec<&str> {
        self.within.iter().rev().map(String::as_str).collect()
    }
}

type Checked = Result<(), Mistake>;

/// Most texts and links of a description. The records with the most have some thousands; each takes some kilobytes when
/// its page is made.
const MAX_TEXTS: usize = 50_000;

/// Checks a description, and those of its pages and ranges.
///
/// # Errors
/// The first mistake.
pub fn check(description: &Description, subject: Subject) -> Checked {
    misplaced(description, subject)?;
    texts(description)?;
    check_accepted(&description.accept).map_err(|why| Mistake::at("accept", why))?;
    behaviors(&description.behavior.0, subject)?;
    links(description)?;
    services(description)?;
    if let Some(rights) = &description.rights {
        check_rights(rights).map_err(|why| Mistake::at("rights", why))?;
    }
    place(description)?;
    extent(description)?;
    roles(description)?;
    let labelled: Vec<&str> = (description.annotations.0.iter())
        .filter(|annotations| !annotations.label.is_empty())
        .map(|annotations| annotations.file.as_str())
        .collect();
    ranges(&description.structures, Depth::Top, &labelled)?;
    let in_page = |(name, page): (&String, &Description)| {
        let has_own = page.thumbnail.is_some() && media::kind_of_name(name).is_none();
        let why = "`thumbnail` says nothing of a page with an image, which has its own";
        let own = if has_own { Err(Mistake::at("thumbnail", why)) } else { Ok(()) };
        own.and_then(|()| check(page, Subject::Page)).map_err(|mistake| {
            let why = format!("{} (page {name:?})", mistake.why);
            Mistake { why, ..mistake.within(name).within("pages") }
        })
    };
    description.pages.iter().try_for_each(in_page)
}

/// Refuses more texts and links than a page can show.
fn texts(description: &Description) -> Checked {
    let Description { label, summary, metadata, provider, homepage, see_also, rendering, .. } = description;
    let pairs: usize = metadata.iter().map(|pair| 1 + pair.value.values().count()).sum();
    let links = provider.0.len() + homepage.0.len() + see_also.0.len() + rendering.0.len();
    let count = label.values().count() + summary.values().count() + pairs + links;
    if count <= MAX_TEXTS {
        return Ok(());
    }
    Err(Mistake::at("metadata", format!("it has {count} labels, values and links; at most {MAX_TEXTS} are published")))
}

/// Refuses keys that the `subject` cannot have (appendix A of the specification, and our own keys).
fn misplaced(description: &Description, subject: Subject) -> Checked {
    let Description { id, pages, structures, start, layers, details, annotations, captions, followed_by, .. } =
        description;
    let is_page = subject == Subject::Page;
    let is_item = subject == Subject::Item;
    let has_parts = matches!(subject, Subject::Collection | Subject::Item);
    let given_and_allowed = [
        ("id", id.is_some(), is_item || is_page),
        ("pages", !pages.is_empty(), is_item),
        ("structures", !structures.is_empty(), is_item),
        ("start", start.is_some(), is_item || subject == Subject::Range),
        ("thumbnail", description.thumbnail.is_some(), is_item || is_page),
        ("services", !description.services.0.is_empty(), has_parts),
        ("layers", !layers.is_empty(), is_page),
        ("details", !details.is_empty(), is_page),
        ("annotations", !annotations.0.is_empty(), is_item),
        ("followed-by", !followed_by.0.is_empty(), is_page),
        ("captions", !captions.0.is_empty(), is_page),
        ("duration", description.duration.is_some(), is_page),
        ("width", description.width.is_some(), is_page),
        ("height", description.height.is_some(), is_page),
        ("missing", description.missing, is_page),
        ("viewing-direction", description.viewing_direction.is_some(), !is_page),
        ("placeholder", description.placeholder.is_some(), subject != Subject::Collection),
        ("accompanying", description.accompanying.is_some(), subject != Subject::Collection),
        ("accept", !description.accept.is_empty(), has_parts),
        ("originals", description.originals.is_some(), has_parts),
        ("pdf", description.pdf.is_some(), has_parts),
        ("page-pattern", description.page_pattern.is_some(), has_parts),
        ("publish", description.publish.is_some(), subject != Subject::Range),
        ("embargo", description.embargo.is_some(), subject != Subject::Range),
        ("images", description.images != ImageChoices::default(), subject != Subject::Range),
    ];
    match given_and_allowed.iter().find(|(_, is_given, is_allowed)| *is_given && !*is_allowed) {
        Some((key, ..)) => Err(Mistake::at(key, format!("`{key}` says nothing of {}", subject.name()))),
        None => Ok(()),
    }
}

/// Refuses a recording where an image is expected, and the reverse.
fn roles(description: &Description) -> Checked {
    let Description { details, placeholder, accompanying, followed_by, .. } = description;
    let details = details.iter().map(|detail| ("details", &detail.file));
    let placeholder = placeholder.iter().map(|named| ("placeholder", &named.file));
    let accompanying = accompanying.iter().map(|named| ("accompanying", &named.file));
    for (key, file) in details.chain(placeholder).chain(accompanying) {
        if media::kind_of_name(file).is_some() {
            return Err(Mistake::at(key, format!("{file:?} is a recording where an image is expected")));
        }
    }
    match followed_by.0.iter().find(|file| media::kind_of_name(file).is_none()) {
        Some(file) => Err(Mistake::at("followed-by", format!("`followed-by` names {file:?}, which is no recording"))),
        None => Ok(()),
    }
}

/// Refuses a point that is not on the globe; its two numbers are easily swapped.
fn place(description: &Description) -> Checked {
    match &description.nav_place {
        Some(NavPlace::Point([longitude, latitude]))
            if !(-180.0..=180.0).contains(longitude) || !(-90.0..=90.0).contains(latitude) =>
        {
            let why = "`nav-place` is the longitude, from -180 to 180, then the latitude, from -90 to 90";
            Err(Mistake::at("nav-place", why))
        }
        _ => Ok(()),
    }
}

/// Refuses a width without a height, and sizes and durations of zero.
fn extent(description: &Description) -> Checked {
    let Description { width, height, duration, .. } = description;
    if width.is_some() != height.is_some() || *width == Some(0) || *height == Some(0) {
        let key = if width.is_some() { "width" } else { "height" };
        return Err(Mistake::at(key, "`width` and `height` are given together, in pixels"));
    }
    match duration.is_none_or(|seconds| seconds.is_finite() && seconds > 0.0) {
        true => Ok(()),
        false => Err(Mistake::at("duration", "`duration` is a number of seconds, more than 0")),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Depth {
    Top,
    Within,
}

/// `labelled`: the annotation files that become annotation collections.
fn ranges(ranges: &[Range], depth: Depth, labelled: &[&str]) -> Checked {
    ranges.iter().enumerate().try_for_each(|(index, range)| {
        self::range(range, depth, labelled).map_err(|mistake| mistake.within(&index.to_string()).within("structures"))
    })
}

fn range(range: &Range, depth: Depth, labelled: &[&str]) -> Checked {
    if range.label.is_empty() && !range.behaviors().contains(&NoNav) {
        return Err(Mistake::at("label", "each of `structures` needs a `label`"));
    }
    if depth == Depth::Within && range.behaviors().contains(&Sequence) {
        let why = "`behavior` \"sequence\" is another order of the whole, and stands at the top of `structures` only";
        return Err(Mistake::at("behavior", why));
    }
    if let Some(further) = &range.further {
        check(further, Subject::Range)?;
    }
    for (key, file) in range.images() {
        if media::kind_of_name(file).is_some() {
            return Err(Mistake::at(key, format!("{file:?} is a recording where an image is expected")));
        }
    }
    match &range.supplementary {
        Some(file) if !labelled.contains(&file.as_str()) => {
            let why = format!("`supplementary` names {file:?}, which is no file of `annotations` with a label");
            Err(Mistake::at("supplementary", why))
        }
        _ => ranges(&range.structures, Depth::Within, labelled),
    }
}

fn behaviors(behaviors: &[Behavior], subject: Subject) -> Checked {
    let wrong = |why| Err(Mistake::at("behavior", why));
    if let Some(behavior) = behaviors.iter().find(|behavior| !is_valid(**behavior, subject)) {
        return wrong(format!("`behavior` {} says nothing of {}", spelled(*behavior), subject.name()));
    }
    for exclusive in EXCLUSIVE {
        let mut given = behaviors.iter().filter(|behavior| exclusive.contains(behavior));
        if let (Some(first), Some(second)) = (given.next(), given.next()) {
            return wrong(format!("`behavior` {} and {} exclude each other", spelled(*first), spelled(*second)));
        }
    }
    Ok(())
}

fn is_valid(behavior: Behavior, subject: Subject) -> bool {
    match behavior {
        AutoAdvance | NoAutoAdvance => true,
        Repeat | NoRepeat => matches!(subject, Subject::Collection | Subject::Item),
        Unordered | Individuals | Continuous | Paged => subject != Subject::Page,
        MultiPart | Together => subject == Subject::Collection,
        FacingPages | NonPaged => subject == Subject::Page,
        Sequence | ThumbnailNav | NoNav => subject == Subject::Range,
        Hidden => false,
    }
}

/// The behavior as documents write it.
fn spelled(behavior: Behavior) -> String {
    let json = serde_json::to_value(behavior).unwrap_or_default();
    format!("{:?}", json.as_str().unwrap_or_default())
}

/// Refuses links that lead neither to a web address nor to a file that can be published.
fn links(description: &Description) -> Checked {
    let Description { homepage, see_also, rendering, part_of, provider, captions, annotations, .. } = description;
    each("homepage", &homepage.0, link)?;
    each("see-also", &see_also.0, link)?;
    each("rendering", &rendering.0, link)?;
    each("part-of", &part_of.0, |whole| match &whole.file {
        Some(_) => Err("`part-of` leads to a Collection or Manifest elsewhere, by its `id`".to_owned()),
        None => link(whole),
    })?;
    each("annotations", &annotations.0, |named| match is_inner(&named.file) {
        true => Ok(()),
        false => Err(format!("the annotations {:?} are not below the folder of the item", named.file)),
    })?;
    each("captions", &captions.0, |caption| {
        let why = caption.file.split('/').try_for_each(check_name);
        why.map_err(|why| format!("the captions {:?} cannot be published: {why}", caption.file))
    })?;
    each("provider", &provider.0, |provider| {
        web_address(&provider.id)?;
        if provider.label.is_empty() {
            return Err(format!("the provider {:?} needs a `label`", provider.id));
        }
        let inner = provider.homepage.0.iter().chain(&provider.see_also.0).chain(&provider.logo.0);
        inner.into_iter().try_for_each(link)
    })
}

/// Whether a file that metadata names is below the folder of the metadata.
pub fn is_inner(file: &str) -> bool {
    !file.contains('\\') && file.split('/').all(|segment| !matches!(segment, "" | "." | ".."))
}

/// Checks each value in the list `key`.
fn each<T>(key: &str, list: &[T], check: impl Fn(&T) -> Result<(), String>) -> Checked {
    let checked =
        |(index, value): (usize, &T)| check(value).map_err(|why| Mistake::at(&index.to_string(), why).within(key));
    list.iter().enumerate().try_for_each(checked)
}

fn link(link: &Link) -> Result<(), String> {
    match (link.id.is_empty(), &link.file) {
        (true, None) => Err("a link has neither `id` nor `file`".into()),
        (false, Some(file)) => Err(format!("a link has both an `id` and the `file` {file:?}")),
        (true, Some(file)) => file
            .split('/')
            .try_for_each(check_name)
            .map_err(|why| format!("the link to {file:?} cannot be published: {why}")),
        (false, None) => web_address(&link.id),
    }?;
    match link.language.0.iter().find(|language| !is_language_tag(language)) {
        Some(language) => {
            Err(format!("{language:?} is not a language tag; expected one such as \"en\" or \"zh-Hant\""))
        }
        None => Ok(()),
    }
}

/// Refuses a service without an id and a type, which have an `@` in older specifications (section 3.3, `service`).
fn services(description: &Description) -> Checked {
    let service = |service: &Json| {
        let has =
            |key: &str| service.get(key).or_else(|| service.get(&format!("@{key}"))).is_some_and(Value::is_string);
        match has("id") && has("type") {
            true => Ok(()),
            false => Err("a service has an `id` and a `type`, or `@id` and `@type`".to_owned()),
        }
    };
    each("service", &description.service.0, service)?;
    each("services", &description.services.0, service)
}

fn web_address(uri: &str) -> Result<(), String> {
    let is_one = uri.starts_with("http://") || uri.starts_with("https://");
    if is_one { Ok(()) } else { Err(format!("{uri:?} is no http(s) URI")) }
}

/// Refuses a URI that is not that of a licence or of a rights statement.
fn check_rights(rights: &str) -> Result<(), String> {
    web_address(rights)?;
    if RIGHTS.iter().any(|base| rights.starts_with(base)) {
        return Ok(());
    }
    let bare = rights.trim_start_matches("https://").trim_start_matches("http://").trim_start_matches("www.");
    match RIGHTS.iter().find(|base| bare.starts_with(base.trim_start_matches("http://"))) {
        Some(_) => Err(format!("`rights` must be written with the URI of the statement, \"http://{bare}\"")),
        None => Err(format!(
            "`rights` {rights:?} is no URI of creativecommons.org or rightsstatements.org; other terms belong in \
             `required-statement` or `metadata`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str, subject: Subject) -> String {
        check(&toml::from_str(text).unwrap(), subject).unwrap_err().why
    }

    #[test]
    fn behaviors_are_valid_where_they_stand_and_together() {
        assert!(refused("behavior = ['paged', 'continuous']", Subject::Item).contains("exclude"));
        assert!(refused("behavior = 'multi-part'", Subject::Item).contains("an item"));
        assert!(refused("behavior = 'non-paged'", Subject::Item).contains("non-paged"));
        assert!(check(&toml::from_str("behavior = ['paged', 'auto-advance']").unwrap(), Subject::Item).is_ok());
        assert!(check(&toml::from_str("behavior = 'non-paged'").unwrap(), Subject::Page).is_ok());
    }

    #[test]
    fn rights_are_uris_of_known_statements() {
        assert!(
            refused("rights = 'https://creativecommons.org/licenses/by/4.0/'", Subject::Item).contains("\"http://")
        );
        assert!(refused("rights = 'https://example.org/terms'", Subject::Item).contains("required-statement"));
    }

    #[test]
    fn what_says_nothing_of_its_subject_is_refused() {
        assert!(refused("id = 'a'", Subject::Collection).contains("`id`"));
        assert!(refused("[pages.'a.tif']\nstart = '1'", Subject::Item).contains("a.tif"));
        assert!(refused("[[structures]]\npages = ['1']", Subject::Item).contains("label"));
        assert!(refused("see-also = { file = '../secret' }", Subject::Item).contains("cannot be published"));
    }
}

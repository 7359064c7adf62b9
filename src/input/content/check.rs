//! Checks descriptions against Presentation API 3, section 3, where types cannot: which keys and values are allowed in
//! which place, and links, services and rights (sections 3.1 and 3.3).

use crate::config::Mistake;
use crate::diagnostics::check_accepted;
use crate::input::media;
use crate::model::Behavior::{self, *};
use crate::model::address::check_name;
use crate::model::settings::ImageChoices;
use crate::model::{
    Caption, Description, Json, LabelledFile, Link, NavPlace, Provider, Range, check_language_tag, rights,
};
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

/// The mistakes that are found so far.
type Found<'a> = &'a mut Vec<Mistake>;

/// Most texts and links of a description. The records with the most have some thousands; each takes some kilobytes when
/// its page is made.
const MAX_TEXTS: usize = 50_000;

/// All mistakes of a description, and of its pages and ranges.
pub fn check(description: &Description, subject: Subject) -> Vec<Mistake> {
    let mut found = vec![];
    misplaced(description, subject, &mut found);
    texts(description, &mut found);
    found.extend(check_accepted(&description.accept).err().map(|why| Mistake::at("accept", why)));
    behaviors(&description.behavior.0, subject, &mut found);
    links(description, &mut found);
    services(description, &mut found);
    let rights = description.rights.as_deref().map(check_rights);
    found.extend(rights.and_then(Result::err).map(|why| Mistake::at("rights", why)));
    place(description, &mut found);
    extent(description, &mut found);
    roles(description, &mut found);
    let labelled: Vec<&str> = (description.annotations.0.iter())
        .filter(|annotations| !annotations.label.is_empty())
        .map(|annotations| annotations.file.as_str())
        .collect();
    ranges(&description.structures, Depth::Top, &labelled, &mut found);
    for (name, page) in &description.pages {
        found.extend(check_page(name, page).into_iter().map(|mistake| {
            let why = format!("{} (page {name:?})", mistake.why);
            Mistake { why, ..mistake.within(name).within("pages") }
        }));
    }
    found
}

fn check_page(name: &str, page: &Description) -> Vec<Mistake> {
    let mut found = check(page, Subject::Page);
    if page.thumbnail.is_some() && media::kind_of_name(name).is_none() {
        let why = "`thumbnail` says nothing of a page with an image, which has its own";
        found.push(Mistake::at("thumbnail", why));
    }
    found
}

/// Refuses more texts and links than a page can show.
fn texts(description: &Description, found: Found<'_>) {
    let Description { label, summary, metadata, provider, homepage, see_also, rendering, .. } = description;
    let pairs: usize = metadata.iter().map(|pair| 1 + pair.value.values().count()).sum();
    let links = provider.0.len() + homepage.0.len() + see_also.0.len() + rendering.0.len();
    let count = label.values().count() + summary.values().count() + pairs + links;
    if count > MAX_TEXTS {
        let why = format!("it has {count} labels, values and links; at most {MAX_TEXTS} are published");
        found.push(Mistake::at("metadata", why));
    }
}

/// Refuses keys that the `subject` cannot have (appendix A of the specification, and our own keys).
fn misplaced(description: &Description, subject: Subject, found: Found<'_>) {
    let Description { id, pages, structures, start, layers, details, annotations, captions, followed_by, .. } =
        description;
    let is_page = subject == Subject::Page;
    let is_item = subject == Subject::Item;
    let has_parts = matches!(subject, Subject::Collection | Subject::Item);
    let given_and_allowed = [
        ("id", id.is_some(), is_item || is_page),
        ("alt", !description.alt.is_empty(), is_item || is_page),
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
        ("order", description.order.is_some(), subject == Subject::Collection),
        ("featured", !description.featured.is_empty(), subject == Subject::Collection),
        ("page-pattern", description.page_pattern.is_some(), has_parts),
        ("publish", description.publish.is_some(), subject != Subject::Range),
        ("embargo", description.embargo.is_some(), subject != Subject::Range),
        ("images", description.images != ImageChoices::default(), subject != Subject::Range),
    ];
    let misplaced = given_and_allowed.iter().filter(|(_, is_given, is_allowed)| *is_given && !*is_allowed);
    found.extend(misplaced.map(|(key, ..)| {
        let place = if is_item { PLACE_IN_ITEM } else { "" };
        Mistake::at(key, format!("`{key}` says nothing of {}{place}", subject.name()))
    }));
}

/// Where keys stand that an item cannot have.
const PLACE_IN_ITEM: &str = "; it belongs to a page, below [pages.\"0001.tif\"] with the name of the page's file";

/// Refuses a recording where an image is expected, and the reverse.
fn roles(description: &Description, found: Found<'_>) {
    let Description { details, placeholder, accompanying, followed_by, .. } = description;
    let details = details.iter().map(|detail| ("details", &detail.file));
    let placeholder = placeholder.iter().map(|named| ("placeholder", &named.file));
    let accompanying = accompanying.iter().map(|named| ("accompanying", &named.file));
    let images = details.chain(placeholder).chain(accompanying);
    found.extend(images.filter_map(|(key, file)| not_an_image(key, file)));
    let no_recordings = followed_by.0.iter().filter(|file| media::kind_of_name(file).is_none());
    found.extend(
        no_recordings
            .map(|file| Mistake::at("followed-by", format!("`followed-by` names {file:?}, which is no recording"))),
    );
}

fn not_an_image(key: &str, file: &str) -> Option<Mistake> {
    let is_recording = media::kind_of_name(file).is_some();
    is_recording.then(|| Mistake::at(key, format!("{file:?} is a recording where an image is expected")))
}

/// Refuses a point that is not on the globe; its two numbers are easily swapped.
fn place(description: &Description, found: Found<'_>) {
    if let Some(NavPlace::Point([longitude, latitude])) = &description.nav_place
        && (!(-180.0..=180.0).contains(longitude) || !(-90.0..=90.0).contains(latitude))
    {
        let why = "`nav-place` is the longitude, from -180 to 180, then the latitude, from -90 to 90";
        found.push(Mistake::at("nav-place", why));
    }
}

/// Refuses a width without a height, and sizes and durations of zero.
fn extent(description: &Description, found: Found<'_>) {
    let Description { width, height, duration, .. } = description;
    if width.is_some() != height.is_some() || *width == Some(0) || *height == Some(0) {
        let key = if width.is_some() { "width" } else { "height" };
        found.push(Mistake::at(key, "`width` and `height` are given together, in pixels"));
    }
    if duration.is_some_and(|seconds| !seconds.is_finite() || seconds <= 0.0) {
        found.push(Mistake::at("duration", "`duration` is a number of seconds, more than 0"));
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Depth {
    Top,
    Within,
}

/// `labelled`: the annotation files that become annotation collections.
fn ranges(ranges: &[Range], depth: Depth, labelled: &[&str], found: Found<'_>) {
    for (index, range) in ranges.iter().enumerate() {
        let mut inner = vec![];
        self::range(range, depth, labelled, &mut inner);
        let place = index.to_string();
        found.extend(inner.into_iter().map(|mistake| mistake.within(&place).within("structures")));
    }
}

fn range(range: &Range, depth: Depth, labelled: &[&str], found: Found<'_>) {
    if range.label.is_empty() && !range.behaviors().contains(&NoNav) {
        found.push(Mistake::at("label", "each of `structures` needs a `label`"));
    }
    if depth == Depth::Within && range.behaviors().contains(&Sequence) {
        let why = "`behavior` \"sequence\" is another order of the whole, and stands at the top of `structures` only";
        found.push(Mistake::at("behavior", why));
    }
    found.extend(range.further.iter().flat_map(|further| check(further, Subject::Range)));
    found.extend(range.images().filter_map(|(key, file)| not_an_image(key, file)));
    let unknown = range.supplementary.iter().filter(|file| !labelled.contains(&file.as_str()));
    found.extend(unknown.map(|file| {
        let why = format!("`supplementary` names {file:?}, which is no file of `annotations` with a label");
        Mistake::at("supplementary", why)
    }));
    ranges(&range.structures, Depth::Within, labelled, found);
}

fn behaviors(behaviors: &[Behavior], subject: Subject, found: Found<'_>) {
    let invalid = behaviors.iter().filter(|behavior| !is_valid(**behavior, subject));
    found.extend(invalid.map(|behavior| {
        let valid = ALL_BEHAVIORS.into_iter().filter(|other| is_valid(*other, subject));
        let valid: Vec<String> = valid.map(spelled).collect();
        let (behavior, valid) = (spelled(*behavior), valid.join(", "));
        let why = format!("`behavior` {behavior} says nothing of {}; expected one of {valid}", subject.name());
        Mistake::at("behavior", why)
    }));
    for exclusive in EXCLUSIVE {
        let mut given = behaviors.iter().filter(|behavior| exclusive.contains(behavior));
        if let (Some(first), Some(second)) = (given.next(), given.next()) {
            let why = format!("`behavior` {} and {} exclude each other", spelled(*first), spelled(*second));
            found.push(Mistake::at("behavior", why));
        }
    }
}

const ALL_BEHAVIORS: [Behavior; 15] = [
    AutoAdvance,
    NoAutoAdvance,
    Repeat,
    NoRepeat,
    Unordered,
    Individuals,
    Continuous,
    Paged,
    MultiPart,
    Together,
    FacingPages,
    NonPaged,
    Sequence,
    ThumbnailNav,
    NoNav,
];

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
fn links(description: &Description, found: Found<'_>) {
    let Description { homepage, see_also, rendering, part_of, provider, captions, annotations, .. } = description;
    each("homepage", &homepage.0, link, found);
    each("see-also", &see_also.0, link, found);
    each("rendering", &rendering.0, link, found);
    let whole = |whole: &Link| match &whole.file {
        Some(_) => Err("`part-of` leads to a Collection or Manifest elsewhere, by its `id`".to_owned()),
        None => link(whole),
    };
    each("part-of", &part_of.0, whole, found);
    let set = |named: &LabelledFile| match is_inner(&named.file) {
        true => Ok(()),
        false => Err(format!("the annotations {:?} are not below the folder of the item", named.file)),
    };
    each("annotations", &annotations.0, set, found);
    let caption = |caption: &Caption| {
        let why = caption.file.split('/').try_for_each(check_name);
        why.map_err(|why| format!("the captions {:?} cannot be published: {why}", caption.file))?;
        caption.language.iter().try_for_each(|language| check_language_tag(language))
    };
    each("captions", &captions.0, caption, found);
    let provider_of = |provider: &Provider| {
        web_address(&provider.id)?;
        if provider.label.is_empty() {
            return Err(format!("the provider {:?} needs a `label`", provider.id));
        }
        let inner = provider.homepage.0.iter().chain(&provider.see_also.0).chain(&provider.logo.0);
        inner.into_iter().try_for_each(link)
    };
    each("provider", &provider.0, provider_of, found);
}

/// Whether a file that metadata names is below the folder of the metadata.
pub fn is_inner(file: &str) -> bool {
    !file.contains('\\') && file.split('/').all(|segment| !matches!(segment, "" | "." | ".."))
}

/// Checks each value in the list `key`.
fn each<T>(key: &str, list: &[T], check: impl Fn(&T) -> Result<(), String>, found: Found<'_>) {
    let refused = list.iter().enumerate().filter_map(|(index, value)| Some((index, check(value).err()?)));
    found.extend(refused.map(|(index, why)| Mistake::at(&index.to_string(), why).within(key)));
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
    link.language.0.iter().try_for_each(|language| check_language_tag(language))
}

/// Refuses a service without an id and a type, which have an `@` in older specifications (section 3.3, `service`).
fn services(description: &Description, found: Found<'_>) {
    let service = |service: &Json| {
        let has =
            |key: &str| service.get(key).or_else(|| service.get(&format!("@{key}"))).is_some_and(Value::is_string);
        match has("id") && has("type") {
            true => Ok(()),
            false => Err("a service has an `id` and a `type`, or `@id` and `@type`".to_owned()),
        }
    };
    each("service", &description.service.0, service, found);
    each("services", &description.services.0, service, found);
}

fn web_address(uri: &str) -> Result<(), String> {
    let is_one = uri.starts_with("http://") || uri.starts_with("https://");
    if is_one {
        Ok(())
    } else {
        Err(format!("{uri:?} is not a web address; expected one such as \"https://example.org/\""))
    }
}

/// Refuses a URI that is not that of a licence or of a rights statement. All readers have brought it to its canonical form.
fn check_rights(rights: &str) -> Result<(), String> {
    match rights::canonical(rights) {
        Ok(canonical) if canonical == rights => Ok(()),
        Ok(canonical) => Err(format!("`rights` must be written as {canonical:?}")),
        Err(why) => Err(format!("`rights`: {why}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str, subject: Subject) -> String {
        let mistakes = check(&toml::from_str(text).unwrap(), subject);
        mistakes.into_iter().map(|mistake| mistake.why).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn behaviors_are_valid_where_they_stand_and_together() {
        assert!(refused("behavior = ['paged', 'continuous']", Subject::Item).contains("exclude"));
        assert!(refused("behavior = 'multi-part'", Subject::Item).contains("an item"));
        assert!(refused("behavior = 'non-paged'", Subject::Item).contains("non-paged"));
        assert!(check(&toml::from_str("behavior = ['paged', 'auto-advance']").unwrap(), Subject::Item).is_empty());
        assert!(check(&toml::from_str("behavior = 'non-paged'").unwrap(), Subject::Page).is_empty());
    }

    #[test]
    fn all_mistakes_are_found() {
        let text = "behavior = 'multi-part'\nrights = 'https://example.org/terms'\nduration = 5\nhomepage = { id = 'www.a.org' }\n\
            [pages.'a.tif']\nstart = '1'\n[pages.'b.tif']\nwidth = 0";
        let mistakes = check(&toml::from_str(text).unwrap(), Subject::Item);
        let keys: Vec<String> = mistakes.iter().map(|mistake| mistake.keys.join(".")).collect();
        let expected = ["duration", "behavior", "homepage.0", "rights", "pages.a.tif.start", "pages.b.tif.width"];
        assert_eq!(keys, expected, "{mistakes:?}");
    }

    #[test]
    fn what_says_nothing_of_its_subject_is_refused() {
        assert!(refused("id = 'a'", Subject::Collection).contains("`id`"));
        assert!(refused("[pages.'a.tif']\nstart = '1'", Subject::Item).contains("a.tif"));
        assert!(refused("[[structures]]\npages = ['1']", Subject::Item).contains("label"));
        assert!(refused("see-also = { file = '../secret' }", Subject::Item).contains("cannot be published"));
    }
}

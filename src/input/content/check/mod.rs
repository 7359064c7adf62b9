//! What a description may say where: Presentation API 3, section 3, as far as types alone do not hold it.

mod links;

use crate::diagnostics::check_accepted;
use crate::input::media;
use crate::model::Behavior::{self, *};
use crate::model::settings::ImageChoices;
use crate::model::{Description, NavPlace, Range};

/// What a description is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Collection,
    Item,
    Page,
    Range,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Collection => "a collection",
            Kind::Item => "an item",
            Kind::Page => "a page",
            Kind::Range => "a range",
        }
    }
}

/// Values of `behavior` of which only one can hold (section 3.4).
const EXCLUSIVE: [&[Behavior]; 6] = [
    &[AutoAdvance, NoAutoAdvance],
    &[Repeat, NoRepeat],
    &[Unordered, Individuals, Continuous, Paged],
    &[FacingPages, NonPaged],
    &[MultiPart, Together],
    &[Sequence, ThumbnailNav, NoNav],
];

/// What is wrong with a description, and under which key.
#[derive(Debug)]
pub struct Mistake {
    pub why: String,
    /// From the key itself outwards; numbers count in lists.
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

    /// The keys that lead to it, outermost first.
    pub fn keys(&self) -> Vec<&str> {
        self.within.iter().rev().map(String::as_str).collect()
    }
}

type Checked = Result<(), Mistake>;

/// Says what is wrong with a description, and with those of its pages and ranges.
pub fn check(description: &Description, kind: Kind) -> Checked {
    misplaced(description, kind)?;
    check_accepted(&description.accept).map_err(|why| Mistake::at("accept", why))?;
    behaviors(&description.behavior.0, kind)?;
    links::links(description)?;
    links::services(description)?;
    if let Some(rights) = &description.rights {
        links::rights(rights).map_err(|why| Mistake::at("rights", why))?;
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
        own.and_then(|()| check(page, Kind::Page)).map_err(|mistake| {
            let why = format!("{} (page {name:?})", mistake.why);
            Mistake { why, ..mistake.within(name).within("pages") }
        })
    };
    description.pages.iter().try_for_each(in_page)
}

/// Refuses keys that say nothing of a `kind` (appendix A of the specification, and what is our own).
fn misplaced(description: &Description, kind: Kind) -> Checked {
    let Description { id, pages, structures, start, layers, details, annotations, captions, followed_by, .. } =
        description;
    let is_page = kind == Kind::Page;
    let is_item = kind == Kind::Item;
    let has_parts = matches!(kind, Kind::Collection | Kind::Item);
    let given_and_allowed = [
        ("id", id.is_some(), is_item || is_page),
        ("pages", !pages.is_empty(), is_item),
        ("structures", !structures.is_empty(), is_item),
        ("start", start.is_some(), is_item || kind == Kind::Range),
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
        ("placeholder", description.placeholder.is_some(), kind != Kind::Collection),
        ("accompanying", description.accompanying.is_some(), kind != Kind::Collection),
        ("accept", !description.accept.is_empty(), has_parts),
        ("page-pattern", description.page_pattern.is_some(), has_parts),
        ("publish", description.publish.is_some(), kind != Kind::Range),
        ("embargo", description.embargo.is_some(), kind != Kind::Range),
        ("images", description.images != ImageChoices::default(), kind != Kind::Range),
    ];
    match given_and_allowed.iter().find(|(_, is_given, is_allowed)| *is_given && !*is_allowed) {
        Some((key, ..)) => Err(Mistake::at(key, format!("`{key}` says nothing of {}", kind.name()))),
        None => Ok(()),
    }
}

/// Images stand where images are wanted, and recordings where those are.
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

/// A point lies on the globe; the two numbers are easily given the wrong way round.
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

/// The sides of a canvas come together, and have something between them.
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

/// `labelled` are the annotation files that are collections.
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
        check(further, Kind::Range)?;
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

fn behaviors(behaviors: &[Behavior], kind: Kind) -> Checked {
    let wrong = |why| Err(Mistake::at("behavior", why));
    if let Some(behavior) = behaviors.iter().find(|behavior| !is_valid(**behavior, kind)) {
        return wrong(format!("`behavior` {} says nothing of {}", spelled(*behavior), kind.name()));
    }
    for exclusive in EXCLUSIVE {
        let mut given = behaviors.iter().filter(|behavior| exclusive.contains(behavior));
        if let (Some(first), Some(second)) = (given.next(), given.next()) {
            return wrong(format!("`behavior` {} and {} exclude each other", spelled(*first), spelled(*second)));
        }
    }
    Ok(())
}

fn is_valid(behavior: Behavior, kind: Kind) -> bool {
    match behavior {
        AutoAdvance | NoAutoAdvance => true,
        Repeat | NoRepeat => matches!(kind, Kind::Collection | Kind::Item),
        Unordered | Individuals | Continuous | Paged => kind != Kind::Page,
        MultiPart | Together => kind == Kind::Collection,
        FacingPages | NonPaged => kind == Kind::Page,
        Sequence | ThumbnailNav | NoNav => kind == Kind::Range,
        Hidden => false,
    }
}

/// As it is written in documents.
fn spelled(behavior: Behavior) -> String {
    let json = serde_json::to_value(behavior).unwrap_or_default();
    format!("{:?}", json.as_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str, kind: Kind) -> String {
        check(&toml::from_str(text).unwrap(), kind).unwrap_err().why
    }

    #[test]
    fn behaviors_are_valid_where_they_stand_and_together() {
        assert!(refused("behavior = ['paged', 'continuous']", Kind::Item).contains("exclude"));
        assert!(refused("behavior = 'multi-part'", Kind::Item).contains("an item"));
        assert!(refused("behavior = 'non-paged'", Kind::Item).contains("non-paged"));
        assert!(check(&toml::from_str("behavior = ['paged', 'auto-advance']").unwrap(), Kind::Item).is_ok());
        assert!(check(&toml::from_str("behavior = 'non-paged'").unwrap(), Kind::Page).is_ok());
    }

    #[test]
    fn rights_are_uris_of_known_statements() {
        assert!(refused("rights = 'https://creativecommons.org/licenses/by/4.0/'", Kind::Item).contains("\"http://"));
        assert!(refused("rights = 'https://example.org/terms'", Kind::Item).contains("required-statement"));
    }

    #[test]
    fn what_says_nothing_of_its_subject_is_refused() {
        assert!(refused("id = 'a'", Kind::Collection).contains("`id`"));
        assert!(refused("[pages.'a.tif']\nstart = '1'", Kind::Item).contains("a.tif"));
        assert!(refused("[[structures]]\npages = ['1']", Kind::Item).contains("label"));
        assert!(refused("see-also = { file = '../secret' }", Kind::Item).contains("cannot be published"));
    }
}

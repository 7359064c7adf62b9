//! What a description may say where: Presentation API 3, section 3, as far as types alone do not hold it.

use crate::address::check_name;
use crate::finding::check_accepted;
use crate::media;
use crate::model::Behavior::{self, *};
use crate::model::{Description, Range};

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

/// Where the specification lets `rights` point (section 3.1).
const RIGHTS: [&str; 3] = [
    "http://creativecommons.org/licenses/",
    "http://creativecommons.org/publicdomain/",
    "http://rightsstatements.org/vocab/",
];

/// Says what is wrong with a description, and with those of its pages.
pub fn check(description: &Description, kind: Kind) -> Result<(), String> {
    behaviors(&description.behavior.0, kind)?;
    links(description)?;
    description.structures.iter().try_for_each(range)?;
    if let Some(rights) = &description.rights {
        rights_uri(rights)?;
    }
    let Description { id, pages, structures, start, layers, details, annotations, captions, followed_by, .. } =
        description;
    extent(description)?;
    check_accepted(&description.accept)?;
    roles(description)?;
    let misplaced = [
        ("id", id.is_some(), kind == Kind::Collection),
        ("pages", !pages.is_empty(), kind != Kind::Item),
        ("structures", !structures.is_empty(), kind != Kind::Item),
        ("start", start.is_some(), kind != Kind::Item),
        ("accept", !description.accept.is_empty(), kind == Kind::Page),
        ("page-pattern", description.page_pattern.is_some(), kind == Kind::Page),
        ("layers", !layers.is_empty(), kind != Kind::Page),
        ("details", !details.is_empty(), kind != Kind::Page),
        ("annotations", !annotations.0.is_empty(), kind != Kind::Item),
        ("followed-by", !followed_by.0.is_empty(), kind != Kind::Page),
        ("captions", !captions.0.is_empty(), kind != Kind::Page),
        ("duration", description.duration.is_some(), kind != Kind::Page),
        ("width", description.width.is_some(), kind != Kind::Page),
        ("height", description.height.is_some(), kind != Kind::Page),
        ("missing", description.missing, kind != Kind::Page),
        ("viewing-direction", description.viewing_direction.is_some(), kind == Kind::Page),
        ("placeholder", description.placeholder.is_some(), kind == Kind::Collection),
        ("accompanying", description.accompanying.is_some(), kind == Kind::Collection),
    ];
    if let Some((key, ..)) = misplaced.iter().find(|(_, is_given, is_wrong)| *is_given && *is_wrong) {
        return Err(format!("`{key}` says nothing of {}", kind.name()));
    }
    pages.iter().try_for_each(|(name, page)| check(page, Kind::Page).map_err(|why| format!("{why} (page {name:?})")))
}

/// Images stand where images are wanted, and recordings where those are.
fn roles(description: &Description) -> Result<(), String> {
    let Description { details, placeholder, accompanying, followed_by, .. } = description;
    let details = details.iter().map(|detail| &detail.file);
    for file in details.chain(placeholder).chain(accompanying) {
        if media::kind_of_name(file).is_some() {
            return Err(format!("{file:?} is a recording where an image is expected"));
        }
    }
    match followed_by.0.iter().find(|file| media::kind_of_name(file).is_none()) {
        Some(file) => Err(format!("`followed-by` names {file:?}, which is no recording")),
        None => Ok(()),
    }
}

/// The sides of a canvas come together, and have something between them.
fn extent(description: &Description) -> Result<(), String> {
    let Description { width, height, duration, .. } = description;
    if width.is_some() != height.is_some() || *width == Some(0) || *height == Some(0) {
        return Err("`width` and `height` are given together, in pixels".into());
    }
    match duration.is_none_or(|seconds| seconds.is_finite() && seconds > 0.0) {
        true => Ok(()),
        false => Err("`duration` is a number of seconds, more than 0".into()),
    }
}

fn range(range: &Range) -> Result<(), String> {
    if range.label.is_empty() && !range.behavior.0.contains(&NoNav) {
        return Err("each of `structures` needs a `label`".into());
    }
    behaviors(&range.behavior.0, Kind::Range)?;
    range.structures.iter().try_for_each(self::range)
}

fn behaviors(behaviors: &[Behavior], kind: Kind) -> Result<(), String> {
    if let Some(behavior) = behaviors.iter().find(|behavior| !is_valid(**behavior, kind)) {
        return Err(format!("`behavior` {} says nothing of {}", spelled(*behavior), kind.name()));
    }
    for exclusive in EXCLUSIVE {
        let mut given = behaviors.iter().filter(|behavior| exclusive.contains(behavior));
        if let (Some(first), Some(second)) = (given.next(), given.next()) {
            return Err(format!("`behavior` {} and {} exclude each other", spelled(*first), spelled(*second)));
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

fn links(description: &Description) -> Result<(), String> {
    for link in description.all_links() {
        match (link.id.is_empty(), &link.file) {
            (true, None) => return Err("a link has neither `id` nor `file`".into()),
            (false, Some(file)) => return Err(format!("a link has both an `id` and the `file` {file:?}")),
            (true, Some(file)) => file
                .split('/')
                .try_for_each(check_name)
                .map_err(|why| format!("the link to {file:?} cannot be published: {why}"))?,
            (false, None) => web_address(&link.id)?,
        }
    }
    for caption in &description.captions.0 {
        let why = caption.file.split('/').try_for_each(check_name);
        why.map_err(|why| format!("the captions {:?} cannot be published: {why}", caption.file))?;
    }
    description.provider.0.iter().try_for_each(|provider| web_address(&provider.id))
}

fn web_address(uri: &str) -> Result<(), String> {
    let is_one = uri.starts_with("http://") || uri.starts_with("https://");
    if is_one { Ok(()) } else { Err(format!("{uri:?} is no http(s) URI")) }
}

fn rights_uri(rights: &str) -> Result<(), String> {
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

    fn refused(text: &str, kind: Kind) -> String {
        check(&toml::from_str(text).unwrap(), kind).unwrap_err()
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

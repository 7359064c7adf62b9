//! From the descriptive and linking properties of version 3 to those of version 2 (sections 3.1 to 3.4).

use super::super::{descriptive, presentation};
use super::types::{Descriptive, Linked, Pair, Several};
use crate::model::Behavior;

/// For which resources a `viewingHint` is valid.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Collection,
    Manifest,
    Range,
    Canvas,
}

/// What version 2 can say of it. Of a required statement that is the statement without what it is called; of
/// providers their logos; of behaviors the one that has a `viewingHint`.
pub fn older(full: descriptive::Descriptive, kind: Kind) -> Descriptive {
    let logos = full.provider.iter().flat_map(|provider| &provider.logo);
    Descriptive {
        label: Several::of(&full.label),
        description: Several::of(&full.summary),
        metadata: pairs(&full.metadata),
        attribution: full.required_statement.map(|statement| Several::of(&statement.value)).unwrap_or_default(),
        license: full.rights,
        logo: logos.map(|logo| logo.id.clone()).collect(),
        nav_date: full.nav_date,
        viewing_direction: full.viewing_direction.filter(|_| matches!(kind, Kind::Manifest | Kind::Range)),
        viewing_hint: viewing_hint(&full.behavior, kind),
        related: linked(full.homepage),
        see_also: linked(full.see_also),
        rendering: linked(full.rendering),
    }
}

pub fn pairs(metadata: &[presentation::Pair]) -> Vec<Pair> {
    let pair = |pair: &presentation::Pair| Pair { label: Several::of(&pair.label), value: Several::of(&pair.value) };
    metadata.iter().map(pair).collect()
}

fn linked(links: Vec<presentation::External>) -> Several<Linked> {
    let link = |link: presentation::External| Linked {
        id: link.id,
        label: Several::of(&link.label),
        format: link.format,
        profile: link.profile,
    };
    links.into_iter().map(link).collect()
}

/// The first that there is.
pub fn viewing_hint(behaviors: &[Behavior], kind: Kind) -> Option<&'static str> {
    let hint = |behavior: &Behavior| match (behavior, kind) {
        (Behavior::Individuals, Kind::Manifest | Kind::Range) => Some("individuals"),
        (Behavior::Paged, Kind::Manifest | Kind::Range) => Some("paged"),
        (Behavior::Continuous, Kind::Manifest | Kind::Range) => Some("continuous"),
        (Behavior::MultiPart, Kind::Collection) => Some("multi-part"),
        (Behavior::NonPaged, Kind::Canvas) => Some("non-paged"),
        (Behavior::FacingPages, Kind::Canvas) => Some("facing-pages"),
        _ => None,
    };
    behaviors.iter().find_map(hint)
}

//! Links, services and rights in a description: Presentation API 3, sections 3.1 and 3.3.

use super::{Checked, Mistake};
use crate::model::address::check_name;
use crate::model::{Description, Json, Link, is_language_tag};
use serde_json::Value;

/// Where the specification lets `rights` point (section 3.1).
const RIGHTS: [&str; 3] = [
    "http://creativecommons.org/licenses/",
    "http://creativecommons.org/publicdomain/",
    "http://rightsstatements.org/vocab/",
];

/// Links lead to a web address or to a file that can be published.
pub fn links(description: &Description) -> Checked {
    let Description { homepage, see_also, rendering, part_of, provider, captions, .. } = description;
    each("homepage", &homepage.0, link)?;
    each("see-also", &see_also.0, link)?;
    each("rendering", &rendering.0, link)?;
    each("part-of", &part_of.0, |whole| match &whole.file {
        Some(_) => Err("`part-of` leads to a Collection or Manifest elsewhere, by its `id`".to_owned()),
        None => link(whole),
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

/// Checks what stands in the list `key`.
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

/// A service has an id and a type, those of older specifications with an `@` (section 3.3, `service`).
pub fn services(description: &Description) -> Checked {
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

/// Says what is wrong with the URI of a licence or a statement of rights.
pub fn rights(rights: &str) -> Result<(), String> {
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

//! Faults of an answer, for a IIIF viewer. Pure.

use super::answer::Answer;
use super::sample::{Kind, Question};
use crate::config::{Destination, Service, Target};
use crate::error::{Error, ErrorKind};
use crate::publish::headers::headers;
use std::time::Duration;

/// The remedy for a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fix {
    Cors,
    Types,
    Redirect,
    Caching,
    Private,
    /// The host still sends the previous file.
    Stale,
    /// The file is not found.
    Missing,
    /// The host does not answer.
    Connection,
    /// The documents name another address.
    Address,
}

/// See the [module](self).
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    what: String,
    fix: Fix,
    /// Viewers work in spite of it.
    pub is_advice: bool,
    /// It may pass by itself: a cache entry expires, or a name becomes known.
    pub may_pass: bool,
}

/// If caches keep documents for longer, edits are shown too late.
const MAX_DOCUMENT_AGE: Duration = Duration::from_secs(24 * 3600);

impl Fault {
    fn new(fix: Fix, what: impl Into<String>) -> Fault {
        let may_pass = matches!(fix, Fix::Stale | Fix::Missing | Fix::Connection);
        Fault { what: what.into(), fix, is_advice: false, may_pass }
    }

    fn advice(fix: Fix, what: impl Into<String>) -> Fault {
        Fault { is_advice: true, ..Fault::new(fix, what) }
    }

    /// The fault as an error, with a hint for the host of `target`. `urls`: the addresses that have it.
    pub fn to_error(&self, urls: &[&str], target: &Target) -> Error {
        let more = match urls.len() {
            0 | 1 => String::new(),
            all => format!(" (here and at {} more)", all - 1),
        };
        let error = Error::new(ErrorKind::Network, format!("{}{more}", self.what));
        error.with_path(urls.first().copied().unwrap_or_default()).with_hint(self.fix.words(target))
    }
}

impl Fix {
    fn words(self, target: &Target) -> String {
        let is_bucket = matches!(target.url, Destination::Bucket(_));
        let written = match (&target.url, &target.cloudfront) {
            (_, Some(_)) => "`iiif-build hosting cloudfront` writes",
            (Destination::Bucket(bucket), None) if bucket.service == Service::S3 => {
                "`iiif-build hosting s3` (where CloudFront stands before the bucket, `hosting cloudfront`) writes"
            }
            (Destination::Bucket(_), None) => "the settings of the bucket hold",
            (Destination::Folder(_), None) => "`iiif-build hosting nginx` (or `apache`) writes",
        };
        match self {
            Fix::Cors => format!("viewers on other hosts cannot read this: {written} the rule for CORS"),
            Fix::Types | Fix::Caching if is_bucket => {
                "`iiif-build deploy` puts it with each file: `deploy --verify` says whether it is there; if so, what \
                 stands before the bucket takes it away"
                    .into()
            }
            Fix::Types | Fix::Caching => format!("{written} what the host must send with each kind of file"),
            Fix::Redirect if is_bucket => {
                "Image API 3, 2 recommends it, and a bucket alone cannot: before one of S3 the function of `iiif-build \
                 hosting cloudfront` does"
                    .into()
            }
            Fix::Redirect => format!("Image API 3, 2 recommends it: {written} the rule"),
            Fix::Private => {
                format!("notes of deploys name what was withdrawn: {written} the rule that keeps them from readers")
            }
            Fix::Stale if target.cloudfront.is_none() => {
                "a cache before the host keeps it, images for a week: have it forget them (for CloudFront, \
                 `cloudfront` in the target's settings does)"
                    .into()
            }
            Fix::Stale => {
                "a cache keeps it: look again in some minutes with `iiif-build deploy --probe`; `deploy --verify` \
                 says whether somebody else changed it"
                    .into()
            }
            Fix::Missing => {
                "does the host serve what the target's `url` names, below the path of `base-url`, and may it read that?"
                    .into()
            }
            Fix::Connection => {
                "is the name known (DNS), the certificate valid, and the host up? For a host that is not public yet: \
                 `probe = false`"
                    .into()
            }
            Fix::Address => "set `base-url` to where the site is published, build and deploy again".into(),
        }
    }
}

/// All faults of the answer to a question.
pub fn faults(question: &Question, answer: &Result<Answer, String>) -> Vec<Fault> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(why) => return vec![Fault::new(Fix::Connection, format!("there is no answer: {why}"))],
    };
    match question.kind {
        Kind::BareId => redirect(question, answer),
        Kind::Private => private(answer),
        _ => file(question, answer),
    }
}

fn redirect(question: &Question, answer: &Answer) -> Vec<Fault> {
    let to =
        answer.location.as_deref().and_then(|location| reqwest::Url::parse(&question.url).ok()?.join(location).ok());
    let wanted = format!("{}/info.json", question.url);
    let leads_there = to.is_some_and(|to| reqwest::Url::parse(&wanted).is_ok_and(|wanted| to == wanted));
    if matches!(answer.status, 301..=303 | 307 | 308) && leads_there {
        return vec![];
    }
    vec![Fault::advice(
        Fix::Redirect,
        format!("the bare id of an image does not lead to its info.json (status {})", answer.status),
    )]
}

/// Some hosts answer every request with their own page, so only our own document counts.
fn private(answer: &Answer) -> Vec<Fault> {
    let body: Option<serde_json::Value> = answer.body.as_ref().and_then(|body| serde_json::from_slice(body).ok());
    let is_ours = body.is_some_and(|body| body["version"].is_u64() && body.get("state").is_some());
    if answer.status == 200 && is_ours {
        vec![Fault::new(Fix::Private, "everybody can read the notes of deploys")]
    } else {
        vec![]
    }
}

fn file(question: &Question, answer: &Answer) -> Vec<Fault> {
    let kind = question.kind;
    if answer.status != 200 {
        let to = answer.location.as_ref().map(|to| format!(", which leads to {to}")).unwrap_or_default();
        return vec![Fault::new(Fix::Missing, format!("the host answers with status {}{to}", answer.status))];
    }
    let mut faults = vec![];
    if !answer.is_readable_anywhere() {
        let fault = Fault::new(
            Fix::Cors,
            match &answer.allow_origin {
                None => "the host sends no Access-Control-Allow-Origin".to_owned(),
                Some(origin) => format!("the host sends Access-Control-Allow-Origin: {origin}"),
            },
        );
        // A page is shown, not read by scripts of other hosts.
        faults.extend((kind != Kind::Page).then_some(fault));
    }
    faults.extend(media_type(kind, question, answer));
    faults.extend(caching(kind, answer));
    faults.extend(contents(kind, question, answer));
    faults
}

/// The general media type of JSON is enough, and parameters may be missing.
fn media_type(kind: Kind, question: &Question, answer: &Answer) -> Option<Fault> {
    let essence = |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let wanted = headers(&question.path).content_type;
    let sent = answer.content_type.as_deref().unwrap_or_default();
    if essence(sent) == essence(wanted) {
        return None;
    }
    let is_json = matches!(kind, Kind::ImageInfo | Kind::Manifest);
    let described = if sent.is_empty() { "no media type".to_owned() } else { format!("the media type {sent}") };
    let what = format!("the host sends {described} instead of {wanted}");
    match essence(sent).as_str() {
        "application/json" | "application/ld+json" if is_json => Some(Fault::advice(Fix::Types, what)),
        _ => Some(Fault::new(Fix::Types, what)),
    }
}

fn caching(kind: Kind, answer: &Answer) -> Option<Fault> {
    let Some(sent) = answer.cache_control.as_deref().filter(|sent| !sent.trim().is_empty()) else {
        return Some(Fault::advice(Fix::Caching, "the host does not say how long this may be kept (Cache-Control)"));
    };
    let lower = sent.to_ascii_lowercase();
    let directives = || lower.split(',').map(str::trim);
    let age = directives().find_map(|one| one.strip_prefix("max-age=")?.parse().ok()).unwrap_or(0);
    let is_long = age > MAX_DOCUMENT_AGE.as_secs() || directives().any(|one| one == "immutable");
    let what = format!("the host lets this be kept too long ({sent}): an edit is seen too late");
    if kind != Kind::Tile && is_long {
        return Some(Fault::new(Fix::Caching, what));
    }
    let is_never_kept = kind == Kind::Tile && directives().any(|one| one == "no-store");
    is_never_kept.then(|| {
        Fault::advice(
            Fix::Caching,
            format!("the host lets no image be kept ({sent}): viewers fetch each tile again and again"),
        )
    })
}

fn contents(kind: Kind, question: &Question, answer: &Answer) -> Option<Fault> {
    let (Some(body), Some(local)) = (&answer.body, &question.local) else { return None };
    if body == local {
        return None;
    }
    // What is no JSON has no id: it is another page in the place of the document.
    let document: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let id = document.as_ref().and_then(|document| document["id"].as_str());
    let is_own = match kind {
        Kind::ImageInfo => id.is_none_or(|id| format!("{id}/info.json") == question.url),
        Kind::Manifest => id.is_none_or(|id| id == question.url),
        _ => true,
    };
    Some(match (kind, id) {
        (Kind::ImageInfo | Kind::Manifest, None) => {
            Fault::new(Fix::Missing, "the host sends something else, which is not a document of IIIF")
        }
        (_, Some(id)) if !is_own => Fault {
            may_pass: true,
            ..Fault::new(Fix::Address, format!("its id is {id}, not the address that it is at"))
        },
        (Kind::Page, _) => Fault {
            may_pass: true,
            ..Fault::advice(Fix::Stale, "the host sends another page than the one that was built")
        },
        _ => Fault::new(Fix::Stale, "the host does not send the file that was built"),
    })
}

//! Asks the public address for a few files of the site, as a viewer on another host does, and says what such a viewer
//! would stumble over, and what to do about it.
//!
//! Of what was just put if there is such, else of anything: an image's info.json, one of its tiles, its bare id, a
//! Manifest, a page; and one of our own notes, which nobody may see. What caches may still hold is asked for again.

mod answer;
mod sample;
mod verdict;

use crate::build::progress::{Event, Observer};
use crate::config::{Config, Destination, Target};
use crate::error::{Error, ErrorKind, Result};
use answer::Client;
use futures_util::future::join_all;
use sample::Sample;
use std::time::Duration;
use verdict::{Fault, Kind, judge};

/// Between one round of questions and the next, in seconds. All together as long as documents may be kept, and CloudFront mostly takes.
const PAUSES: [u64; 7] = [1, 2, 4, 8, 15, 30, 60];

/// What came of it.
#[derive(Debug, Default)]
pub struct Probed {
    /// Where it was looked.
    pub base_url: String,
    pub questions: usize,
    /// What viewers stumble over.
    pub faults: Vec<Error>,
    /// What would be better.
    pub advice: Vec<Error>,
}

/// A question, and what the answer should be.
struct Question {
    kind: Kind,
    /// Below the site's root.
    path: String,
    url: String,
    /// The bytes of the file, where there is one.
    local: Option<Vec<u8>>,
}

/// Whether the site is likely to be where its documents say, so that it is looked at unasked: a bucket behind a public
/// `https` address.
pub fn is_likely(target: &Target, config: &Config) -> bool {
    /// Names that nobody can have (RFC 6761).
    const RESERVED: [&str; 7] =
        [".example", ".test", ".invalid", ".localhost", ".example.com", ".example.net", ".example.org"];
    let host = format!(".{}", config.base_url.host_name());
    let is_public = config.base_url.as_str().starts_with("https://") && !RESERVED.iter().any(|end| host.ends_with(end));
    target.probe.unwrap_or(matches!(target.url, Destination::Bucket(_)) && is_public)
}

/// Looks at the site that lies in the output. `changed`: paths of what was just put. `is_patient`: caches may hold
/// what was there before.
pub fn probe(
    config: &Config,
    target: &Target,
    changed: &[String],
    is_patient: bool,
    observer: &dyn Observer,
) -> Result<Probed> {
    let sample = Sample::take(config, changed)?;
    let questions = sample.questions(&config.output)?;
    let runtime = super::runtime()?;
    let client = Client::new().map_err(|error| Error::new(ErrorKind::Internal, format!("cannot start: {error}")))?;
    let pauses: &[u64] = if is_patient { &PAUSES } else { &[] };
    let faults = runtime.block_on(ask(&client, &questions, pauses, observer))?;
    let mut probed = Probed { base_url: sample.base_url.as_str().to_owned(), ..Probed::default() };
    probed.questions = questions.len();
    for (fault, urls) in by_fault(&questions, &faults) {
        let told = if fault.is_advice { &mut probed.advice } else { &mut probed.faults };
        told.push(fault.told(&urls, target));
    }
    Ok(probed)
}

/// Each fault once, with all addresses where it was found.
fn by_fault<'a>(questions: &'a [Question], faults: &'a [Vec<Fault>]) -> Vec<(&'a Fault, Vec<&'a str>)> {
    let mut all: Vec<(&Fault, Vec<&str>)> = vec![];
    for (question, faults) in questions.iter().zip(faults) {
        for fault in faults {
            match all.iter_mut().find(|(known, _)| *known == fault) {
                Some((_, urls)) => urls.push(&question.url),
                None => all.push((fault, vec![&question.url])),
            }
        }
    }
    all
}

/// What is wrong with the answer to each of `questions`. Those are asked again about which that may be so because of a cache.
async fn ask(
    client: &Client,
    questions: &[Question],
    pauses: &[u64],
    observer: &dyn Observer,
) -> Result<Vec<Vec<Fault>>> {
    let answered = |question| async move { judge(question, &client.get(&question.url).await) };
    let mut faults: Vec<Vec<Fault>> = join_all(questions.iter().map(answered)).await;
    for pause in pauses {
        let may_pass = |(_, faults): &(usize, &Vec<Fault>)| faults.iter().any(|fault| fault.may_pass);
        let open: Vec<usize> = faults.iter().enumerate().filter(may_pass).map(|(index, _)| index).collect();
        if open.is_empty() {
            break;
        }
        let told = format!("{} answers are not yet as they should be; asked again in {pause} s", open.len());
        observer.event(Event::Note(&told));
        tokio::time::sleep(Duration::from_secs(*pause)).await;
        if observer.is_cancelled() {
            return Err(Error::new(ErrorKind::Interrupted, "interrupted; what was deployed stays"));
        }
        let again = join_all(open.iter().map(|index| answered(&questions[*index]))).await;
        open.into_iter().zip(again).for_each(|(index, again)| faults[index] = again);
    }
    Ok(faults)
}

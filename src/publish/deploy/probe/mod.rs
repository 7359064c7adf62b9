//! Requests a few files of the site at its public address, as a viewer on another host does, and reports the faults
//! that such a viewer would meet, with the remedy.
//!
//! The files are an image's info.json, one of its tiles, its bare id, a Manifest and a page, from those that were just
//! put if possible; and one of the notes of deploys, which must not be public. Files that caches may still hold are
//! requested again.

mod answer;
mod sample;
mod verdict;

use crate::build::progress::{Event, Observer};
use crate::config::{Config, Destination, Target};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::store::runtime;
use answer::Client;
use futures_util::future::join_all;
use sample::{Question, Sample};
use std::time::Duration;
use verdict::Fault;

/// The pauses between rounds of requests, in seconds. Together they last as long as caches may keep documents, and as
/// long as CloudFront usually takes.
const PAUSES: [u64; 7] = [1, 2, 4, 8, 15, 30, 60];

/// The result of [`probe`].
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Probed {
    /// The address of the site.
    pub base_url: String,
    /// The number of addresses that were requested.
    pub questions: usize,
    /// Faults that break viewers, each with a hint.
    pub faults: Vec<Error>,
    /// Faults that viewers can work with, each with a hint.
    pub advice: Vec<Error>,
}

/// Whether the site should be probed after a deploy: by the target's setting, or by default if it is a bucket with a
/// public `https` address.
pub fn is_likely(target: &Target, config: &Config) -> bool {
    /// Names that cannot be registered (RFC 6761).
    const RESERVED: [&str; 7] =
        [".example", ".test", ".invalid", ".localhost", ".example.com", ".example.net", ".example.org"];
    let host = format!(".{}", config.base_url.host_name());
    let is_public = config.base_url.as_str().starts_with("https://") && !RESERVED.iter().any(|end| host.ends_with(end));
    target.probe.unwrap_or(matches!(target.url, Destination::Bucket(_)) && is_public)
}

/// Requests files of the site in the output of `config` at its public address. `changed`: the paths that were just put,
/// as in [`Report::changed`](super::Report::changed). `is_patient`: caches may still hold the previous files, so faults
/// that may pass are checked again for up to two minutes.
///
/// # Errors
/// The output is not a complete site, or the observer cancels. Faults of the host are no errors: see [`Probed`].
pub fn probe(
    config: &Config,
    target: &Target,
    changed: &[String],
    is_patient: bool,
    observer: &dyn Observer,
) -> Result<Probed> {
    let sample = Sample::take(config, changed)?;
    let questions = sample.questions(&config.output)?;
    let runtime = runtime()?;
    let client = Client::new().map_err(|error| Error::new(ErrorKind::Internal, format!("cannot start: {error}")))?;
    let pauses: &[u64] = if is_patient { &PAUSES } else { &[] };
    let faults = runtime.block_on(ask(&client, &questions, pauses, observer))?;
    let mut probed = Probed { base_url: sample.base_url.as_str().to_owned(), ..Probed::default() };
    probed.questions = questions.len();
    for (fault, urls) in by_fault(&questions, &faults) {
        let list = if fault.is_advice { &mut probed.advice } else { &mut probed.faults };
        list.push(fault.to_error(&urls, target));
    }
    Ok(probed)
}

/// Each fault once, with all addresses that have it.
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

/// The faults of the answer to each of `questions`. Requests with faults that may pass are repeated.
async fn ask(
    client: &Client,
    questions: &[Question],
    pauses: &[u64],
    observer: &dyn Observer,
) -> Result<Vec<Vec<Fault>>> {
    let answered = |question| async move { verdict::faults(question, &client.get(&question.url).await) };
    let mut faults: Vec<Vec<Fault>> = join_all(questions.iter().map(answered)).await;
    for pause in pauses {
        let may_pass = |(_, faults): &(usize, &Vec<Fault>)| faults.iter().any(|fault| fault.may_pass);
        let open: Vec<usize> = faults.iter().enumerate().filter(may_pass).map(|(index, _)| index).collect();
        if open.is_empty() {
            break;
        }
        let note = format!("{} answers are not yet as they should be; asked again in {pause} s", open.len());
        observer.event(Event::Note(&note));
        tokio::time::sleep(Duration::from_secs(*pause)).await;
        if observer.is_cancelled() {
            return Err(Error::new(ErrorKind::Interrupted, "interrupted; what was deployed stays"));
        }
        let again = join_all(open.iter().map(|index| answered(&questions[*index]))).await;
        open.into_iter().zip(again).for_each(|(index, again)| faults[index] = again);
    }
    Ok(faults)
}

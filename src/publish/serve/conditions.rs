//! Ranges and conditions of a request, reduced to those that `tower-http` answers as HTTP asks (RFC 9110, 13 and 14).
//!
//! It ignores `If-Range`, and refuses several ranges, ranges written in unusual ways, and the last bytes of a shorter file.
//! Any of them may be answered with the whole file. So a range stays only if it is a single one and the client's copy is
//! still right. Files have a date here, and no entity tag.
//!
//! Rejected: `multipart/byteranges`, which no viewer, player or downloader needs; they take a whole file as well.

use axum::http::header::{
    HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE,
    RANGE,
};
use axum::http::{Method, Request};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use std::fs::Metadata;

/// Removes the headers that would be answered wrongly for a file.
pub(super) fn simplify<B>(request: &mut Request<B>, file: &Metadata) {
    let range = (request.method() == Method::GET).then(|| range(request.headers(), file)).flatten();
    let headers = request.headers_mut();
    match range {
        Some(range) => headers.insert(RANGE, range),
        None => headers.remove(RANGE),
    };
    // 13.1.3 and 13.1.4: a date counts only where there is no tag.
    for (tag, date) in [(IF_NONE_MATCH, IF_MODIFIED_SINCE), (IF_MATCH, IF_UNMODIFIED_SINCE)] {
        if headers.contains_key(tag) {
            headers.remove(date);
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The range to send; `None`: the whole file.
fn range(headers: &HeaderMap, file: &Metadata) -> Option<HeaderValue> {
    let is_single = headers.get_all(RANGE).iter().count() == 1;
    let is_for_this_file = !headers.contains_key(IF_RANGE) || has_date(file, text(headers, &IF_RANGE)?);
    let range = text(headers, &RANGE).filter(|_| is_single && is_for_this_file)?;
    HeaderValue::from_str(&plain(range, file.len())?).ok()
}

/// `bytes=0-9`, `bytes=10-` or `bytes=-10`, without zeros at the beginning of numbers; `None`: the whole file.
fn plain(range: &str, length: u64) -> Option<String> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| match text.bytes().all(|byte| byte.is_ascii_digit()) {
        true if text.is_empty() => Some(None),
        true => text.parse::<u64>().ok().map(Some),
        false => None,
    };
    match (number(first)?, number(last)?) {
        (Some(first), Some(last)) if first <= last && length > 0 => Some(format!("bytes={first}-{last}")),
        (Some(first), None) if length > 0 => Some(format!("bytes={first}-")),
        (None, Some(last)) if last < length => Some(format!("bytes=-{last}")),
        _ => None,
    }
}

/// Whether the file has this date (13.1.5), to the second.
fn has_date(file: &Metadata, date: &str) -> bool {
    let modified = file.modified().ok().and_then(|modified| Timestamp::try_from(modified).ok());
    modified.and_then(|modified| DateTimePrinter::new().timestamp_to_rfc9110_string(&modified).ok()).as_deref()
        == Some(date)
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn only_a_single_range_of_bytes_that_runs_forwards_stays() {
        for (range, expected) in [
            ("bytes=0-9", Some("bytes=0-9")),
            ("bytes=00-09", Some("bytes=0-9")),
            ("bytes=90-", Some("bytes=90-")),
            ("bytes=900-", Some("bytes=900-")),
            ("bytes=-10", Some("bytes=-10")),
            ("bytes=-0", Some("bytes=-0")),
            ("bytes=-100", None),
            ("bytes=-101", None),
            ("bytes=9-0", None),
            ("bytes=-", None),
            ("bytes=+1-2", None),
            ("bytes=0-0,5-9", None),
            ("bytes=0-18446744073709551616", None),
            ("items=0-9", None),
            ("bytes 0-9", None),
        ] {
            assert_eq!(plain(range, 100).as_deref(), expected, "{range}");
        }
        assert_eq!(plain("bytes=0-", 0), None, "an empty file has no bytes to send");
    }
}

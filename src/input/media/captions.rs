//! Captions of recordings as WebVTT (W3C Candidate Recommendation, 2019) in UTF-8, from WebVTT or SubRip of any encoding. The
//! content decides which of both a file is, not its name.
//!
//! SubRip has no specification. A caption is a number, a line of times and its words, up to a blank line.

use crate::error::{Error, ErrorKind, Result};
use crate::input::text::{Decoded, decode};
use std::fmt;
use std::path::Path;

/// See the [module](self).
#[derive(Debug, PartialEq, Eq)]
pub struct Captions {
    /// In UTF-8, without byte order mark.
    pub webvtt: String,
    /// What could not be read, or was guessed.
    pub remarks: Vec<Remark>,
}

/// A finding that a curator should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// In the file, from 1. `None`: it is about all of the file.
    pub line: Option<usize>,
    pub message: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// More of a file are only counted.
const MAX_REMARKS: usize = 20;

/// Reads captions.
///
/// # Errors
/// The file is neither WebVTT nor SubRip.
pub fn webvtt(bytes: &[u8], path: &Path) -> Result<Captions> {
    let Decoded { text, guessed } = decode(bytes);
    let refuse = |why: &str| Error::new(ErrorKind::Content, why).with_path(path);
    if text.contains('\0') {
        return Err(refuse("it holds a NUL character, which no captions do"));
    }
    let mut remarks = Remarks::default();
    if let Some(encoding) = guessed {
        let message = format!("it is read as {encoding}, by its letters; if they come out wrong, save it as UTF-8");
        remarks.found.push(Remark { line: None, message });
    }
    let lines: Vec<&str> = lines(&text);
    let webvtt = match lines.first() {
        Some(first) if is_signature(first) => mended(&lines, &mut remarks).unwrap_or_else(|| text.into_owned()),
        _ => from_subrip(&lines, &mut remarks).ok_or_else(|| {
            refuse("it holds no captions: a line such as 00:00:01,000 --> 00:00:04,000 is before each")
                .with_hint("WebVTT and SubRip are read")
        })?,
    };
    Ok(Captions { webvtt, remarks: remarks.all() })
}

/// Lines end as in any system.
fn lines(text: &str) -> Vec<&str> {
    let split = text.split('\n').flat_map(|line| {
        let line = line.strip_suffix('\r').unwrap_or(line);
        line.split('\r')
    });
    split.collect()
}

fn is_signature(line: &str) -> bool {
    line.strip_prefix("WEBVTT").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
}

#[derive(Default)]
struct Remarks {
    found: Vec<Remark>,
    more: usize,
}

impl Remarks {
    /// `index`: of the line, from 0.
    fn add(&mut self, index: usize, message: &str) {
        match self.found.len() < MAX_REMARKS {
            true => self.found.push(Remark { line: Some(index + 1), message: message.to_owned() }),
            false => self.more += 1,
        }
    }

    fn all(mut self) -> Vec<Remark> {
        if self.more > 0 {
            self.found.push(Remark { line: None, message: format!("{} more captions cannot be read", self.more) });
        }
        self.found
    }
}

const ARROW: &str = "-->";

const NO_TIMES: &str = "these are no times, such as 00:00:01.000 --> 00:00:04.000; the caption is left out";

const BACKWARDS: &str = "the caption ends before it begins, and is left out";

/// WebVTT with each line of times as it must be written. `None`: all are.
fn mended(lines: &[&str], remarks: &mut Remarks) -> Option<String> {
    let mut is_changed = false;
    let mut mended = String::new();
    for (index, line) in lines.iter().enumerate() {
        let times = line.contains(ARROW).then(|| Times::read(line));
        match times {
            Some(Some(times)) if times.start >= times.end => remarks.add(index, BACKWARDS),
            Some(Some(times)) if !times.is_exact => {
                is_changed = true;
                mended.push_str(&times.to_string());
                mended.push('\n');
                continue;
            }
            // Players pass over it.
            Some(None) => remarks.add(index, NO_TIMES),
            _ => {}
        }
        mended.push_str(line);
        mended.push('\n');
    }
    is_changed.then_some(mended)
}

/// A caption of SubRip.
struct Cue {
    times: Times,
    words: Vec<String>,
}

/// `None`: there is no line of times.
fn from_subrip(lines: &[&str], remarks: &mut Remarks) -> Option<String> {
    let mut cues = vec![];
    let mut has_times = false;
    let mut index = 0;
    while index < lines.len() {
        let block = index..index + lines[index..].iter().take_while(|line| !line.trim().is_empty()).count();
        index = block.end + 1;
        let times: Vec<usize> = block.clone().filter(|at| lines[*at].contains(ARROW)).collect();
        has_times |= !times.is_empty();
        let head = block.start..times.first().copied().unwrap_or(block.end);
        if times.is_empty() && !head.clone().all(|at| is_number(lines[at])) {
            remarks.add(block.start, "these lines have no times before them, and are left out");
        }
        for (place, at) in times.iter().enumerate() {
            let next = times.get(place + 1).copied();
            // The number of the next caption, where no blank line is before it.
            let end = next.map_or(block.end, |next| next - usize::from(next > at + 1 && is_number(lines[next - 1])));
            cues.extend(cue(lines, *at, end, remarks));
        }
    }
    cues.sort_by_key(|cue| cue.times.start);
    let cue = |Cue { times, words }: &Cue| format!("\n{times}\n{}\n", words.join("\n"));
    has_times.then(|| format!("WEBVTT\n{}", cues.iter().map(cue).collect::<String>()))
}

fn cue(lines: &[&str], at: usize, end: usize, remarks: &mut Remarks) -> Option<Cue> {
    let Some(times) = Times::read(lines[at]) else {
        remarks.add(at, NO_TIMES);
        return None;
    };
    if times.start >= times.end {
        remarks.add(at, BACKWARDS);
        return None;
    }
    let words: Vec<String> =
        lines[at + 1..end].iter().map(|line| marked_up(line)).filter(|line| !line.is_empty()).collect();
    // The places that some programs write behind the times mean nothing in WebVTT.
    let times = Times { settings: String::new(), ..times };
    (!words.is_empty()).then_some(Cue { times, words })
}

fn is_number(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit())
}

/// Tags that WebVTT has too.
const TAGS: [&str; 6] = ["<i>", "</i>", "<b>", "</b>", "<u>", "</u>"];

/// References that some programs write in SubRip.
const REFERENCES: [&str; 4] = ["&amp;", "&lt;", "&gt;", "&nbsp;"];

/// A line of SubRip with the markup of WebVTT: without fonts and places, which it does not have.
fn marked_up(line: &str) -> String {
    let (mut rest, mut marked_up) = (line.trim(), String::new());
    while let Some(at) = rest.find(['<', '&', '{']) {
        marked_up.push_str(&rest[..at]);
        rest = &rest[at..];
        let begins = |known: &&&str| rest.get(..known.len()).is_some_and(|text| text.eq_ignore_ascii_case(known));
        let kept = TAGS.iter().chain(&REFERENCES).find(begins);
        let dropped = || {
            let end = if rest.starts_with("{\\") { '}' } else { '>' };
            let is_dropped = ["{\\", "<font", "</font"].iter().any(|known| begins(&known));
            rest.find(end).filter(|_| is_dropped).map(|end| end + 1)
        };
        let read = match (kept, dropped()) {
            (Some(kept), _) => {
                marked_up.push_str(kept);
                kept.len()
            }
            (None, Some(length)) => length,
            (None, None) => {
                marked_up.push_str(match &rest[..1] {
                    "<" => "&lt;",
                    "&" => "&amp;",
                    other => other,
                });
                1
            }
        };
        rest = &rest[read..];
    }
    marked_up + rest
}

/// A line of times.
#[derive(Debug, PartialEq, Eq)]
struct Times {
    /// In milliseconds.
    start: u64,
    end: u64,
    settings: String,
    /// The line is written as WebVTT has it.
    is_exact: bool,
}

impl Times {
    /// Reads times with a comma or a full stop, with or without hours and fractions.
    fn read(line: &str) -> Option<Times> {
        let (start, rest) = line.split_once(ARROW)?;
        let is_spaced = start.ends_with([' ', '\t']) && rest.starts_with([' ', '\t']);
        let (start, rest) = (start.trim(), rest.trim());
        let (end, settings) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let is_exact = is_spaced && is_of_webvtt(start) && is_of_webvtt(end);
        Some(Times {
            start: milliseconds(start)?,
            end: milliseconds(end)?,
            settings: settings.trim().to_owned(),
            is_exact,
        })
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |milliseconds: u64| {
            let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
            format!("{:02}:{:02}:{:02}.{rest:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
        };
        write!(f, "{} {ARROW} {}", time(self.start), time(self.end))?;
        if self.settings.is_empty() { Ok(()) } else { write!(f, " {}", self.settings) }
    }
}

/// `1:02:03,4` is 3,723,400.
fn milliseconds(time: &str) -> Option<u64> {
    let (whole, fraction) = time.split_once([',', '.']).unwrap_or((time, "0"));
    let number = |digits: &str| {
        let is_number = (1..=5).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse::<u64>().ok()).flatten()
    };
    let fields: Vec<u64> = whole.split(':').map(|field| number(field.trim())).collect::<Option<_>>()?;
    let (hours, minutes, seconds) = match fields[..] {
        [minutes, seconds] => (0, minutes, seconds),
        [hours, minutes, seconds] => (hours, minutes, seconds),
        _ => return None,
    };
    number(fraction)?;
    let thousandths = number(&format!("{fraction:0<3}")[..3])?;
    (minutes < 60 && seconds < 60).then_some(((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths)
}

fn is_of_webvtt(time: &str) -> bool {
    let Some((whole, fraction)) = time.split_once('.') else { return false };
    let fields: Vec<&str> = whole.split(':').collect();
    let is_field =
        |(place, field): (usize, &&str)| field.len() == 2 || (place == 0 && fields.len() == 3 && field.len() > 2);
    fraction.len() == 3 && fields.iter().enumerate().all(is_field)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (String, Vec<String>) {
        let Captions { webvtt, remarks } = webvtt(text.as_bytes(), Path::new("a.srt")).unwrap();
        let line = |remark: &Remark| remark.line.map_or("-".to_owned(), |line| line.to_string());
        (webvtt, remarks.iter().map(|remark| format!("{}: {}", line(remark), remark.message)).collect())
    }

    #[test]
    fn subrip_becomes_webvtt() {
        let (webvtt, remarks) = read(
            "1\r\n00:00:00,500 --> 00:00:02,000 X1:10 X2:20\r\n{\\an8}<font color=\"red\">A</font> & <I>b</i> <3\r\nline 2\r\n\r\n\
             2\r\n1:00:02,5 --> 1:00:04\r\nlast",
        );
        assert_eq!(
            webvtt,
            "WEBVTT\n\n00:00:00.500 --> 00:00:02.000\nA &amp; <i>b</i> &lt;3\nline 2\n\n01:00:02.500 --> 01:00:04.000\nlast\n"
        );
        assert!(remarks.is_empty(), "{remarks:?}");
    }

    #[test]
    fn captions_that_cannot_be_read_cost_themselves_and_their_lines_are_told() {
        let (webvtt, remarks) = read(
            "1\n00:00:01,000 --> 00:00:02,000\none\n2\n00:00:03,000 --> 00:00:02,000\ntwo\n\n3\n00:00:xx --> 5\nthree\n\n\
             4\n00:00:07,000 -> 00:00:08,000\nfour\n\n5\n00:61:00,000 --> 00:62:00,000\nfive\n\n00:00:09,000-->00:00:10,000\nsix",
        );
        assert_eq!(webvtt, "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\none\n\n00:00:09.000 --> 00:00:10.000\nsix\n");
        let lines: Vec<&str> = remarks.iter().filter_map(|remark| remark.split(':').next()).collect();
        assert_eq!(lines, ["5", "9", "12", "17"], "{remarks:?}");
    }

    #[test]
    fn webvtt_stays_as_it_is_but_for_times_that_players_refuse() {
        let sound =
            "WEBVTT - title\r\n\r\nNOTE x\r\n\r\n1\r\n00:01.000 --> 00:04.000 align:start\r\nHello <v Ann>you\r\n";
        assert_eq!(read(sound), (sound.to_owned(), vec![]));
        let (mended, remarks) = read("\u{feff}WEBVTT\n\n0:00:01,000 --> 0:00:04,000 line:0\nHello\n\nx --> y\nno\n");
        assert_eq!(mended, "WEBVTT\n\n00:00:01.000 --> 00:00:04.000 line:0\nHello\n\nx --> y\nno\n\n");
        assert!(remarks.len() == 1 && remarks[0].starts_with("6:"), "{remarks:?}");
        assert_eq!(read("WEBVTT\n").0, "WEBVTT\n");
    }

    #[test]
    fn any_encoding_is_read() {
        let text = "1\n00:00:00,500 --> 00:00:02,000\nGr\u{fc}\u{df}e\n";
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let latin: Vec<u8> = text.chars().map(|c| c as u32 as u8).collect();
        for (bytes, remarks) in [(text.as_bytes(), 0), (&utf16, 0), (&latin, 1)] {
            let captions = webvtt(bytes, Path::new("a.srt")).unwrap();
            assert!(captions.webvtt.ends_with("02.000\nGr\u{fc}\u{df}e\n"), "{captions:?}");
            assert_eq!(captions.remarks.len(), remarks);
        }
    }

    #[test]
    fn what_is_no_captions_is_refused() {
        for text in ["", "1\n2\n", "Dear Sir", "WEBVTTX\n", "a\0 --> b"] {
            assert!(webvtt(text.as_bytes(), Path::new("a.srt")).is_err(), "{text:?}");
        }
        let many = "1\n0 --> 1\nx\n\n".repeat(1000);
        assert_eq!(webvtt(many.as_bytes(), Path::new("a.srt")).unwrap().remarks.len(), MAX_REMARKS + 1);
    }
}

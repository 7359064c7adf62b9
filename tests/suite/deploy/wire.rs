//! Messages of HTTP/1.1 as they are on the wire, so that a proxy passes them on unchanged: signatures cover them.

use std::io::{self, BufRead, Read};

pub struct Head(pub Vec<u8>);

impl Head {
    /// Until the empty line; `None`: the connection ended before it began.
    pub fn read(stream: &mut impl BufRead) -> io::Result<Option<Head>> {
        let mut bytes = vec![];
        while !bytes.ends_with(b"\r\n\r\n") {
            if stream.read_until(b'\n', &mut bytes)? == 0 {
                return if bytes.is_empty() { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            }
        }
        Ok(Some(Head(bytes)))
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap()
    }

    /// The words of the first line.
    pub fn words(&self) -> [&str; 3] {
        let mut words = self.text().lines().next().unwrap().splitn(3, ' ');
        [(); 3].map(|()| words.next().unwrap_or_default())
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.text().lines().skip(1).filter_map(|line| line.split_once(':'));
        fields.find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    pub fn status(&self) -> u16 {
        self.words()[1].parse().unwrap()
    }
}

/// The body that follows `head`, its chunks as they come. Where nothing says how long it is, there is `otherwise`: none,
/// or all until the end.
pub fn body(stream: &mut impl BufRead, head: &Head, otherwise: Length) -> io::Result<Vec<u8>> {
    let mut body = vec![];
    if head.header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        chunks(stream, &mut body)?;
    } else if let Some(length) = head.header("content-length") {
        body.resize(length.parse().map_err(io::Error::other)?, 0);
        stream.read_exact(&mut body)?;
    } else if otherwise == Length::UntilTheEnd {
        stream.read_to_end(&mut body)?;
    }
    Ok(body)
}

#[derive(PartialEq)]
pub enum Length {
    None,
    UntilTheEnd,
}

fn chunks(stream: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let start = body.len();
        stream.read_until(b'\n', body)?;
        let line = String::from_utf8_lossy(&body[start..]).into_owned();
        let length = line.split(';').next().unwrap_or_default().trim();
        let length = u64::from_str_radix(length, 16).map_err(io::Error::other)?;
        if length == 0 {
            break;
        }
        stream.by_ref().take(length + 2).read_to_end(body)?;
    }
    // Trailers, and the empty line.
    loop {
        let start = body.len();
        stream.read_until(b'\n', body)?;
        if body[start..].trim_ascii().is_empty() {
            return Ok(());
        }
    }
}

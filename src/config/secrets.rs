//! Keeps credentials out of messages: every text that comes from a store, and every address that a user wrote, passes
//! [`without_secrets`] before it is shown.

/// What stands for the part of a text that is not shown.
const HIDDEN: &str = "…";

/// The names of values that are credentials or prove that somebody has them, in queries and in headers.
const NAMES: [&str; 14] = [
    "access_token",
    "accountkey",
    "awsaccesskeyid",
    "credential",
    "goog-credential",
    "goog-signature",
    "googleaccessid",
    "key-pair-id",
    "password",
    "secret",
    "security-token",
    "sig",
    "signature",
    "token",
];

/// `text` without the names and passwords before the hosts of its addresses, without the queries of its addresses, and
/// without the values of all parameters that can be credentials.
pub fn without_secrets(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("://").map(|at| at + 3) {
        let (before, after) = rest.split_at(start);
        let end = after.find(|c: char| c.is_whitespace() || "\"'`<>".contains(c)).unwrap_or(after.len());
        shown.push_str(before);
        shown.push_str(&plain_address(&after[..end]));
        rest = &after[end..];
    }
    shown.push_str(rest);
    without_values(&shown)
}

/// Whether `url` has a name or a password before its host, or a query.
pub fn holds_secrets(url: &str) -> bool {
    let address = url.split_once("://").map_or(url, |(_, address)| address);
    plain_address(address) != address
}

/// An address, which begins with its host, without credentials and query.
fn plain_address(address: &str) -> String {
    let (path, query) = address.split_once('?').map_or((address, None), |(path, query)| (path, Some(query)));
    let host = path.split('/').next().unwrap_or_default();
    // A password can hold a slash, and then it looks like a port that is no number.
    let port = host.rsplit_once(':').map_or("", |(_, port)| port);
    let is_of_host = !host.contains('@') && port.bytes().all(|byte| byte.is_ascii_digit());
    let ends_in_query = query.is_some_and(|query| query.contains('@')) && !is_of_host;
    let plain = match path.rfind('@').filter(|_| !is_of_host) {
        _ if ends_in_query => return HIDDEN.to_owned(),
        Some(at) => format!("{HIDDEN}{}", &path[at..]),
        None => path.to_owned(),
    };
    if query.is_some() { format!("{plain}?{HIDDEN}") } else { plain }
}

/// Hides the values of [`NAMES`].
fn without_values(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut shown = String::with_capacity(text.len());
    let mut done = 0;
    for (at, _) in lower.match_indices('=') {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let name = lower[..at].rsplit(|c: char| !is_part(c)).next().unwrap_or_default();
        let is_secret = NAMES.iter().any(|secret| {
            name == *secret || name.strip_suffix(secret).is_some_and(|prefix| prefix.ends_with(['-', '_']))
        });
        if at < done || !is_secret {
            continue;
        }
        let value = &text[at + 1..];
        let length = value.find(|c: char| c.is_whitespace() || "&,;\"'<>".contains(c)).unwrap_or(value.len());
        shown.push_str(&text[done..=at]);
        shown.push_str(HIDDEN);
        done = at + 1 + length;
    }
    shown.push_str(&text[done..]);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_passwords_and_queries_of_addresses_are_hidden() {
        for (text, shown) in [
            ("GET http://user:pw@host:9000/scans/a in 5ms", "GET http://…@host:9000/scans/a in 5ms"),
            ("GET https://pw@host/a", "GET https://…@host/a"),
            ("(http://user:p/w@host/a)", "(http://…@host/a)"),
            ("http://user:p?w@host/a b", "http://… b"),
            ("url (https://h/a?X-Amz-Signature=ab&X-Amz-Credential=AKID%2F1) failed", "url (https://h/a?… failed"),
            ("http://host:9000/a@b.jpg", "http://host:9000/a@b.jpg"),
            ("https://h/a?list-type=2: refused", "https://h/a?… refused"),
        ] {
            assert_eq!(without_secrets(text), shown);
        }
    }

    #[test]
    fn values_of_signatures_and_tokens_are_hidden_wherever_they_stand() {
        for text in [
            "Credential=AKID/SECRET, SignedHeaders=host, Signature=SECRET",
            "a?sv=1&sig=SECRET&se=2",
            "AWSAccessKeyId=SECRET&Expires=1",
            "x-amz-security-token=SECRET",
            "X-Goog-Signature=SECRET",
        ] {
            let shown = without_secrets(text);
            assert!(!shown.contains("SECRET"), "{shown}");
        }
        let plain = "design=1 assignment=2 a=b";
        assert_eq!(without_secrets(plain), plain);
    }

    #[test]
    fn an_endpoint_is_a_host_and_perhaps_a_path() {
        let bad = ["http://user:pw@host", "https://key@host/", "https://host/?sig=1", "user:pw@host"];
        assert!(bad.into_iter().all(holds_secrets));
        let good = ["http://localhost:9000", "https://s3.example.org/path", "https://[::1]:9000"];
        assert!(!good.into_iter().any(holds_secrets));
    }
}

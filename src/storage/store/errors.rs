//! Errors of stores in words for the person who runs the program. When a store refuses, `object_store` passes on the
//! XML document as it came.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>

use crate::error::{Error, ErrorKind};

/// Longer messages are cut, in characters.
const MAX_MESSAGE: usize = 200;

/// The answer of a store that refused.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    /// The request: a method and an address.
    request: String,
    code: String,
    message: String,
}

impl Answer {
    /// Reads the text of an error; `None`: it holds no answer of a store.
    fn of(text: &str) -> Option<Answer> {
        let (before, document) = text.split_once("<Error")?;
        let element = |name: &str| {
            let (_, rest) = document.split_once(&format!("<{name}>"))?;
            Some(rest.split_once(&format!("</{name}>"))?.0.trim())
        };
        let request = before.split_once("Error performing ")?.1.split_once(" in ")?.0.to_owned();
        let is_plain = |c: &char| !c.is_control() && !matches!(c, '<' | '>');
        let message: String =
            element("Message").unwrap_or_default().chars().filter(is_plain).take(MAX_MESSAGE).collect();
        let code = element("Code")?.chars().filter(char::is_ascii_alphanumeric).take(MAX_MESSAGE).collect();
        Some(Answer { request, code, message })
    }

    fn sentence(&self) -> String {
        let Answer { request, code, message } = self;
        match message.trim_end_matches('.') {
            "" => format!("the store refuses {request}: {code}"),
            message => format!("the store refuses {request}: {code} ({message})"),
        }
    }

    fn doubts_credentials(&self) -> bool {
        const CODES: [&str; 8] = [
            "ExpiredToken",
            "InvalidAccessKeyId",
            "InvalidSecurity",
            "InvalidToken",
            "NotSignedUp",
            "SignatureDoesNotMatch",
            "TokenRefreshRequired",
            "UnrecognizedClientException",
        ];
        CODES.contains(&self.code.as_str())
    }

    fn doubts_clock(&self) -> bool {
        self.code == "RequestTimeTooSkewed"
    }
}

/// The error for the person who runs the program, with a hint where there is one.
pub fn failed(error: &object_store::Error) -> Error {
    use object_store::Error::*;
    // Errors with credentials are ours, and complete.
    if let Some(inner) = own(error) {
        let described = Error::new(inner.kind(), inner.message());
        return match inner.hint() {
            Some(hint) => described.with_hint(hint),
            None => described,
        };
    }
    let answer = Answer::of(&error.to_string());
    let described = Error::new(ErrorKind::Network, answer.as_ref().map_or_else(|| error.to_string(), Answer::sentence));
    let hint = match error {
        _ if answer.as_ref().is_some_and(Answer::doubts_credentials) => {
            "the store does not accept these credentials: they are wrong, have run out, or belong to another store"
        }
        _ if answer.as_ref().is_some_and(Answer::doubts_clock) => "set the clock of this machine",
        _ if names_bucket(&error.to_string()) => "there is no such bucket: make it, or look at `url` and `region`",
        PermissionDenied { .. } => "the credentials do not allow it: docs/deploy.md has the policy that is needed",
        Unauthenticated { .. } => "the store knows no such credentials",
        NotImplemented { .. } => {
            "the store has no conditional writes: `conditional-writes = false` does without, if nobody else deploys"
        }
        // The machine itself is asked last.
        Generic { source, .. } if source.to_string().contains("169.254.169.254") => {
            "no credentials were found; docs/deploy.md says where they are looked for"
        }
        _ => return described,
    };
    described.with_hint(hint)
}

/// The error of this program that caused `error`.
fn own(error: &object_store::Error) -> Option<&Error> {
    let first: &(dyn std::error::Error + 'static) = error;
    std::iter::successors(Some(first), |error| error.source()).find_map(|error| error.downcast_ref())
}

/// Whether the message means that the bucket itself does not exist.
pub fn names_bucket(message: &str) -> bool {
    ["NoSuchBucket", "ContainerNotFound", "bucket does not exist"].iter().any(|name| message.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_and_the_message_of_a_document_are_shown() {
        let text = "Object at location a not found: Error performing GET http://host/scans/a in 6.5ms - Server returned \
                    non-2xx status code: 404 Not Found: <?xml version=\"1.0\"?>\n<Error><Code>NoSuchBucket</Code>\
                    <Message>The bucket\u{1b} does not exist.</Message><RequestId>1</RequestId></Error>";
        let answer = Answer::of(text).unwrap();
        assert_eq!(
            answer.sentence(),
            "the store refuses GET http://host/scans/a: NoSuchBucket (The bucket does not exist)"
        );
        assert!(!answer.doubts_credentials());
        for other in
            ["", "<Error", "<Error></Code><Code>", "Error performing GET a in 1s <Error><Code>", "connection reset"]
        {
            assert_eq!(Answer::of(other), None, "{other}");
        }
    }
}

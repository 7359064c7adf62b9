//! Errors of stores in words for the person who runs the program. When a store refuses, `object_store` passes on the
//! XML document as it came. Nothing of a store is shown that did not pass [`described`], which hides credentials.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>

use super::hints;
use crate::config::without_secrets;
use crate::error::{Error, ErrorKind};

/// Longer messages are cut, in characters.
const MAX_MESSAGE: usize = 200;

/// The answer of a store that refused.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The request: a method and an address.
    request: String,
    pub code: String,
    pub message: String,
    /// The region of the bucket, if the store names it.
    pub region: Option<String>,
}

impl Answer {
    /// Reads the text of an error; `None`: it holds no answer of a store.
    fn of(text: &str) -> Option<Answer> {
        let (before, document) = text.split_once("<Error")?;
        let element = |name: &str| {
            let (_, rest) = document.split_once(&format!("<{name}>"))?;
            Some(rest.split_once(&format!("</{name}>"))?.0.trim())
        };
        let request = without_secrets(before.split_once("Error performing ")?.1.split_once(" in ")?.0);
        let is_of_word = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
        let word = |text: &str| text.chars().filter(is_of_word).take(MAX_MESSAGE).collect::<String>();
        let region = element("Region").map(word).filter(|region| !region.is_empty());
        Some(Answer {
            request,
            code: word(element("Code")?),
            message: plain(element("Message").unwrap_or_default()),
            region,
        })
    }

    fn sentence(&self) -> String {
        let Answer { request, code, message, .. } = self;
        match message.trim_end_matches('.') {
            "" => format!("the store refuses {request}: {code}"),
            message => format!("the store refuses {request}: {code} ({message})"),
        }
    }
}

/// `text` in one line of limited length, without markup and without credentials.
fn plain(text: &str) -> String {
    let is_plain = |c: &char| !c.is_control() && !matches!(c, '<' | '>');
    without_secrets(text).chars().filter(is_plain).take(MAX_MESSAGE).collect()
}

/// The message of an error that holds no XML of a store. The page of a proxy, for instance, is left out.
fn described(text: &str) -> String {
    let before_markup = text.split('<').next().unwrap_or_default().trim_end_matches([' ', ':', '-']);
    let message: String = without_secrets(before_markup).chars().filter(|c| !c.is_control()).collect();
    message.chars().take(2 * MAX_MESSAGE).collect()
}

/// The error for the person who runs the program, with a hint where there is one.
pub fn failed(error: &object_store::Error) -> Error {
    // Errors with credentials are ours, and complete.
    if let Some(inner) = own(error) {
        let described = Error::new(inner.kind(), without_secrets(inner.message()));
        return match inner.hint() {
            Some(hint) => described.with_hint(without_secrets(hint)),
            None => described,
        };
    }
    let text = error.to_string();
    let answer = Answer::of(&text);
    let message = answer.as_ref().map_or_else(|| described(&text), Answer::sentence);
    let failed = Error::new(ErrorKind::Network, message);
    match hints::hint(error, answer.as_ref()) {
        Some(hint) => failed.with_hint(hint),
        None => failed,
    }
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

    fn refused(request: &str, answer: &str) -> Error {
        let text = format!("Error performing {request} in 6.5ms - Server returned non-2xx status code: 400: {answer}");
        failed(&object_store::Error::Generic { store: "S3", source: text.into() })
    }

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
        for other in
            ["", "<Error", "<Error></Code><Code>", "Error performing GET a in 1s <Error><Code>", "connection reset"]
        {
            assert_eq!(Answer::of(other), None, "{other}");
        }
    }

    #[test]
    fn no_message_of_a_store_shows_credentials() {
        let document = "<Error><Code>SignatureDoesNotMatch</Code><Message>Compare Signature=SECRET</Message>\
                        <AWSAccessKeyId>SECRET</AWSAccessKeyId><StringToSign>SECRET</StringToSign></Error>";
        let page = "<html>https://user:SECRET@proxy/</html>";
        for request in
            ["GET http://user:SECRET@host/scans/a", "PUT https://host/a?X-Amz-Signature=SECRET&uploadId=1", "GET a"]
        {
            for answer in [document, page, "https://h/?sig=SECRET", "AWSAccessKeyId=SECRET"] {
                let error = refused(request, answer);
                let told = format!("{error} {}", error.hint().unwrap_or_default());
                assert!(!told.contains("SECRET") && !told.contains('<'), "{told}");
            }
        }
    }

    #[test]
    fn a_long_answer_is_cut() {
        let error = refused("GET http://host/a", &"x".repeat(9999));
        assert!(error.message().len() <= 2 * MAX_MESSAGE);
    }
}

//! What a store answered when it refused, in one sentence: `object_store` passes on the document as it came.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>

/// Longer messages are cut.
const MOST: usize = 200;

/// See the [module](self).
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// What was asked: a method and an address.
    asked: String,
    code: String,
    message: String,
}

impl Answer {
    /// From the text of an error; `None`: it holds no answer of a store.
    pub fn of(text: &str) -> Option<Answer> {
        let (before, document) = text.split_once("<Error")?;
        let element = |name: &str| {
            let (_, rest) = document.split_once(&format!("<{name}>"))?;
            Some(rest.split_once(&format!("</{name}>"))?.0.trim())
        };
        let asked = before.split_once("Error performing ")?.1.split_once(" in ")?.0.to_owned();
        let is_plain = |c: &char| !c.is_control() && !matches!(c, '<' | '>');
        let message: String = element("Message").unwrap_or_default().chars().filter(is_plain).take(MOST).collect();
        let code = element("Code")?.chars().filter(char::is_ascii_alphanumeric).take(MOST).collect();
        Some(Answer { asked, code, message })
    }

    pub fn sentence(&self) -> String {
        let Answer { asked, code, message } = self;
        match message.trim_end_matches('.') {
            "" => format!("the store refuses {asked}: {code}"),
            message => format!("the store refuses {asked}: {code} ({message})"),
        }
    }

    pub fn doubts_credentials(&self) -> bool {
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

    pub fn doubts_clock(&self) -> bool {
        self.code == "RequestTimeTooSkewed"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_document_the_code_and_the_message_are_told() {
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

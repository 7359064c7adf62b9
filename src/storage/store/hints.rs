//! What helps when a store refuses, by the code of its answer.

use super::errors::{Answer, names_bucket};
use crate::error::Error;
use std::io;
use std::path::Path;

/// Codes, and the hint for each of them.
const BY_CODE: [(&[&str], &str); 11] = [
    (
        &["ExpiredToken", "TokenRefreshRequired", "RequestExpired"],
        "the credentials have run out: with SSO run `aws sso login`, in CI ask for a longer session, then deploy again",
    ),
    (
        &[
            "InvalidAccessKeyId",
            "InvalidSecurity",
            "InvalidToken",
            "InvalidClientTokenId",
            "NotSignedUp",
            "UnrecognizedClientException",
            "AuthenticationFailed",
        ],
        "the store does not accept these credentials: they are wrong, have run out, or belong to another store",
    ),
    (
        &["SignatureDoesNotMatch"],
        "the store does not accept these credentials: the secret key is wrong, or `endpoint` leads through a proxy that \
         changes requests",
    ),
    (&["RequestTimeTooSkewed"], "set the clock of this machine: the store believes no request that is 15 minutes off"),
    (&["AllAccessDisabled", "AccountProblem", "AccountIsDisabled"], "ask the provider: the account is blocked"),
    (
        &["InvalidBucketName", "InvalidResourceName"],
        "look at `url`: a bucket's name has 3 to 63 small letters, digits and hyphens",
    ),
    (
        &["BadDigest", "XAmzContentSHA256Mismatch", "InvalidDigest", "IncompleteBody"],
        "the bytes changed on their way: look at the line and at proxies, then deploy again",
    ),
    (
        &["SlowDown", "ServiceUnavailable", "ServerBusy", "InternalError", "OperationAborted", "RequestTimeout"],
        "the store was asked again for three minutes: deploy again later, and it goes on from here",
    ),
    (
        &["QuotaExceeded", "StorageQuotaExceeded", "XMinioStorageFull", "InsufficientStorage"],
        "the store is full: make room there, then deploy again",
    ),
    (
        &["InvalidStorageClass", "InvalidObjectState"],
        "an object lies in an archive class: restore it in the bucket first",
    ),
    (
        &["KMS.DisabledException", "KMSDisabledException", "KMSNotFoundException", "KMSInvalidStateException"],
        "the key that the bucket is encrypted with cannot be used: look at it in KMS",
    ),
];

/// Codes of a bucket that is asked in the wrong region.
const WRONG_REGION: [&str; 5] = [
    "AuthorizationHeaderMalformed",
    "AuthorizationQueryParametersError",
    "IllegalLocationConstraintException",
    "PermanentRedirect",
    "TemporaryRedirect",
];

/// The hint for `error`, of which `answer` is the store's own document.
pub fn hint(error: &object_store::Error, answer: Option<&Answer>) -> Option<String> {
    let text = error.to_string();
    let of_answer = answer.and_then(of_answer);
    of_answer.or_else(|| if names_bucket(&text) { Some(NO_BUCKET.to_owned()) } else { None }).or_else(|| {
        let hint = of_kind(error)?;
        Some(hint.to_owned())
    })
}

const NO_BUCKET: &str = "there is no such bucket: make it, or look at `url` and `region`";

fn of_answer(answer: &Answer) -> Option<String> {
    let Answer { code, message, region, .. } = answer;
    if WRONG_REGION.contains(&code.as_str()) {
        return Some(match region {
            Some(region) => format!("the bucket lies in another region: set `region = \"{region}\"`"),
            None => ANOTHER_REGION.to_owned(),
        });
    }
    if code == "InvalidRequest" && ["Content-MD5", "x-amz-checksum"].iter().any(|header| message.contains(header)) {
        return Some(OBJECT_LOCK.to_owned());
    }
    if code == "AccessDenied" && message.to_ascii_lowercase().contains("object lock") {
        return Some("a retention of Object Lock keeps this file: it can go when that has ended".to_owned());
    }
    let kms = code == "AccessDenied" && message.to_ascii_lowercase().contains("kms");
    if kms {
        return Some(
            "the bucket is encrypted: the credentials need kms:GenerateDataKey and kms:Decrypt too".to_owned(),
        );
    }
    BY_CODE.iter().find(|(codes, _)| codes.contains(&code.as_str())).map(|(_, hint)| (*hint).to_owned())
}

const ANOTHER_REGION: &str =
    "the bucket lies in another region: set `region`; `aws s3api get-bucket-location --bucket NAME` says which";

const OBJECT_LOCK: &str =
    "the bucket has Object Lock and takes no file without a checksum: set AWS_CHECKSUM_ALGORITHM=SHA256";

/// The hint for a folder that a deploy cannot write into.
const FOLDER: &str =
    "the folder is the `url` of the target in iiif-build.toml: is it the right one, and may you write in it?";

/// A failed write into the folder of a target.
pub fn cannot_write(path: &Path, error: io::Error) -> Error {
    let is_full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    let hint = if is_full { "the disk of the target is full: make room there, then deploy again" } else { FOLDER };
    Error::output(path, error).with_hint(hint)
}

/// The hint where the store said nothing more.
fn of_kind(error: &object_store::Error) -> Option<&'static str> {
    use object_store::Error::*;
    let text = error.to_string();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    match error {
        _ if says(&["LocalFileSystem"]) => Some(FOLDER),
        PermissionDenied { .. } => {
            Some("the credentials do not allow it: docs/deploy.md has the policy that is needed")
        }
        Unauthenticated { .. } => Some("the store knows no such credentials"),
        NotImplemented { .. } => Some(
            "the store has no conditional writes: `conditional-writes = false` does without, if nobody else deploys",
        ),
        // The machine itself is asked last.
        _ if says(&["169.254.169.254"]) => {
            Some("no credentials were found; docs/deploy.md says where they are looked for")
        }
        _ if says(&["redirect without LOCATION", "301 Moved", "307 Temporary"]) => Some(ANOTHER_REGION),
        _ if says(&["certificate", "UnknownIssuer", "InvalidCertificate"]) => Some(
            "this machine does not trust the store's certificate: SSL_CERT_FILE names a file with the one to trust",
        ),
        _ if says(&["dns error", "failed to lookup"]) => {
            Some("there is no host of this name: look at `endpoint`, `region` and the network")
        }
        _ if says(&["HTTP error", "error sending request", "timed out"]) => {
            Some("the store does not answer: look at the network and at `endpoint`; the next deploy goes on from here")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::failed;
    use crate::error::Error;

    /// What is told of an answer with this status and XML document.
    fn told(status: u16, document: &str) -> Error {
        let text = format!(
            "Error performing PUT https://h/b/a in 6ms - Server returned non-2xx status code: {status}: {document}"
        );
        let source = text.into();
        let path = "a".to_owned();
        failed(&match status {
            403 => object_store::Error::PermissionDenied { path, source },
            404 => object_store::Error::NotFound { path, source },
            _ => object_store::Error::Generic { store: "S3", source },
        })
    }

    #[test]
    fn each_refusal_names_its_remedy() {
        let said = |code: &str, more: &str| format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code>{more}</Error>");
        let wrong_region = "<Message>The authorization header is malformed; the region 'us-east-1' is wrong; expecting \
                            'eu-central-1'</Message><Region>eu-central-1</Region>";
        let lock = "<Message>Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object \
                    Lock parameters</Message>";
        for (status, code, more, word) in [
            (400, "AuthorizationHeaderMalformed", wrong_region, "region = \"eu-central-1\""),
            (301, "PermanentRedirect", "<Endpoint>b.s3.eu-west-1.amazonaws.com</Endpoint>", "another region"),
            (400, "IllegalLocationConstraintException", "", "another region"),
            (403, "RequestTimeTooSkewed", "", "clock"),
            (400, "ExpiredToken", "", "run out"),
            (403, "SignatureDoesNotMatch", "", "secret key"),
            (403, "InvalidAccessKeyId", "", "credentials"),
            (403, "AccessDenied", "", "policy"),
            (403, "AccessDenied", "<Message>not authorized to perform: kms:GenerateDataKey</Message>", "kms:"),
            (404, "NoSuchBucket", "", "no such bucket"),
            (400, "InvalidRequest", lock, "Object Lock"),
            (503, "SlowDown", "", "again"),
            (507, "QuotaExceeded", "", "full"),
        ] {
            let error = told(status, &said(code, more));
            let hint = error.hint().unwrap_or_else(|| panic!("{code}: {error}"));
            assert!(hint.contains(word), "{code}: {hint}");
            assert!(error.message().contains(code), "{error}");
        }
    }

    #[test]
    fn a_redirect_without_an_address_and_a_silent_host_are_explained() {
        let of = |text: &str| {
            failed(&object_store::Error::Generic { store: "S3", source: text.to_owned().into() })
                .hint()
                .unwrap()
                .to_owned()
        };
        assert!(of("Received redirect without LOCATION, this normally indicates …").contains("region"));
        assert!(of("HTTP error: error sending request").contains("does not answer"));
        assert!(of("HTTP error: dns error: failed to lookup address information").contains("no host"));
        assert!(of("HTTP error: invalid peer certificate: UnknownIssuer").contains("SSL_CERT_FILE"));
    }
}

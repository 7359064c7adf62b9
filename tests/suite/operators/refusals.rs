//! What stores refuse, in the words of S3: each with what helps, and none with credentials.

use crate::cli;
use crate::project::Project;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

const SECRET: &str = "secret-that-nobody-may-see";

/// A server that gives this answer to everything. Returns its port.
fn server(answer: String) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let mut lines = BufReader::new(&client).lines().map_while(Result::ok);
            while lines.next().is_some_and(|line| !line.is_empty()) {}
            let _ = (&client).write_all(answer.as_bytes());
        }
    });
    port
}

fn answer(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

fn document(code: &str, more: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code>{more}<RequestId>44</RequestId></Error>"
    )
}

/// What a deploy to `endpoint` says; it must end with `code` in a while that a person waits.
fn told(endpoint: &str, code: i32) -> String {
    let settings =
        format!("[deploy.live]\nurl = \"s3://scans/archive\"\nregion = \"us-east-1\"\nendpoint = \"{endpoint}\"\n");
    let project = cli::project().with_base_url("https://published.example/archive/").file("iiif-build.toml", settings);
    project.built();
    deploy(&project, &[], code)
}

fn deploy(project: &Project, variables: &[(&str, &str)], code: i32) -> String {
    let mut command = cli::command(&["deploy"]);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
        command.env_remove(name);
    }
    command
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .envs(variables.iter().copied());
    let begun = Instant::now();
    let output = command.arg("--root").arg(project.root()).output().unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(begun.elapsed() < Duration::from_secs(100), "{text}");
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(!text.contains(SECRET) && !text.contains("Signature="), "{text}");
    text
}

#[test]
fn each_refusal_is_told_with_what_helps() {
    let malformed = "<Message>The authorization header is malformed; the region 'us-east-1' is wrong; expecting \
                     'eu-central-1'</Message><Region>eu-central-1</Region>";
    let moved = "<Message>The bucket you are attempting to access must be addressed using the specified endpoint.</Message>\
                 <Endpoint>scans.s3.eu-central-1.amazonaws.com</Endpoint>";
    let signed = "<AWSAccessKeyId>secret-that-nobody-may-see</AWSAccessKeyId><StringToSign>Signature=x</StringToSign>";
    for (status, code, more, words) in [
        ("400 Bad Request", "AuthorizationHeaderMalformed", malformed, "region = \"eu-central-1\""),
        ("301 Moved Permanently", "PermanentRedirect", moved, "another region"),
        ("307 Temporary Redirect", "TemporaryRedirect", moved, "another region"),
        ("403 Forbidden", "RequestTimeTooSkewed", "", "clock"),
        ("400 Bad Request", "ExpiredToken", "", "run out"),
        ("403 Forbidden", "InvalidAccessKeyId", signed, "do not accept"),
        ("403 Forbidden", "SignatureDoesNotMatch", signed, "secret key"),
        ("403 Forbidden", "AccessDenied", "", "policy"),
        ("404 Not Found", "NoSuchBucket", "", "no such bucket"),
    ] {
        let port = server(answer(status, &document(code, more)));
        let said = told(&format!("http://127.0.0.1:{port}"), 1);
        let words = words.replace("do not accept", "does not accept");
        assert!(said.contains("hint: ") && said.contains(&words), "{code}: {said}");
        assert!(!said.contains('<') && said.len() < 700, "{code}: {said}");
    }
}

#[test]
fn a_page_of_a_proxy_is_not_shown() {
    let page = format!("<html><a href=\"https://user:{SECRET}@proxy/?sig={SECRET}\">Access denied</a></html>");
    let port = server(answer("403 Forbidden", &page));
    let said = told(&format!("http://127.0.0.1:{port}"), 1);
    assert!(!said.contains("href") && said.contains("hint: "), "{said}");
}

#[test]
fn an_endpoint_with_credentials_is_refused_and_not_shown() {
    for endpoint in [
        format!("http://user:{SECRET}@127.0.0.1:9"),
        format!("https://{SECRET}@127.0.0.1/"),
        format!("https://127.0.0.1/?X-Amz-Signature={SECRET}"),
    ] {
        let settings = format!("[deploy.live]\nurl = \"s3://scans/archive\"\nendpoint = \"{endpoint}\"\n");
        let project = cli::project().file("iiif-build.toml", settings);
        let (code, _, said) = cli::run(&project, &["deploy"]);
        assert!(code == Some(2) && said.contains("iiif-build.toml:3") && said.contains("credentials"), "{said}");
        assert!(!said.contains(SECRET), "{said}");
        let settings = format!("content = \"s3://scans/archive\"\n[source]\nendpoint = \"{endpoint}\"\n");
        let project = cli::project().file("iiif-build.toml", settings);
        let (code, _, said) = cli::run(&project, &["plan"]);
        assert!(code == Some(2) && !said.contains(SECRET), "{said}");
    }
}

#[test]
fn credentials_in_an_address_of_the_environment_are_not_shown() {
    let port = server(answer("400 Bad Request", &document("InvalidRequest", "")));
    let settings = "[deploy.live]\nurl = \"s3://scans/archive\"\nregion = \"us-east-1\"\n";
    let project = cli::project().with_base_url("https://published.example/archive/").file("iiif-build.toml", settings);
    project.built();
    let endpoint = format!("http://user:{SECRET}@127.0.0.1:{port}");
    let said = deploy(&project, &[("AWS_ENDPOINT_URL", &endpoint), ("AWS_ALLOW_HTTP", "true")], 1);
    assert!(said.contains("InvalidRequest"), "{said}");
}

#[test]
fn a_store_that_is_not_there_is_told_within_the_time_that_a_person_waits() {
    let said = told("http://127.0.0.1:9", 1);
    assert!(said.contains("does not answer") && said.contains("hint: "), "{said}");
}

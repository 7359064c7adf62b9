//! `iiif-build serve`, asked over a socket.

use crate::cli::{command, project};
use crate::draw::page;
use crate::http::{get, request};
use crate::older::BOTH;
use crate::project::Project;
use iiif_build::model::SiteViewer;
use iiif_build::publish::headers::{CONTENT_SECURITY_POLICY, viewers_policy};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};

/// A running server; ends with the test.
struct Server {
    process: Child,
    port: u16,
    project: Project,
}

impl Server {
    fn start(project: Project) -> Server {
        let mut process = command(&["serve", "--no-watch", "--port", "0", "--root"])
            .arg(project.root())
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap());
        let port = loop {
            let mut line = String::new();
            assert!(lines.read_line(&mut line).unwrap() > 0, "the server ended without telling its address");
            if let Some((_, rest)) = line.split_once("serving http://localhost:") {
                break rest.split('/').next().unwrap().parse().unwrap();
            }
        };
        // Somebody must go on reading, or the server may wait for room in the pipe.
        std::thread::spawn(move || lines.read_to_end(&mut vec![]));
        Server { process, port, project }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const IMAGE_TYPE: &str = "application/ld+json;profile=\"http://iiif.io/api/image/3/context.json\"";
const PRESENTATION_TYPE: &str = "application/ld+json;profile=\"http://iiif.io/api/presentation/3/context.json\"";

#[test]
fn documents_of_version_2_are_json_and_name_this_server() {
    let server = Server::start(project().file("iiif-build.toml", BOTH));
    for path in ["/iiif/2/letters_1/info.json", "/collection.v2.json", "/letters/manifest.v2.json"] {
        let answer = get(server.port, path);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")), "{path}");
        let document: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(document["@id"], format!("http://localhost:{}{}", server.port, path.trim_end_matches("/info.json")));
    }
    assert_eq!(get(server.port, "/iiif/2/letters_1/full/full/0/default.jpg").status, 200);
}

#[test]
fn serve_answers_as_iiif_clients_expect() {
    let server = Server::start(project());
    let get = |path: &str| get(server.port, path);

    for (path, kind) in [
        ("/iiif/3/letters_1/info.json", IMAGE_TYPE),
        ("/collection.json", PRESENTATION_TYPE),
        ("/letters/manifest.json", PRESENTATION_TYPE),
        ("/letters/", "text/html; charset=utf-8"),
        ("/letters/index.html", "text/html; charset=utf-8"),
        ("/iiif/3/letters_1/full/max/0/default.jpg", "image/jpeg"),
        ("/iiif/3/letters_1/full/90,/0/default.jpg?t=1", "image/jpeg"),
        ("/sitemap.xml", "application/xml"),
    ] {
        let answer = request(server.port, "GET", path, &[("Origin", "https://viewer.example")]);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), Some(kind), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{path}");
    }

    let base = format!("http://localhost:{}/", server.port);
    let info: Value = serde_json::from_slice(&get("/iiif/3/letters_1/info.json").body).unwrap();
    assert_eq!(info["id"], format!("{base}iiif/3/letters_1"));
    for path in ["/collection.json", "/letters/manifest.json", "/index.html", "/sitemap.xml"] {
        let text = get(path).text();
        assert!(text.contains(&base) && !text.contains("//published.example"), "{path} leads away from this machine");
    }

    let folder = get("/letters");
    assert_eq!((folder.status / 100, folder.header("location")), (3, Some("/letters/")));
    let theme = get("/index.html").text();
    let style = theme.split("rel=\"stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(get(&format!("/{style}")).header("content-type").map(|kind| kind.starts_with("text/css")), Some(true));
}

#[test]
fn what_a_page_gives_to_drag_leads_to_this_machine() {
    let server = Server::start(project());
    let text = get(server.port, "/letters/index.html").text();
    assert!(text.contains("?manifest=http%3A%2F%2Flocalhost"), "{text}");
    assert!(!text.contains("published.example"), "it leads away from this machine");
}

#[test]
fn pages_are_sent_with_the_policy_that_hosts_send() {
    let server = Server::start(project());
    for path in ["/", "/letters/", "/nothing/"] {
        let policy = get(server.port, path).header("content-security-policy").map(str::to_owned);
        assert_eq!(policy.as_deref(), Some(CONTENT_SECURITY_POLICY), "{path}");
    }
}

#[test]
fn pages_of_viewers_are_sent_with_their_policy_and_own_pages_with_none() {
    let settings = "base-url = \"https://published.example/x/\"\nviewer = \"mirador\"\n";
    let server = Server::start(
        project()
            .file("iiif-build.toml", settings)
            .file("static/viewers/mirador/index.html", "Mirador")
            .file("static/viewers/notes/index.html", "notes"),
    );
    let viewers = viewers_policy(&[SiteViewer::Mirador]);
    for (path, policy) in [
        ("/viewers/mirador/?iiif-content=x", Some(viewers.as_str())),
        ("/viewers/mirador/index.html", Some(&viewers)),
        ("/viewers/notes/", None),
        ("/letters/", Some(CONTENT_SECURITY_POLICY)),
    ] {
        let answer = get(server.port, path);
        assert_eq!((answer.status, answer.header("content-security-policy")), (200, policy), "{path}");
    }
}

#[test]
fn serve_gives_nothing_outside_the_site() {
    let server = Server::start(project().file("secret.txt", "top secret").file("secret.json", "[\"top secret\"]"));
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/letters/../../secret.txt",
        "/letters/%2e%2e/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.json",
        "/..%5csecret.txt",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/.iiif-build/published.json",
        "/letters/%00",
        "/letters/%ff",
    ] {
        let answer = get(server.port, path);
        assert!(matches!(answer.status, 400 | 403 | 404), "{path}: {}", answer.status);
        assert!(!answer.text().contains("top secret") && !answer.text().contains("root:"), "{path}");
    }
}

#[test]
fn serve_knows_ranges_head_preflight_and_missing_pages() {
    let server = Server::start(project());
    let image = "/iiif/3/letters_1/full/max/0/default.jpg";
    let whole = get(server.port, image);
    let range = request(server.port, "GET", image, &[("Range", "bytes=10-19")]);
    assert_eq!((range.status, range.body.as_slice()), (206, &whole.body[10..20]));
    assert_eq!(range.header("content-range"), Some(format!("bytes 10-19/{}", whole.body.len()).as_str()));

    let head = request(server.port, "HEAD", "/collection.json", &[]);
    assert_eq!((head.status, head.body.len()), (200, 0));
    let preflight = [("Origin", "https://viewer.example"), ("Access-Control-Request-Method", "GET")];
    let preflight = request(server.port, "OPTIONS", "/collection.json", &preflight);
    assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (200, Some("*")));
    assert_eq!(request(server.port, "POST", "/collection.json", &[("Content-Length", "0")]).status, 405);

    let missing = get(server.port, "/no/such/page");
    assert_eq!((missing.status, missing.header("content-type")), (404, Some("text/html; charset=utf-8")));
    assert!(missing.text().contains("not-found"), "the site's own 404 page is shown");
    assert_eq!(get(server.port, "/iiif/3/letters_1/0,0,1,1/1,1/0/default.jpg").status, 404);
}

#[test]
fn no_address_leads_to_another_host() {
    let server = Server::start(project().file("content/evil.example/1.png", page()));
    for path in [
        "//letters",
        "///letters",
        "//evil.example",
        "//evil.example/",
        "//evil.example/..",
        "//evil.example/../letters",
        "/%2fevil.example",
        "/%2F%2Fevil.example",
        "/%5cevil.example",
        "/%5C%5Cevil.example",
        "/\\evil.example",
        "/\\/evil.example",
        "/%09/evil.example",
        "//iiif/3/letters_1",
        "/%2fiiif/3/letters_1?x=//evil.example",
        "http://evil.example//letters",
    ] {
        let answer = get(server.port, path);
        let Some(location) = answer.header("location") else { continue };
        let second = location.chars().nth(1);
        assert!(location.starts_with('/') && !matches!(second, Some('/' | '\\')), "{path}: {location}");
        assert_eq!(get(server.port, location).status, 200, "{path}: {location}");
    }
    for (path, location) in [
        ("//letters", "/letters/"),
        ("/%2f%2fletters?canvas=2", "/letters/?canvas=2"),
        ("//evil.example", "/evil.example/"),
        ("//iiif/3/letters_1", "/iiif/3/letters_1/info.json"),
        ("/iiif/3/letters_1/", "/iiif/3/letters_1/info.json"),
    ] {
        assert_eq!(get(server.port, path).header("location"), Some(location), "{path}");
    }
}

#[test]
fn a_range_is_sent_only_while_the_file_is_the_one_that_the_client_has() {
    let project = project();
    project.build();
    let (image, date) = ("iiif/3/letters_1/full/max/0/default.jpg", "Fri, 02 Jan 1970 00:00:00 GMT");
    let day = std::time::UNIX_EPOCH + std::time::Duration::from_secs(24 * 60 * 60);
    std::fs::File::options().write(true).open(project.public().join(image)).unwrap().set_modified(day).unwrap();
    let server = Server::start(project);
    let asked = |method, headers: &[(&str, &str)]| request(server.port, method, &format!("/{image}"), headers);
    let whole = asked("GET", &[]);
    assert_eq!((whole.status, whole.header("last-modified")), (200, Some(date)));

    for (if_range, status) in [
        (date, 206),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 200),
        ("Sat, 03 Jan 1970 00:00:00 GMT", 200),
        ("\"a-tag\"", 200),
        ("W/\"a-tag\"", 200),
        ("yesterday", 200),
    ] {
        let answer = asked("GET", &[("Range", "bytes=10-19"), ("If-Range", if_range)]);
        let body = if status == 206 { &whole.body[10..20] } else { &whole.body[..] };
        assert!(answer.status == status && answer.body == body, "{if_range}: {}", answer.status);
    }
    for range in
        ["bytes=0-1,5-6", "bytes=0-9, 5-20", "bytes=5-1", "bytes=-99999999", "items=1-2", "bytes=a-b", "bytes="]
    {
        let answer = asked("GET", &[("Range", range)]);
        assert!(answer.status == 200 && answer.body == whole.body, "{range}: {}", answer.status);
        assert_eq!(answer.header("content-range"), None, "{range}");
    }
    for (range, status) in [("bytes=99999999-", 416), ("bytes=-0", 416), ("bytes=0010-19", 206), ("bytes=-5", 206)] {
        assert_eq!(asked("GET", &[("Range", range)]).status, status, "{range}");
    }
    assert_eq!(asked("HEAD", &[("Range", "bytes=10-19")]).status, 200, "ranges are for GET");
    assert_eq!(asked("GET", &[("If-Modified-Since", date)]).status, 304);
    assert_eq!(asked("GET", &[("If-Modified-Since", date), ("If-None-Match", "\"a-tag\"")]).status, 200);
}

#[test]
fn what_is_no_file_is_not_served() {
    let server = Server::start(project());
    for path in ["/letters/manifest.json/", "/collection.json/", "/index.html/x", "/iiif/", "/assets/"] {
        assert_eq!(get(server.port, path).status, 404, "{path}");
    }
    server.project.write("public/.iiif-build/list", "top secret");
    server.project.write("public/letters/.partial-1", "top secret");
    server.project.write("public/.well-known/.iiif-build/list", "top secret");
    for path in [
        "/.iiif-build/list",
        "//.iiif-build/list",
        "/%2eiiif-build/list",
        "/.iiif-build%2flist",
        "/letters/.partial-1",
        "/letters/../.iiif-build/list",
        "/.well-known/.iiif-build/list",
    ] {
        let answer = get(server.port, path);
        assert!(answer.status == 404 && !answer.text().contains("top secret"), "{path}");
    }
}

#[test]
fn files_of_the_project_are_served_byte_for_byte() {
    let address = "https://published.example/x/";
    let latin_1 = [b"<mets>Caf\xe9 ".as_slice(), address.as_bytes(), b"</mets>"].concat();
    let utf_16: Vec<u8> =
        format!("\u{feff}caf\u{e9} {address}").encode_utf16().flat_map(|unit| unit.to_le_bytes()).collect();
    let utf_8 = format!("<p>caf\u{e9} {address}</p>").into_bytes();
    let files = [
        ("mets.xml", latin_1.clone()),
        ("index-of-letters.html", latin_1),
        ("notes.txt", utf_16),
        ("about.html", utf_8.clone()),
        ("exhibition/index.html", utf_8),
        ("data.json", b"{\"label\": \"\xff\"}".to_vec()),
    ];
    let project = files.iter().fold(project(), |project, (path, bytes)| project.file(&format!("static/{path}"), bytes));
    let server = Server::start(project);
    for (path, bytes) in files {
        let answer = get(server.port, &format!("/{path}"));
        assert_eq!((answer.status, answer.body), (200, bytes), "{path}");
    }
    let manifest = get(server.port, "/letters/manifest.json").text();
    assert!(!manifest.contains(address) && manifest.contains(&format!("http://localhost:{}/", server.port)));
}

#[test]
fn files_below_well_known_are_served_and_no_others_whose_names_begin_with_a_dot() {
    let server = Server::start(
        project()
            .file("static/.well-known/security.txt", "Contact: mailto:a@example.org")
            .file("static/.well-known/acme-challenge/token", "token.key")
            .file("static/.secret/a.txt", "top secret"),
    );
    let get = |path: &str| get(server.port, path);
    for (path, text) in [
        ("/.well-known/security.txt", "Contact: mailto:a@example.org"),
        ("/.well-known/acme-challenge/token", "token.key"),
    ] {
        let answer = get(path);
        assert_eq!((answer.status, answer.text()), (200, text.to_owned()), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{path}");
    }
    for path in ["/.secret/a.txt", "/letters/.well-known/a", "/.well-known/.a", "/.well-known/../.secret/a.txt"] {
        assert_eq!(get(path).status, 404, "{path}");
    }
}

#[test]
fn serve_says_that_a_port_is_taken() {
    let server = Server::start(project());
    let other = project();
    let output = command(&["serve", "--port", &server.port.to_string(), "--root"]).arg(other.root()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains(&server.port.to_string()) && said.contains("hint:"), "{said}");
}

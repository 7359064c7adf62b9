//! nginx and Apache for real: each with a folder of its own, on a free port of this machine, without root's rights.

use super::{sent, with_viewers, written};
use crate::http::{Answer, get, request};
use crate::project::Project;
use iiif_build::model::SiteViewer;
use iiif_build::publish::headers::{CONTENT_SECURITY_POLICY, DOCUMENTS, headers, viewers_policy};
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running server; ends with the test.
struct Server {
    process: Child,
    port: u16,
    project: Project,
    base: &'static str,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    /// `settings` for a folder and a port; `command` runs the server in the foreground.
    fn start(
        project: Project,
        base: &'static str,
        settings: impl Fn(&Path, u16) -> String,
        mut command: Command,
    ) -> Server {
        let folder = project.root().join("server");
        fs::create_dir_all(&folder).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        fs::write(folder.join("server.conf"), settings(&folder, port)).unwrap();
        let log = || fs::File::options().create(true).append(true).open(folder.join("said.log")).unwrap();
        let process = command.current_dir(&folder).stdout(log()).stderr(log()).stdin(Stdio::null()).spawn().unwrap();
        let mut server = Server { process, port, project, base };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let said = || fs::read_to_string(folder.join("said.log")).unwrap_or_default();
            assert!(server.process.try_wait().unwrap().is_none(), "it ended: {}", said());
            assert!(begun.elapsed() < Duration::from_secs(20), "it does not answer: {}", said());
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    fn nginx(base_url: &str, base: &'static str) -> Server {
        let project = with_viewers(base_url, "public");
        project.build();
        written(&project, "nginx", "hosting/nginx.conf");
        let included = project.root().join("hosting/nginx.conf");
        let settings = |folder: &Path, port: u16| {
            let folders: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                .map(|name| format!("{name}_temp_path {}/{name};\n", folder.display()))
                .concat();
            // With the list of types that each installation includes, and a server that answers for more than the site.
            format!(
                "daemon off; master_process off; pid nginx.pid; error_log stderr;\nevents {{}}\nhttp {{\n{folders}\
                 types {{ text/html html; text/xml xml; application/json json; }}\naccess_log off;\n\
                 server {{ listen 127.0.0.1:{port}; include {}; }}\n}}\n",
                included.display()
            )
        };
        let mut command = Command::new("nginx");
        let folder = project.root().join("server");
        command.arg("-p").arg(&folder).arg("-c").arg(folder.join("server.conf")).args(["-e", "stderr"]);
        Server::start(project, base, settings, command)
    }

    fn apache(base_url: &str, base: &'static str, modules: &Path) -> Server {
        let project = with_viewers(base_url, "public");
        project.build();
        written(&project, "apache", "static/.htaccess");
        project.build();
        // Started by root it gives up root's rights, and then has to get into the temporary folder.
        fs::set_permissions(project.root(), fs::Permissions::from_mode(0o755)).unwrap();
        let public = project.public();
        let needed = [
            "mpm_event",
            "authz_core",
            "dir",
            "mime",
            "headers",
            "rewrite",
            "alias",
            "filter",
            "deflate",
            "negotiation",
        ];
        let settings = |folder: &Path, port: u16| {
            let load = |name: &&str| format!("LoadModule {name}_module {}/mod_{name}.so\n", modules.display());
            let modules: String = needed.iter().map(load).collect();
            let user = "<IfModule unixd_module>\nUser www-data\nGroup www-data\n</IfModule>\n";
            // An alias ends as what it stands for does.
            let end = if base == "/" { "/" } else { "" };
            format!(
                "ServerRoot {0}\nServerName localhost\nListen 127.0.0.1:{port}\nPidFile {0}/pid\nErrorLog {0}/said.log\n\
                 DefaultRuntimeDir {0}\nMutex file:{0}\n{modules}{user}TypesConfig /dev/null\nDocumentRoot {0}\n\
                 Alias {1}{end} {2}{end}\n<Directory {2}>\nAllowOverride All\nOptions Indexes MultiViews\n\
                 Require all granted\n</Directory>\n",
                folder.display(),
                base.trim_end_matches('/'),
                public.display(),
            )
        };
        let mut command = Command::new("apache2");
        // One process, in the foreground.
        command.args(["-X", "-f"]).arg(project.root().join("server/server.conf"));
        Server::start(project, base, settings, command)
    }

    fn address(&self, path: &str) -> String {
        format!("{}{}", self.base, sent(path))
    }

    /// As a proxy that ends TLS asks it.
    fn get(&self, path: &str) -> Answer {
        request(self.port, "GET", &self.address(path), &AS_PROXY)
    }
}

const AS_PROXY: [(&str, &str); 3] =
    [("Origin", "https://viewer.example"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "a.example")];

/// Where an answer leads. The address must be one on this host, whatever scheme the reader came by.
fn location(answer: &Answer) -> String {
    let location = answer.header("location").unwrap_or_default().to_owned();
    assert!(location.starts_with('/') && !location.starts_with("//"), "it leads elsewhere: {location}");
    location
}

/// Type, time and CORS of every file, whatever its name.
fn every_file_is_told_as_the_table_says(server: &Server) {
    let site = server.project.site();
    let files = site.files("");
    assert!(
        files.iter().any(|path| path.contains("L'été & 日本/a b")) || files.iter().any(|path| path.contains("日本"))
    );
    for path in files.iter().filter(|path| !path.split('/').any(|name| name.starts_with('.'))) {
        let answer = server.get(path);
        let said = headers(path);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), Some(said.content_type), "{path}");
        assert_eq!(answer.header("cache-control"), Some(said.cache_control), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{path}");
        assert!(answer.body == site.read(path), "{path}");
    }
}

fn pages_of_viewers_have_a_policy_of_their_own(server: &Server) {
    let viewers = viewers_policy(&[SiteViewer::Mirador, SiteViewer::Clover]);
    for (path, policy) in [
        ("viewers/mirador/", viewers.as_str()),
        ("viewers/clover/index.html", &viewers),
        ("letters/", CONTENT_SECURITY_POLICY),
    ] {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.header("content-security-policy")), (200, Some(policy)), "{path}");
    }
}

fn bare_ids_lead_to_their_info_json(server: &Server) {
    let site = server.project.site();
    let mut ids = 0;
    for info in site.files("iiif").iter().filter(|path| path.ends_with("/info.json")) {
        let (bare, target) = (server.address(info.trim_end_matches("/info.json")), server.address(info));
        for asked in [bare.clone(), format!("{bare}/"), format!("{bare}?t=1")] {
            let answer = request(server.port, "GET", &asked, &AS_PROXY);
            assert_eq!(answer.status, 303, "{asked}");
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{asked}");
            let location = location(&answer);
            let decoded =
                |address: &str| percent_encoding::percent_decode_str(address).decode_utf8().unwrap().into_owned();
            assert_eq!(decoded(&location), decoded(&target), "{asked}");
            assert_eq!(get(server.port, &location).status, 200, "{location}");
        }
        ids += 1;
    }
    assert_eq!(ids, 4);
}

fn folders_have_pages_and_what_is_missing_a_page_of_its_own(server: &Server) {
    for folder in ["letters", "maps/L'été & 日本"] {
        let page = server.get(&format!("{folder}/"));
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")), "{folder}");
        assert_eq!(page.header("cache-control"), Some(DOCUMENTS));
        let bare = server.get(folder);
        let location = location(&bare);
        assert!(bare.status == 301 && location.ends_with('/'), "{folder}: {} {location}", bare.status);
        assert_eq!(get(server.port, &location).status, 200, "{location}");
        let asked = request(server.port, "GET", &format!("{}?canvas=2", server.address(folder)), &AS_PROXY);
        assert_eq!(asked.header("location"), Some(format!("{location}?canvas=2").as_str()), "{folder}");
    }
    assert_eq!(server.get("").status, 200);
    if server.base != "/" {
        let bare = request(server.port, "GET", server.base.trim_end_matches('/'), &AS_PROXY);
        assert_eq!((bare.status, location(&bare).as_str()), (301, server.base));
    }
    for path in [
        "no/such/page",
        "iiif/3/no_1/info.json",
        "iiif/3/letters_1/0,0,1,1/1,1/0/default.jpg",
        "iiif/",
        "iiif/3/letters_1/full/",
        "assets/",
    ] {
        let missing = server.get(path);
        assert_eq!(missing.status, 404, "{path}");
        assert!(missing.text().contains("not-found"), "{path}: the site's own page is shown");
        assert_eq!(missing.header("access-control-allow-origin"), Some("*"), "{path}");
        assert_ne!(missing.header("cache-control"), Some(DOCUMENTS), "{path}");
    }
}

fn readers_may_ask_first(server: &Server) {
    let asked = [("Origin", "https://viewer.example"), ("Access-Control-Request-Method", "GET")];
    for path in ["collection.json", "iiif/3/letters_1/info.json", "letters/"] {
        let answer = request(server.port, "OPTIONS", &server.address(path), &asked);
        assert_eq!(answer.status / 100, 2, "{path}: {}", answer.status);
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{path}");
        assert!(answer.header("access-control-allow-methods").unwrap().contains("GET"), "{path}");
        assert_eq!(answer.header("access-control-allow-headers"), Some("*"), "{path}");
    }
    let range = request(
        server.port,
        "GET",
        &server.address("iiif/3/letters_1/full/max/0/default.jpg"),
        &[("Range", "bytes=10-19")],
    );
    assert_eq!((range.status, range.body.len()), (206, 10));
}

/// Nothing that begins with a dot, nothing outside the site, no other host, no header of the asker's.
fn hostile_addresses_get_nothing(server: &Server) {
    server.project.write("public/.iiif-build/state", "top secret");
    server.project.write("public/letters/.partial-1", "top secret");
    server.project.write("public/letters/.well-known/a", "top secret");
    server.project.write("public/.well-known/.a", "top secret");
    server.project.write("public/.well-known/acme-challenge/token", "token.key");
    assert_eq!(server.get(".well-known/acme-challenge/token").text(), "token.key");
    let base = server.base;
    for path in [
        ".iiif-build/",
        ".iiif-build",
        "%2eiiif-build/state",
        "letters/../.iiif-build/state",
        "letters/.well-known/a",
        ".well-known/.a",
        ".private/secret.txt",
        ".iiif-build/state",
        "letters/.partial-1",
        "%2eprivate/secret.txt",
        "letters/%2e%2e/.private/secret.txt",
        "../iiif-build.toml",
        "..%2fiiif-build.toml",
        "letters/%00",
        "iiif/3/x%0d%0aSet-Cookie:%20a=b",
        "%0d%0aSet-Cookie:%20a=b",
    ] {
        let answer = get(server.port, &format!("{base}{path}"));
        assert!(!answer.text().contains("top secret") && !answer.text().contains("base-url"), "{path}");
        assert!(matches!(answer.status, 303 | 400 | 403 | 404), "{path}: {}", answer.status);
        assert_eq!(answer.header("set-cookie"), None, "{path}");
    }
    for path in [
        format!("//evil.example/..{base}iiif/3/letters_1"),
        format!("//evil.example/..{base}letters"),
        format!("//evil.example/../..{base}letters"),
        format!("{base}/evil.example"),
        format!("{base}/evil.example/../letters"),
        format!("{base}%2fevil.example/..%2fletters"),
        format!("{base}%5cevil.example"),
    ] {
        let answer = get(server.port, &path);
        assert!(answer.header("location").is_none() || !location(&answer).is_empty(), "{path}");
    }
}

fn serves_as_it_should(server: &Server) {
    every_file_is_told_as_the_table_says(server);
    pages_of_viewers_have_a_policy_of_their_own(server);
    bare_ids_lead_to_their_info_json(server);
    folders_have_pages_and_what_is_missing_a_page_of_its_own(server);
    readers_may_ask_first(server);
    hostile_addresses_get_nothing(server);
}

const BASES: [(&str, &str); 2] = [("https://a.example/", "/"), ("https://a.example/x/archive/", "/x/archive/")];

#[test]
fn nginx_serves_every_file_as_it_should() {
    if Command::new("nginx").arg("-v").output().is_err() {
        return println!("skipped: no nginx");
    }
    for (base_url, base) in BASES {
        let server = Server::nginx(base_url, base);
        serves_as_it_should(&server);
        let zipped =
            request(server.port, "GET", &server.address("letters/manifest.json"), &[("Accept-Encoding", "gzip")]);
        assert_eq!(zipped.header("content-encoding"), Some("gzip"));
        if base != "/" {
            assert_eq!(get(server.port, "/x/archive").header("location"), Some(base));
            assert_eq!(request(server.port, "OPTIONS", "/elsewhere", &[]).status, 405, "others' addresses are theirs");
        }
    }
}

#[test]
fn apache_serves_every_file_as_it_should() {
    let modules = Path::new("/usr/lib/apache2/modules");
    if !modules.is_dir() || Command::new("apache2").arg("-v").output().is_err() {
        return println!("skipped: no apache");
    }
    for (base_url, base) in BASES {
        serves_as_it_should(&Server::apache(base_url, base, modules));
    }
}

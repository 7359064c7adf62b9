//! Hosts that are told by patterns: each file of a built site is looked up as the host would do it. The translations
//! into regular expressions follow the documentation of Cloudflare Pages, Netlify and Vercel, not our own code.

use super::{hosting, project, sent, written};
use crate::project::Project;
use iiif_build::publish::headers::{HASHED, PIXELS, headers};
use regex::Regex;
use serde_json::Value;
use std::fs;

/// How a host reads a pattern.
type Pattern = fn(&str) -> Regex;

struct Redirect {
    from: Regex,
    to: String,
    status: u16,
}

#[derive(Default)]
struct Rules {
    headers: Vec<(Regex, String, String)>,
    redirects: Vec<Redirect>,
}

impl Rules {
    /// `_headers` and `_redirects`, line by line.
    fn of_files(headers: &str, redirects: &str, pattern: Pattern) -> Rules {
        let mut rules = Rules::default();
        let mut path = None;
        let is_rule = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
        for line in headers.lines().filter(is_rule) {
            assert!(line.len() <= 2000);
            match line.trim().split_once(": ").filter(|_| line.starts_with(' ')) {
                Some((name, value)) => {
                    let path: &str = path.expect("a header before the first path");
                    rules.headers.push((pattern(path), name.to_owned(), value.to_owned()));
                }
                None => path = Some(line),
            }
        }
        for line in redirects.lines().filter(is_rule) {
            let [from, to, status] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let (to, status) = (to.to_owned(), status.parse().unwrap());
            rules.redirects.push(Redirect { from: pattern(from), to, status });
        }
        rules
    }

    fn of_vercel(settings: &Value) -> Rules {
        let mut rules = Rules::default();
        for rule in settings["headers"].as_array().unwrap() {
            for header in rule["headers"].as_array().unwrap() {
                let text = |key: &str| header[key].as_str().unwrap().to_owned();
                rules.headers.push((vercel(rule["source"].as_str().unwrap()), text("key"), text("value")));
            }
        }
        for rule in settings["redirects"].as_array().unwrap() {
            let status = rule["statusCode"].as_u64().unwrap() as u16;
            let to = rule["destination"].as_str().unwrap().to_owned();
            rules.redirects.push(Redirect { from: vercel(rule["source"].as_str().unwrap()), to, status });
        }
        rules
    }

    /// The values that rules give a header; more than one, and hosts disagree.
    fn values(&self, address: &str, name: &str) -> Vec<&str> {
        let mut values: Vec<_> = self
            .headers
            .iter()
            .filter(|(path, other, _)| other == name && path.is_match(address))
            .map(|(_, _, value)| value.as_str())
            .collect();
        // Netlify takes `*/` for nothing too; one rule then says what the other does.
        values.dedup();
        values
    }

    fn redirect(&self, address: &str) -> Option<(String, u16)> {
        self.redirects.iter().find_map(|rule| {
            let found = rule.from.captures(address)?;
            let id = found.name("id").map_or("", |id| id.as_str());
            Some((rule.to.replace(":id", id), rule.status))
        })
    }
}

/// `:name` is a segment, `*` whatever follows or stands between.
fn cloudflare(path: &str) -> Regex {
    assert!(path.matches('*').count() <= 1, "one splat a rule: {path}");
    let escaped = regex::escape(path).replace("\\*", "(?<splat>.*)");
    Regex::new(&format!("^{}$", named(&escaped, "[^/]+"))).unwrap()
}

/// The same, segment by segment: `*` alone stands for any number, the slash before it may be missing, as may the last.
fn netlify(path: &str) -> Regex {
    let mut pattern = String::from("^");
    for part in path.split('/').filter(|part| !part.is_empty()) {
        match part {
            "*" if pattern == "^" => pattern += "/?(.*)/?",
            "*" => pattern = format!("{}(?:|/|/(.*)/?)", pattern.trim_end_matches("/?")),
            _ if part.contains('*') => pattern += &format!("/{}", regex::escape(part).replace("\\*", "(.*)")),
            _ => pattern += &format!("/{}/?", named(&regex::escape(part), "[^/]+")),
        }
    }
    Regex::new(&format!("{pattern}$")).unwrap()
}

/// path-to-regexp, strict: `:name*` is any number of segments, `(.*)` anything.
fn vercel(path: &str) -> Regex {
    let escaped = regex::escape(path).replace("\\(\\.\\*\\)", "(.*)");
    let deep = Regex::new(r"/:(\w+)\\\*").unwrap().replace_all(&escaped, "(?:/(?:[^/]+?(?:/[^/]+?)*))?").into_owned();
    Regex::new(&format!("^{}$", named(&deep, "[^/]+?"))).unwrap()
}

fn named(pattern: &str, segment: &str) -> String {
    Regex::new(r":([a-z]\w*)").unwrap().replace_all(pattern, format!("(?<$1>{segment})")).into_owned()
}

const BASES: [(&str, &str, &str); 2] =
    [("https://a.example/", "public", "/"), ("https://a.example/x/archive/", "public/x/archive", "/x/archive/")];

/// Looks up every file of the site, and every image by its bare id.
fn assert_served(rules: &Rules, project: &Project, output: &str, base: &str) {
    let root = project.root().join(output);
    let site = crate::site::Site { root, ..project.site() };
    let (mut kept, mut ids) = (0, 0);
    for path in site.files("").iter().filter(|path| !path.starts_with(['_', '.'])) {
        let address = format!("{base}{}", sent(path));
        assert_eq!(rules.values(&address, "Access-Control-Allow-Origin"), ["*"], "{address}");
        let said = headers(path);
        let typed = rules.values(&address, "Content-Type");
        match said.content_type.contains("profile=") || path == "atom.xml" {
            true => assert_eq!(typed, [said.content_type], "{address}"),
            false => assert!(typed.is_empty(), "{address}: {typed:?}"),
        }
        let lasting = rules.values(&address, "Cache-Control");
        match [PIXELS, HASHED].contains(&said.cache_control) {
            true => assert_eq!(lasting, [said.cache_control], "{address}"),
            false => assert!(lasting.is_empty(), "{address}: {lasting:?}"),
        }
        kept += usize::from(!lasting.is_empty());
        if let Some(id) = address.strip_suffix("/info.json") {
            for bare in [id.to_owned(), format!("{id}/")] {
                assert_eq!(rules.redirect(&bare), Some((address.clone(), 303)), "{bare}");
            }
            ids += 1;
        }
        let redirected = rules.redirect(&address).filter(|(_, status)| *status != 404);
        assert_eq!(redirected, None, "{address}");
    }
    assert!(kept > 10 && ids == 4, "{kept} {ids}");
}

/// Hosts that publish names with a dot lead elsewhere before they look for a file.
fn assert_notes_are_private(rules: &Rules, base: &str) {
    for path in [".iiif-build/list", ".iiif-build/a/b c"] {
        let redirect = rules.redirect(&format!("{base}{}", sent(path)));
        assert_eq!(redirect, Some((format!("{base}404.html"), 302)), "{path}");
    }
    assert_eq!(rules.redirect(&format!("{base}.well-known/security.txt")), None);
}

fn header_files(host: &str, pattern: Pattern) {
    for (base_url, output, base) in BASES {
        let project = project(base_url, output);
        project.build();
        // Both lie where the host looks for them, at the root of what it serves.
        let (code, _, said) = hosting(&project, &[host]);
        assert_eq!(code, Some(0), "{said}");
        project.build();
        let served = |name: &str| fs::read_to_string(project.root().join("public").join(name)).unwrap();
        let rules = Rules::of_files(&served("_headers"), &served("_redirects"), pattern);
        assert!(rules.headers.len() <= 100 && rules.redirects.len() <= 100);
        assert_served(&rules, &project, output, base);
        if host == "cloudflare-pages" {
            assert_notes_are_private(&rules, base);
        }
        if host == "netlify" && base != "/" {
            assert_eq!(rules.redirect("/x/archive/no/page"), Some(("/x/archive/404.html".to_owned(), 404)));
        }
    }
}

#[test]
fn netlify_serves_every_file_as_it_should() {
    header_files("netlify", netlify);
}

#[test]
fn cloudflare_pages_serves_every_file_as_it_should() {
    header_files("cloudflare-pages", cloudflare);
}

#[test]
fn vercel_serves_every_file_as_it_should() {
    for (base_url, output, base) in BASES {
        let project = project(base_url, output);
        project.build();
        let settings: Value = serde_json::from_str(&written(&project, "vercel", "vercel.json")).unwrap();
        assert_eq!((&settings["outputDirectory"], &settings["trailingSlash"]), (&"public".into(), &true.into()));
        let rules = Rules::of_vercel(&settings);
        assert_served(&rules, &project, output, base);
        assert_notes_are_private(&rules, base);
    }
}

//! `iiif-build hosting`: what is written for each host, and what hosts make of it: nginx and Apache themselves where
//! they are installed, else small interpreters of the rules that hosts document (`hosting/rules.rs`).

mod rules;
#[cfg(unix)]
mod servers;

use crate::cli::command;
use crate::draw::{colour, png};
use crate::older::BOTH;
use crate::project::Project;
use iiif_build::model::SiteViewer;
use iiif_build::publish::headers::{CONTENT_SECURITY_POLICY, viewers_policy};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

const HOSTS: [&str; 8] =
    ["netlify", "cloudflare-pages", "vercel", "github-pages", "nginx", "apache", "cloudfront", "s3"];

/// Awkward names, both versions of the APIs, and files of a curator's own.
fn project(base_url: &str, output: &str) -> Project {
    project_with(base_url, output, "")
}

/// The same with two other viewers.
fn with_viewers(base_url: &str, output: &str) -> Project {
    project_with(base_url, output, "viewer = [\"mirador\", \"clover\"]\n")
        .file("static/viewers/mirador/index.html", "Mirador")
        .file("static/viewers/mirador/start.js", "start()")
        .file("static/viewers/clover/index.html", "Clover")
}

fn project_with(base_url: &str, output: &str, more: &str) -> Project {
    let settings =
        format!("base-url = \"{base_url}\"\noutput = \"{output}\"\ndiscovery = [\"atom\", \"activity\"]\n{more}{BOTH}");
    Project::new()
        .with_base_url(base_url)
        .file("iiif-build.toml", settings)
        .file("content/letters/1.png", png(colour(700, 500)))
        .file("content/maps/L'été & 日本/a b.png", png(colour(60, 40)))
        .file("static/notes/readme.txt", "a note")
        .file("static/.private/secret.txt", "top secret")
}

/// A path as browsers send it.
fn sent(path: &str) -> String {
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'_').remove(b'-').remove(b',');
    utf8_percent_encode(path, ENCODED).to_string()
}

/// The exit code, and what was said.
fn hosting(project: &Project, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = command(&["hosting"]).args(arguments).arg("--root").arg(project.root()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// Writes what `host` needs; what the file below the project's root then holds.
fn written(project: &Project, host: &str, path: &str) -> String {
    let (code, _, said) = hosting(project, &[host]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("next: "), "{said}");
    fs::read_to_string(project.root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}\n{said}"))
}

#[test]
fn what_somebody_wrote_is_not_written_over_unless_he_says_so() {
    let project = project("https://a.example/", "public").file("static/_redirects", "/old /new\n");
    let (code, _, said) = hosting(&project, &["netlify"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("_redirects") && said.contains("--force"), "{said}");
    assert!(!project.root().join("static/_headers").exists(), "all files or none");

    let (code, shown, _) = hosting(&project, &["netlify", "--print"]);
    assert_eq!(code, Some(0));
    assert!(shown.contains("_headers <==") && shown.contains("/info.json 303"), "{shown}");
    assert!(!project.root().join("static/_headers").exists());

    assert_eq!(hosting(&project, &["netlify", "--force"]).0, Some(0));
    let (code, _, said) = hosting(&project, &["netlify"]);
    assert_eq!((code, said.matches("unchanged").count()), (Some(0), 2), "{said}");
}

#[test]
fn every_host_takes_a_path_in_the_base_url() {
    let project = project("https://a.example/x/archive/", "public/x/archive");
    for host in HOSTS {
        let (code, shown, said) = hosting(&project, &[host, "--print"]);
        assert_eq!(code, Some(0), "{host}: {said}");
        let names_path = shown.contains("/x/archive/") || host == "github-pages";
        assert!(names_path && !shown.contains(" /iiif/"), "{host}\n{shown}");
        // GitHub's own expressions have a dollar sign in front.
        assert_eq!(shown.matches("{{").count(), shown.matches("${{").count(), "{host}\n{shown}");
    }
}

#[test]
fn hosts_that_serve_a_folder_at_their_root_want_the_path_in_the_output() {
    let project = project("https://a.example/archive/", "public");
    for host in ["netlify", "cloudflare-pages", "vercel"] {
        let (code, _, said) = hosting(&project, &[host]);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("output = \"public/archive\""), "{said}");
    }
}

#[test]
fn a_path_that_would_be_code_for_a_host_is_refused() {
    for path in ["a;return", "$uri", "a'b", "%7B", ".."] {
        let base_url = format!("https://a.example/{path}/");
        let project = project(&base_url, "public");
        for host in ["nginx", "apache", "cloudfront"] {
            assert_eq!(hosting(&project, &[host, "--print"]).0, Some(2), "{host} {path}");
        }
    }
}

#[test]
fn github_pages_gets_a_workflow_that_builds_for_its_address() {
    let project = project("https://user.github.io/scans/", "public");
    let workflow: Value =
        serde_saphyr::from_str(&written(&project, "github-pages", ".github/workflows/pages.yml")).unwrap();
    let steps = workflow["jobs"]["site"]["steps"].as_array().unwrap();
    assert!(steps.iter().any(|step| step["run"] == "iiif-build build"));
    let upload = steps.iter().find(|step| step["uses"] == "actions/upload-pages-artifact@v3").unwrap();
    assert_eq!(upload["with"]["path"], "public");
    let runs = |words: &str| steps.iter().position(|step| step["run"].as_str().is_some_and(|run| run.contains(words)));
    let at = steps.iter().position(|step| step == upload);
    let moved = runs("mv \"public/.iiif-build\" \"$RUNNER_TEMP/notes\"");
    let back = runs("mv \"$RUNNER_TEMP/notes\" \"public/.iiif-build\"");
    assert!(moved.is_some() && moved < at && at < back, "the build's notes are published: {steps:#?}");
    assert!(project.root().join("static/.nojekyll").exists());
    assert!(project.built().has(".nojekyll"));

    let project = Project::new();
    let workflow: Value =
        serde_saphyr::from_str(&written(&project, "github-pages", ".github/workflows/pages.yml")).unwrap();
    let steps = workflow["jobs"]["site"]["steps"].as_array().unwrap();
    let asks = "iiif-build build --base-url \"${{ steps.pages.outputs.base_url }}/\"";
    assert!(steps.iter().any(|step| step["run"] == asks), "{steps:#?}");
}

#[test]
fn the_cloudformation_template_names_only_what_it_holds() {
    let project = project("https://a.example/archive/", "public");
    let text = written(&project, "cloudfront", "hosting/cloudfront/template.yaml");
    let template: Value = serde_saphyr::from_str(&text).unwrap();
    let resources = template["Resources"].as_object().unwrap();
    let known = |name: &str| {
        name.starts_with("AWS::") || resources.contains_key(name) || template["Parameters"].get(name).is_some()
    };
    let mut named = vec![];
    references(&template, &mut named);
    assert!(named.len() > 20 && named.iter().all(|name| known(name)), "{named:?}");

    let function = fs::read_to_string(project.root().join("hosting/cloudfront/function.js")).unwrap();
    assert_eq!(resources["Addresses"]["Properties"]["FunctionCode"].as_str().unwrap().trim_end(), function.trim_end());
    assert!(function.len() < 10_240, "the most that CloudFront takes");

    let distribution = &resources["Distribution"]["Properties"]["DistributionConfig"];
    let behaviours = distribution["CacheBehaviors"].as_array().unwrap();
    let (tiles, renamed) = behaviours.split_last().unwrap();
    assert_eq!(tiles["PathPattern"], "/archive/iiif/*/0/*.*");
    assert!(tiles.get("FunctionAssociations").is_none(), "nothing is billed by the tile");
    let patterns: Vec<_> = renamed.iter().map(|one| one["PathPattern"].as_str().unwrap()).collect();
    assert_eq!(patterns, ["/archive/iiif/2/*/0/native.*", "/archive/iiif/2/*/0/color.*"]);
    assert!(renamed.iter().all(|one| one.get("FunctionAssociations").is_some()));
    let statements = resources["BucketPolicy"]["Properties"]["PolicyDocument"]["Statement"].as_array().unwrap();
    assert_eq!(statements[0]["Resource"]["Fn::Sub"], "${Bucket.Arn}/archive/*");
    assert!(statements.iter().any(|one| one["Effect"] == "Deny" && one.to_string().contains(".iiif-build/")));
}

#[test]
fn the_terraform_example_names_only_what_it_holds() {
    let project = project("https://a.example/archive/", "public");
    let text = written(&project, "cloudfront", "hosting/cloudfront/main.tf");
    let named = |pattern: &str| {
        let found = regex::Regex::new(pattern).unwrap();
        found.captures_iter(&text).map(|found| found[1].replace("\" \"", ".")).collect::<BTreeSet<_>>()
    };
    let made = named("(?m)^resource \"([a-z0-9_]+\" \"[a-z]+)\" ");
    let used = named(r"[^.\w](aws_\w+\.[a-z]+)\.");
    assert!(made.len() == 11 && used.len() > 4 && used.is_subset(&made), "{used:?} of {made:?}");
    assert_eq!(named("(?m)^variable \"([a-z_]+)\""), named(r"var\.([a-z_]+)"));
    assert!(text.contains("${aws_s3_bucket.site.arn}/archive/*") && text.contains("/archive/iiif/*/0/*.*"), "{text}");
    // Formatting wants no providers; where there is no terraform, nothing is asked.
    let folder = project.root().join("hosting/cloudfront");
    match Command::new("terraform")
        .args(["fmt", "-check", "-diff"])
        .arg(&folder)
        .env_remove("TF_CLI_CONFIG_FILE")
        .output()
    {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout)),
        Err(_) => println!("skipped: no terraform"),
    }
}

#[test]
fn pages_of_viewers_have_a_policy_of_their_own_where_a_host_can_do_that() {
    let viewers = viewers_policy(&[SiteViewer::Mirador]);
    for (host, own) in [
        ("nginx", true),
        ("apache", true),
        ("cloudfront", true),
        ("netlify", false),
        ("cloudflare-pages", false),
        ("vercel", false),
    ] {
        let count = |project: Project, policy: &str| {
            let (code, shown, said) = hosting(&project, &[host, "--print"]);
            assert_eq!(code, Some(0), "{host}: {said}");
            shown.matches(policy).count()
        };
        let with = || with_viewers("https://a.example/archive/", "public/archive");
        let without = || project("https://a.example/archive/", "public/archive");
        let strict = count(without(), CONTENT_SECURITY_POLICY);
        assert!(strict > 0 && count(without(), &viewers) == 0, "{host}");
        let expected = if own { (strict, strict) } else { (0, strict) };
        assert_eq!((count(with(), CONTENT_SECURITY_POLICY), count(with(), &viewers)), expected, "{host}");
    }
}

#[test]
fn cloudfront_finds_the_pages_of_viewers_with_a_policy_that_it_holds() {
    let project = with_viewers("https://a.example/archive/", "public");
    let text = written(&project, "cloudfront", "hosting/cloudfront/template.yaml");
    let template: Value = serde_saphyr::from_str(&text).unwrap();
    let resources = template["Resources"].as_object().unwrap();
    assert!(resources.contains_key("ViewersResponseHeaders"));
    let behaviours =
        resources["Distribution"]["Properties"]["DistributionConfig"]["CacheBehaviors"].as_array().unwrap();
    let of_viewers: Vec<_> = behaviours
        .iter()
        .filter(|one| one["ResponseHeadersPolicyId"]["Ref"] == "ViewersResponseHeaders")
        .map(|one| one["PathPattern"].as_str().unwrap())
        .collect();
    assert_eq!(of_viewers, ["/archive/viewers/mirador/*", "/archive/viewers/clover/*"]);
    let terraform = fs::read_to_string(project.root().join("hosting/cloudfront/main.tf")).unwrap();
    assert_eq!(terraform.matches("aws_cloudfront_response_headers_policy.viewers.id").count(), 2);
    assert!(terraform.contains("resource \"aws_cloudfront_response_headers_policy\" \"viewers\""));
}

#[test]
fn a_bucket_that_is_read_directly_is_told_cors_and_withholds_notes() {
    let project = project("https://scans.s3.eu-central-1.amazonaws.com/archive/", "public");
    let cors: Value = serde_json::from_str(&written(&project, "s3", "hosting/s3/cors.json")).unwrap();
    assert_eq!(cors["CORSRules"][0]["AllowedOrigins"][0], "*");
    let policy: Value = serde_json::from_str(&written(&project, "s3", "hosting/s3/policy.json")).unwrap();
    let [allowed, denied] = policy["Statement"].as_array().unwrap().as_slice() else { panic!("{policy:#}") };
    assert_eq!((&allowed["Effect"], &allowed["Resource"]), (&"Allow".into(), &"arn:aws:s3:::scans/archive/*".into()));
    let notes = "arn:aws:s3:::scans/archive/.iiif-build/*";
    assert_eq!((&denied["Effect"], &denied["Resource"]), (&"Deny".into(), &notes.into()));
}

/// What `Ref`, `Fn::GetAtt` and `Fn::Sub` name.
fn references(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                match (key.as_str(), value) {
                    ("Ref", Value::String(name)) => names.push(name.clone()),
                    ("Fn::GetAtt", Value::Array(parts)) => names.push(parts[0].as_str().unwrap().to_owned()),
                    ("Fn::Sub", Value::String(text)) => names
                        .extend(text.split("${").skip(1).map(|rest| rest.split(['}', '.']).next().unwrap().to_owned())),
                    _ => references(value, names),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, names)),
        _ => {}
    }
}

#[test]
fn the_cloudfront_function_redirects_bare_ids_and_finds_the_pages_of_folders() {
    if Command::new("node").arg("--version").output().is_err() {
        return println!("skipped: no node");
    }
    for (base_url, base) in [("https://a.example/archive/", "/archive/"), ("https://a.example/", "/")] {
        let project = project(base_url, "public");
        written(&project, "cloudfront", "hosting/cloudfront/function.js");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/hosting/function.mjs");
        let function = project.root().join("hosting/cloudfront/function.js");
        let output = Command::new("node").arg(script).arg(function).arg(base).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn this_repositorys_own_site_is_served_by_the_same_rules() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let project = Project::new();
    for file in ["_headers", "_redirects"] {
        let ours = fs::read_to_string(root.join("static").join(file)).unwrap();
        assert_eq!(ours, written(&project, "netlify", &format!("static/{file}")), "iiif-build hosting netlify --force");
    }
}

#[test]
fn a_plan_names_the_hosts_that_a_site_is_too_large_for() {
    use iiif_build::publish::hosting::Host;
    let refusing = |files, bytes| {
        Host::ALL.into_iter().filter(|host| host.refuses(files, bytes).is_some()).map(Host::name).collect::<Vec<_>>()
    };
    assert_eq!(refusing(20_000, 1 << 30), Vec::<&str>::new());
    assert_eq!(refusing(20_001, 5 << 30), ["cloudflare-pages", "github-pages"]);
    let project = Project::new().file("content/a/1.png", png(colour(60, 40)));
    let output = project.command(&["plan"]).output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stdout).contains("too large for"));
}

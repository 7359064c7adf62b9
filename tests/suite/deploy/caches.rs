//! CloudFront is told what to fetch again: by a host of our own that answers as CloudFront does.

use super::host::{Asked, Reply, host};
use crate::cli;
use crate::draw::{colour, png};
use crate::project::Project;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const ID: &str = "E2QWRUHAPOMQZL";

/// What CloudFront answers, in turn; after the last it takes everything. `None`: nothing.
type Answers = Vec<Option<(u16, &'static str)>>;

/// A project, the folder that it is deployed to, and a CloudFront.
struct Scene {
    project: Project,
    web: TempDir,
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Scene {
    fn new(answers: Answers) -> Scene {
        Scene::with_grace("0h", answers)
    }

    fn with_grace(grace: &str, answers: Answers) -> Scene {
        let web = tempfile::tempdir().unwrap();
        let settings = format!(
            "base-url = \"https://published.example/x/\"\n[deploy.live]\nurl = \"file://{}\"\ngrace = \"{grace}\"\ncloudfront = \"{ID}\"\n",
            web.path().display()
        );
        let project = cli::project().file("iiif-build.toml", settings).file("content/maps/1.png", png(colour(60, 40)));
        project.built();
        let asked = Arc::new(Mutex::new(vec![]));
        let (seen, answers) = (asked.clone(), Mutex::new(answers.into_iter()));
        let port = host(move |request| {
            let copy = Asked {
                method: request.method.clone(),
                path: request.path.clone(),
                headers: request.headers.clone(),
                body: request.body.clone(),
            };
            seen.lock().unwrap().push(copy);
            match answers.lock().unwrap().next() {
                None => Some(Reply::of(201, "<Invalidation/>")),
                Some(answer) => answer.map(|(status, body)| Reply::of(status, body)),
            }
        });
        Scene { project, web, port, asked }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = cli::command(&["deploy", "--root"]);
        command.arg(self.project.root()).args(arguments);
        command.env("AWS_ACCESS_KEY_ID", "KEY").env("AWS_SECRET_ACCESS_KEY", "SECRET");
        command.env("AWS_ENDPOINT_URL_CLOUDFRONT", format!("http://127.0.0.1:{}", self.port));
        command
    }

    /// The exit code, and all that was said.
    fn deploy(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let Output { status, stdout, stderr } = self.command(arguments).output().unwrap();
        (status.code(), String::from_utf8([stdout, stderr].concat()).unwrap())
    }

    /// What CloudFront was asked since the last time: the paths of each request.
    fn told(&self) -> Vec<Vec<String>> {
        let asked: Vec<Asked> = self.asked.lock().unwrap().drain(..).collect();
        asked.iter().map(|request| all(&request.body, "Path")).collect()
    }

    fn edit(&self, label: &str) {
        self.project.write("content/letters/item.toml", format!("label = \"{label}\"\n"));
        self.project.built();
    }
}

fn all(xml: &str, name: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(xml).unwrap();
    let nodes = document.descendants().filter(|node| node.tag_name().name() == name);
    nodes.map(|node| node.text().unwrap().to_owned()).collect()
}

#[test]
fn what_changed_is_fetched_again_and_nothing_else() {
    let scene = Scene::new(vec![]);
    let (code, said) = scene.deploy(&[]);
    // Nothing is known of what was there before.
    assert_eq!((code, scene.told()), (Some(0), vec![vec!["/x/*".to_owned()]]), "{said}");
    assert!(said.contains("1 path ") && said.contains("$0.005"), "{said}");

    assert_eq!((scene.deploy(&[]).0, scene.told().len()), (Some(0), 0));

    scene.edit("Correspondence");
    let (code, said) = scene.deploy(&["--dry-run"]);
    assert_eq!((code, scene.told().len(), said.contains("  /x/letters/*\n")), (Some(0), 0, true), "{said}");
    scene.deploy(&[]);
    let request = scene.asked.lock().unwrap().pop().unwrap();
    assert_eq!(
        (request.method.as_str(), request.path),
        ("POST", format!("/2020-05-31/distribution/{ID}/invalidation"))
    );
    let scope = "/us-east-1/cloudfront/aws4_request";
    assert!(request.headers.iter().any(|(name, value)| name == "authorization" && value.contains(scope)));
    let paths = all(&request.body, "Path");
    assert_eq!(all(&request.body, "Quantity"), [paths.len().to_string()]);
    let named = |address: &str| paths.iter().any(|path| path == address);
    assert!(named("/x/letters/*") && named("/x/collection.json") && named("/x/"), "{paths:?}");
    assert!(
        paths.len() <= 15 && !paths.iter().any(|path| path.starts_with("/x/iiif") || path.starts_with("/x/maps/m")),
        "{paths:?}"
    );

    scene.project.write("content/letters/1.png", png(colour(701, 500)));
    scene.project.remove("content/maps");
    scene.project.built();
    scene.deploy(&["--allow-shrink", "9"]);
    let paths = scene.told().pop().unwrap();
    let covers = |address: &str| {
        paths.iter().any(|path| path.strip_suffix('*').map_or(path == address, |start| address.starts_with(start)))
    };
    for address in ["iiif/3/letters_1/full/max/0/default.jpg", "iiif/3/maps_1/info.json", "maps/", "maps/manifest.json"]
    {
        assert!(covers(&format!("/x/{address}")), "{address}: {paths:?}");
    }
    assert!(!covers("/x/iiif/3/letters_2-1/info.json"), "{paths:?}");
    assert!(!scene.web.path().join("maps").join("manifest.json").exists());
}

#[test]
fn what_cloudfront_refused_is_owed_and_told_by_the_next_deploy() {
    const DENIED: &str = "<ErrorResponse xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Error><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>";
    let scene = Scene::new(vec![Some((403, DENIED))]);
    let (code, said) = scene.deploy(&[]);
    assert_eq!(code, Some(1), "{said}");
    for words in ["not you", "cloudfront:CreateInvalidation", "iiif-build deploy live", "the site is deployed"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains("SECRET"), "{said}");
    assert!(scene.web.path().join("collection.json").exists());
    scene.told();

    scene.edit("Correspondence");
    let (code, _) = scene.deploy(&[]);
    // What it had to be told before, and what came to it.
    assert_eq!((code, scene.told()), (Some(0), vec![vec!["/x/*".to_owned()]]));
    assert_eq!((scene.deploy(&[]).0, scene.told().len()), (Some(0), 0));
}

#[test]
fn a_busy_cloudfront_is_asked_again_for_the_same() {
    const BUSY: &str = "<ErrorResponse><Error><Code>TooManyInvalidationsInProgress</Code><Message>wait</Message></Error></ErrorResponse>";
    let scene = Scene::new(vec![Some((503, "")), Some((400, BUSY))]);
    let (code, said) = scene.deploy(&[]);
    let references: Vec<_> =
        scene.asked.lock().unwrap().iter().map(|request| all(&request.body, "CallerReference")).collect();
    assert_eq!((code, references.len()), (Some(0), 3), "{said}");
    assert!(references.iter().all(|reference| *reference == references[0]), "{references:?}");
    scene.told();
    scene.edit("Correspondence");
    scene.deploy(&[]);
    let other = all(&scene.asked.lock().unwrap()[0].body, "CallerReference");
    assert_ne!(other, references[0]);
}

#[test]
fn a_deploy_that_was_killed_before_cloudfront_heard_of_it_is_made_up_for() {
    let scene = Scene::new(vec![Some((201, "")), None]);
    scene.deploy(&[]);
    scene.edit("Correspondence");
    scene.told();
    let mut process = scene.command(&[]).spawn().unwrap();
    let started = Instant::now();
    while scene.asked.lock().unwrap().is_empty() {
        assert!(started.elapsed() < Duration::from_secs(60));
        sleep(Duration::from_millis(20));
    }
    process.kill().unwrap();
    process.wait().unwrap();
    let unheard = scene.told().pop().unwrap();
    let (code, said) = scene.deploy(&[]);
    assert_eq!((code, scene.told()), (Some(0), vec![unheard]), "{said}");
    assert_eq!((scene.deploy(&[]).0, scene.told().len()), (Some(0), 0));
}

#[test]
fn what_is_gone_back_to_or_repaired_is_fetched_again_too() {
    let scene = Scene::with_grace("1d", vec![]);
    scene.deploy(&[]);
    scene.edit("Correspondence");
    scene.deploy(&[]);
    let changed = scene.told().pop().unwrap();
    let (code, said) = scene.deploy(&["--rollback"]);
    assert_eq!((code, scene.told()), (Some(0), vec![changed]), "{said}");

    scene.deploy(&[]);
    scene.told();
    std::fs::write(scene.web.path().join("maps/manifest.json"), "{}").unwrap();
    let (code, said) = scene.deploy(&["--verify=full"]);
    assert_eq!((code, scene.told()), (Some(0), vec![vec!["/x/maps/manifest.json".to_owned()]]), "{said}");
}

#[test]
fn a_target_names_a_distribution_by_its_id() {
    let settings = "[deploy.live]\nurl = \"s3://scans\"\ncloudfront = \"d111111abcdef8.cloudfront.net\"\n";
    let (code, _, said) = cli::run(&cli::project().file("iiif-build.toml", settings), &["deploy"]);
    assert_eq!((code, said.contains("iiif-build.toml:3")), (Some(2), true), "{said}");
}

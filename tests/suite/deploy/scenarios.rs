//! The program against servers that speak S3: what it asks of them, what it leaves there, and what it says when it cannot.

use super::bucket::{Bucket, below_prefix};
use super::polling::Polling;
use super::proxy::{Counts, Faults, Moment};
use super::reader::Files;
use super::server::{SECRET, Server, each, moto, s3s};
use super::{built, change};
use crate::archive::{built_archive, plate, sized};
use crate::project::Project;
use crate::random::Random;
use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Anything that has not happened after this never will.
const PATIENCE: Duration = Duration::from_secs(120);

/// Requests of a deploy that puts something, besides those for its files.
const BESIDES: u64 = 18;

/// Those that delete, of one that takes something away: by kinds of files, and old states.
const DELETIONS: u64 = 8;

/// What the program said, and its exit code.
struct Said {
    code: Option<i32>,
    text: String,
}

fn run(command: &mut Command) -> Said {
    let output = command.output().unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(!text.contains(SECRET) && !text.contains("Signature="), "{text}");
    Said { code: output.status.code(), text }
}

impl Bucket {
    /// Deploys `project` to where `before` is, while somebody reads.
    fn deployed(&self, project: &Project, before: &Files, faults: Faults) -> Counts {
        self.is_target_of(project, "0h");
        self.proxy.set(faults);
        let polling = Polling::of(self, project, before);
        let said = run(&mut self.command(project, &[]));
        let (found, counts, of) = (polling.end(), self.proxy.counts(), self.server.name);
        assert_eq!(said.code, Some(0), "{of}: {}", said.text);
        assert!(found.broken.is_empty(), "{of}: {:?}", found.broken);
        self.proxy.set(Faults::default());
        self.assert_holds(&project.site(), &project.site().files(""));
        // A first deploy looks for states without a pointer, and whether the place is empty.
        assert!(counts.lists <= 2 * u64::from(before.is_empty()), "{of}");
        counts
    }

    /// A first deploy, undisturbed; what there is afterwards.
    fn first(&self, project: &Project) -> Files {
        self.deployed(project, &Files::new(), Faults::default());
        project.site().contents("")
    }
}

/// Paths of the site that were put.
fn put(counts: &Counts) -> BTreeSet<&str> {
    let paths = counts.put.iter().map(|path| below_prefix(path));
    paths.filter(|path| !path.starts_with(".iiif-build/")).collect()
}

fn differing(a: &Files, b: &Files) -> BTreeSet<String> {
    a.keys().chain(b.keys()).filter(|path| a.get(*path) != b.get(*path)).cloned().collect()
}

#[test]
fn a_site_goes_up_file_by_file_and_once_more_in_two_requests() {
    each(|server| {
        let (project, bucket) = (built(), Bucket::on(server));
        let counts = bucket.deployed(&project, &Files::new(), Faults::default());
        let files = project.site().files("");
        assert_eq!(put(&counts).len(), files.len(), "{}", server.name);
        let of = server.name;
        assert!(counts.all <= files.len() as u64 + BESIDES && counts.heads == 0, "{of}: {counts:?}");
        let counts = bucket.deployed(&project.cloned(), &project.site().contents(""), Faults::default());
        assert!(counts.all <= 2 && counts.puts == 0, "{of}: {counts:?}");
    });
}

/// Its name, what it does, and the beginnings of paths that it leaves alone.
type Change = (&'static str, fn(&Project), &'static [&'static str]);

#[test]
fn an_edit_a_scan_and_a_removal_cost_their_own_files() {
    each(|server| {
        let (project, bucket) = (built(), Bucket::on(server));
        let mut before = bucket.first(&project);
        let changes: [Change; 3] = [
            (
                "label",
                |project| project.write("content/a/item.toml", "label = \"Cards\"\n"),
                &["iiif/", "b/manifest", "shelf/"],
            ),
            ("scan", |project| project.write("content/b/1.tif", plate(77)), &["iiif/3/a_", "a/"]),
            ("removal", |project| project.remove("content/shelf/d"), &["iiif/", "assets/"]),
        ];
        for (what, change, untouched) in changes {
            change(&project);
            project.built();
            let counts = bucket.deployed(&project, &before, Faults::default());
            let (now, of) = (project.site().contents(""), server.name);
            let (put, differing) = (put(&counts), differing(&before, &now));
            // An image is put as a whole.
            let is_due = |path: &&str| differing.contains(*path) || (what == "scan" && path.starts_with("iiif/"));
            assert!(put.iter().all(is_due), "{of}, {what}: {put:?}");
            let is_untouched = |path: &&str| untouched.iter().any(|folder| path.starts_with(folder));
            assert!(!put.is_empty() && !put.iter().any(is_untouched), "{of}, {what}: {put:?}");
            let most = put.len() as u64 + BESIDES + DELETIONS;
            assert!(counts.all <= most && counts.deletes <= DELETIONS, "{of}, {what}: {counts:?}");
            before = now;
        }
    });
}

#[test]
fn a_deploy_comes_through_slow_downs_resets_lost_answers_and_latency() {
    let bad = Faults { slow_down: 6, reset: 3, lost: 3, latency: 10, ..Faults::default() };
    each(|server| {
        let (project, bucket) = (built(), Bucket::on(server));
        let counts = bucket.deployed(&project, &Files::new(), bad);
        assert!(counts.faults > 5, "{counts:?}");
        let before = project.site().contents("");
        change(&project);
        bucket.deployed(&project, &before, bad);
    });
}

/// Deploys, kills the program at request `number`, and says whether it got so far.
fn killed(bucket: &Bucket, project: &Project, number: u64, moment: Moment) -> bool {
    bucket.is_target_of(project, "0h");
    bucket.proxy.set(Faults { stops_at: Some((number, moment)), ..Faults::default() });
    let mut command = bucket.command(project, &["--quiet"]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let started = Instant::now();
    let is_killed = loop {
        if bucket.proxy.stands_still_within(Duration::from_millis(20)) {
            child.kill().unwrap();
            break true;
        }
        if child.try_wait().unwrap().is_some() {
            break false;
        }
        assert!(started.elapsed() < PATIENCE, "neither request {number} nor the end");
    };
    child.wait().unwrap();
    bucket.proxy.forget();
    is_killed
}

/// Fifty times from one site to the other and back, killed on the way and gone on with.
fn kills(server: &'static Server) {
    let (one, bucket) = (built_archive(), Bucket::on(server));
    let two = one.cloned();
    two.write("content/a/item.toml", "label = \"Cards\"\n");
    two.write("content/b/1.tif", sized(200, 70, 9));
    two.remove("content/shelf/d");
    two.built();
    let mut before = bucket.first(&one);
    let (first, second) = (before.clone(), two.site().contents(""));
    let whole = bucket
        .deployed(&two, &before, Faults::default())
        .all
        .min(bucket.deployed(&one, &second, Faults::default()).all);
    let (differing, mut random) = (differing(&first, &second), Random(20_261_128));
    let mut kills = 0;
    for round in 0..50 {
        let (project, after) = if round % 2 == 0 { (&two, &second) } else { (&one, &first) };
        let number = 1 + u64::from(random.below(whole as u32));
        let moment = [Moment::BeforeItIsDone, Moment::BeforeItIsAnswered][random.below(2) as usize];
        let polling = Polling::of(&bucket, project, &before);
        kills += u32::from(killed(&bucket, project, number, moment));
        let said = run(&mut bucket.command(project, &[]));
        let (found, of) = (polling.end(), format!("{}, round {round}, at {number} {moment:?}", server.name));
        assert_eq!(said.code, Some(0), "{of}: {}", said.text);
        assert!(found.broken.is_empty() && found.read > 0, "{of}: {:?}", found.broken);
        bucket.assert_holds(&project.site(), &differing);
        before = after.clone();
    }
    assert!(kills >= 45, "{}: killed only {kills} times", server.name);
    bucket.assert_holds(&one.site(), &one.site().files(""));
}

#[test]
fn a_deploy_that_is_killed_at_fifty_places_is_gone_on_with_on_moto() {
    if let Some(server) = moto() {
        kills(server);
    }
}

#[test]
fn a_deploy_that_is_killed_at_fifty_places_is_gone_on_with_on_s3s() {
    if let Some(server) = s3s() {
        kills(server);
    }
}

#[test]
fn of_two_programs_at_once_one_is_refused_and_the_other_deploys() {
    each(|server| {
        let (one, bucket) = (built(), Bucket::on(server));
        let two = one.cloned();
        change(&two);
        bucket.is_target_of(&one, "0h");
        bucket.is_target_of(&two, "0h");
        bucket.proxy.set(Faults { latency: 20, ..Faults::default() });
        let polling = Polling::of(&bucket, &two, &one.site().contents(""));
        let (first, second) =
            rayon::join(|| run(&mut bucket.command(&one, &[])), || run(&mut bucket.command(&two, &[])));
        let found = polling.end();
        assert!(found.broken.is_empty(), "{}: {:?}", server.name, found.broken);
        let refused: Vec<_> = [&first, &second].into_iter().filter(|said| said.code != Some(0)).collect();
        // One may have ended before the other began.
        assert!(refused.len() < 2, "{}: {}{}", server.name, first.text, second.text);
        for said in refused {
            let is_clear = said.text.contains("another deploy to this target") && said.text.contains("hint: ");
            assert!(said.code == Some(1) && is_clear, "{}: {}", server.name, said.text);
        }
        bucket.deployed(&two, &one.site().contents(""), Faults::default());
    });
}

/// Refused in a sentence or two, with a hint; nothing is changed.
fn assert_told(bucket: &Bucket, command: &mut Command, words: &[&str]) {
    let (of, before) = (bucket.server.name, bucket.client.keys());
    let started = Instant::now();
    let said = run(command);
    assert!(started.elapsed() < Duration::from_secs(20), "{of}: {:?}", started.elapsed());
    assert_eq!(said.code, Some(1), "{of}: {}", said.text);
    let is_told = words.iter().all(|word| said.text.contains(word)) && said.text.contains("hint: ");
    assert!(is_told && said.text.len() < 400 && !said.text.contains('<'), "{of}: {}", said.text);
    assert_eq!(bucket.client.keys(), before, "{of}");
}

#[test]
fn wrong_credentials_are_told() {
    each(|server| {
        let (project, bucket) = (built(), Bucket::on(server));
        bucket.is_target_of(&project, "0h");
        if !server.checks_signatures {
            return;
        }
        let mut unknown = bucket.command(&project, &[]);
        assert_told(&bucket, unknown.env("AWS_ACCESS_KEY_ID", "AKIDOTHER"), &["credentials", "NotSignedUp"]);
        let mut wrong = bucket.command(&project, &[]);
        assert_told(&bucket, wrong.env("AWS_SECRET_ACCESS_KEY", "other"), &["credentials", "SignatureDoesNotMatch"]);
    });
}

#[test]
fn a_missing_bucket_is_told() {
    each(|server| {
        let (project, bucket) = (built(), Bucket::missing_on(server));
        bucket.is_target_of(&project, "0h");
        bucket.proxy.set(Faults { has_no_bucket: !server.misses_buckets, ..Faults::default() });
        let said = run(&mut bucket.command(&project, &[]));
        assert_eq!(said.code, Some(1), "{}: {}", server.name, said.text);
        let is_told = said.text.contains("no such bucket") && said.text.contains(&bucket.name);
        assert!(is_told && said.text.len() < 400 && !said.text.contains('<'), "{}: {}", server.name, said.text);
    });
}

#[test]
fn a_bucket_that_may_only_be_read_is_told_and_what_it_holds_stays() {
    each(|server| {
        let (project, bucket) = (built(), Bucket::on(server));
        let before = bucket.first(&project);
        let old = project.cloned();
        change(&project);
        bucket.proxy.set(Faults { is_read_only: true, ..Faults::default() });
        assert_told(&bucket, &mut bucket.command(&project, &[]), &["credentials", "AccessDenied"]);
        bucket.proxy.set(Faults::default());
        bucket.assert_holds(&old.site(), &before.keys().cloned().collect());
    });
}

#[test]
fn a_site_goes_back_to_what_was_replaced() {
    each(|server| {
        let (project, bucket) = (built(), Bucket::on(server));
        let before = bucket.first(&project);
        let old = project.cloned();
        change(&project);
        bucket.is_target_of(&project, "1h");
        let run_well = |project: &Project, arguments: &[&str]| {
            let said = run(&mut bucket.command(project, arguments));
            assert_eq!(said.code, Some(0), "{} {arguments:?}: {}", server.name, said.text);
        };
        run_well(&project, &[]);
        bucket.assert_shows(&project.site(), &project.site().files(""));
        let polling = Polling::of(&bucket, &old, &project.site().contents(""));
        run_well(&project, &["--rollback"]);
        let found = polling.end();
        assert!(found.broken.is_empty() && found.read > 0, "{}: {:?}", server.name, found.broken);
        bucket.assert_shows(&old.site(), before.keys());
        // What only the second site had waits for its end.
        bucket.proxy.set(Faults::default());
        run_well(&old, &["--delete-now"]);
        assert!(put(&bucket.proxy.counts()).is_empty(), "{}", server.name);
        bucket.assert_holds(&old.site(), &old.site().files(""));
    });
}

#[test]
fn what_is_missing_damaged_or_said_wrongly_is_found_and_put_again() {
    each(|server| {
        let (project, bucket) = (built(), Bucket::on(server));
        let site = bucket.first(&project);
        let mut damaged = site["b/manifest.json"].clone();
        damaged[9] ^= 1;
        bucket.client.delete("shelf/c/manifest.json");
        bucket.client.put("b/manifest.json", damaged, "application/json");
        bucket.client.put("index.html", site["index.html"].clone(), "text/plain");
        bucket.proxy.set(Faults::default());
        let said = run(&mut bucket.command(&project, &["--verify=full"]));
        let (counts, of) = (bucket.proxy.counts(), server.name);
        assert_eq!(said.code, Some(0), "{of}: {}", said.text);
        let broken = ["b/manifest.json", "index.html", "shelf/c/manifest.json"];
        assert!(broken.iter().all(|path| said.text.contains(path)), "{of}: {}", said.text);
        assert_eq!(put(&counts), BTreeSet::from(broken), "{of}");
        assert_eq!(counts.lists, 1, "{of}");
        bucket.assert_holds(&project.site(), &site.keys().cloned().collect());
    });
}

#[test]
fn a_large_file_goes_up_in_parts() {
    each(|server| {
        let project = built();
        project.write("static/large.bin", vec![7; 17 << 20]);
        project.built();
        let bad = Faults { slow_down: 3, reset: 3, lost: 3, ..Faults::default() };
        let bucket = Bucket::on(server);
        bucket.deployed(&project, &Files::new(), bad);
    });
}

//! Deploys: the store holds the local tree each time, nothing is asked twice, and no reader ever misses a file.

pub mod bucket;
mod caches;
mod distribution;
mod faulty;
mod host;
mod polling;
mod probe;
pub mod proxy;
mod reader;
mod rollback;
mod scenarios;
pub mod server;
mod streaming;
mod verify;
mod wire;

use crate::archive::{archive, plate, sized};
use crate::cli;
use crate::project::Project;
use faulty::{Faults, Faulty, contents};
use iiif_build::build::progress::Silent;
use iiif_build::config::{Compression, Destination, Grace, Target};
use iiif_build::error::Result;
use iiif_build::publish::deploy::{NamedTarget, Options, Report, Verify, deploy};
use iiif_build::publish::headers::headers;
use iiif_build::storage::store::Store;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{Attribute, ObjectStoreExt};
use std::collections::BTreeSet;
use std::fs;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

const OLDER: &str = "[images]\ntile-size = 64\n[iiif]\nimage-api = [\"3\", \"2\"]\npresentation-api = [\"3\", \"2\"]\n";

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// With both APIs of both kinds.
fn built() -> Project {
    let project = archive().file("iiif-build.toml", OLDER).file("static/map.pdf", "%PDF");
    project.built();
    project
}

fn named(target: &Target) -> NamedTarget<'_> {
    NamedTarget { name: "test", target }
}

fn target(grace: u64) -> Target {
    let mut target = Target::of(Destination::Folder("/nowhere".into()));
    target.grace = Grace(Duration::from_secs(grace));
    target
}

fn put(project: &Project, store: &Store, grace: u64) -> Result<Report> {
    put_so(project, store, grace, Options::default())
}

fn put_so(project: &Project, store: &Store, grace: u64, options: Options) -> Result<Report> {
    deploy(&project.config().unwrap(), named(&target(grace)), store, consenting(options), &Silent)
}

/// Nothing is refused: these tests are about what is put.
fn consenting(options: Options) -> Options {
    Options { from_stale: true, allow_shrink: u64::MAX, ..options }
}

/// In a store that answers, while somebody reads.
fn put_well(project: &Project, objects: &InMemory) -> (Report, Arc<Faulty>) {
    let store = wait(Faulty::over(objects.clone(), Faults::default(), Some(project.public())));
    let report = put(project, &store.store(), 0).unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(store.seen.lock().unwrap().lost, Vec::<String>::new());
    assert_holds(objects, project);
    (report, store)
}

/// The bytes of the local tree, and what hosts say of each file.
fn assert_holds(objects: &InMemory, project: &Project) {
    let (there, local) = (wait(contents(objects)), project.site().contents(""));
    let paths: BTreeSet<_> = there.keys().collect();
    assert_eq!(paths, local.keys().collect());
    for (path, bytes) in &local {
        let (put, attributes) = &there[path];
        assert!(put == bytes, "{path} has other bytes");
        let said = |attribute: Attribute| attributes.get(&attribute).map(|value| value.to_string());
        let (kind, cache) = (said(Attribute::ContentType), said(Attribute::CacheControl));
        let headers = headers(path);
        assert_eq!((kind.as_deref(), cache.as_deref()), (Some(headers.content_type), Some(headers.cache_control)));
    }
}

/// As if time had passed: the lease of whoever deployed last has run out.
fn expire(objects: &InMemory) {
    let path = Path::from(".iiif-build/pointer.json");
    wait(async {
        let Ok(found) = objects.get(&path).await else { return };
        let mut pointer: serde_json::Value = serde_json::from_slice(&found.bytes().await.unwrap()).unwrap();
        if pointer["lease"].is_object() {
            pointer["lease"]["until"] = 0.into();
        }
        objects.put(&path, pointer.to_string().into_bytes().into()).await.unwrap();
    });
}

fn change(project: &Project) {
    edit(project);
    project.built();
}

fn edit(project: &Project) {
    project.write("content/a/item.toml", "label = \"Cards\"\n");
    project.write("content/b/1.tif", sized(200, 70, 9));
    project.write("content/a/2.tif", plate(10));
    project.remove("content/shelf/d");
    project.write("content/e/1.tif", plate(11));
}

#[test]
fn a_first_deploy_puts_the_whole_site_in_order() {
    let (project, objects) = (built(), InMemory::new());
    let (report, store) = put_well(&project, &objects);
    let seen = store.seen.lock().unwrap();
    // It looks once whether the place is empty.
    assert_eq!((seen.listings, seen.put.len() as u64), (2, report.files()));
    assert!(seen.requests <= report.files() + 16, "{}", seen.requests);
}

#[test]
fn a_deploy_of_the_same_asks_twice_and_puts_nothing() {
    let (project, objects) = (built(), InMemory::new());
    put_well(&project, &objects);
    // As a clone with a restored cache does it.
    let (report, store) = put_well(&project.cloned(), &objects);
    let seen = store.seen.lock().unwrap();
    assert_eq!((report.files(), seen.listings, seen.put.len()), (0, 0, 0));
    assert!(seen.requests <= 2, "{}", seen.requests);
}

#[test]
fn after_an_edit_of_a_label_only_documents_that_show_it_are_put() {
    let (project, objects) = (built(), InMemory::new());
    put_well(&project, &objects);
    project.write("content/a/item.toml", "label = \"Cards\"\n");
    project.built();
    let (_, store) = put_well(&project, &objects);
    let seen = store.seen.lock().unwrap();
    let others: Vec<_> =
        seen.put.iter().filter(|path| path.starts_with("iiif/") || path.starts_with("shelf/")).collect();
    assert!(others.is_empty() && seen.put.contains(&"a/manifest.json".to_owned()), "{:?}", seen.put);
    assert!(!seen.put.iter().any(|path| path == "b/manifest.json" || path.starts_with("assets/")), "{:?}", seen.put);
}

#[test]
fn of_a_replaced_scan_and_a_removed_item_the_rest_stays_untouched_and_nothing_is_left_over() {
    let (project, objects) = (built(), InMemory::new());
    put_well(&project, &objects);
    change(&project);
    let (report, store) = put_well(&project, &objects);
    let seen = store.seen.lock().unwrap();
    let image = |id: &str| seen.put.iter().any(|path| path.starts_with(&format!("iiif/3/{id}/")));
    assert_eq!(["a_1", "a_2", "b_1", "b_2-1", "e_1"].map(image), [false, true, true, false, true]);
    assert!(report.deleted > 0);
}

#[test]
fn what_is_no_longer_named_stays_for_its_time_and_then_goes() {
    let (project, objects) = (built(), InMemory::new());
    put_well(&project, &objects);
    change(&project);
    let store = wait(Faulty::over(objects.clone(), Faults::default(), Some(project.public())));
    let report = put(&project, &store.store(), 3600).unwrap();
    assert!(report.waiting > 0 && report.deleted == 0, "{report:?}");
    assert!(wait(contents(&objects)).contains_key("shelf/d/manifest.json"));
    let again = put(&project, &store.store(), 3600).unwrap();
    assert_eq!((again.waiting, again.files()), (report.waiting, 0));
    let mut few = target(0);
    few.max_delete = 3;
    let refused = deploy(&project.config().unwrap(), named(&few), &store.store(), Options::default(), &Silent).unwrap();
    assert!(refused.is_too_many && refused.deleted == 0, "{refused:?}");
    let (last, _) = put_well(&project, &objects);
    assert_eq!(last.deleted, report.waiting);
}

#[test]
fn what_comes_back_within_its_time_is_not_deleted() {
    let (project, objects) = (built(), InMemory::new());
    put_well(&project, &objects);
    let before = project.cloned();
    change(&project);
    let store = wait(Faulty::over(objects.clone(), Faults::default(), None));
    put(&project, &store.store(), 3600).unwrap();
    put_well(&before, &objects);
}

#[test]
fn a_dry_run_counts_and_changes_nothing() {
    let (project, objects) = (built(), InMemory::new());
    let store = wait(Faulty::over(objects.clone(), Faults::default(), None));
    let options = Options { dry_run: true, ..Options::default() };
    let counted = deploy(&project.config().unwrap(), named(&target(0)), &store.store(), options, &Silent).unwrap();
    assert!(wait(contents(&objects)).is_empty());
    let local = project.site().contents("");
    let bytes: usize = local.values().map(Vec::len).sum();
    assert_eq!((counted.files(), counted.bytes()), (local.len() as u64, bytes as u64));
}

#[test]
fn a_deploy_that_died_anywhere_is_gone_on_with() {
    let (project, first) = (built(), InMemory::new());
    put_well(&project, &first);
    let before = project.cloned();
    change(&project);
    let whole = put_well(&project, &first.fork()).1.seen.lock().unwrap().requests;
    let mut random = 7_u64;
    for round in 0..50 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let objects = first.fork();
        let faults = Faults { dies_after: Some(random % whole), ..Faults::default() };
        let dying = wait(Faulty::over(objects.clone(), faults, Some(project.public())));
        // What is done by the way, after all is there, may fail.
        let died = put(&project, &dying.store(), 0).is_err();
        assert!(died || faults.dies_after.is_some_and(|last| last + 2 >= whole), "{faults:?} of {whole}");
        let seen = dying.seen.lock().unwrap();
        assert_eq!(seen.lost, Vec::<String>::new());
        let journal = project.root().join(".iiif-build/deploy-test.journal");
        match round % 3 {
            0 => {}
            1 => {
                expire(&objects);
                // It may have died before there was one.
                let _ = fs::remove_file(&journal);
                put_well(&project, &objects);
            }
            // Somebody else goes back to what was before.
            _ => {
                expire(&objects);
                put_well(&before, &objects);
            }
        }
        put_well(&project, &objects);
    }
}

#[test]
fn a_journal_spares_what_was_put() {
    let (project, objects) = (built(), InMemory::new());
    let faults = Faults { dies_after: Some(120), ..Faults::default() };
    let dying = wait(Faulty::over(objects.clone(), faults, Some(project.public())));
    put(&project, &dying.store(), 0).unwrap_err();
    let done = dying.seen.lock().unwrap().put.len() as u64;
    let (report, _) = put_well(&project, &objects);
    let all = project.site().files("").len() as u64;
    // Of the image in hand all files are put again.
    assert!(done > 80 && report.files() < all - done / 2, "{done} of {all} were put, then {}", report.files());
}

#[test]
fn another_deploy_is_refused_until_the_lease_of_the_first_has_run_out() {
    let (project, objects) = (built(), InMemory::new());
    let faults = Faults { dies_after: Some(20), ..Faults::default() };
    let dying = wait(Faulty::over(objects.clone(), faults, None));
    put(&project, &dying.store(), 0).unwrap_err();
    let other = project.cloned();
    fs::remove_file(other.root().join(".iiif-build/deploy-test.journal")).unwrap();
    let store = wait(Faulty::over(objects.clone(), Faults::default(), None));
    let error = put(&other, &store.store(), 0).unwrap_err();
    assert!(error.message().contains("another deploy"), "{error:?}");
    assert!(store.seen.lock().unwrap().put.is_empty());
    expire(&objects);
    put_well(&other, &objects);
}

#[test]
fn of_two_deploys_at_once_one_is_refused_and_the_site_is_whole() {
    let (one, objects) = (built(), InMemory::new());
    let two = one.cloned();
    change(&two);
    let store = wait(Faulty::over(objects.clone(), Faults::default(), None));
    let (first, second) = rayon::join(|| put(&one, &store.store(), 0), || put(&two, &store.store(), 0));
    // One may have ended before the other began.
    let errors: Vec<_> = [&first, &second].into_iter().filter_map(|done| done.as_ref().err()).collect();
    assert!(errors.len() < 2, "{errors:?}");
    assert!(errors.iter().all(|error| error.message().contains("another deploy")), "{errors:?}");
    put_well(&two, &objects);
}

#[test]
fn a_lost_answer_to_the_pointer_is_no_refusal_and_a_store_without_conditions_is_named() {
    let (project, objects) = (built(), InMemory::new());
    let faults = Faults { loses_answers: true, ..Faults::default() };
    let store = wait(Faulty::over(objects.clone(), faults, Some(project.public())));
    put(&project, &store.store(), 0).unwrap();
    assert_holds(&objects, &project);

    let faults = Faults { refuses_conditions: true, ..Faults::default() };
    let store = wait(Faulty::over(InMemory::new(), faults, None));
    let error = put(&project, &store.store(), 0).unwrap_err();
    assert!(error.hint().is_some_and(|hint| hint.contains("conditional-writes")), "{error:?}");
    put(&project, &Store { is_conditional: false, ..store.store() }, 0).unwrap();
}

#[test]
fn text_is_put_compressed_where_that_is_asked_for_and_again_when_that_changes() {
    let (project, objects) = (built(), InMemory::new());
    put_well(&project, &objects);
    let config = project.config().unwrap();
    let put = |compress: Compression| {
        let store = wait(Faulty::over(objects.clone(), Faults::default(), None));
        let mut target = target(0);
        target.compress = compress;
        let report = deploy(&config, named(&target), &store.store(), Options::default(), &Silent).unwrap();
        (report.changed, wait(contents(&objects)))
    };
    let plain = project.site().contents("");
    let (changed, there) = put(Compression::Gzip);
    assert!(changed.contains(&"a/manifest.json".to_owned()), "{changed:?}");
    assert!(!changed.iter().any(|path| path.ends_with(".pdf") || there[path].0.ends_with(b"\xff\xd9")), "{changed:?}");
    for (path, (bytes, attributes)) in &there {
        let encoding = attributes.get(&Attribute::ContentEncoding).map(|value| value.to_string());
        assert_eq!(encoding.is_some(), changed.contains(path), "{path}");
        let mut unpacked = vec![];
        let unpacked = match encoding.as_deref() {
            Some("gzip") => std::io::copy(&mut flate2::read::GzDecoder::new(bytes.as_slice()), &mut unpacked)
                .map(|_| &unpacked)
                .unwrap(),
            _ => bytes,
        };
        assert!(*unpacked == plain[path], "{path}");
    }
    assert_eq!(put(Compression::Gzip).0, Vec::<String>::new());
    let store = wait(Faulty::over(objects.clone(), Faults::default(), None));
    let mut gzip = target(0);
    gzip.compress = Compression::Gzip;
    let options = Options { verify: Some(Verify::Full), ..Options::default() };
    let verified = deploy(&config, named(&gzip), &store.store(), options, &Silent).unwrap().verified.unwrap();
    assert!(verified.is_well() && verified.read == plain.len() as u64, "{verified:?}");
    let (again, there) = put(Compression::Br);
    assert_eq!(again, changed);
    assert_eq!(there["a/manifest.json"].1.get(&Attribute::ContentEncoding).unwrap().as_ref(), "br");
    assert_eq!(put(Compression::None).0, changed);
    assert_holds(&objects, &project);
}

#[test]
fn a_damaged_state_or_pointer_is_told_and_nothing_is_put() {
    let (project, objects) = (built(), InMemory::new());
    put_well(&project, &objects);
    wait(objects.put(&Path::from(".iiif-build/pointer.json"), "{}".into())).unwrap();
    let store = wait(Faulty::over(objects, Faults::default(), None));
    let error = put(&project, &store.store(), 0).unwrap_err();
    assert!(error.message().contains("damaged") && store.seen.lock().unwrap().put.is_empty(), "{error:?}");
}

#[test]
fn the_program_deploys_to_a_folder_and_refuses_what_was_built_for_this_machine() {
    let web = tempfile::tempdir().unwrap();
    let folder = web.path().join("www");
    let settings =
        format!("base-url = \"http://localhost:8000/\"\n[deploy.live]\nurl = \"file://{}\"\n", folder.display());
    let project = cli::project().with_base_url("http://localhost:8000/").file("iiif-build.toml", settings);
    let (code, _, said) = cli::run(&project, &["deploy"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("iiif-build build"), "{said}");
    project.built();
    let (code, _, said) = cli::run(&project, &["deploy"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("localhost"), "{said}");
    let (code, out, said) = cli::run(&project, &["deploy", "live", "--allow-localhost", "--dry-run"]);
    assert_eq!((code, out.contains("manifests")), (Some(0), true), "{said}");
    for _ in 0..2 {
        let (code, _, said) = cli::run(&project, &["deploy", "--allow-localhost"]);
        assert_eq!(code, Some(0), "{said}");
    }
    let there = crate::site::Site { root: folder, ..project.site() };
    let mut contents = there.contents("");
    contents.retain(|path, _| !path.starts_with(".iiif-build/"));
    assert_eq!(contents, project.site().contents(""));
    let (code, _, said) = cli::run(&project, &["deploy", "staging"]);
    assert_eq!((code, said.contains("there are live")), (Some(2), true), "{said}");
}

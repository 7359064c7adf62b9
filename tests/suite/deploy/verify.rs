//! What somebody else did to a target is found and mended.

use super::faulty::{Faults, Faulty};
use super::{assert_holds, built, named, put_so, put_well, wait};
use iiif_build::publish::deploy::{Options, Verify};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{Attribute, Attributes, ObjectStore, ObjectStoreExt, PutOptions};

fn full() -> Options {
    super::consenting(Options { verify: Some(Verify::Full), ..Options::default() })
}

#[test]
fn what_is_missing_shorter_damaged_or_said_wrongly_is_found_and_put_again() {
    let (project, objects) = (built(), InMemory::new());
    put_well(&project, &objects);
    let tile = project.site().files("iiif/3/a_1").into_iter().find(|path| path.contains("0,0,64,64")).unwrap();
    let get =
        |path: &str| wait(async { objects.get(&Path::from(path)).await.unwrap().bytes().await.unwrap().to_vec() });
    let same = |path: &str| {
        let headers = iiif_build::publish::headers::headers(path);
        let said = [(Attribute::ContentType, headers.content_type), (Attribute::CacheControl, headers.cache_control)];
        PutOptions::from(Attributes::from_iter(said))
    };
    let mut damaged = get("b/manifest.json");
    damaged[9] ^= 1;
    let page = get("index.html");
    wait(async {
        objects.delete(&Path::parse(&tile).unwrap()).await.unwrap();
        objects.put_opts(&"a/manifest.json".into(), "{}".into(), same("a/manifest.json")).await.unwrap();
        objects.put_opts(&"b/manifest.json".into(), damaged.into(), same("b/manifest.json")).await.unwrap();
        objects.put(&"index.html".into(), page.into()).await.unwrap();
        objects.put(&"somebody/else.txt".into(), "theirs".into()).await.unwrap();
        objects.put(&".iiif-build/kept/0/left.json".into(), "left".into()).await.unwrap();
    });
    let store = wait(Faulty::over(objects.clone(), Faults::default(), None));
    let asked = put_so(&project, &store.store(), 0, Options { dry_run: true, ..full() }).unwrap().verified.unwrap();
    let expected = [("a/manifest.json", 1), ("b/manifest.json", 1), ("iiif/3/a_1", 1), ("index.html", 1)];
    assert_eq!(asked.broken, expected.into_iter().map(|(path, files)| (path.to_owned(), files)).collect());
    assert_eq!((asked.strange.as_slice(), asked.all_strange), (&["somebody/else.txt".to_owned()][..], 1));
    assert_eq!(asked.leftover, [".iiif-build/kept/0/left.json"]);
    // A damaged byte may escape a look at some of many; here all are.
    for how in [Verify::Sample, Verify::Full] {
        let found =
            put_so(&project, &store.store(), 0, Options { dry_run: true, verify: Some(how), ..full() }).unwrap();
        assert_eq!(found.verified.unwrap().broken, asked.broken);
    }
    let report = put_so(&project, &store.store(), 0, full()).unwrap();
    assert_eq!(report.deleted, 0);
    let sound = put_so(&project, &store.store(), 0, full()).unwrap().verified.unwrap();
    assert!(sound.is_well() && sound.leftover.is_empty(), "{sound:?}");
    let files = project.site().contents("");
    let bytes: usize = files.values().map(Vec::len).sum();
    assert_eq!((sound.read, sound.bytes), (files.len() as u64, bytes as u64));
    wait(objects.delete(&"somebody/else.txt".into())).unwrap();
    assert_holds(&objects, &project);
}

#[test]
fn a_folder_is_looked_at_like_a_bucket_and_what_waits_for_its_end_is_no_surprise() {
    let project = built();
    let folder = tempfile::tempdir().unwrap();
    let url = iiif_build::config::Destination::Folder(folder.path().into());
    let mut target = super::target(3600);
    target.url = url;
    let deploy = |options: Options| {
        let store = iiif_build::storage::store::Store::open(&target).unwrap();
        let config = project.config().unwrap();
        iiif_build::publish::deploy::deploy(
            &config,
            named(&target),
            &store,
            options,
            &iiif_build::build::progress::Silent,
        )
        .unwrap()
    };
    deploy(Options::default());
    super::change(&project);
    deploy(Options::default());
    let verified = deploy(full()).verified.unwrap();
    assert!(verified.is_well() && verified.all_strange == 0 && verified.leftover.is_empty(), "{verified:?}");
    std::fs::write(folder.path().join("index.html"), "").unwrap();
    assert_eq!(deploy(full()).verified.unwrap().broken.into_keys().collect::<Vec<_>>(), ["index.html"]);
    assert!(deploy(full()).verified.unwrap().is_well());
}

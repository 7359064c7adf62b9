//! What a target notes about itself is lost, damaged, or of another version of the program: nothing that was withdrawn
//! outlives that, and nothing that is published suffers from it.

use super::deployed;
use super::place::{POINTER, Place, each};
use crate::project::Project;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use iiif_build::storage::fingerprint::Hash;
use serde_json::json;
use std::io::{Read, Write};

/// More than a deploy takes away unasked.
const ASKED: [&str; 3] = ["--allow-shrink", "9", "--delete-now"];

/// An item goes, and a page of another one.
fn withdraw(project: &Project) {
    project.remove("content/shelf/d");
    project.remove("content/a/2.tif");
    project.built();
}

fn state(place: &Place) -> String {
    format!(".iiif-build/state-{}", place.pointer()["state"].as_str().unwrap())
}

#[test]
fn what_was_withdrawn_before_the_pointer_was_lost_is_deleted_all_the_same() {
    each(|place| {
        let project = deployed(place);
        withdraw(&project);
        place.deployed(&project, &["--allow-shrink", "9"]);
        assert!(place.live().contains_key("shelf/d/manifest.json"), "the grace time is not over");
        place.delete(POINTER);
        let live = place.live();
        let said = place.deployed(&project, &["--dry-run"]);
        assert!(said.contains("pointer.json` is lost") && place.live() == live, "{said}");
        place.deployed(&project, &ASKED);
        place.assert_shows(&project);
        assert!(!place.deployed(&project, &[]).contains("is lost"));
    });
}

#[test]
fn what_is_withdrawn_after_the_pointer_was_lost_is_deleted_too() {
    each(|place| {
        let project = deployed(place);
        place.delete(POINTER);
        withdraw(&project);
        place.deployed(&project, &ASKED);
        place.assert_shows(&project);
    });
}

#[test]
fn several_states_without_a_pointer_forget_nothing() {
    each(|place| {
        let project = deployed(place);
        let first = place.read(&state(place)).unwrap();
        let name = state(place);
        withdraw(&project);
        place.deployed(&project, &ASKED);
        // Two states that do not know of each other.
        place.put(&name, &first);
        place.put("shelf/d/manifest.json", b"still there");
        place.delete(POINTER);
        place.deployed(&project, &ASKED);
        place.assert_shows(&project);
    });
}

/// The same state as version 1 of the format has it: without a way back.
fn of_version_1(packed: &[u8]) -> Vec<u8> {
    let mut plain = vec![];
    DeflateDecoder::new(packed).read_to_end(&mut plain).unwrap();
    assert_eq!((plain[0], plain.pop()), (2, Some(0)), "the format of states has changed");
    plain[0] = 1;
    let mut packed = DeflateEncoder::new(vec![], Compression::fast());
    packed.write_all(&plain).unwrap();
    packed.finish().unwrap()
}

#[test]
fn a_target_of_an_older_version_is_gone_on_with() {
    each(|place| {
        let project = deployed(place);
        let old = of_version_1(&place.read(&state(place)).unwrap());
        let name = Hash::of(&old).hex();
        place.put(&format!(".iiif-build/state-{name}"), &old);
        place.delete(&state(place));
        place.set_pointer(&json!({ "version": 1, "state": name, "unfinished": null, "lease": null, "serial": 7 }));
        withdraw(&project);
        place.deployed(&project, &ASKED);
        place.assert_shows(&project);
        assert_eq!(place.pointer()["version"], 2);
    });
}

#[test]
fn an_older_pointer_before_a_newer_state_is_read_as_well() {
    each(|place| {
        let project = deployed(place);
        let pointer = place.pointer();
        place.set_pointer(&json!({ "version": 1, "state": pointer["state"] }));
        let said = place.deployed(&project, &[]);
        assert!(said.contains(" 0 files put"), "{said}");
        place.assert_shows(&project);
    });
}

#[test]
fn what_a_later_version_wrote_is_left_as_it_is() {
    each(|place| {
        let project = deployed(place);
        let mut pointer = place.pointer();
        pointer["version"] = 99.into();
        place.set_pointer(&pointer);
        withdraw(&project);
        for arguments in [&ASKED[..], &["--verify", "--delete-now", "--allow-shrink", "9"]] {
            place.refuses(&project, arguments, &["later version"]);
        }
        assert_eq!(place.pointer(), pointer);
    });
}

#[test]
fn a_damaged_pointer_or_a_lost_state_is_told_and_a_verification_mends_it() {
    each(|place| {
        let project = deployed(place);
        for damage in 0..3 {
            match damage {
                0 => place.put(POINTER, b"{\"version\": 2, \"state\": \"not a ha"),
                1 => place.delete(&state(place)),
                _ => place.put(&state(place), b"no state"),
            }
            let said = place.refuses(&project, &[], &["cannot be used", "--verify"]);
            assert!(!said.contains("delete this object") && !said.contains("delete pointer"), "{said}");
            place.deployed(&project, &["--verify"]);
            place.assert_shows(&project);
            assert!(place.deployed(&project, &[]).contains(" 0 files put"));
        }
        place.put(POINTER, b"");
        withdraw(&project);
        place.deployed(&project, &[&ASKED[..], &["--verify=full"]].concat());
        place.assert_shows(&project);
    });
}

#[test]
fn what_no_deploy_can_account_for_is_deleted_where_that_is_asked_for_and_nothing_else() {
    each(|place| {
        let project = deployed(place);
        let gone = place.live();
        withdraw(&project);
        // Every note is gone, and with it the memory of what was withdrawn.
        let private: Vec<String> = place.private();
        private.iter().filter(|path| !path.ends_with("lock")).for_each(|path| place.delete(path));
        place.put("old/page.html", b"of nobody");
        let others = ["other/index.html", "other/.iiif-build/pointer.json", ".iiif-build/notes.txt"];
        others.iter().for_each(|path| place.put(path, b"theirs"));
        let adopt = ["--adopt", "--verify"];
        let said = place.deployed(&project, &adopt);
        assert!(said.contains("--delete-strangers") && said.contains("no deploy"), "{said}");
        assert!(place.live().contains_key("shelf/d/manifest.json") && place.live().contains_key("old/page.html"));

        let delete = ["--verify", "--delete-strangers"];
        let before = place.live();
        let said = place.deployed(&project, &[&delete[..], &["--dry-run"]].concat());
        assert!(said.contains("would be deleted") && place.live() == before, "{said}");
        place.is_target_of(&project, "max-delete = 3");
        assert_eq!(place.deploy(&project, &delete).code, Some(1));
        assert!(place.live() == before, "more than max-delete");
        place.is_target_of(&project, "");
        place.deployed(&project, &delete);
        let mut live = place.live();
        assert!(gone.contains_key("shelf/d/manifest.json") && !live.contains_key("shelf/d/manifest.json"));
        live.retain(|path, _| !path.starts_with("other/"));
        assert!(live == project.site().contents(""), "the site, and nothing else");
        assert!(others.iter().all(|path| place.read(path).is_some()));
    });
}

#[test]
fn strangers_are_looked_for_only_where_all_of_the_target_is() {
    let project = crate::archive::built_archive();
    let place = Place::Folder(tempfile::tempdir().unwrap());
    place.is_target_of(&project, "");
    let said = place.deploy(&project, &["--delete-strangers"]);
    assert!(said.code == Some(2) && said.text.contains("--verify"), "{}", said.text);
}

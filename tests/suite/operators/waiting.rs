//! Another deploy is running, or seems to: whoever can wait is not refused.

use super::deployed;
use super::place::{Place, each};
use crate::project::Project;
use serde_json::json;
use std::fs::File;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

fn in_seconds(more: u64) -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + more
}

fn edit(project: &Project) {
    project.write("content/a/item.toml", "label = \"Cards\"\n");
    project.built();
}

/// Somebody else holds the place for so many seconds; returns when they are over.
fn hold(place: &Place, seconds: u64) {
    let Place::Folder(folder) = place else {
        let mut pointer = place.pointer();
        pointer["lease"] = json!({ "owner": "somebody", "until": in_seconds(seconds) });
        return place.set_pointer(&pointer);
    };
    let lock = File::options().write(true).open(Place::www(folder).join(".iiif-build/lock")).unwrap();
    lock.lock().unwrap();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(seconds));
        drop(lock);
    });
}

#[test]
fn a_deploy_waits_for_another_one_if_it_is_told_to() {
    each(|place| {
        let project = deployed(place);
        edit(&project);
        hold(place, 60);
        let said = place.deploy(&project, &[]);
        assert!(said.code == Some(1) && said.text.contains("another deploy"), "{}", said.text);
        if let Place::Bucket(_) = place {
            assert!(said.text.contains("--wait"), "{}", said.text);
            let begun = Instant::now();
            assert_eq!(place.deploy(&project, &["--wait", "1s"]).code, Some(1));
            assert!(begun.elapsed() < Duration::from_secs(50), "it waited for the lease, not for its own time");
            hold(place, 8);
            place.deployed(&project, &["--wait", "5m"]);
            place.assert_shows(&project);
        }
    });
}

#[test]
fn a_deploy_to_a_folder_waits_for_the_lock_if_it_is_told_to() {
    let place = Place::Folder(tempfile::tempdir().unwrap());
    let project = deployed(&place);
    edit(&project);
    hold(&place, 10);
    place.deployed(&project, &["--wait", "5m"]);
    place.assert_shows(&project);
}

#[test]
fn where_a_lock_says_that_nobody_is_at_work_a_lease_is_not_waited_for() {
    let place = Place::Folder(tempfile::tempdir().unwrap());
    let project = deployed(&place);
    // As a deploy leaves it that was killed, where the notes of the project are lost too.
    let mut pointer = place.pointer();
    pointer["lease"] = json!({ "owner": "somebody", "until": in_seconds(600) });
    pointer["unfinished"] = "somebody".into();
    place.set_pointer(&pointer);
    edit(&project);
    let begun = Instant::now();
    place.deployed(&project, &["--from-stale"]);
    assert!(begun.elapsed() < Duration::from_secs(60));
    place.assert_shows(&project);
}

#[test]
fn a_time_to_wait_is_in_seconds_minutes_or_hours() {
    let project = crate::archive::archive();
    let place = Place::Folder(tempfile::tempdir().unwrap());
    place.is_target_of(&project, "");
    for bad in ["15", "m", "1d", "-1s", "15 m"] {
        let said = place.deploy(&project, &[&format!("--wait={bad}")]);
        assert!(said.code == Some(2) && said.text.contains("15m"), "{}", said.text);
    }
}

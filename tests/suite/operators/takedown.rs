//! What is withdrawn on purpose is gone at once, whatever the grace time, and no rollback brings it back.

use super::place::each;
use super::{deployed, fresh};
use crate::project::Project;

/// Withdraws something; the beginnings of the paths that it has.
type Withdrawal = (fn(&Project), &'static [&'static str]);

const WITHDRAWALS: [Withdrawal; 5] = [
    (|project| project.write("content/a/item.toml", "publish = false\n"), &["a/", "iiif/3/a_"]),
    (|project| project.write("content/shelf/collection.toml", "publish = false\n"), &["shelf/", "iiif/3/shelf-"]),
    (|project| project.write("content/b/item.toml", "embargo = 2999-01-01\nlabel = \"Later\"\n"), &["b/", "iiif/3/b_"]),
    (
        |project| project.write("content/a/item.toml", "label = \"Letters\"\n[pages.\"2.tif\"]\npublish = false\n"),
        &["iiif/3/a_2/"],
    ),
    (
        |project| project.write("content/b/item.toml", "[pages.\"2.tif\"]\npublish = false\n"),
        &["iiif/3/b_2-1/", "iiif/3/b_2-3/"],
    ),
];

#[test]
fn what_is_withheld_is_deleted_at_once_with_records_and_without_and_does_not_come_back() {
    each(|place| {
        for has_records in [true, false] {
            for (withdraw, paths) in WITHDRAWALS {
                let first = deployed_again(place);
                let is_withdrawn = |path: &String| paths.iter().any(|start| path.starts_with(start));
                assert!(place.live().keys().any(is_withdrawn), "{paths:?}");
                let clone = if has_records { first.cloned() } else { fresh(&first) };
                withdraw(&clone);
                clone.built();
                // Without records it looks as if somebody had gone back to the round before.
                let said = place.deployed(&clone, &["--dry-run", "--from-stale"]);
                assert!(said.contains("were withdrawn"), "{said}");
                let said = place.deployed(&clone, &["--from-stale"]);
                assert!(said.contains("withdrawn files deleted at once"), "{said}");
                let left: Vec<String> = place.live().into_keys().filter(is_withdrawn).collect();
                assert!(left.is_empty(), "{left:?}");
                place.refuses(&clone, &["--rollback"], &["no earlier state"]);
                assert!(!place.live().keys().any(is_withdrawn));
            }
        }
    });
}

/// The archive, once more in the same place.
fn deployed_again(place: &super::Place) -> Project {
    let project = crate::archive::archive();
    place.is_target_of(&project, "");
    project.built();
    place.deployed(&project, &["--delete-now", "--from-stale", "--adopt"]);
    place.assert_shows(&project);
    project
}

#[test]
fn what_waits_for_its_end_goes_at_once_when_it_is_withheld() {
    each(|place| {
        let project = deployed(place);
        let (folder, item) = (project.root().join("content/a"), project.root().join("a"));
        std::fs::rename(&folder, &item).unwrap();
        project.built();
        place.deployed(&project, &[]);
        let is_of_a = |path: &String| path.starts_with("a/") || path.starts_with("iiif/3/a_");
        assert!(place.live().keys().any(is_of_a), "it waits for the grace time");
        std::fs::rename(&item, &folder).unwrap();
        project.write("content/a/item.toml", "publish = false\n");
        project.built();
        let said = place.deployed(&project, &[]);
        assert!(said.contains("withdrawn files deleted at once"), "{said}");
        assert!(!place.live().keys().any(is_of_a));
        place.refuses(&project, &["--rollback"], &["no earlier state"]);
    });
}

#[test]
fn an_earlier_rollback_point_does_not_survive_a_withdrawal() {
    each(|place| {
        let project = deployed(place);
        project.write("content/b/item.toml", "label = \"Maps\"\n");
        project.built();
        place.deployed(&project, &[]);
        project.write("content/a/item.toml", "publish = false\n");
        project.built();
        place.deployed(&project, &[]);
        place.refuses(&project, &["--rollback"], &["no earlier state"]);
        // The next one leads back to the site without it.
        project.write("content/b/item.toml", "label = \"Plans\"\n");
        project.built();
        place.deployed(&project, &[]);
        place.deployed(&project, &["--rollback"]);
        assert!(!place.live().keys().any(|path| path.starts_with("a/") || path.starts_with("iiif/3/a_")));
    });
}

#[test]
fn withdrawn_files_go_even_if_too_many_others_are_due() {
    each(|place| {
        let project = deployed(place);
        project.remove("content/shelf/d");
        project.built();
        place.deployed(&project, &[]);
        place.is_target_of(&project, "max-delete = 3");
        project.write("content/a/item.toml", "publish = false\n");
        project.built();
        let said = place.deploy(&project, &["--delete-now"]);
        assert!(said.code == Some(1) && said.text.contains("max-delete"), "{}", said.text);
        let live = place.live();
        assert!(!live.keys().any(|path| path.starts_with("iiif/3/a_")));
        assert!(live.keys().any(|path| path.starts_with("iiif/3/shelf-d_")));
    });
}

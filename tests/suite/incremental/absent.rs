//! What is not there, or cannot be read just now, costs nothing that is published.

use crate::archive::{IMAGES, archive, assert_at_rest, built_archive, set};
use crate::prove::assert_proven;
use crate::told::Told;
use crate::trace::Trace;
use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn a_project_built_from_its_own_folder_is_built_once() {
    let project = archive();
    let build = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_iiif-build"));
        command.args(["build", "--log", "json", "--base-url", "https://scans.example.org/"]);
        let output = command.current_dir(project.root()).output().unwrap();
        Told::new(output.status.code(), String::from_utf8(output.stderr).unwrap()).well()
    };
    assert_eq!(build().images(), set(&IMAGES));
    assert!(build().made_nothing());
}

#[cfg(unix)]
#[test]
fn a_link_to_a_disk_that_is_not_mounted_costs_no_image() {
    let project = archive();
    let disk = project.root().join("disk");
    fs::rename(project.root().join("content/b"), &disk).unwrap();
    std::os::unix::fs::symlink(&disk, project.root().join("content/b")).unwrap();
    project.built();
    let images = Trace::of(&project.public().join("iiif"));
    fs::rename(&disk, project.root().join("unmounted")).unwrap();
    let error = project.build_with_failure();
    assert!(error.message().contains("link"), "{error}");
    images.assert_still(&project.public().join("iiif"));
    fs::rename(project.root().join("unmounted"), &disk).unwrap();
    assert_eq!(project.build().images, 0);
    assert_proven(&project.site());
}

#[test]
fn a_content_folder_without_any_image_is_refused_unless_forced() {
    let project = built_archive();
    let before = Trace::of(&project.public());
    for item in ["a", "b", "shelf"] {
        project.remove(&format!("content/{item}"));
    }
    let error = project.refused();
    assert!(error.hint().is_some_and(|hint| hint.contains("mounted")), "{error:?}");
    before.assert_still(&project.public());
    Told::by(&project, &["--force"]).well();
    assert!(!project.public().join("iiif").exists());
}

#[test]
fn documents_describe_images_as_they_were_cut_whatever_the_settings_say_now() {
    let project = built_archive();
    for settings in
        ["tile-size = 128", "tile-size = 64\nformats = [\"jpg\", \"webp\"]", "tile-size = 64\nmax-size = 64"]
    {
        project.write("iiif-build.toml", format!("[images]\n{settings}\n"));
        project.write("content/a/item.toml", format!("label = {settings:?}\n"));
        Told::by(&project, &["--documents"]).well();
        let info = project.site().text("iiif/3/a_1/info.json");
        assert!(info.contains("\"width\": 64") && !info.contains("webp"), "{settings}: {info}");
        Told::by(&project, &["--only", "b"]).well();
        let info = project.site().text("iiif/3/a_1/info.json");
        assert!(info.contains("\"width\": 64") && !info.contains("webp"), "{settings}: {info}");
        Told::by(&project, &[]).well();
        project.write("iiif-build.toml", "[images]\ntile-size = 64\n");
        Told::by(&project, &[]).well();
    }
}

#[test]
fn a_static_file_that_is_gone_from_the_output_returns() {
    let project = built_archive();
    project.write("static/CNAME", "scans.example.org");
    project.built();
    std::thread::sleep(std::time::Duration::from_millis(2100));
    project.built();
    fs::remove_file(project.public().join("CNAME")).unwrap();
    assert_eq!(project.built().text("CNAME"), "scans.example.org");
    fs::remove_dir_all(project.public()).unwrap();
    assert_eq!(project.built().text("CNAME"), "scans.example.org");
}

#[test]
fn an_info_json_that_came_with_new_tiles_speaks_of_this_build() {
    let project = built_archive();
    project.write("iiif-build.toml", "[images]\ntile-size = 64\nquality = 60\n");
    let preview = project.cloned().with_base_url("https://preview.example/");
    // Ended after its tiles, before its documents: a template that fails when it is filled.
    preview.write("templates/sitemap.xml", "{{ nothing }}");
    preview.refused();
    preview.remove("templates");
    let site = preview.with_base_url(crate::project::BASE_URL).built();
    for image in IMAGES {
        assert!(!site.text(&format!("iiif/3/{image}/info.json")).contains("preview"), "{image}");
    }
}

#[test]
fn a_page_of_which_nothing_is_known_does_not_cost_its_siblings_when_masters_are_gone() {
    let project = built_archive();
    let state = rusqlite::Connection::open(project.root().join(".iiif-build/public.sqlite")).unwrap();
    assert_eq!(state.execute("DELETE FROM images WHERE id = 'b_2-2'", []).unwrap(), 1);
    drop(state);
    project.remove("content/b/2.tif");
    Told::by(&project, &["--documents"]).well();
    assert_eq!(project.site().page_labels("b"), ["1", "2-1", "2-3"]);
}

#[test]
fn a_state_with_an_empty_image_id_is_not_believed() {
    let project = built_archive();
    let state = project.root().join(".iiif-build/public.sqlite");
    let open = || rusqlite::Connection::open(&state).unwrap();
    open().execute("INSERT INTO images SELECT '', record FROM images LIMIT 1", []).unwrap();
    let told = Told::by(&project, &[]).well();
    assert!(told.warnings().iter().any(|text| text.contains("damaged")), "{}", told.said);
    assert!(Path::new(&state).with_extension("sqlite.aside").is_file());
    assert_proven(&project.site());
    assert_at_rest(&project);
}

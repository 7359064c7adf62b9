//! What newcomers stumble over: each is told in plain words, with the next step.

use crate::first_use::{folder, run_in};
use std::fs;
use std::path::Path;

fn settings(root: &Path, text: &str) {
    fs::write(root.join("iiif-build.toml"), text).unwrap();
}

#[test]
fn the_url_of_a_folder_is_decoded_and_a_deploy_says_where_the_site_is() {
    let scans = folder(&["content/letters/1.png"]);
    let root = scans.path().canonicalize().unwrap();
    let target = |url: &str| {
        settings(&root, &format!("base-url = \"https://scans.example/\"\n[deploy.live]\nurl = \"file://{url}\"\n"));
    };
    let place = root.join("my site");
    target(&place.display().to_string().replace(' ', "%20"));
    assert_eq!(run_in(&root, &["build"]).0, Some(0));
    let (code, said) = run_in(&root, &["deploy"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(place.join("letters/manifest.json").is_file() && !root.join("my%20site").exists());
    let told = format!("the site is in file://{}, for readers at https://scans.example/", place.display());
    assert!(said.contains(&told), "{said}");

    target("/srv/100%");
    let (code, said) = run_in(&root, &["deploy"]);
    assert!(code == Some(2) && said.contains("\"%\" is not an escape") && said.contains("%25"), "{said}");
}

#[test]
fn a_deploy_to_a_folder_that_cannot_be_written_speaks_of_the_url() {
    let scans = folder(&["content/letters/1.png"]);
    settings(scans.path(), "base-url = \"https://a.example/\"\n[deploy.live]\nurl = \"file:///proc/nothing/site\"\n");
    assert_eq!(run_in(scans.path(), &["build"]).0, Some(0));
    let (code, said) = run_in(scans.path(), &["deploy"]);
    assert!(code != Some(0) && said.contains("`url` of the target") && !said.contains("--output"), "{said}");
}

#[test]
fn the_name_of_a_language_is_told_with_its_tag() {
    let scans = folder(&["content/letters/1.png", "content/talks/a.png"]);
    settings(scans.path(), "title = \"Letters\"\nlanguage = \"german\"\n");
    let (code, said) = run_in(scans.path(), &["build"]);
    assert!(code == Some(2) && said.contains("iiif-build.toml:2:") && said.contains("German is \"de\""), "{said}");
    settings(scans.path(), "");
    let item = scans.path().join("content/letters/item.toml");
    for (text, told) in [
        ("label = { deutsch-x = \"Brief\" }\n", "expected one such as"),
        ("label = { ger = \"Brief\" }\n", "the tag of German is \"de\""),
        ("homepage = { id = \"https://a.example/\", label = \"a\", language = \"french\" }\n", "French is \"fr\""),
        ("language = \"german\"\n", "label = { de = "),
    ] {
        fs::write(&item, text).unwrap();
        let (code, said) = run_in(scans.path(), &["build"]);
        assert!(code == Some(2) && said.contains("item.toml:1:") && said.contains(told), "{text}: {said}");
    }
    fs::remove_file(&item).unwrap();
    fs::write(scans.path().join("content/items.csv"), "item,label@german\nletters,Briefe\n").unwrap();
    let (code, said) = run_in(scans.path(), &["build"]);
    assert!(code == Some(0) && said.contains("warning[metadata]") && said.contains("German is \"de\""), "{said}");
}

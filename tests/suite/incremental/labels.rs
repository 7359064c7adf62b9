//! What curators and theme authors edit: metadata, templates, words, static files.

use crate::archive::{after, built_archive};

#[test]
fn an_items_label_changes_its_documents_and_the_lists_and_neighbours_that_show_it() {
    let project = built_archive();
    after(&project, |project| project.write("content/a/item.toml", "label = \"Letters, 1880\"\n")).wrote(&[
        "a/manifest.json",
        "a/index.html",
        "b/index.html",
        "collection.json",
        "index.html",
    ]);
    after(&project, |project| project.write("content/shelf/c/item.toml", "label = \"Atlas\"\n")).wrote(&[
        "shelf/c/manifest.json",
        "shelf/c/index.html",
        "shelf/d/index.html",
        "shelf/collection.json",
        "shelf/index.html",
    ]);
}

#[test]
fn a_summary_or_a_pair_changes_the_item_and_no_list() {
    let project = built_archive();
    for line in ["summary = \"Found in 1880\"", "metadata = [{ label = \"Extent\", value = \"2 leaves\" }]"] {
        after(&project, |project| project.write("content/a/item.toml", format!("label = \"Letters\"\n{line}\n")))
            .wrote(&["a/manifest.json", "a/index.html"]);
    }
}

#[test]
fn a_date_changes_the_item_and_its_card() {
    let dated = "label = \"Letters\"\nmetadata = [{ label = \"Date\", value = \"1881\" }]\n";
    after(&built_archive(), |project| project.write("content/a/item.toml", dated)).wrote(&[
        "a/manifest.json",
        "a/index.html",
        "index.html",
    ]);
}

#[test]
fn rights_change_the_item_and_what_its_images_say_of_themselves() {
    let rights = "label = \"Letters\"\nrights = \"http://rightsstatements.org/vocab/NoC-US/1.0/\"\n";
    after(&built_archive(), |project| project.write("content/a/item.toml", rights)).wrote(&[
        "a/manifest.json",
        "a/index.html",
        "iiif/3/a_1/info.json",
        "iiif/3/a_2/info.json",
    ]);
}

#[test]
fn a_pages_label_changes_its_item_and_no_list() {
    let label = "label = \"Letters\"\n[pages.\"1.tif\"]\nlabel = \"Cover\"\n";
    after(&built_archive(), |project| project.write("content/a/item.toml", label))
        .wrote(&["a/manifest.json", "a/index.html"]);
}

#[test]
fn a_collections_label_changes_itself_its_list_and_what_is_directly_in_it() {
    after(&built_archive(), |project| project.write("content/shelf/collection.toml", "label = \"Maps\"\n")).wrote(&[
        "shelf/collection.json",
        "shelf/index.html",
        "shelf/c/manifest.json",
        "shelf/c/index.html",
        "shelf/d/manifest.json",
        "shelf/d/index.html",
        "collection.json",
        "index.html",
    ]);
}

#[test]
fn the_root_label_is_the_sites_title_on_all_pages() {
    let project = built_archive();
    let effect = after(&project, |project| project.write("content/collection.toml", "label = \"Records\"\n"));
    let pages = project.site().files("").into_iter().filter(|path| path.ends_with(".html"));
    let documents =
        ["collection.json", "a/manifest.json", "b/manifest.json", "shelf/collection.json", "site.webmanifest"];
    assert_eq!(effect.changes.written, pages.chain(documents.map(str::to_owned)).collect());
}

#[test]
fn metadata_written_anew_with_the_same_meaning_changes_nothing() {
    after(&built_archive(), |project| project.write("content/a/item.toml", "# Checked.\nlabel = 'Letters'\n"))
        .wrote(&[]);
}

#[test]
fn a_template_changes_the_pages_that_use_it_and_nothing_else() {
    let project = built_archive();
    let items = ["a/index.html", "b/index.html", "shelf/c/index.html", "shelf/d/index.html"];
    let own = "{% extends \"theme/item.html\" %}{% block footer %}Ours{% endblock %}";
    after(&project, |project| project.write("templates/item.html", own)).wrote(&items);
    after(&project, |project| project.write("templates/item.html", own.replace("Ours", "Yours"))).wrote(&items);
    after(&project, |project| project.remove("templates/item.html")).wrote(&items);
}

#[test]
fn a_template_that_gives_the_same_pages_writes_none() {
    after(&built_archive(), |project| project.write("templates/item.html", "{% extends \"theme/item.html\" %}"))
        .wrote(&[]);
}

#[test]
fn a_word_of_the_interface_changes_all_pages_and_nothing_else() {
    let project = built_archive();
    let words =
        |text: &'static str| move |project: &crate::project::Project| project.write("templates/words.toml", text);
    after(&project, words("skip_to_content = \"Jump\"\n")).wrote_all(&project, &[".html"]);
    after(&project, words("skip_to_content = \"Leap\"\n")).wrote_all(&project, &[".html"]);
}

#[test]
fn a_broken_template_is_an_error_and_changes_nothing() {
    let project = built_archive();
    let before = crate::trace::Trace::of(&project.public());
    project.write("templates/item.html", "{% block %}");
    let told = crate::told::Told::by(&project, &[]);
    assert_eq!(told.code, Some(2), "{}", told.said);
    before.assert_still(&project.public());
    after(&project, |project| project.remove("templates/item.html")).wrote(&[]);
}

#[test]
fn a_static_file_changes_itself() {
    let project = built_archive();
    after(&project, |project| project.write("static/CNAME", "one.example")).wrote(&["CNAME"]);
    after(&project, |project| project.write("static/CNAME", "two.example")).wrote(&["CNAME"]);
    after(&project, |project| project.write("static/img/logo.svg", "<svg/>")).wrote(&["img/logo.svg"]);
    after(&project, |project| project.remove("static")).wrote_and_removed(&[], &["CNAME", "img/logo.svg"]);
}

#[test]
fn a_static_file_in_the_place_of_a_page_wins_and_gives_way_again() {
    let project = built_archive();
    after(&project, |project| project.write("static/a/index.html", "<p>Ours")).wrote(&["a/index.html"]);
    assert_eq!(project.site().text("a/index.html"), "<p>Ours");
    after(&project, |project| project.remove("static")).wrote(&["a/index.html"]);
}

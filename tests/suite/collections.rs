//! Collections of any size: pages of 60, orders, what is made again, what goes.

use crate::draw::page;
use crate::project::Project;
use crate::prove::assert_proven;
use crate::site::Site;
use iiif_build::error::ErrorKind;
use scraper::{Html, Selector};
use std::collections::BTreeSet;

/// An item for each label, in a collection below the root.
fn shelf(labels: impl Iterator<Item = String>) -> Project {
    let project = Project::new().file("content/shelf/collection.toml", "label = \"Shelf\"\n");
    labels.enumerate().fold(project, |project, (number, label)| add(project, number, &label))
}

fn add(project: Project, number: usize, label: &str) -> Project {
    let label = serde_json::to_string(label).unwrap();
    let item = format!("label = {label}\nmetadata = [{{ label = \"Date\", value = \"{}\" }}]\n", 1700 + number);
    project
        .file(&format!("content/shelf/i{number:03}/item.toml"), item)
        .file(&format!("content/shelf/i{number:03}/1.png"), page())
}

/// Labels whose order is not that of their numbers.
fn labels(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(move |number| format!("{} {number}", ["Zeta", "Alpha", "mü", "Ätna"][number % 4]))
}

fn select(site: &Site, path: &str, selector: &str) -> Vec<String> {
    let html = Html::parse_document(&site.text(path));
    let selector = Selector::parse(selector).unwrap();
    let text = |element: scraper::ElementRef<'_>| element.text().collect::<String>();
    html.select(&selector).map(|element| text(element).split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

fn hrefs(site: &Site, path: &str, selector: &str) -> Vec<String> {
    let html = Html::parse_document(&site.text(path));
    let selector = Selector::parse(selector).unwrap();
    html.select(&selector).map(|link| link.attr("href").unwrap().to_owned()).collect()
}

fn cards(site: &Site, path: &str) -> Vec<String> {
    select(site, path, ".card-label")
}

/// The pages of the shelf.
fn pages(site: &Site) -> BTreeSet<String> {
    let is_item =
        |path: &String| path.split('/').nth(1).is_some_and(|name| name.starts_with('i') && name != "index.html");
    site.files("shelf").into_iter().filter(|path| path.ends_with("index.html") && !is_item(path)).collect()
}

#[test]
fn a_large_collection_is_cut_into_pages_of_sixty_that_lead_to_each_other() {
    let site = shelf(labels(130)).built();
    assert_proven(&site);
    let own = ["shelf/index.html", "shelf/page/2/index.html", "shelf/page/3/index.html"];
    let shown: Vec<String> = own.iter().flat_map(|path| cards(&site, path)).collect();
    assert_eq!(shown, labels(130).collect::<Vec<_>>());
    assert_eq!(select(&site, own[1], ".list-shown"), ["61–120 of 130"]);
    assert_eq!(hrefs(&site, own[1], "link[rel=prev]"), ["../../../shelf/"]);
    assert_eq!(hrefs(&site, own[1], "link[rel=next]"), ["../../../shelf/page/3/"]);
    assert!(hrefs(&site, own[2], "link[rel=next]").is_empty());
    assert_eq!(select(&site, own[0], ".pagination [aria-current=page]"), ["1"]);
    assert_eq!(select(&site, own[1], ".breadcrumbs a").last().unwrap(), "Shelf");
    let sitemap = site.text("sitemap.xml");
    assert!(sitemap.contains("/shelf/page/3/</loc>") && !sitemap.contains("/by/"), "{sitemap}");
}

#[test]
fn readers_can_sort_by_title_and_date_and_jump_to_a_letter() {
    let site = shelf(labels(130)).built();
    let by_title: Vec<String> = ["", "page/2/", "page/3/"]
        .iter()
        .flat_map(|page| cards(&site, &format!("shelf/by/title/{page}index.html")))
        .collect();
    assert_eq!(by_title.iter().collect::<BTreeSet<_>>().len(), 130);
    assert_eq!(by_title[..3], ["Alpha 1", "Alpha 5", "Alpha 9"]);
    assert_eq!(by_title[129], "Zeta 128");
    assert_eq!(select(&site, "shelf/by/title/index.html", ".jumps a"), ["A", "M", "Z"]);
    let jumps = hrefs(&site, "shelf/by/title/index.html", ".jumps a");
    assert_eq!(
        jumps,
        ["#at-letter-A", "../../../shelf/by/title/page/2/#at-letter-M", "../../../shelf/by/title/page/2/#at-letter-Z"]
    );
    assert_eq!(select(&site, "shelf/by/title/page/2/index.html", "#at-letter-Z .card-label"), ["Zeta 0"]);
    assert_eq!(cards(&site, "shelf/by/date/page/3/index.html").last().unwrap(), "Alpha 129");
    assert_eq!(select(&site, "shelf/by/date/index.html", ".jumps a")[..2], ["1700s", "1710s"]);
    assert_eq!(select(&site, "shelf/by/date/index.html", ".orders [aria-current=true]"), ["Date"]);
    assert!(site.text("shelf/by/date/index.html").contains("content=\"noindex, follow\""));
}

#[test]
fn a_small_collection_has_one_page_and_no_orders() {
    let site = shelf(labels(5)).built();
    assert_proven(&site);
    assert_eq!(pages(&site), BTreeSet::from(["shelf/index.html".to_owned()]));
    assert!(select(&site, "shelf/index.html", ".list-bar").is_empty());
}

#[test]
fn only_the_pages_that_show_an_item_are_written_when_it_changes() {
    let project = shelf(labels(130));
    let before = project.built().times("shelf");
    project.write(
        "content/shelf/i070/item.toml",
        "label = \"mü 70\"\nmetadata = [{ label = \"Date\", value = \"1770, May\" }]\n",
    );
    let after = project.built().times("shelf");
    let written: Vec<&String> =
        after.iter().filter(|(path, time)| before.get(*path) != Some(time)).map(|(path, _)| path).collect();
    let expected = [
        "shelf/by/date/page/2/index.html",
        "shelf/by/title/page/2/index.html",
        "shelf/i070/index.html",
        "shelf/i070/manifest.json",
        "shelf/page/2/index.html",
    ];
    assert_eq!(written, expected);
    let report = project.build();
    assert_eq!((report.written, report.removed), (0, 0), "nothing to do");
}

#[test]
fn pages_that_a_collection_needs_no_more_go_and_nothing_else() {
    let project = shelf(labels(61));
    let full = project.built();
    assert_eq!(pages(&full).len(), 6);
    project.remove("content/shelf/i060");
    let site = project.built();
    assert_proven(&site);
    let left = ["shelf/by/date/index.html", "shelf/by/title/index.html", "shelf/index.html"];
    assert_eq!(pages(&site), left.map(str::to_owned).into());
    assert_eq!(site.contents(""), project.afresh().built().contents(""));
}

#[test]
fn a_build_of_one_item_writes_the_pages_that_show_it() {
    let project = shelf(labels(70));
    project.built();
    project.write("content/shelf/i065/item.toml", "label = \"Omega\"\n");
    let output = project.command(&["build", "--only", "shelf-i065"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let site = project.site();
    assert!(cards(&site, "shelf/page/2/index.html").contains(&"Omega".to_owned()));
    assert!(cards(&site, "shelf/by/title/index.html").contains(&"Omega".to_owned()));
    assert_proven(&site);
}

#[test]
fn a_folder_cannot_have_the_name_of_the_pages_of_a_collection() {
    for folder in ["content/page/2", "content/by/date", "content/shelf/Page/2", "content/shelf/by/Title"] {
        let project = shelf(labels(2)).file(&format!("{folder}/1.png"), page());
        let error = project.build().failures.swap_remove(0);
        assert_eq!(error.kind(), ErrorKind::Content);
        assert!(error.message().contains("keeps the address"), "{error}");
        assert_proven(&project.site());
    }
}

#[test]
fn folders_may_be_called_page_and_by() {
    let project = shelf(labels(70)).file("content/page/1.png", page()).file("content/shelf/by/a/1.png", page());
    let site = project.file("content/shelf/i001/PAGE/1.xml", "<PcGts/>").built();
    assert_proven(&site);
    let pages =
        ["page/manifest.json", "shelf/by/a/manifest.json", "shelf/by/title/index.html", "shelf/page/2/index.html"];
    assert!(pages.iter().all(|file| site.has(file)));
}

#[test]
fn counts_are_of_items_in_all_collections_below() {
    let project = Project::new()
        .file("content/top/one/a/1.png", page())
        .file("content/top/one/b/1.png", page())
        .file("content/top/two/c/1.png", page())
        .file("content/top/d/1.png", page());
    let site = project.built();
    assert_eq!(select(&site, "index.html", ".card-count"), ["4 items in 2 collections"]);
    assert_eq!(select(&site, "top/index.html", ".collection-count"), ["4 items in 2 collections"]);
    let counts = select(&site, "top/index.html", ".card-count");
    assert!(counts.contains(&"2 items".to_owned()) && counts.contains(&"1 item".to_owned()), "{counts:?}");
}

#[test]
fn a_card_says_who_made_it_and_when() {
    let item = "label = \"Atlas\"\nmetadata = [\n{ label = \"Author\", value = \"<b>Gerhard</b> Mercator\" },\n\
        { label = \"Date\", value = \"1595\" },\n{ label = \"Shelfmark\", value = \"K 12\" }]\n";
    let site = Project::new().file("content/a/item.toml", item).file("content/a/1.png", page()).built();
    assert_eq!(select(&site, "index.html", ".card-facts"), ["Gerhard Mercator · 1595"]);
    assert_eq!(select(&site, "index.html", ".card-shelfmark"), ["K 12"]);
}

#[test]
fn the_home_page_leads_with_what_its_owner_features() {
    let project = shelf(labels(3)).file(
        "content/collection.toml",
        "label = \"All\"\nfeatured = [\"shelf/i001\", \"shelf/i002\", \"shelf/none\"]\n",
    );
    let report = project.build();
    let told = report.diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(told.iter().any(|told| told.contains("shelf/none")), "{told:?}");
    let site = project.site();
    assert_proven(&site);
    assert_eq!(select(&site, "index.html", ".lead-label"), ["Alpha 1"]);
    assert_eq!(select(&site, "index.html", ".featured .card-label"), ["mü 2"], "no item is shown twice");
    assert!(select(&site, "shelf/index.html", ".lead").is_empty());
}

#[test]
fn hostile_labels_are_text_on_every_page_that_shows_them() {
    let long = "x".repeat(5000);
    let names = [
        "<script>alert(1)</script>".to_owned(),
        "\u{202e}reversed\u{2066}".to_owned(),
        long,
        "\"' onload=x".to_owned(),
    ];
    let site = shelf((0..70).map(|number| format!("{} {number}", names[number % 4]))).built();
    assert_proven(&site);
    for path in pages(&site) {
        let text = site.text(&path);
        assert!(!text.contains("<script>alert") && !text.contains(" onload=x\""), "{path}");
        assert!(text.len() < 100_000, "{path} has {} bytes", text.len());
    }
}

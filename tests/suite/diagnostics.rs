//! What is found in a collection: each code where it should be, and silence where all is as collections are.

use crate::cli::run;
use crate::draw::{grey, page, png};
use crate::project::Project;
use iiif_build::diagnostics::{Diagnostic, Severity};

/// Pages of which no two are alike, all of one size.
fn named(names: &[&str]) -> Project {
    let file = |project: Project, (index, name): (usize, &&str)| {
        let mut picture = grey(60, 80);
        picture.put_pixel(index as u32 % 60, index as u32 / 60, image::Luma([1]));
        project.file(&format!("content/a/{name}"), png(picture))
    };
    names.iter().enumerate().fold(Project::new(), file)
}

fn numbered(numbers: impl Iterator<Item = u32>) -> Project {
    let names: Vec<String> = numbers.map(|number| format!("x_{number:04}.png")).collect();
    named(&names.iter().map(String::as_str).collect::<Vec<_>>())
}

fn diagnostics(project: &Project) -> Vec<Diagnostic> {
    project.plan().diagnostics
}

fn codes(project: &Project) -> Vec<&'static str> {
    diagnostics(project)
        .iter()
        .filter(|diagnostic| diagnostic.is_warning())
        .map(|diagnostic| diagnostic.code.name())
        .collect()
}

#[test]
fn a_page_that_is_skipped_in_a_series_is_found_and_named() {
    let project = numbered((1..=9).filter(|number| *number != 4));
    let found = diagnostics(&project);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].code.name(), "page-gap");
    assert!(found[0].message.contains("0004"), "{found:?}");
    assert!(found[0].paths[0].ends_with("content/a"));
    assert_eq!(codes(&named(&["1.png", "2.png", "4.png"])), ["page-gap"]);
}

#[test]
fn excerpts_foliations_and_numbers_in_steps_have_no_gaps() {
    let at_rest: [&[&str]; 8] = [
        &["23.png", "31.png", "38.png", "40.png", "146.png"],
        &["1r.png", "1v.png", "2r.png", "2v.png", "3r.png"],
        &["001.png", "003.png", "005.png", "007.png"],
        &["a_001.png", "a_002.png", "b_004.png", "b_005.png"],
        &["001.png", "002.png", "003.png", "9999.png"],
        &["1.png", "3.png"],
        &["1912.png", "1915.png", "1930.png"],
        &["0_36c2c_default.png", "4_42a83_default.png", "10_2cf05_default.png"],
    ];
    for names in at_rest {
        assert_eq!(codes(&named(names)), [""; 0], "{names:?}");
    }
    let lost = "[pages.\"2.png\"]\nmissing = true\n";
    assert_eq!(codes(&named(&["1.png", "3.png", "4.png"]).file("content/a/item.toml", lost)), [""; 0]);
}

#[test]
fn numbers_padded_to_different_widths_are_found_and_those_that_grow_are_not() {
    assert_eq!(codes(&named(&["x_001.png", "x_002.png", "x_03.png"])), ["mixed-widths"]);
    for names in [["9.png", "10.png", "11.png"], ["098.png", "099.png", "100.png"], ["998.png", "999.png", "1000.png"]]
    {
        assert_eq!(codes(&named(&names)), [""; 0], "{names:?}");
    }
}

#[test]
fn a_name_without_a_number_among_numbers_is_found_and_covers_are_not() {
    let numbers = ["a_1.png", "a_2.png", "a_3.png", "a_4.png"];
    let with = |names: &[&str]| codes(&named(&[&numbers, names].concat()));
    assert_eq!(with(&["Scan final neu.png"]), ["no-number"]);
    assert_eq!(with(&["front-cover.png", "spine.png", "Einband.png", "a_map.png"]), [""; 0]);
    assert_eq!(codes(&named(&["cover.png", "letter.png", "envelope.png"])), [""; 0]);
}

#[test]
fn a_colour_target_is_found_once_and_not_where_it_is_the_subject() {
    let numbers = ["a_1.png", "a_2.png", "a_3.png", "a_4.png"];
    for target in ["colour_target.png", "a_ColorChecker.png", "a_target_5.png", "IT8.png"] {
        let project = named(&[&numbers[..], &[target]].concat());
        assert_eq!(codes(&project), ["colour-target"], "{target}");
        project.write("content/a/item.toml", format!("[pages.{target:?}]\npublish = false\n"));
        assert_eq!(codes(&project), [""; 0], "{target}");
    }
    assert_eq!(codes(&named(&["target_1.png", "target_2.png", "target_3.png"])), [""; 0]);
    assert_eq!(codes(&named(&[&numbers[..], &["targeted.png"]].concat())), ["no-number"]);
}

#[test]
fn copies_of_a_page_are_found_within_an_item_and_noted_between_items() {
    let project = named(&["1.png", "2.png", "3.png"]);
    let copied = std::fs::read(project.root().join("content/a/1.png")).unwrap();
    project.write("content/b/7.png", &copied);
    let found = diagnostics(&project);
    assert_eq!((found[0].code.name(), found[0].severity), ("duplicate-elsewhere", Severity::Note));
    project.write("content/a/3.png", &copied);
    let found = diagnostics(&project);
    assert_eq!((found.len(), found[0].code.name(), found[0].paths.len()), (1, "duplicate", 3));
    // A build says the same, also from its records alone.
    for _ in 0..2 {
        assert_eq!(project.build().warnings().count(), 1);
    }
}

#[test]
fn one_page_at_another_resolution_is_found_and_leaves_of_other_shapes_are_not() {
    let project = named(&["1.png", "2.png", "3.png", "4.png", "5.png"]);
    project.write("content/a/6.png", png(grey(130, 80)));
    project.write("content/a/7.png", png(grey(60, 10)));
    assert_eq!(codes(&project), [""; 0], "a fold-out and a slip");
    project.write("content/a/7.png", png(grey(30, 40)));
    let found = diagnostics(&project);
    assert_eq!(found[0].code.name(), "odd-size");
    assert!(found[0].paths[0].ends_with("7.png") && found[0].message.contains("30x40"), "{found:?}");
}

#[test]
fn what_is_accepted_is_a_note_below_the_folder_that_says_so() {
    let project = numbered((1..=9).filter(|number| *number != 4)).file("content/b/1.png", page());
    assert_eq!(project.build().warnings().count(), 1);
    for file in ["content/a/item.toml", "content/collection.toml", "iiif-build.toml"] {
        project.write(file, "accept = [\"page-gap\"]\n");
        let report = project.build();
        assert_eq!((report.warnings().count(), report.diagnostics.len()), (0, 1), "{file}");
        assert_eq!((report.images, report.removed), (0, 0), "{file}");
        project.remove(file);
    }
    project.write("content/b/item.toml", "accept = [\"page-gap\"]\n");
    assert_eq!(project.build().warnings().count(), 1);
    for (codes, why) in [("\"id-taken\"", "no warning"), ("\"page-gaps\"", "no diagnostic")] {
        project.write("content/b/item.toml", format!("accept = [{codes}]\n"));
        let error = project.build_with_failure();
        assert!(error.message().contains(why), "{error:?}");
    }
}

#[test]
fn accepting_a_warning_writes_no_document() {
    let project = numbered((1..=9).filter(|number| *number != 4));
    project.build();
    project.write("content/a/item.toml", "accept = [\"page-gap\"]\n");
    let report = project.build();
    assert_eq!((report.images, report.written, report.removed), (0, 0, 0));
}

#[test]
fn a_strict_build_with_a_warning_writes_nothing_and_says_why() {
    let project = numbered((1..=9).filter(|number| *number != 4));
    let (code, _, said) = run(&project, &["build", "--strict", "--base-url", "https://a.example/"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("warning[page-gap]") && said.contains("refused: 1 warning: 1 page-gap"), "{said}");
    assert!(!project.public().exists());
    assert_eq!(run(&project, &["plan", "--strict", "--base-url", "https://a.example/"]).0, Some(1));
    assert_eq!(run(&project, &["plan"]).0, Some(0));

    project.write("content/a/item.toml", "accept = [\"page-gap\"]\n");
    let (code, _, said) = run(&project, &["build", "--strict"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("no-base-url"), "{said}");
    let (code, _, said) = run(&project, &["build", "--strict", "--base-url", "https://a.example/"]);
    assert_eq!(code, Some(0), "{said}");

    // What was published stays.
    project.write("content/a/x_0005.png", "no image");
    let before = project.site().contents("");
    assert_eq!(run(&project, &["build", "--strict", "--base-url", "https://a.example/"]).0, Some(1));
    assert_eq!(project.site().contents(""), before);
}

#[test]
fn many_findings_of_a_kind_are_counted_and_logs_have_them_all() {
    let project = Project::new();
    for item in 0..9 {
        for number in [1, 2, 4] {
            project.write(&format!("content/{item}/{number}.png"), png(grey(20 + item, 20 + number)));
        }
    }
    let (_, _, said) = run(&project, &["plan"]);
    assert_eq!(said.matches("warning[page-gap]").count(), 4, "{said}");
    assert!(said.contains("warning[page-gap]: 6 more") && said.contains("9 warnings: 9 page-gap"), "{said}");
    assert_eq!(said.matches("hint:").count(), 1, "{said}");
    let (_, _, said) = run(&project, &["plan", "--log", "json"]);
    let events: Vec<serde_json::Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let gaps: Vec<_> = events.iter().filter(|event| event["code"] == "page-gap").collect();
    assert_eq!(gaps.len(), 9);
    assert!(
        gaps.iter().all(|gap| gap["severity"] == "warning" && gap["paths"][0].is_string() && gap["hint"].is_string())
    );
}

#[test]
fn errors_carry_codes_in_logs() {
    let project = named(&["1.png", "2.png"]).file("content/A/1.png", page()).file("content/b/broken.png", "none");
    let (code, _, said) = run(&project, &["plan", "--log", "json"]);
    assert_eq!(code, Some(1));
    let events: Vec<serde_json::Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let codes: Vec<&str> =
        events.iter().filter(|event| event["event"] == "error").filter_map(|event| event["code"].as_str()).collect();
    assert_eq!(codes, ["id-taken", "image"]);
}

#[test]
fn a_pattern_of_ones_own_reads_names_and_says_which_it_does_not_read() {
    let project = named(&["MS12f001r-scan.png", "MS12f001v-scan.png", "MS12f002r-scan Titel.png"]);
    let pattern = "page-pattern = 'MS\\d+f(?<page>\\d+)(?<side>[rv])-scan(?: (?<label>.+))?'\n";
    for file in ["content/a/item.toml", "content/collection.toml", "iiif-build.toml"] {
        project.write(file, pattern);
        let planned = project.plan();
        let pages: Vec<&str> = planned.plan.images.iter().map(|image| image.token.as_str()).collect();
        assert_eq!(pages, ["001_r", "001_v", "002_r"], "{file}");
        assert_eq!(planned.plan.images[2].label.values().next().unwrap(), "Titel");
        assert!(planned.diagnostics.is_empty(), "{:?}", planned.diagnostics);
        project.remove(file);
    }
    project.write("content/collection.toml", pattern);
    project.write("content/a/other_003.png", page());
    let planned = project.plan();
    assert_eq!(planned.plan.images.last().unwrap().token, "003");
    let missed: Vec<&Diagnostic> =
        planned.diagnostics.iter().filter(|found| found.code.name() == "pattern-miss").collect();
    assert!(missed.len() == 1 && missed[0].message.contains("other_003.png"), "{:?}", planned.diagnostics);
}

#[test]
fn a_pattern_tells_masters_apart() {
    let project = named(&["raw-p1.png", "edited-p1.png", "raw-p2.png"]);
    project.write("content/a/item.toml", "page-pattern = '(?<role>raw|edited)-p(?<page>\\d)'\n");
    let planned = project.plan();
    assert!(planned.plan.images[0].master.source.ends_with("edited-p1.png"));
    assert_eq!(planned.plan.images.len(), 2);
    assert_eq!(codes(&project), ["other-master"]);
}

#[test]
fn a_pattern_that_cannot_be_used_is_an_error_at_its_key() {
    let project = named(&["1.png"]);
    for pattern in ["(?<page>[0-9]+", "[0-9]+", "(?<seite>[0-9]+)"] {
        project.write("content/a/item.toml", format!("label = 'x'\npage-pattern = '{pattern}'\n"));
        let error = project.build_with_failure();
        assert_eq!(error.position().map(|at| at.line), Some(2), "{error:?}");
        assert!(error.message().contains("page-pattern"), "{error:?}");
    }
}

//! Completions and manual pages: what packages carry beside the program.

use crate::cli::command;
use std::collections::BTreeSet;
use std::fs;
use std::process::Output;

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

/// The subcommands that `--help` lists.
fn subcommands() -> BTreeSet<String> {
    let (_, help, _) = run(&["--help"]);
    let commands = help.split_once("Commands:\n").unwrap().1.split_once("\n\n").unwrap().0;
    let names = commands.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(String::from).collect()
}

#[test]
fn each_shell_gets_a_script_with_all_subcommands_and_without_the_hidden_ones() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let (code, script, said) = run(&["completions", shell]);
        assert_eq!((code, said.as_str()), (Some(0), ""), "{shell}");
        for name in subcommands() {
            assert!(script.contains(&name), "{shell}: {name}");
        }
        // fish names them without their dashes.
        assert!(script.contains("base-url"), "{shell}");
    }
    let (code, _, said) = run(&["completions", "korn"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("possible values: bash"), "{said}");
}

#[test]
fn each_subcommand_has_a_manual_page_with_its_options() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("man");
    let (code, _, said) = run(&["man", folder.to_str().unwrap()]);
    assert_eq!((code, said.as_str()), (Some(0), ""));

    let pages = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut expected: BTreeSet<String> = subcommands().iter().map(|name| format!("iiif-build-{name}.1")).collect();
    expected.insert("iiif-build.1".into());
    assert_eq!(pages.collect::<BTreeSet<_>>(), expected);

    let page = fs::read_to_string(folder.join("iiif-build-build.1")).unwrap();
    assert!(page.contains("\\-\\-base\\-url"), "{page}");
    assert!(page.contains("IIIF_BUILD_BASE_URL"), "{page}");

    // It writes into no folder that is there.
    let (code, _, said) = run(&["man", folder.to_str().unwrap()]);
    assert_ne!(code, Some(0));
    assert!(said.contains("man"), "{said}");
}

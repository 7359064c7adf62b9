//! What any engine can rely on.

use super::{
    BAD_DATA, DONE, TRY_AGAIN, USAGE, assert_code, assert_same_as_single, finish, freeze, library, place, run, status,
    task, torn,
};
use crate::archive::{built_archive, sized};
use crate::project::Project;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

fn frozen(images: usize, shards: u32) -> Project {
    let project = library(images);
    assert_code(DONE, freeze(&project, shards));
    project
}

fn started(project: &Project, shard: &str) -> Child {
    task(project, shard).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Until some image of the project is in its place.
fn until_an_image_is_there(project: &Project) {
    let begun = Instant::now();
    while fs::read_dir(project.public().join("iiif/3")).map_or(0, Iterator::count) == 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "no image");
        sleep(Duration::from_millis(5));
    }
}

fn signal(child: &Child, signal: i32) {
    // SAFETY: the process was started here and was not waited for.
    assert_eq!(unsafe { libc::kill(child.id().cast_signed(), signal) }, 0);
}

#[test]
fn a_build_in_shards_is_that_of_one_process() {
    let project = frozen(40, 6);
    assert!(assert_code(TRY_AGAIN, status(&project, &[])).contains("missing: 0-5"));
    for shard in ["0", "1-3", "5,4"] {
        assert_code(DONE, run(task(&project, shard)));
    }
    assert!(assert_code(DONE, status(&project, &[])).contains("40 of 40 images"));
    assert_code(DONE, finish(&project, &[]));
    assert_same_as_single(&project);
    assert!(!project.public().join(".iiif-build/attempts").exists());
    let again = assert_code(DONE, finish(&project, &[]));
    assert!(again.contains("0 documents written") || !again.contains("documents written"), "{again}");
    let build = assert_code(0, run(project.command(&["build", "--explain"])));
    assert!(build.contains("0 images cut into 0 files"), "an ordinary build has nothing to do: {build}");
}

#[test]
fn shards_are_as_large_as_each_other_and_items_are_spread() {
    let project = frozen(600, 12);
    let head: serde_json::Value =
        serde_json::from_slice(&fs::read(place(&project).join("plan.json")).unwrap()).unwrap();
    let of = |name: &str| -> Vec<u64> {
        head["shards"].as_array().unwrap().iter().map(|shard| shard[name].as_u64().unwrap()).collect()
    };
    for name in ["images", "bytes", "pixels"] {
        let (sums, mean) = (of(name), of(name).iter().sum::<u64>() as f64 / 12.0);
        assert!(sums.iter().all(|sum| *sum as f64 <= 1.2 * mean), "{name}: {sums:?}");
    }
    let lines = fs::read_to_string(place(&project).join("shards/00000.jsonl")).unwrap();
    assert!(lines.lines().filter(|line| line.contains("\"huge_")).count() < 50 && lines.contains("\"huge_"));
}

#[test]
fn the_same_plan_is_written_with_the_same_bytes() {
    let [one, other] = [1, 2].map(|_| frozen(20, 3));
    for name in ["shards/00001.jsonl", "shards/00002.jsonl"] {
        let [one, other] = [&one, &other].map(|project| fs::read_to_string(place(project).join(name)).unwrap());
        let ids = |text: &str| text.lines().map(|line| line[..40].to_owned()).collect::<Vec<_>>();
        assert_eq!(ids(&one), ids(&other));
    }
}

#[test]
fn tasks_that_overlap_repeat_or_are_killed_change_nothing() {
    let project = frozen(60, 2);
    // Two at once on the same shard.
    let twins = [started(&project, "0"), started(&project, "0")];
    for twin in twins {
        let done = twin.wait_with_output().unwrap();
        assert_eq!(done.status.code(), Some(DONE), "{}", String::from_utf8_lossy(&done.stderr));
    }
    let record = fs::read(place(&project).join("records/00000.json")).unwrap();
    // One that is killed in the middle, and one after it.
    fs::remove_dir_all(project.public().join("iiif")).unwrap();
    let killed = started(&project, "1");
    until_an_image_is_there(&project);
    signal(&killed, libc::SIGKILL);
    assert_eq!(killed.wait_with_output().unwrap().status.signal(), Some(libc::SIGKILL));
    assert_code(DONE, run(task(&project, "1")));
    // The images of the first shard were taken away: its record says that it is done, and `finish` sees what is missing.
    let said = assert_code(BAD_DATA, finish(&project, &[]));
    assert!(said.contains("not as the plan says"), "{said}");
    fs::remove_file(place(&project).join("records/00000.json")).unwrap();
    assert_code(DONE, run(task(&project, "0")));
    assert_eq!(
        fs::read(place(&project).join("records/00000.json")).unwrap(),
        record,
        "the record does not say who wrote it"
    );
    assert_code(DONE, finish(&project, &[]));
    assert_same_as_single(&project);
}

#[test]
fn a_task_that_is_asked_to_end_writes_down_what_is_done() {
    let project = frozen(120, 1);
    let asked = started(&project, "0");
    until_an_image_is_there(&project);
    let begun = Instant::now();
    signal(&asked, libc::SIGTERM);
    let ended = asked.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(TRY_AGAIN), "{}", String::from_utf8_lossy(&ended.stderr));
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert!(!place(&project).join("records/00000.json").exists());
    assert_eq!(fs::read_dir(place(&project).join("attempts/00000")).unwrap().count(), 1);
    let said = assert_code(DONE, run(task(&project, "0")));
    let images: usize = said.split(" image").next().unwrap().rsplit(' ').next().unwrap().parse().unwrap();
    assert!(images < 120, "what was done is not done again: {said}");
    assert_eq!(fs::read_dir(place(&project).join("attempts/00000")).unwrap().count(), 0);
    assert_code(DONE, finish(&project, &[]));
    assert_same_as_single(&project);
}

#[test]
fn bad_data_is_told_and_can_be_left_out() {
    let project = library(12).file("content/item-0/77.png", torn());
    assert_code(DONE, freeze(&project, 3));
    let codes: Vec<i32> = (0..3).map(|shard| run(task(&project, &shard.to_string())).0).collect();
    assert_eq!(codes.iter().filter(|code| **code == BAD_DATA).count(), 1, "{codes:?}");
    let bad = codes.iter().position(|code| *code == BAD_DATA).unwrap().to_string();
    assert_eq!(assert_code(BAD_DATA, status(&project, &["--failed", "--format", "ranges"])).trim(), bad);
    assert!(assert_code(BAD_DATA, status(&project, &[])).contains("77.png"));
    let json = assert_code(BAD_DATA, status(&project, &["--format", "json"]));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap()["failed"], bad);
    assert!(assert_code(BAD_DATA, finish(&project, &[])).contains("--allow-failed 1"));
    assert!(!project.public().join("index.html").exists(), "nothing is published");
    let said = assert_code(DONE, finish(&project, &["--allow-failed", "1"]));
    assert!(said.contains("77.png"), "{said}");
    let single = project.afresh();
    assert_code(1, run(single.command(&["build"])));
    assert_eq!(project.site().contents(""), single.site().contents(""));
    // Somebody mends the scan: that is another input, and another plan.
    project.write("content/item-0/77.png", crate::draw::page());
    let said = assert_code(BAD_DATA, run(task(&project, &bad)));
    assert!(said.contains("make a new plan"), "{said}");
}

#[test]
fn finish_refuses_a_plan_that_is_not_complete_and_names_what_is_missing() {
    let project = frozen(30, 10);
    assert_code(DONE, run(task(&project, "0,2,3,9")));
    let said = assert_code(TRY_AGAIN, finish(&project, &["--allow-failed", "99"]));
    assert!(said.contains("--shard 1,4-8"), "{said}");
    assert_eq!(assert_code(TRY_AGAIN, status(&project, &["--failed", "--format", "ranges"])).trim(), "1,4-8");
    assert!(!project.public().join("index.html").exists());
    assert_code(DONE, run(task(&project, "1,4-8")));
    assert_code(DONE, finish(&project, &[]));
}

#[test]
fn a_record_that_is_damaged_or_of_another_plan_is_refused_by_name() {
    let (project, other) = (frozen(20, 4), frozen(24, 4));
    for one in [&project, &other] {
        assert_code(DONE, run(task(one, "0-3")));
    }
    let record = |one: &Project| place(one).join("records/00002.json");
    let mut bytes = fs::read(record(&project)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    for wrong in [bytes, fs::read(record(&other)).unwrap(), vec![]] {
        fs::write(record(&project), wrong).unwrap();
        let said = assert_code(TRY_AGAIN, finish(&project, &[]));
        assert!(said.contains("--shard 2") && said.contains("record of shard 2"), "{said}");
        assert_eq!(assert_code(TRY_AGAIN, status(&project, &["--failed", "--format", "ranges"])).trim(), "2");
    }
    assert_code(DONE, run(task(&project, "2")));
    assert_code(DONE, finish(&project, &[]));
    assert_same_as_single(&project);
}

#[test]
fn what_changed_since_the_plan_is_refused() {
    let project = frozen(20, 2);
    let scan = "content/huge/0001.tif";
    let before = fs::read(project.root().join(scan)).unwrap();
    // The same size, other bytes.
    let mut changed = before.clone();
    *changed.last_mut().unwrap() ^= 1;
    for bytes in [changed, before[..before.len() - 1].to_vec()] {
        project.write(scan, bytes);
        let codes = ["0", "1"].map(|shard| run(task(&project, shard)));
        let refused: Vec<_> = codes.iter().filter(|(code, _)| *code == BAD_DATA).collect();
        assert!(refused.len() == 1 && refused[0].1.contains("not the file that it was"), "{codes:?}");
    }
    project.write(scan, &before);
    assert_code(DONE, run(task(&project, "0,1")));
    // Another image, other settings.
    project.write("content/huge/new.tif", &before);
    assert!(assert_code(BAD_DATA, finish(&project, &[])).contains("huge_new"));
    project.remove("content/huge/new.tif");
    project.write("iiif-build.toml", "[images]\ntile-size = 64\nquality = 70\n");
    for (code, said) in [run(task(&project, "0")), finish(&project, &[])] {
        assert!(code == BAD_DATA && said.contains("settings changed"), "{code}: {said}");
    }
    project.write("iiif-build.toml", "[images]\ntile-size = 64\n");
    assert_code(DONE, finish(&project, &[]));
    assert_same_as_single(&project);
}

#[test]
fn only_what_is_due_is_in_a_plan() {
    let project = built_archive();
    project.write("content/a/3.tif", sized(80, 60, 3));
    assert!(assert_code(DONE, freeze(&project, 2)).contains("1 image in 2 shards"));
    assert_code(DONE, run(task(&project, "0,1")));
    assert_code(DONE, finish(&project, &[]));
    assert_same_as_single(&project);
}

#[test]
fn shards_are_chosen_by_number_or_by_the_one_engine() {
    let project = frozen(6, 3);
    let with = |shard: &str, variables: &[(&str, &str)]| {
        let mut task = task(&project, shard);
        for name in ["SLURM_ARRAY_TASK_ID", "AWS_BATCH_JOB_ARRAY_INDEX", "JOB_COMPLETION_INDEX"] {
            task.env_remove(name);
        }
        task.envs(variables.iter().copied());
        run(task)
    };
    for (shard, variables) in [
        ("3", &[][..]),
        ("0-3", &[]),
        ("2-1", &[]),
        ("x", &[]),
        ("auto", &[]),
        ("auto", &[("SLURM_ARRAY_TASK_ID", "3")]),
        ("auto", &[("SLURM_ARRAY_TASK_ID", "1"), ("JOB_COMPLETION_INDEX", "1")]),
    ] {
        assert_code(USAGE, with(shard, variables));
    }
    for (at, name) in ["IIIF_BUILD_SHARD", "AWS_BATCH_JOB_ARRAY_INDEX", "JOB_COMPLETION_INDEX"].iter().enumerate() {
        assert_code(DONE, with("auto", &[(name, &at.to_string())]));
    }
    assert_code(DONE, finish(&project, &[]));
    let wrong: [&[&str]; 6] = [
        &["finish"],
        &["status", "--plan", "nowhere"],
        &["build", "--plan", "p"],
        &["plan", "--shards", "0", "--to", "p"],
        &["plan", "--shards", "many", "--to", "p"],
        &["plan", "--shards", "2", "--to", "content/p"],
    ];
    for arguments in wrong {
        let mut command = crate::cli::command(arguments);
        command.current_dir(project.root());
        assert_code(USAGE, run(command));
    }
    assert!(assert_code(USAGE, freeze(&project, 3)).contains("a plan never changes"));
}

#[test]
fn a_plan_with_more_shards_than_images_is_finished_too() {
    let project = frozen(3, 8);
    assert_code(DONE, run(task(&project, "0-7")));
    assert_code(DONE, finish(&project, &[]));
    assert_same_as_single(&project);
}

/// A task sees its own folder of the project, and other times of all files.
#[test]
fn machines_can_have_the_project_at_different_places() {
    let project = library(20)
        .file("iiif-build.toml", "[images]\ntile-size = 64\n[images.watermark]\nfile = \"mark.png\"\n")
        .file("mark.png", crate::draw::page());
    assert_code(DONE, freeze(&project, 2));
    let (plan, output) = (place(&project), project.public());
    let there = project.cloned();
    fs::remove_dir_all(there.public()).ok();
    let elsewhere = |arguments: &[&str]| {
        let mut command = there.command(arguments);
        command.arg("--plan").arg(&plan).arg("--output").arg(&output);
        run(command)
    };
    assert_code(DONE, elsewhere(&["build", "--shard", "0"]));
    assert_code(DONE, run(task(&project, "1")));
    fs::remove_dir_all(there.root().join(".iiif-build")).ok();
    assert_code(DONE, finish(&project, &[]));
    assert_same_as_single(&project);
    assert!(!there.public().exists() && Path::new(&output).is_dir());
}

/// A stranger's plan, which names itself correctly.
#[test]
fn a_plan_that_leads_out_of_the_project_is_refused() {
    let project = frozen(2, 1);
    let shard = place(&project).join("shards/00000.jsonl");
    let (text, head) = (fs::read_to_string(&shard).unwrap(), place(&project).join("plan.json"));
    let told = fs::read_to_string(&head).unwrap();
    let id = |from: &str| from.split("\"id\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let source = text.split("\"source\":\"").nth(1).unwrap().split('"').next().unwrap();
    for hostile in [
        text.replace(&id(&text), "../../escaped"),
        text.replace(source, "../../secret.tif"),
        text.replace(source, "/etc/passwd"),
    ] {
        assert!(hostile != text);
        let hash = |bytes: &str| {
            let hash = blake3::hash(bytes.as_bytes());
            hash.as_bytes()[..16].iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        fs::write(&shard, &hostile).unwrap();
        fs::write(&head, told.replace(&hash(&text), &hash(&hostile))).unwrap();
        let said = assert_code(BAD_DATA, run(task(&project, "0")));
        assert!(said.contains("leads out of the project"), "{said}");
    }
}

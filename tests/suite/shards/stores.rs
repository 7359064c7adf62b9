//! The output, and the plan too, in a bucket.

use super::{DONE, TRY_AGAIN, assert_code, library, run};
use crate::deploy::bucket::Bucket;
use crate::deploy::server;
use crate::project::Project;
use std::collections::BTreeMap;

/// The program, into the bucket and with its credentials.
fn said(bucket: &Bucket, project: &Project, arguments: &[&str]) -> (i32, String) {
    run(bucket.program(project, arguments))
}

#[test]
fn tasks_put_images_straight_into_a_bucket_and_finish_publishes_them() {
    server::each(|server| {
        let (bucket, project) = (Bucket::on(server), library(30));
        project
            .write("iiif-build.toml", "base-url = \"https://scans.example.org/archive/\"\n[images]\ntile-size = 64\n");
        bucket.is_target_of(&project, "0d");
        let (output, plan) = (format!("s3://{}/archive", bucket.name), format!("s3://{}/plans/1", bucket.name));
        assert_code(DONE, said(&bucket, &project, &["plan", "--shards", "4", "--to", &plan, "--output", &output]));
        let task = |at: &Project, shard: &str| said(&bucket, at, &["build", "--plan", &plan, "--shard", shard]);
        // Other machines, which know of no build.
        let machines = [project.afresh(), project.afresh()];
        assert_code(DONE, task(&machines[0], "0"));
        assert_code(DONE, task(&machines[1], "0"));
        assert_code(DONE, task(&machines[1], "1-2"));
        let finish = |at: &Project| said(&bucket, at, &["finish", "--plan", &plan]);
        assert!(assert_code(TRY_AGAIN, finish(&project)).contains("--shard 3"));
        assert!(!bucket.client.has("index.html"), "no document names an image yet");
        assert_code(DONE, task(&machines[0], "3"));
        assert_code(DONE, said(&bucket, &project, &["status", "--plan", &plan]));
        // A machine that did not write the plan can finish it.
        let elsewhere = project.afresh();
        assert_code(DONE, finish(&elsewhere));
        let single = project.afresh();
        assert_code(0, run(single.command(&["build"])));
        let looked_at = single.site().files("");
        bucket.assert_holds(&single.site(), &looked_at);
        // The next build of the same machine has nothing to put.
        let before: BTreeMap<_, _> = bucket.client.contents();
        let again = assert_code(DONE, said(&bucket, &elsewhere, &["build", "--output", &output]));
        assert!(again.contains("0 images cut") && bucket.client.contents() == before, "{again}");
    });
}

//! The store is away for eight seconds: a deploy waits for it.

use super::deployed;
use super::place::Place;
use crate::archive::archive;
use crate::deploy::bucket::Bucket;
use crate::deploy::proxy::{Faults, OUTAGE, Outage};
use crate::deploy::server::{self, Server};
use std::time::Instant;

/// A first deploy and a second one, which takes something away, each of them interrupted by an outage.
fn outages(server: &'static Server, kind: Outage) {
    let place = Place::Bucket(Box::new(Bucket::on(server)));
    let Place::Bucket(bucket) = &place else { return };
    let project = archive();
    place.is_target_of(&project, "");
    project.built();
    let mut last = 0;
    for (arguments, first) in [(&[][..], 60), (&["--delete-now", "--allow-shrink", "9"], 8)] {
        bucket.proxy.set(Faults { outage: Some((first, kind)), ..Faults::default() });
        let begun = Instant::now();
        let said = place.deploy(&project, arguments);
        let of = format!("{} {kind:?}: {}", server.name, said.text);
        assert_eq!(said.code, Some(0), "{of}");
        assert!(begun.elapsed() >= OUTAGE, "{of}: there was no outage");
        place.assert_shows(&project);
        assert!(place.pointer()["lease"].is_null() && place.pointer()["unfinished"].is_null(), "{of}");
        assert!(place.live().len() != last);
        last = place.live().len();
        if arguments.is_empty() {
            project.remove("content/shelf/d");
            project.built();
        }
    }
}

#[test]
fn an_outage_of_eight_seconds_ends_no_deploy() {
    server::each(|server| outages(server, Outage::Refused));
}

#[test]
fn a_load_balancer_without_a_server_ends_no_deploy() {
    server::each(|server| outages(server, Outage::Unavailable));
}

#[test]
fn an_outage_at_the_first_and_at_the_last_request_ends_no_deploy() {
    server::each(|server| {
        let place = Place::Bucket(Box::new(Bucket::on(server)));
        let project = deployed(&place);
        let Place::Bucket(bucket) = &place else { return };
        project.write("content/a/item.toml", "label = \"Cards\"\n");
        project.built();
        // The last request of an edit is the one that ends the lease.
        bucket.proxy.set(Faults::default());
        let copy = project.cloned();
        place.deployed(&copy, &["--dry-run"]);
        bucket.proxy.set(Faults { outage: Some((1, Outage::Refused)), ..Faults::default() });
        place.deployed(&project, &[]);
        let all = bucket.proxy.counts().all;
        project.write("content/a/item.toml", "label = \"Letters\"\n");
        project.built();
        bucket.proxy.set(Faults { outage: Some((all - 4, Outage::Refused)), ..Faults::default() });
        place.deployed(&project, &["--from-stale"]);
        place.assert_shows(&project);
    });
}

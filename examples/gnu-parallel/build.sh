#!/bin/sh
# build.sh PROJECT SHARDS PLAN [JOBS]: the shards of a plan side by side, each in a process of its own, then the rest.
# With --sshlogin, PARALLEL can send them to other machines: the project and the plan must be at the same place there.
set -eu
root=$1 shards=$2 plan=$3 jobs=${4:-2}
program=${IIIF_BUILD:-iiif-build}
"$program" plan --root "$root" --shards "$shards" --to "$plan"
# --retries: a task that ends with 75 may succeed the next time. What is done already is not done again.
seq 0 "$((shards - 1))" |
  parallel --jobs "$jobs" --retries 3 "$program" build --root "$root" --plan "$plan" --shard {} --jobs 1 || true
exec "$program" finish --root "$root" --plan "$plan" --allow-failed "${ALLOW_FAILED:-0}"

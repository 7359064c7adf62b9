#!/bin/sh
# submit.sh PROJECT SHARDS PLAN: writes a plan and submits its tasks, then the job that finishes the build.
# submit.sh PROJECT again PLAN: submits only the tasks that are missing or failed, then the job that finishes the build.
# PROJECT and PLAN lie on a disk that all nodes have at the same place. Prints the number of the last job.
set -eu
here=$(dirname "$0")
ROOT=$(realpath "$1") shards=$2 PLAN=$(realpath -m "$3")
export ROOT PLAN
program=${IIIF_BUILD:-iiif-build}
if [ "$shards" = again ]; then
  # Its exit code says that something is missing, which is why we are here.
  tasks=$("$program" status --plan "$PLAN" --failed --format ranges || true)
else
  "$program" plan --root "$ROOT" --shards "$shards" --to "$PLAN"
  tasks=0-$((shards - 1))
fi
after=
if [ -n "$tasks" ]; then
  array=$(sbatch --parsable --array="$tasks" "$here/shard.sbatch")
  # afterany: `finish` itself knows whether all is there.
  after=--dependency=afterany:$array
fi
# shellcheck disable=SC2086
sbatch --parsable $after "$here/finish.sbatch"

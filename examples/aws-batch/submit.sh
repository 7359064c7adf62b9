#!/bin/sh
# submit.sh STACK NAME: submits a plan with this name, the array of its tasks, and the job that finishes the build.
# submit.sh STACK NAME again: submits the array again, and the job that finishes. Tasks that are done end at once.
# submit.sh STACK NAME finish N: only finishes, although at most N images could not be made.
# Prints the number of each job.
set -eu
stack=$1 name=$2 what=${3:-all} allowed=${4:-0}
output() { # KEY: what the stack says
  aws cloudformation describe-stacks --stack-name "$stack" --output text \
    --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue"
}
submit() { # KIND QUEUE PARAMETERS …
  kind=$1 queue=$2 parameters=$3
  shift 3
  aws batch submit-job --job-name "iiif-$kind-$name" --job-queue "$(output "$queue")" \
    --job-definition "$(output "$kind")" --parameters "$parameters" --query jobId --output text "$@"
}
shards=$(output Shards)
plan=s3://$(output Plans)/$name
set --
if [ "$what" = all ]; then
  job=$(submit Plan Queue "plan=$plan,shards=$shards")
  echo "plan $job"
  set -- --depends-on "jobId=$job"
fi
if [ "$what" != finish ]; then
  job=$(submit Task TaskQueue "plan=$plan" --array-properties "size=$shards" "$@")
  echo "tasks $job"
  set -- --depends-on "jobId=$job"
fi
job=$(submit Finish Queue "plan=$plan,allowed=$allowed" "$@")
echo "finish $job"

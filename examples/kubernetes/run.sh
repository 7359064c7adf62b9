#!/bin/sh
# run.sh NAME: a plan with this name, its tasks, and the rest of the build. Waits for each.
# run.sh NAME again: the tasks again, and the rest. Tasks that are done end at once.
# ALLOW_FAILED=N: publishes although at most N images could not be made.
set -eu
name=$1 what=${2:-all} allowed=${ALLOW_FAILED:-0}
here=$(dirname "$0")
run() { # JOB: runs it anew, and waits until it has succeeded or failed
  kubectl delete job "iiif-$1" --ignore-not-found
  sed -e "s|/NAME\"|/$name\"|" -e "s|ALLOW_FAILED, value: \"0\"|ALLOW_FAILED, value: \"$allowed\"|" \
    "$here/$1.yaml" | kubectl apply -f -
  while :; do
    ended=$(kubectl get job "iiif-$1" --output 'jsonpath={.status.conditions[?(@.status=="True")].type}')
    case $ended in
      *Complete*) return 0 ;;
      *Failed*) echo "iiif-$1: $ended" >&2 && return 1 ;;
    esac
    sleep 10
  done
}
[ "$what" = again ] || run plan
# `finish` itself knows whether all is there.
run images || true
run finish

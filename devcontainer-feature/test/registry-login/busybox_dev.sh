#!/bin/sh
set -eu
[ "$(id -un)" = dev ] || { echo "this is $(id -un), not dev" && exit 1; }
. ./test.sh

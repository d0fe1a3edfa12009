#!/bin/sh
set -eu
[ "$(id -un)" = root ] || { echo "this is $(id -un), not root" && exit 1; }
. ./test.sh

#!/bin/sh
set -eu
[ "$(id -un)" = dev ] || { echo "this is $(id -un), not dev" && exit 1; }
[ "$(readlink -f /usr/bin/awk) $(readlink -f /bin/sh)" = "/usr/bin/gawk /usr/bin/dash" ] || { ls -l /usr/bin/awk /bin/sh && exit 1; }
. ./test.sh

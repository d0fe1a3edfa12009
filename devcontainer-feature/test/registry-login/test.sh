#!/bin/sh
# What must hold in any container with the feature, as whoever the container's user is.
set -eu

check() {
  printf '%s: ' "$1"
  shift
  if "$@"; then echo ok; else echo FAILED && exit 1; fi
}
prints() {
  wanted=$1
  shift
  [ "$("$@")" = "$wanted" ]
}
apply() {
  printf '%s\n' 'registry-login 1 source=test shm=private' "$@" end | registry-login apply
}
get() {
  printf '%s' "$1" | docker-credential-registry-login get
}

answer='{"ServerURL":"registry.example:5000","Username":"user","Secret":"pa\"ss"}'
config=${DOCKER_CONFIG:-$HOME/.docker}/config.json
[ ! -e "$config" ] || had=$(cat "$config")

check 'the commands are on PATH' command -v registry-login docker-credential-registry-login
check 'a lifecycle says nothing where all is well' prints '' registry-login lifecycle postStart
check 'a delivery is applied' apply "set registry.example:5000 $answer"
check 'the helper answers' prints "$answer" get https://registry.example:5000/
check 'the config names the helper' prints 1 awk '/"registry\.example:5000": *"registry-login"/ { n++ } END { print n + 0 }' "$config"
check 'the config holds no value' prints 0 awk '/pa.*ss/ { n++ } END { print n + 0 }' "$config"
directory=$(registry-login status --json | awk 'match($0, /"directory":"[^"]*"/) { print substr($0, RSTART + 13, RLENGTH - 14) }')
# shellcheck disable=SC2016
check 'the answer is in memory' prints tmpfs awk -v "d=$directory" 'index(d, $5 "/") == 1 && length($5) > n { n = length($5); for (i = 7; $i != "-"; i++); t = $(i + 1) } END { print t }' /proc/self/mountinfo
mode=$(ls -ldn "$directory")
check 'nobody else can read it' prints 'drwx------' printf %.10s "$mode"
check 'the answer goes with the secret' apply
# shellcheck disable=SC2016
check 'and the config is as it was' prints "${had-absent}" sh -c 'cat "$1" 2>/dev/null || echo absent' sh "$config"

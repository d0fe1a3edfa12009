# shellcheck shell=sh
# SC2034: what is set here is used where this is sourced.
# shellcheck disable=SC2034
# What every program of the hook needs: which host a text means, and where things are kept. Sourced, never run. Short,
# because a shell reads all of it for each answer of the credential helper.
#
# State folder (the user's own, no values): directory (where the answers are), undo (what the Docker config was before
# us, see config.awk), error (the last thing that went wrong), lost (hosts whose answers went with a stop), lock.
# Memory folder (0700, private, gone when the container stops): delivered/, triplet/ and override/ hold one answer per
# host (first line the answer, second line source and time), hidden/ a file per host that was logged out by hand,
# delivered.notes and triplet.notes what else a delivery said.

VERSION=0.3.2
TAB='	'
NEWLINE='
'

# Sets NAME: the host that $1 means. Builtins only, so that `get` starts no process (but for a host in capitals).
host_name() {
  NAME=$1
  case $NAME in *[ABCDEFGHIJKLMNOPQRSTUVWXYZ]*)
    NAME=$(TEXT=$NAME LC_ALL=C awk 'BEGIN { print tolower(ENVIRON["TEXT"]) }') ;;
  esac
  NAME=${NAME#https://}
  NAME=${NAME#http://}
  NAME=${NAME%%/*}
  case $NAME in index.docker.io | registry-1.docker.io | hub.docker.com) NAME=docker.io ;; esac
  # It becomes the name of a file.
  case $NAME in '' | .* | *[!a-z0-9.:_[-]*) case $NAME in \[*\] | \[*\]:*) ;; *) NAME=- ;; esac ;; esac
}

# Sets KEY: Docker's key for host $1.
host_key() {
  KEY=$1
  [ "$1" != docker.io ] || KEY=https://index.docker.io/v1/
}

# Sets HOME if the environment has none that can be meant, from /etc/passwd.
find_home() {
  case ${HOME:-/} in / | [!/]*) ;; *) return ;; esac
  HOME=
  me=$(id -u)
  while IFS=: read -r _ _ uid _ _ home _; do
    if [ "$uid" = "$me" ]; then HOME=$home && break; fi
  done </etc/passwd
  [ "$HOME" != / ] || HOME=
}

# Sets STATE: the state folder that exists, else the first of its places. A home that cannot be written still has a
# state if DOCKER_CONFIG names a folder.
find_state() {
  STATE=
  for folder in "${XDG_STATE_HOME:-}" "${HOME:+$HOME/.local/state}" "${DOCKER_CONFIG:-}"; do
    case $folder in /*) ;; *) continue ;; esac
    if [ -d "$folder/registry-login" ]; then STATE=$folder/registry-login && return; fi
    STATE=${STATE:-$folder/registry-login}
  done
}

# Sets MEMORY: the memory folder, or nothing if there is none (any more).
find_memory() {
  MEMORY=
  [ -r "$STATE/directory" ] && IFS= read -r MEMORY <"$STATE/directory"
  # dash, busybox and bash all know -O: another user may have taken the name after a restart.
  # shellcheck disable=SC3067
  case $MEMORY in /*/registry-login.*) if [ -d "$MEMORY" ] && [ ! -L "$MEMORY" ] && [ -O "$MEMORY" ]; then return 0; fi ;; esac
  MEMORY=
  return 1
}

# Sets ANSWER: what is delivered for host $1, without what was done by hand; nothing if there is none.
delivered_answer() {
  ANSWER=
  for layer in delivered triplet; do
    if [ -r "$MEMORY/$layer/$1" ]; then IFS= read -r ANSWER <"$MEMORY/$layer/$1" && return; fi
  done
  return 1
}

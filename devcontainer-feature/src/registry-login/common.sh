# shellcheck shell=sh
# SC2034: what is set here is used where this is sourced.
# shellcheck disable=SC2034
# What the two programs share: which host a text means, where things are kept, the lock. Sourced, never run.
#
# State folder (the user's own, no values): directory (where the answers are), undo (what the Docker config was before
# us, see config.awk), error (the last thing that went wrong), lock.
# Memory folder (0700, private, gone when the container stops): delivered/, triplet/ and override/ hold one answer per
# host (first line the answer, second line source and time), hidden/ a file per host that was logged out by hand,
# delivered.notes and triplet.notes what else a delivery said.

VERSION=0.1.0
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

# Makes the state folder where that is possible. Tried by writing: busybox calls a read-only file system writable.
make_state() {
  find_state
  for folder in "${STATE%/registry-login}" "${XDG_STATE_HOME:-}" "${HOME:+$HOME/.local/state}" "${DOCKER_CONFIG:-}"; do
    case $folder in /*) ;; *) continue ;; esac
    STATE=$folder/registry-login
    if mkdir -p "$STATE" 2>/dev/null && (true >"$STATE/try.$$") 2>/dev/null; then rm -f "$STATE/try.$$" && return; fi
  done
  return 1
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

# Is folder $1 on a memory-backed file system (with $2 = private: of this container alone)?
in_memory() {
  FOLDER=$1 EVIDENCE=${2:-} LC_ALL=C awk -f "$LIB/mounts.awk" /proc/self/mountinfo 2>/dev/null
}

# Makes the memory folder and sets MEMORY. $1: what is known of /dev/shm (private, shared, unknown).
make_memory() {
  me=$(id -u)
  for folder in /dev/shm "${XDG_RUNTIME_DIR:-}" "/run/user/$me" /run; do
    case $folder in /*) ;; *) continue ;; esac
    if [ ! -d "$folder" ] || [ ! -w "$folder" ] || [ ! -x "$folder" ]; then continue; fi
    folder=$(cd -P "$folder" 2>/dev/null && pwd) || continue
    case $folder:$1 in
      /dev/shm:private) in_memory "$folder" ;;
      /dev/shm:unknown) in_memory "$folder" private ;;
      /dev/shm:*) false ;;
      *) in_memory "$folder" ;;
    esac || continue
    # Nobody else may be able to move our folder away.
    # shellcheck disable=SC2012
    ls -ldn "$folder" | ME=$me awk '{ exit !(($3 == 0 || $3 == ENVIRON["ME"]) && (substr($1, 10, 1) ~ /[tT]/ || substr($1, 6, 1) substr($1, 9, 1) == "--")) }' || continue
    IFS= read -r random </proc/sys/kernel/random/uuid || random=$$.$(date +%s)
    MEMORY=$folder/registry-login.$random
    # Recorded first: a run that is killed in between leaves nothing that the next one does not know of.
    printf '%s\n' "$MEMORY" | put "$STATE/directory" || break
    if mkdir -m 700 "$MEMORY" 2>/dev/null && mkdir "$MEMORY/delivered" "$MEMORY/triplet" "$MEMORY/override" "$MEMORY/hidden"; then
      return 0
    fi
  done
  MEMORY=
  return 1
}

# Writes stdin to file $1 in one step, and not at all if it says that already.
put() {
  cat >"$1.new" || return 1
  if same "$1.new" "$1"; then rm -f "$1.new"; else mv -f "$1.new" "$1"; fi
}

# Do two files say the same? (cmp is not everywhere.)
same() {
  [ -f "$2" ] && [ "$(cat "$1" && echo .)" = "$(cat "$2" && echo .)" ]
}

# Takes the lock of the state folder; gives up after some ten seconds. The lock is a symbolic link, because that is made
# in one step together with the words that say whose it is.
lock() {
  LOCK_HOST=-
  [ ! -r /etc/hostname ] || IFS= read -r LOCK_HOST </etc/hostname || :
  attempts=0
  while [ "$attempts" -le 100 ]; do
    now=$(date +%s)
    mkdir -p "$STATE"
    if ln -s "$LOCK_HOST $$ $now" "$STATE/lock" 2>/dev/null; then return 0; fi
    holder=$(readlink "$STATE/lock") || holder="$LOCK_HOST $$ $now"
    # Only who holds the second lock may remove the first one, so that two who see a dead holder do not both do it.
    if stale "$holder" && ! ln -s "$LOCK_HOST $$ $now" "$STATE/lock.takeover" 2>/dev/null; then
      taker=$(readlink "$STATE/lock.takeover") && stale "$taker" && rm -f "$STATE/lock.takeover"
    elif stale "$holder"; then
      [ "$(readlink "$STATE/lock")" != "$holder" ] || rm -f "$STATE/lock"
      rm -f "$STATE/lock.takeover"
      continue
    fi
    attempts=$((attempts + 1))
    sleep 0.1 2>/dev/null || { sleep 1 && attempts=$((attempts + 9)); }
  done
  return 1
}

# Is $1 (host, process, time) a holder that cannot be at work any more?
stale() {
  # shellcheck disable=SC2086
  set -- $1
  [ "$((now - ${3:-0}))" -le 60 ] || return 0
  [ "${1:-}" = "$LOCK_HOST" ] && ! kill -0 "${2:-0}" 2>/dev/null
}

unlock() {
  rm -f "$STATE/lock"
}

# Sets CONFIG (the Docker config as the user names it) and TARGET (the file that it really is).
find_config() {
  CONFIG=${DOCKER_CONFIG:-$HOME/.docker}
  case $CONFIG in /*) ;; *) CONFIG=$PWD/$CONFIG ;; esac
  CONFIG=${CONFIG%/}/config.json
  resolve "$CONFIG"
}

# Sets TARGET: $1 with its symbolic links followed.
resolve() {
  TARGET=$1
  hops=0
  while [ -L "$TARGET" ] && [ "$hops" -lt 40 ]; do
    link=$(readlink "$TARGET") || return 1
    case $link in /*) TARGET=$link ;; *) TARGET=${TARGET%/*}/$link ;; esac
    hops=$((hops + 1))
  done
}

# Prints what config.awk reports of the Docker config (nothing if there is none; ends with 3 if it is not JSON).
report_config() {
  [ -f "$TARGET" ] || return 0
  # shellcheck disable=SC2094
  REPORT=1 SIZE=$(wc -c <"$TARGET") UNDO=/dev/null LC_ALL=C awk -f "$LIB/json.awk" -f "$LIB/host.awk" -f "$LIB/config.awk" <"$TARGET"
}

# Notes that Docker is about to write an empty entry for server $1 into `auths`, unless one is there already.
expect_empty_auth() {
  find_config
  entry="auth$TAB$1"
  [ -r "$STATE/undo" ] || return 0
  case $NEWLINE$(report_config 2>/dev/null)$NEWLINE in *"$NEWLINE$entry$NEWLINE"*) return 0 ;; esac
  undo=$(cat "$STATE/undo")
  case $NEWLINE$undo$NEWLINE in *"$NEWLINE$entry$NEWLINE"*) return 0 ;; esac
  printf '%s\n%s\n' "$undo" "$entry" | put "$STATE/undo"
}

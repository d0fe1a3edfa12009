# shellcheck shell=sh
# SC2034: what is set here is used where this is sourced. SC2154: what is used here is set there.
# shellcheck disable=SC2034,SC2154
# What the two programs share when they change something: making the folders, the lock. Sourced after find.sh, never run.

# Has the shell a printf of its own? One that is a program would show the values in its arguments.
own_printf() {
  [ "$(command -v printf)" = printf ]
}
NO_PRINTF='The shell of this container has no printf of its own, so values would show up in the list of processes: install dash, bash or busybox.'

# Makes the state folder where that is possible. Tried by writing (a file that goes with the lock): busybox calls a
# read-only file system writable, and nobody can tell a full one.
make_state() {
  find_state
  for folder in "${STATE%/registry-login}" "${XDG_STATE_HOME:-}" "${HOME:+$HOME/.local/state}" "${DOCKER_CONFIG:-}"; do
    case $folder in /*) ;; *) continue ;; esac
    STATE=$folder/registry-login
    [ -d "$STATE" ] || mkdir -p "$STATE" 2>/dev/null || continue
    if { printf '\n' >"$STATE/try"; } 2>/dev/null; then return; fi
    rm -f "$STATE/try"
    rmdir "$STATE" 2>/dev/null
  done
  return 1
}

# Is folder $1 on a memory-backed file system (with $2 = private: of this container alone)?
in_memory() {
  FOLDER=$1 EVIDENCE=${2:-} LC_ALL=C awk -f "$LIB/mounts.awk" /proc/self/mountinfo 2>/dev/null
}

# Sets MOUNT to the one of $MOUNTS on which path $1 lies (bind=/folder, volume=/folder or workspace=/folder), or to nothing.
mount_of() {
  MOUNT=
  for word in ${MOUNTS:-}; do
    place=${word#*=}
    further=${MOUNT#*=}
    case $1/ in "${place%/}"/*) [ "${#place}" -lt "${#further}" ] || MOUNT=$word ;; esac
  done
}

# Makes the memory folder and sets MEMORY. $1: what is known of /dev/shm (private, shared, unknown).
make_memory() {
  me=$(id -u)
  for folder in /dev/shm "${XDG_RUNTIME_DIR:-}" "/run/user/$me" /run; do
    case $folder in /*) ;; *) continue ;; esac
    if [ ! -d "$folder" ] || [ ! -w "$folder" ] || [ ! -x "$folder" ]; then continue; fi
    folder=$(cd -P "$folder" 2>/dev/null && pwd) || continue
    # What is mounted from outside outlives the container.
    mount_of "$folder"
    [ -z "$MOUNT" ] || continue
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
    put "$STATE/directory" "$MEMORY" || break
    if mkdir -m 700 "$MEMORY" 2>/dev/null && mkdir "$MEMORY/delivered" "$MEMORY/triplet" "$MEMORY/override" "$MEMORY/hidden"; then
      return 0
    fi
  done
  MEMORY=
  return 1
}

# Writes line(s) $2 to file $1 in one step.
put() {
  { printf '%s\n' "$2" >"$1.new"; } 2>/dev/null && mv -f "$1.new" "$1"
}

# Takes the lock of the state folder, and sets NOW to the time for people; gives up after some ten seconds. The lock is a symbolic link, because that is made
# in one step together with the words that say whose it is.
lock() {
  LOCK_HOST=-
  [ ! -r /etc/hostname ] || IFS= read -r LOCK_HOST </etc/hostname || :
  attempts=0
  while [ "$attempts" -le 100 ]; do
    now=$(date -u '+%s %Y-%m-%dT%H:%M:%SZ')
    NOW=${now#* }
    now=${now% *}
    [ -d "$STATE" ] || mkdir -p "$STATE"
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

# Gives the lock back, after removing files $@ and what a run that was killed may have left.
unlock() {
  for name in directory undo error lost; do set -- "$@" "$STATE/$name.new"; done
  rm -rf "$@" "$STATE/try" "$STATE/lock.takeover" "$STATE/lock"
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

# Runs config.awk for the text of file $1; what it needs besides stands in the environment. With the original awk a
# single array access takes as much memory as the longest string of the text has, and gives it back; the two limits keep
# glibc from going to the kernel for each of them.
config_awk() {
  SIZE=$(wc -c <"$1") MALLOC_MMAP_THRESHOLD_=33554432 MALLOC_TRIM_THRESHOLD_=268435456 LC_ALL=C \
    awk -f "$LIB/json.awk" -f "$LIB/host.awk" -f "$LIB/config.awk" -f "$LIB/merge.awk" "$1"
}

# Prints what config.awk reports of the Docker config (nothing if there is none; ends with 3 if it is not JSON).
report_config() {
  [ -f "$TARGET" ] || return 0
  (export TASK=report UNDO=/dev/null && config_awk "$TARGET")
}

# Notes that Docker is about to write an empty entry for server $1 into `auths`, unless one is there already.
expect_empty_auth() {
  find_config
  entry="auth$TAB$1"
  [ -r "$STATE/undo" ] || return 0
  case $NEWLINE$(report_config 2>/dev/null)$NEWLINE in *"$NEWLINE$entry$NEWLINE"*) return 0 ;; esac
  undo=$(cat "$STATE/undo")
  case $NEWLINE$undo$NEWLINE in *"$NEWLINE$entry$NEWLINE"*) return 0 ;; esac
  put "$STATE/undo" "$undo$NEWLINE$entry"
}

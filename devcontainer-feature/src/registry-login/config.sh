# shellcheck shell=sh
# SC2154: what is used here is set where this is sourced.
# shellcheck disable=SC2154
# Edits the Docker config, whatever somebody else does to it meanwhile. Sourced by registry-login.

# Does the Docker config belong to the host? Its file lies on a bind mount then, which is not the workspace's own or has
# not been chosen with DOCKER_CONFIG. What only the deliverer knows: a mount of its own is a volume as well.
host_config() {
  folder=${TARGET%/*}
  until [ -d "$folder/" ]; do folder=${folder%/*}; done
  mount_of "$(cd -P "$folder/" 2>/dev/null && pwd)/${TARGET##*/}"
  case $MOUNT:${DOCKER_CONFIG:-} in bind=* | workspace=*:) ;; *) return 1 ;; esac
}

refuse_writing() {
  other_config
  refuse config-not-writable "$1 cannot be written by this user (no right to it, read-only, or full): mend that, or set DOCKER_CONFIG to a folder that can be written, $EXAMPLE."
}

# Sets EXAMPLE: how to name another folder for the Docker config, in words.
other_config() {
  better=/tmp/docker-config
  # Tried: busybox calls a read-only file system writable.
  { mkdir "/tmp/registry-login.$$" && rmdir "/tmp/registry-login.$$"; } 2>/dev/null || better=/dev/shm/docker-config
  EXAMPLE="for example \"remoteEnv\": {\"DOCKER_CONFIG\": \"$better\"} in devcontainer.json"
}

# After host_config.
refuse_host_config() {
  other_config
  refuse config-of-host "$CONFIG was left alone, because it is the host's: ${MOUNT#*=} is mounted from there, and Docker on the host would fail with what is changed for this container. Give the container a Docker config of its own, $EXAMPLE."
}

# Makes `credHelpers` of the Docker config name us for exactly the hosts of $WANTED.
merge() {
  if [ -r "$STATE/undo" ]; then
    IFS=$TAB read -r _ previous <"$STATE/undo" || :
    if [ "$previous" != "$CONFIG" ]; then
      # Another DOCKER_CONFIG than last time: what we did to the other file goes first.
      now_config=$CONFIG now_wanted=$WANTED
      CONFIG=$previous WANTED=
      resolve "$CONFIG"
      if [ -f "$TARGET" ]; then write_config; fi
      rm -f "$STATE/undo"
      CONFIG=$now_config WANTED=$now_wanted
      resolve "$CONFIG"
    fi
  fi
  write_config
}

write_config() {
  # The file may hold logins in plain text, so its copies lie in memory where there is a folder for that.
  WORK=${MEMORY:-$STATE}
  tries=0
  made=
  until try_config; do
    tries=$((tries + 1))
    [ "$tries" -lt 10 ] || refuse busy "$CONFIG keeps changing while it is being edited: try again."
  done
}

# One try; ends with 1 if somebody else wrote the file meanwhile.
try_config() {
  absent=
  if [ -f "$TARGET" ]; then
    if ! cat "$TARGET" >"$WORK/config.read" 2>/dev/null; then
      [ -e "$TARGET" ] || return 1
      [ ! -r "$TARGET" ] || refuse_work
      refuse config-not-writable "$CONFIG cannot be read by this user: give it back to the user with chown or chmod."
    fi
  elif [ -e "$TARGET" ]; then
    refuse config-not-writable "$CONFIG is not a file: remove it, or set DOCKER_CONFIG to another folder."
  else
    [ -n "$WANTED" ] || [ -r "$STATE/undo" ] || return 0
    true >"$WORK/config.read"
    absent='file'
    [ -d "${TARGET%/*}" ] || absent='file folder'
  fi
  made=$(
    export TASK ABSENT="$absent" WANTED CONFIG UNDO="$STATE/undo" UNDO_OUT="$STATE/undo.made" OUT="$WORK/config.made"
    config_awk "$WORK/config.read" 2>/dev/null
  )
  case $? in
    0) ;;
    3)
      # Half written, perhaps: then it is another text by now.
      same "$WORK/config.read" "$TARGET" || return 1
      refuse config-not-json "$CONFIG is not valid JSON, so it was left alone: mend it (or move it away), and deliver again."
      ;;
    4) refuse credhelpers-not-object "\"credHelpers\" in $CONFIG is not a table of helper names, so the file was left alone: mend it, and deliver again." ;;
    *) refuse_work ;;
  esac
  ! told undo-first || whole undo-first "$STATE/undo.made.first" || refuse_writing "$STATE"
  ! told undo || whole undo "$STATE/undo.made" || refuse_writing "$STATE"
  ! told write || whole write "$WORK/config.made" || refuse_work
  if told undo-first; then mv -f "$STATE/undo.made.first" "$STATE/undo" || refuse_writing "$STATE"; fi
  if told remove; then
    [ "$absent" ] || { same "$WORK/config.read" "$TARGET" || return 1; rm -f "$TARGET" || refuse_writing "$CONFIG"; }
    case $(cat "$STATE/undo" 2>/dev/null) in *"${NEWLINE}folder$TAB"*) rmdir "${TARGET%/*}" 2>/dev/null || : ;; esac
  elif told write; then
    replace_config || return 1
  fi
  if told undo; then
    if [ -s "$STATE/undo.made" ]; then mv -f "$STATE/undo.made" "$STATE/undo"; else rm -f "$STATE/undo"; fi
  fi
}

# Does config.awk say so?
told() {
  case $NEWLINE$made in *"$NEWLINE$1 "*) ;; *) return 1 ;; esac
}

# Has file $2 the size that config.awk says with word $1? Not every awk says that it could not write.
whole() {
  case $NEWLINE$made$NEWLINE in *"$NEWLINE$1 $(($(wc -c <"$2")))$NEWLINE"*) ;; *) return 1 ;; esac
}

# Do two files say the same? (cmp is not everywhere.)
same() {
  if command -v cmp >/dev/null; then cmp -s "$1" "$2"; else [ "$(cat "$1" && echo .)" = "$(cat "$2" && echo .)" ]; fi
}

# Puts config.made in the place of the target, with the target's mode and owner; ends with 1 if it has changed meanwhile.
replace_config() {
  [ -d "${TARGET%/*}" ] || mkdir -p "${TARGET%/*}" 2>/dev/null || refuse_writing "${TARGET%/*}"
  [ -w "${TARGET%/*}" ] || refuse_writing "${TARGET%/*}"
  beside
  [ ! -e "$BESIDE" ] || rm -f "$BESIDE"
  cat "$WORK/config.made" 2>/dev/null >"$BESIDE" || refuse_writing "$CONFIG"
  if [ -z "$absent" ]; then
    # shellcheck disable=SC2046
    set -- $(mode_and_owner "$TARGET" 2>/dev/null)
    [ $# -eq 3 ] || return 1
    mode=$1
    chown "$2" "$BESIDE" 2>/dev/null || refuse config-not-writable "$CONFIG belongs to another user: give it to this one with chown."
    # Who may not give it to that group gives its own no more than others have.
    chgrp "$3" "$BESIDE" 2>/dev/null || mode=${mode%??}${mode#??}${mode#??}
    chmod "$mode" "$BESIDE" || refuse_writing "$CONFIG"
  fi
  if [ "$absent" ]; then [ ! -e "$TARGET" ] || return 1; else same "$WORK/config.read" "$TARGET" || return 1; fi
  mv -f "$BESIDE" "$TARGET" 2>/dev/null || refuse config-not-writable "$CONFIG cannot be replaced (is it a mount of its own?): set DOCKER_CONFIG to a folder of its own."
}

# Sets BESIDE: where the new text of the target waits. A run that was killed may have left it there.
beside() {
  BESIDE=${TARGET%/*}/.config.json.registry-login
}

# Prints the mode of file $1 in octal, its owner and its group.
mode_and_owner() {
  # shellcheck disable=SC2012
  ls -ldn "$1" | awk '{
    for (i = 2; i <= 10; i++) mode = mode * 2 + (substr($1, i, 1) ~ /[rwxst]/)
    printf "%03o %s %s", mode, $3, $4
  }'
}

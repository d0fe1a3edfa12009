# shellcheck shell=sh
# SC2034: what is set here is used where this is sourced.
# shellcheck disable=SC2034
# What a person should know of the login, besides that it is there. Sourced by registry-login. Shows no values.

# Sets STORE to the credential store that report $1 of config.awk names.
store_in() {
  STORE=
  case $NEWLINE$1 in *"${NEWLINE}credsStore$TAB"*)
    STORE=${1#*"credsStore$TAB"}
    STORE=${STORE%%"$NEWLINE"*}
    ;;
  esac
}

# Sets DEAD to `missing` if there is no program for the credential store $1, to `failing` if it does not answer `list`
# (which a classic build asks of it; a helper is given ten seconds), else to nothing. With $2 = quick it is not asked.
dead_store() {
  DEAD=
  [ -n "$1" ] || return 0
  command -v "docker-credential-$1" >/dev/null || { DEAD=missing && return 0; }
  [ "${2:-}" != quick ] || return 0
  "docker-credential-$1" list </dev/null >/dev/null 2>&1 &
  helper=$!
  # timeout is not everywhere. It may ignore the first signal.
  (sleep 10 && kill "$helper" && sleep 1 && kill -9 "$helper") </dev/null >/dev/null 2>&1 &
  watch=$!
  wait "$helper" || DEAD=failing
  kill "$watch" 2>/dev/null
  return 0
}

# Sets WARNING_CODE and WARNING for the dead credential store $1, DEAD being set.
warn_of_store() {
  WARNING_CODE=credsstore-$DEAD
  WARNING="there is no docker-credential-$1 on PATH"
  [ "$DEAD" = missing ] || WARNING="docker-credential-$1 does not answer (does it belong to an editor that is not connected?)"
  WARNING="\"credsStore\" in $CONFIG names \"$1\", but $WARNING: a classic docker build (DOCKER_BUILDKIT=0) fails for that; docker pull and BuildKit do not. \"registry-login repair\" takes that line out and keeps a copy of the file."
}

# Prints the advice of both layers, a line each.
advice_lines() {
  [ -n "$MEMORY" ] || return 0
  for notes in "$MEMORY/delivered.notes" "$MEMORY/triplet.notes"; do
    [ -f "$notes" ] || continue
    while IFS= read -r line; do
      case $line in 'advice '*) printf '%s\n' "${line#advice }" ;; esac
    done <"$notes"
  done
}

# Prints the hosts whose answers went with a stop of the container, and that have no other one since.
lost_hosts() {
  names_in "${MEMORY:-/nowhere}/delivered" "${MEMORY:-/nowhere}/triplet" "${MEMORY:-/nowhere}/override"
  gone_hosts | while IFS= read -r name; do
    case " $WANTED " in *" $name "*) continue ;; esac
    WANTED="$WANTED $name"
    printf '%s\n' "$name"
  done
}

# Prints those that were noted, and, where the memory folder is not there any more, those that the Docker config names us for.
gone_hosts() {
  [ ! -r "$STATE/lost" ] || cat "$STATE/lost"
  if [ -n "$MEMORY" ] || [ ! -r "$STATE/undo" ]; then return 0; fi
  while IFS=$TAB read -r word key _; do
    [ "$word" = entry ] || continue
    host_name "$key"
    # shellcheck disable=SC2153
    host_key "$NAME"
    # podman's second key of Docker Hub is the same host.
    [ "$KEY" != "$key" ] || printf '%s\n' "$NAME"
  done <"$STATE/undo"
}

# One line for a person who opens a shell, if there is something to know (`registry-login notice`).
notice() {
  find_home
  find_state
  [ -d "$STATE" ] || return 0
  find_memory || :
  said=
  more=
  if [ -r "$STATE/error" ]; then IFS=$TAB read -r _ line _ <"$STATE/error" && add_notice "$line"; fi
  lost=
  for name in $(lost_hosts); do lost="$lost${lost:+, }$name"; done
  [ -z "$lost" ] || add_notice "The login to $lost is gone since the container stopped; it comes back with the next delivery."
  advice=$(advice_lines)
  [ -z "$advice" ] || add_notice "${advice%%"$NEWLINE"*}"
  case $advice in *"$NEWLINE"*) add_notice more ;; esac
  [ -z "$said" ] || printf 'registry-login: %s%s\n' "$said" "$more"
}

add_notice() {
  if [ "$said" ]; then more=' (There is more: registry-login status)'; else said=$1; fi
}

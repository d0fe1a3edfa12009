# shellcheck shell=sh
# `registry-login status`: sourced by registry-login, with JSON set or empty. Shows no values.

find_home
find_state
find_config
find_memory || :
reported=$(report_config 2>/dev/null)
[ $? -ne 3 ] || broken=1

# Sets SOURCE and SINCE from the second line of file $1.
stamp_of() {
  SOURCE='' SINCE=''
  { IFS= read -r _ && read -r SOURCE SINCE; } <"$1" || :
}

# Prints one host: $1 name, $2 state, $3 words for a person, $4 whether a triplet stands behind the delivery.
show_host() {
  host_key "$1"
  if [ "$JSON" ]; then
    printf '%s{"host":"%s","state":"%s","source":"%s","since":"%s","alsoTriplet":%s}' "$comma" "$KEY" "$2" "$SOURCE" "$SINCE" "$4"
    comma=,
  else
    printf '%s: %s\n' "$1" "$3"
  fi
}

show_hosts() {
  comma=
  if [ -n "$MEMORY" ]; then
    names_in "$MEMORY/delivered" "$MEMORY/triplet" "$MEMORY/override"
    for name in $WANTED; do
      SOURCE=login SINCE='' also=false
      if [ -f "$MEMORY/delivered/$name" ]; then
        stamp_of "$MEMORY/delivered/$name"
        [ ! -f "$MEMORY/triplet/$name" ] || also=true
      elif [ -f "$MEMORY/triplet/$name" ]; then stamp_of "$MEMORY/triplet/$name"; fi
      host_key "$name"
      from="from $SOURCE since $SINCE"
      [ $also = false ] || from="$from, which counts before the variables of the environment"
      if [ -f "$MEMORY/hidden/$name" ]; then show_host "$name" hidden "logged out by hand, until the secret changes or the container stops" $also
      elif [ -f "$MEMORY/override/$name" ]; then show_host "$name" overridden "another login by hand counts, until the secret changes or the container stops" $also
      else
        case $NEWLINE$reported$NEWLINE in
          *"${NEWLINE}ours$TAB$KEY$NEWLINE"*) show_host "$name" applied "logged in, $from" $also ;;
          *) show_host "$name" unlinked "delivered, but $CONFIG does not say so any more: run registry-login lifecycle postStart" $also ;;
        esac
      fi
    done
  elif [ -r "$STATE/undo" ]; then
    SOURCE='' SINCE=''
    while IFS=$TAB read -r word key _; do
      [ "$word" = entry ] || continue
      host_name "$key"
      # shellcheck disable=SC2153
      name=$NAME
      host_key "$name"
      [ "$KEY" != "$key" ] || show_host "$name" lost "gone since the container stopped; it comes back with the next delivery" false
    done <"$STATE/undo"
  fi
}

# Prints the notes of both layers: $1 the word (skip, advice).
show_notes() {
  comma=
  [ -n "$MEMORY" ] || return 0
  for notes in "$MEMORY/delivered.notes" "$MEMORY/triplet.notes"; do
    [ -f "$notes" ] || continue
    while IFS= read -r line; do
      [ "${line%% *}" = "$1" ] || continue
      line=${line#* }
      host_key "${line% *}"
      case $1:$JSON in
        skip:1) printf '%s{"host":"%s","reason":"%s"}' "$comma" "$KEY" "${line#* }" ;;
        skip:) printf '%s: not logged in (%s)\n' "${line% *}" "${line#* }" ;;
        advice:1) printf '%s%s' "$comma" "$(quoted "$line")" ;;
        advice:) printf '%s\n' "$line" ;;
      esac
      comma=,
    done <"$notes"
  done
}

dead=
case $NEWLINE$reported in *"${NEWLINE}credsStore$TAB"*)
  dead=${reported#*"credsStore$TAB"}
  dead=${dead%%"$NEWLINE"*}
  ! command -v "docker-credential-$dead" >/dev/null || dead=
  ;;
esac

code=
if [ -r "$STATE/error" ]; then IFS=$TAB read -r code message at <"$STATE/error" || :; fi

if [ "$JSON" ]; then
  printf '{"version":"%s","hosts":[%s],"skipped":[%s],"advice":[%s],' "$VERSION" "$(show_hosts)" "$(show_notes skip)" "$(show_notes advice)"
  printf '"directory":%s,"config":%s,' "$(if [ "$MEMORY" ]; then quoted "$MEMORY"; else printf null; fi)" "$(quoted "$CONFIG")"
  printf '"lastError":%s,' "$(if [ "$code" ]; then printf '{"code":"%s","message":%s,"at":"%s"}' "$code" "$(quoted "$message")" "$at"; else printf null; fi)"
  printf '"deadCredsStore":%s,"configIsJson":%s}\n' "$(if [ "$dead" ]; then quoted "$dead"; else printf null; fi)" "$(if [ "${broken:-}" ]; then printf false; else printf true; fi)"
else
  shown=$(show_hosts)$(show_notes skip)
  if [ "$shown" ]; then show_hosts && show_notes skip; else printf 'registry-login: logged in to no registry.\n'; fi
  show_notes advice
  [ -z "$code" ] || printf 'Last error (%s): %s\n' "$at" "$message"
  [ -z "${broken:-}" ] || printf '%s is not valid JSON: Docker cannot read it either.\n' "$CONFIG"
  [ -z "$dead" ] || printf '"credsStore" in %s names "%s", but there is no docker-credential-%s on PATH: a classic docker build fails for it (docker pull and BuildKit do not). Remove that line, or install the helper.\n' "$CONFIG" "$dead" "$dead"
fi

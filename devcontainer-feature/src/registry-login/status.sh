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
  fi
  SOURCE='' SINCE=''
  for name in $(lost_hosts); do
    show_host "$name" lost "gone since the container stopped; it comes back with the next delivery" false
  done
}

# Prints which hosts are left out on purpose.
show_skipped() {
  comma=
  [ -n "$MEMORY" ] || return 0
  for notes in "$MEMORY/delivered.notes" "$MEMORY/triplet.notes"; do
    [ -f "$notes" ] || continue
    while IFS= read -r line; do
      case $line in 'skip '*) line=${line#skip } ;; *) continue ;; esac
      host_key "${line% *}"
      if [ "$JSON" ]; then
        printf '%s{"host":"%s","reason":"%s"}' "$comma" "$KEY" "${line#* }"
      else
        printf '%s: not logged in (%s)\n' "${line% *}" "${line#* }"
      fi
      comma=,
    done <"$notes"
  done
}

show_advice() {
  comma=
  advice_lines | while IFS= read -r line; do
    if [ "$JSON" ]; then printf '%s%s' "$comma" "$(quoted "$line")"; else printf '%s\n' "$line"; fi
    comma=,
  done
}

store_in "$reported"
dead_store "$STORE"
WARNING=
[ -z "$DEAD" ] || warn_of_store "$STORE"

code=
if [ -r "$STATE/error" ]; then IFS=$TAB read -r code message at <"$STATE/error" || :; fi

if [ "$JSON" ]; then
  printf '{"version":"%s","hosts":[%s],"skipped":[%s],"advice":[%s],' "$VERSION" "$(show_hosts)" "$(show_skipped)" "$(show_advice)"
  printf '"directory":%s,"config":%s,' "$(if [ "$MEMORY" ]; then quoted "$MEMORY"; else printf null; fi)" "$(quoted "$CONFIG")"
  printf '"lastError":%s,' "$(if [ "$code" ]; then printf '{"code":"%s","message":%s,"at":"%s"}' "$code" "$(quoted "$message")" "$at"; else printf null; fi)"
  printf '"warnings":[%s],' "$(if [ "$DEAD" ]; then printf '{"code":"%s","message":%s}' "$WARNING_CODE" "$(quoted "$WARNING")"; fi)"
  printf '"deadCredsStore":%s,"configIsJson":%s}\n' "$(if [ "$DEAD" ]; then quoted "$STORE"; else printf null; fi)" "$(if [ "${broken:-}" ]; then printf false; else printf true; fi)"
else
  lines=$(show_hosts && show_skipped)
  printf '%s\n' "${lines:-registry-login: logged in to no registry.}"
  show_advice
  [ -z "$code" ] || printf 'Last error (%s): %s\n' "$at" "$message"
  [ -z "${broken:-}" ] || printf '%s is not valid JSON: Docker cannot read it either.\n' "$CONFIG"
  [ -z "$WARNING" ] || printf '%s\n' "$WARNING"
fi

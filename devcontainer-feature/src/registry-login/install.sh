#!/bin/sh
# Puts the scripts beside this one into /usr/local/share/registry-login and the two commands on PATH. Run as root, by a
# dev container build or by a delivery to a container that lacks the feature; again and again if need be.
# SHELLNOTICE=false (the feature's option shellNotice) leaves the files of the shells alone.
set -eu
from=$(cd -P -- "$(dirname -- "$0")" && pwd)
to=/usr/local/share/registry-login

fail() {
  printf 'registry-login: %s\n' "$1" >&2
  exit 1
}

[ "$(id -u)" = 0 ] || fail 'install.sh must be run as root.'
command -v awk >/dev/null || fail 'this image has no awk: install mawk, gawk or busybox.'

umask 022
mkdir -p "$to" /usr/local/bin 2>/dev/null || fail '/usr/local cannot be written: add the feature registry-login to devcontainer.json, so that it is part of the image.'
for file in "$from"/*.awk "$from"/*.sh "$from/registry-login" "$from/docker-credential-registry-login"; do
  name=${file##*/}
  [ "$name" != install.sh ] || continue
  # Beside its place first, so that a running login never reads half a file.
  cat "$file" >"$to/.$name.new"
  case $name in *.awk | *.sh) chmod 644 "$to/.$name.new" ;; *) chmod 755 "$to/.$name.new" ;; esac
  mv -f "$to/.$name.new" "$to/$name"
done
for command in registry-login docker-credential-registry-login; do
  ln -sf "$to/$command" "/usr/local/bin/$command"
done

# Login shells read /etc/profile.d; other interactive ones a file that is not ours, at whose end one marked line goes.
mark='# registry-login'
notice="[ ! -r $to/shell-notice.sh ] || . $to/shell-notice.sh $mark"
[ "${SHELLNOTICE:-true}" != false ] || notice=
rm -f /etc/profile.d/registry-login.sh
[ -z "$notice" ] || [ ! -d /etc/profile.d ] || ln -s "$to/shell-notice.sh" /etc/profile.d/registry-login.sh
for file in /etc/bash.bashrc /etc/bashrc /etc/zsh/zshrc /etc/zshrc; do
  if [ ! -f "$file" ] || [ ! -w "$file" ]; then continue; fi
  if grep -qF "$mark" "$file"; then
    grep -vF "$mark" "$file" >"$to/.rc" || :
    cat "$to/.rc" >"$file"
    rm -f "$to/.rc"
  fi
  [ "$notice" ] || continue
  [ -z "$(tail -c 1 "$file")" ] || printf '\n' >>"$file"
  printf '%s\n' "$notice" >>"$file"
done

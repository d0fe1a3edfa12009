# shellcheck shell=sh
# registry-login: one line in a new interactive shell, if there is something to know. REGISTRY_LOGIN_NOTICE=0 turns it off.
case $- in *i*)
  if [ -z "${registry_login_noticed:-}" ] && [ "${REGISTRY_LOGIN_NOTICE:-1}" != 0 ]; then
    registry_login_noticed=1
    /usr/local/bin/registry-login notice 2>/dev/null || :
  fi
  ;;
esac

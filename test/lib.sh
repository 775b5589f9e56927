# shellcheck shell=bash
# What the runner scripts share; sourced, never run.

umask 022

# absolute, because the programs of a private server come first in PATH later
PG_CONFIG=$(command -v "${PG_CONFIG:-pg_config}" || echo "${PG_CONFIG:-pg_config}")
export PG_CONFIG

die() { echo "${0##*/}: $*" >&2; exit 1; }

# The user that server programs run as: PostgreSQL refuses root.
os_user() {
  if [ "$(id -u)" != 0 ]; then id -un
  elif [ -n "${SQL_AGENT_OS_USER:-}" ]; then echo "$SQL_AGENT_OS_USER"
  elif id postgres >/dev/null 2>&1; then echo postgres
  else echo nobody; fi
}

# run a program as that user; HOME is the first argument
unprivileged() {
  local home=$1 user; shift
  user=$(os_user)
  if [ "$(id -u)" = 0 ]; then
    setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- env HOME="$home" "$@"
  else
    env HOME="$home" "$@"
  fi
}

# A new directory that the unprivileged user can enter, wherever the checkout is.
# A server's socket path is limited to about 100 bytes, so it is under /tmp when
# TMPDIR is long or closed.
scratch() {
  local base=${TMPDIR:-/tmp} made
  if [ ${#base} -gt 40 ] || ! unprivileged / test -x "$base" -a -w "$base"; then base=/tmp; fi
  made=$(mktemp -d "$base/sql_agent-$1.XXXXXX")
  chmod 755 "$made"
  echo "$made"
}

# Copy the sources without anything built, so that a run neither meets the
# objects of another build nor needs the checkout to be readable or writable.
copy_sources() {
  mkdir -p "$2"
  tar -C "$1" -cf - --exclude=./.git --exclude=./build --exclude=./tmp_check --exclude=./results --exclude=./output_iso \
    --exclude=./node_modules --exclude='*.o' --exclude='*.bc' --exclude='*.so' --exclude='./sql_agent--*.sql' . | tar -C "$2" -xf - --no-same-owner
  chmod -R a+rX "$2"
}

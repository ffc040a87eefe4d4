#!/usr/bin/env bash
# Runs a command with MOTO_URL, the address of a moto server: with-moto.sh COMMAND… Requires Python 3 with venv and pip.
# Installs moto in the directory MOTO_VENV if it is set and empty, otherwise in a temporary one.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT

venv=${MOTO_VENV:-$work/venv}
if [ ! -x "$venv/bin/moto_server" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --no-compile --disable-pip-version-check 'moto[server]==5.2.5'
fi
port=$(node -e '
  const server = require("net").createServer().listen(0, "127.0.0.1", () => {
    console.log(server.address().port);
    server.close();
  })')
"$venv/bin/moto_server" -H 127.0.0.1 -p "$port" >"$work/log" 2>&1 &
server=$!
for _ in $(seq 60); do
  node -e 'fetch(process.argv[1]).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))' \
    "http://127.0.0.1:$port/moto-api/" && break
  sleep 1
done

# Not 127.0.0.1: the client of S3 Control adds the account as a subdomain.
MOTO_URL="http://localhost:$port" "$@" || {
  tail -n 50 "$work/log"
  exit 1
}

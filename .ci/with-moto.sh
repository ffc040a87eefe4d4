#!/usr/bin/env bash
# Runs a command with MOTO_URL, the address of a moto server: with-moto.sh COMMAND… Requires Python 3 with venv and pip.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'moto[server]==5.2.5'
port=$(node -e '
  const server = require("net").createServer().listen(0, "127.0.0.1", () => {
    console.log(server.address().port);
    server.close();
  })')
"$work/venv/bin/moto_server" -H 127.0.0.1 -p "$port" >"$work/log" 2>&1 &
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

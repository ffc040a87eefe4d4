#!/usr/bin/env bash
# Runs the handler of the database users against PostgreSQL, MariaDB and moto, which the tests start. Requires Debian's
# packages, which it installs if they are missing, and Python 3 with venv and pip.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT

packages='postgresql-15 postgresql-15-pgaudit mariadb-server openssl'
installed() {
  # shellcheck disable=SC2086
  [ "$(dpkg-query -W -f '${db:Status-Status}\n' $packages 2>/dev/null | grep -c '^installed$')" -eq 4 ]
}
if ! installed; then
  root=()
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  "${root[@]}" apt-get update -qq
  # shellcheck disable=SC2086
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages
fi

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

MOTO_URL="http://127.0.0.1:$port" npx jest --ci --coverage=false --maxWorkers 2 \
  --testMatch '<rootDir>/test/**/*.server.ts' "$@" || {
  tail -n 50 "$work/log"
  exit 1
}

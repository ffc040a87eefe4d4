#!/usr/bin/env bash
# Runs the handler of the database users against moto, and PostgreSQL and MariaDB, which the tests start. Installs
# Debian's packages of the servers if they are missing.
set -eu
cd "$(dirname "$0")/.."
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

bash .ci/with-moto.sh npx jest --ci --coverage=false --maxWorkers 2 --testMatch '<rootDir>/test/**/*.server.ts' "$@"

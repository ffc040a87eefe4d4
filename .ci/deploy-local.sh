#!/usr/bin/env bash
# Deploys, updates, fails, adopts and deletes on a strict local endpoint: deploy-local.sh [SECONDS]. Requires Python 3
# with venv and pip. Run `npx projen examples` first: it synthesizes the examples.
#
# The most valuable lives run first. A life that has not started after SECONDS (default: 240) is named and does not run.
# `npx projen deploy:local` runs all lives, with a failure of every resource.
set -eu
cd "$(dirname "$0")/.."
lives='controls carebow karematch-eu-west-1 fail update omnirapeutic adopt mentalhealthaide site-with-api
  rotating-secrets existing-resources two-environments karematch checks-only network'
# The order of independent resources. Another seed gives another order.
order=${ORDER:-1}
# shellcheck disable=SC2086
NODE_NO_WARNINGS=1 timeout 900 npx tsx --tsconfig tsconfig.dev.json test/deployment/run.ts \
  --order "$order" --failures 1 --budget "${1:-240}" $lives

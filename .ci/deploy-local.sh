#!/usr/bin/env bash
# Deploys, updates, fails, adopts and deletes every example on a strict local endpoint: deploy-local.sh [ARGUMENT…].
# Requires Python 3 with venv and pip. Run `npx projen examples` first: it synthesizes the examples.
#
# Refuses one resource of each type of each example, and a tenth of the others. The order chooses them, so that each
# commit refuses other resources. `npx projen deploy:local refusals` refuses every resource.
set -eu
cd "$(dirname "$0")/.."
order=${ORDER:-$(git rev-list --count HEAD)}
NODE_NO_WARNINGS=1 timeout 1500 npx tsx --tsconfig tsconfig.dev.json test/deployment/run.ts \
  --order "$order" --share 0.1 "$@"

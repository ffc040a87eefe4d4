#!/usr/bin/env bash
# Deploys, updates, fails, adopts and deletes the examples on a strict local endpoint: deploy-local.sh [NAME…]. Requires
# Python 3 with venv and pip. Run `npx projen examples` first: it synthesizes the examples.
#
# Refuses one resource of each type of each stack, and a tenth of the others. The order chooses them, so that each
# commit refuses other resources. `npx projen deploy:local refusals` refuses every resource. The most valuable lives run
# first, and all of them must run.
set -eu
cd "$(dirname "$0")/.."
order=${ORDER:-$(git rev-list --count HEAD)}
[ $# -gt 0 ] || set -- refusals controls backend carebow karematch-eu-west-1 omnirapeutic update adopt disposable \
  mentalhealthaide site-with-api rotating-secrets existing-resources two-environments api-with-database \
  account-guardrails network checks-only karematch backend-instance karematch-any-region
NODE_NO_WARNINGS=1 timeout 3000 npx tsx --tsconfig tsconfig.dev.json test/deployment/run.ts \
  --order "$order" --share 0.1 --workers 3 "$@"

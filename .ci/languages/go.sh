#!/usr/bin/env bash
# Go: generates the module, compiles KareMatch against it in a clean folder, and synthesizes it: go.sh FOLDER
source "$(dirname "$0")/common.sh" "$1"

# The modules of the AWS CDK come from the npm packages, because the Go proxy can lack their newest versions.
# The release runs `npx projen package:go` instead, with the modules of the proxy. The job `package` on GitHub does both.
modules="$work/go-modules"
generate() { # NAME FOLDER
  (cd "$2" && NODE_OPTIONS="--require=$top/.ci/languages/write-in-turn.js" \
    npx jsii-pacmak --target go --code-only -o "$modules/$1")
}
release=$(release_folder go)
phase 'Go: generate the module' generate cdk-hipaa "$release"
grep -q '^```go' "$modules/cdk-hipaa/go/cdkhipaa/README.md"
# The module contains the sources, the tarball, the README and the license, and nothing else.
unwanted=$(cd "$modules/cdk-hipaa/go/cdkhipaa" && find . -type f |
  grep -vE '^\./([A-Za-z0-9_]+\.go|go\.mod|version|README\.md|LICENSE|internal/types\.go)$' |
  grep -vE '^\./jsii/(jsii\.go|cdk-hipaa-[^/]+\.tgz)$' || true)
if [ -n "$unwanted" ]; then
  printf 'The module contains other files:\n%s\n' "$unwanted"
  exit 1
fi
check_tarball "$(find "$modules/cdk-hipaa/go/cdkhipaa/jsii" -name '*.tgz')"
if ! grep -q '](https://[^)]*/docs/README.md)' "$modules/cdk-hipaa/go/cdkhipaa/README.md"; then
  echo 'The README of the module does not link to the documentation.'
  exit 1
fi
for name in aws-cdk-lib cdk-nag @aws-cdk/cloud-assembly-schema; do
  phase "Go: generate $name" generate "$name" "$top/node_modules/$name"
done

app=$(app_folder go)
# The compiler takes less time without optimizations, and with a larger heap.
export GOGC=400
export GOFLAGS="-mod=mod -modcacherw '-gcflags=all=-N -l' -ldflags=-s" GONOSUMDB='*'
export GOPATH="$work/gopath" GOCACHE="$work/gocache"
replace() { # MODULE FOLDER
  go mod edit -replace "$1=$modules/$2"
}
schema=$(ls "$modules/@aws-cdk/cloud-assembly-schema/go")
build() {
  cd "$app" &&
    replace github.com/cdk-hipaa/cdk-hipaa-go/cdkhipaa cdk-hipaa/go/cdkhipaa &&
    replace github.com/aws/aws-cdk-go/awscdk/v2 aws-cdk-lib/go/awscdk &&
    replace github.com/cdklabs/cdk-nag-go/cdknag/v3 cdk-nag/go/cdknag &&
    replace "$(sed -n 's/^module //p' "$modules/@aws-cdk/cloud-assembly-schema/go/$schema/go.mod")" \
      "@aws-cdk/cloud-assembly-schema/go/$schema" &&
    go build -o "$work/karematch" .
}
phase 'Go: compile KareMatch' build
phase 'Go: KareMatch' env -C "$app" CDK_OUTDIR="$work/go.out" "$work/karematch"
same_templates "$work/go.out"

cp "$top/test/languages/go/interfaces_test.go" "$app/"
node "$top/.ci/languages/api-calls.js" go "$app/api_calls_test.go"
phase 'Go: implemented interfaces, and every call of the API' env -C "$app" go test ./...

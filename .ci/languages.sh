#!/usr/bin/env bash
# Packages the npm tarball for each language as the release does, and uses the packages. Prints what it skipped.
#
# Usage: .ci/languages.sh [FOLDER [LANGUAGE…]]. Before, run `npx projen compile`, `npx projen post-compile` and
# `npx projen package:js`. `typescript` writes the templates with which the other languages compare theirs.
folder=${1:-$(mktemp -d)}
shift || true
cd "$(dirname "$0")/languages" || exit 1
source common.sh "$folder"
[ $# -gt 0 ] || set -- typescript python java go dotnet
failed=0
for language in "$@"; do
  if [ "$language" = typescript ]; then
    phase 'TypeScript: KareMatch' typescript
    continue
  fi
  case $language in java) tool=mvn ;; python) tool=python3 ;; go) tool=go ;; *) tool=node ;; esac
  if ! command -v "$tool" >/dev/null; then
    # The dry run of the release reads the file.
    echo "Skipped without $tool: the package for $language" | tee "$work/skipped-$language"
    continue
  fi
  bash "$language.sh" "$folder" || failed=1
done
exit "$failed"

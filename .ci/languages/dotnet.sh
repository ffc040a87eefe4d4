#!/usr/bin/env bash
# C#: generates the sources. Builds the package and KareMatch if the machine has the .NET SDK: dotnet.sh FOLDER
source "$(dirname "$0")/common.sh" "$1"

release=$(release_folder dotnet)
# The README is the documentation of the namespace.
check_readme() {
  local readme
  readme=$(find "$release/dist/dotnet" -name NamespaceDoc.cs)
  if ! grep -q 'using Amazon.CDK' "$readme" || ! grep -q 'href="https://[^"]*/docs/README.md"' "$readme"; then
    echo 'The documentation of the namespace lacks the README in C#, or its links.'
    exit 1
  fi
}
if ! command -v dotnet >/dev/null; then
  phase 'C#: generate the sources' env -C "$release" npx jsii-pacmak -v --target dotnet --code-only
  check_readme
  echo 'Skipped without the .NET SDK: the package, the compiler, and the synthesis of KareMatch.'
  if ! command -v python3 >/dev/null; then
    echo 'Skipped without Python: the comparison of every call of the API and of KareMatch with the sources.'
    exit
  fi
  node "$top/.ci/languages/api-calls.js" csharp "$work/ApiCalls.cs"
  parser() {
    python3 -m venv "$work/csharp-venv" &&
      "$work/csharp-venv/bin/pip" install --quiet --no-compile --disable-pip-version-check \
        tree-sitter==0.26.1 tree-sitter-c-sharp==0.23.5
  }
  phase 'C#: install a parser' parser
  "$work/csharp-venv/bin/python" "$top/.ci/languages/check_csharp.py" "$release/dist/dotnet" "$work/ApiCalls.cs" \
    "$top"/examples/languages/csharp/*.cs
  exit
fi
phase 'C#: package' env -C "$release" npx jsii-pacmak -v --target dotnet
check_readme
app=$(app_folder csharp)
node "$top/.ci/languages/api-calls.js" csharp "$app/ApiCalls.cs"
phase 'C#: compile KareMatch and every call of the API' env -C "$app" dotnet build --nologo \
  --source "$release/dist/dotnet" --source https://api.nuget.org/v3/index.json -o "$work/csharp"
phase 'C#: KareMatch' env -C "$app" CDK_OUTDIR="$work/csharp.out" dotnet "$work/csharp/KareMatch.dll"
same_templates "$work/csharp.out"

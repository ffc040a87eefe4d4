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
  printf 'C#: %s source files. Skipped without the .NET SDK: the package, and KareMatch.\n' \
    "$(find "$release/dist/dotnet" -name '*.cs' | wc -l)"
  exit
fi
phase 'C#: package' env -C "$release" npx jsii-pacmak -v --target dotnet
check_readme
app=$(app_folder csharp)
phase 'C#: compile' env -C "$app" dotnet build --nologo --source "$release/dist/dotnet" \
  --source https://api.nuget.org/v3/index.json -o "$work/csharp"
phase 'C#: KareMatch' env -C "$app" CDK_OUTDIR="$work/csharp.out" dotnet "$work/csharp/KareMatch.dll"
same_templates "$work/csharp.out"

#!/usr/bin/env bash
# C#: generates the sources. Builds the package and KareMatch if the machine has the .NET SDK: dotnet.sh FOLDER
source "$(dirname "$0")/common.sh" "$1"

release=$(release_folder dotnet)
if ! command -v dotnet >/dev/null; then
  phase 'C#: generate the sources' env -C "$release" npx jsii-pacmak -v --target dotnet --code-only
  printf 'C#: %s source files. Skipped without the .NET SDK: the package, and KareMatch.\n' \
    "$(find "$release/dist/dotnet" -name '*.cs' | wc -l)"
  exit
fi
phase 'C#: package' env -C "$release" npx jsii-pacmak -v --target dotnet
app=$(app_folder csharp)
phase 'C#: compile' env -C "$app" dotnet build --nologo --source "$release/dist/dotnet" \
  --source https://api.nuget.org/v3/index.json -o "$work/csharp"
phase 'C#: KareMatch' env -C "$app" CDK_OUTDIR="$work/csharp.out" dotnet "$work/csharp/KareMatch.dll"
same_templates "$work/csharp.out"

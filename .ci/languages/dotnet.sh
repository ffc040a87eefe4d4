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
node "$top/.ci/languages/api-calls.js" csharp "$work/ApiCalls.cs"

# What a compiler would find is found without it as far as possible; see check_csharp.py.
parser() {
  python3 -m venv "$work/csharp-venv" &&
    "$work/csharp-venv/bin/pip" install --quiet --no-compile --disable-pip-version-check \
      tree-sitter==0.26.1 tree-sitter-c-sharp==0.23.5 &&
    node "$top/.ci/languages/type-names.js" >"$work/type-names"
}
compared() {
  "$work/csharp-venv/bin/python" "$top/.ci/languages/check_csharp.py" "$release/dist/dotnet" "$work/type-names" "$@"
}
# Copies with one fault each. The comparison must find every fault.
spoil() { # FILE SED-COMMAND
  count=$((count + 1))
  sed "$2" "$1" >"$work/spoiled/$count.cs"
}
controls() {
  local csharp="$top/examples/languages/csharp" calls="$work/ApiCalls.cs" count=0 file
  rm -rf "$work/spoiled" && mkdir "$work/spoiled"
  spoil "$csharp/KareMatchStack.cs" 's/DataProtection.Of/DataProtectio.Of/'
  spoil "$csharp/KareMatchStack.cs" 's/new HipaaVpc(/new HipaaVpcc(/'
  spoil "$csharp/KareMatchStack.cs" 's/network.Vpc,/network.Vpcc,/'
  spoil "$csharp/KareMatchStack.cs" 's/secrets.ForContainer(/secrets.ForContainers(/'
  spoil "$csharp/KareMatchStack.cs" 's/new IServiceBindable/new IServiceBindabl/'
  spoil "$csharp/Settings.cs" 's/OnePerAz()/OnePerAZ()/'
  spoil "$csharp/Settings.cs" 's/{ Reason =/{ Reaso =/'
  spoil "$csharp/Settings.cs" 's/RelaxationOptions? Disposable/RelaxationOption? Disposable/'
  spoil "$calls" 's/new CdkHipaa.HipaaVpc(/new CdkHipaa.NatStrategy(/'
  spoil "$calls" 's/new CdkHipaa.HipaaVpc(@scope, @id)/new CdkHipaa.HipaaVpc(@scope)/'
  spoil "$calls" 's/AdoptedRecording.Everything()/AdoptedRecording.Everything(1)/'
  spoil "$calls" 's/instance.Enforce(/CdkHipaa.ComplianceChecks.Enforce(/'
  spoil "$calls" 's/ParameterVersion(@parameterName, @version)/ParameterVersion(@version, @parameterName)/'
  compared "$csharp"/*.cs "$work/spoiled"/*.cs >"$work/spoiled.log" && return 1
  for file in $(seq "$count"); do
    if ! grep -q "^$file.cs:" "$work/spoiled.log"; then
      echo "The comparison does not find the fault in $file.cs."
      return 1
    fi
  done
}
compare() {
  if ! command -v python3 >/dev/null; then
    echo 'Skipped without Python: the comparison of every call of the API and of KareMatch with the sources.'
    return
  fi
  phase 'C#: install a parser' parser
  compared "$work/ApiCalls.cs" "$top"/examples/languages/csharp/*.cs
  phase 'C#: the comparison finds thirteen faults' controls
}

# jsii-pacmak leaves the sources only if it does not compile them.
phase 'C#: generate the sources' env -C "$release" npx jsii-pacmak -v --target dotnet --code-only
check_readme
check_tarball "$(find "$release/dist/dotnet" -name '*.tgz')"
if ! command -v dotnet >/dev/null; then
  compare
  echo 'Skipped without the .NET SDK: the package, the compiler, and the synthesis of KareMatch.'
  exit
fi
phase 'C#: package' env -C "$release" npx jsii-pacmak -v --target dotnet
app=$(app_folder csharp)
cp "$work/ApiCalls.cs" "$app/"
phase 'C#: compile KareMatch and every call of the API' env -C "$app" dotnet build --nologo \
  --source "$release/dist/dotnet" --source https://api.nuget.org/v3/index.json -o "$work/csharp"
phase 'C#: KareMatch' env -C "$app" CDK_OUTDIR="$work/csharp.out" dotnet "$work/csharp/KareMatch.dll"
same_templates "$work/csharp.out"

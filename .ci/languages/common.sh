# Shared by the scripts of the languages: source common.sh FOLDER.
#
# Each script packages the npm tarball as its job in release.yml does, installs the result in a clean folder, and
# compares the templates of KareMatch with those of the TypeScript app.
set -eu
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
mkdir -p "$1"
work=$(cd "$1" && pwd)

# The lowest versions that the package allows.
AWS_CDK_LIB=2.271.0 CDK_NAG=3.0.2 CONSTRUCTS=10.5.1

# phase NAME COMMAND…: runs a command, and prints its time, or its output if it fails.
phase() {
  local name=$1 started=$SECONDS log
  shift
  log="$work/$(printf '%s' "$name" | tr -c 'A-Za-z0-9' '-').log"
  if ! "$@" >"$log" 2>&1; then
    tail -n 80 "$log"
    printf '%s … FAILED\n' "$name"
    exit 1
  fi
  printf '%4d s  %s\n' $((SECONDS - started)) "$name"
}

# A checkout with the files of the npm tarball on top: the folder in which the release jobs call jsii-pacmak.
release_folder() {
  local folder="$work/release-$1"
  rm -rf "$folder" && mkdir -p "$folder"
  git -C "$top" archive HEAD | tar -x -C "$folder"
  tar --strip-components=1 -xzf "$(ls "$top"/dist/js/*.tgz)" -C "$folder"
  ln -s "$top/node_modules" "$folder/node_modules"
  printf '%s' "$folder"
}

# Each package contains a tarball of the library, which it runs. It must have the same files as the package for npm.
check_tarball() { # FILE
  node "$top/.ci/check-tarball.js" "$1"
}
check_tarball_in() { # ARCHIVE
  local tarball
  tarball="$work/$(basename "$1").tgz"
  unzip -p "$1" '*.jsii.tgz' >"$tarball"
  check_tarball "$tarball"
}

# A clean folder with the app of a language and the built site of KareMatch.
app_folder() {
  local folder="$work/clean-$1"
  rm -rf "$folder"
  mkdir -p "$folder/examples/languages" "$folder/examples/karematch/frontend"
  git -C "$top" ls-files -z --cached --others --exclude-standard "examples/languages/$1" |
    (cd "$top" && xargs -0 tar -c) | tar -x -C "$folder"
  cp -r "$top/examples/karematch/frontend/dist" "$folder/examples/karematch/frontend/dist"
  printf '%s' "$folder/examples/languages/$1"
}

# The templates of the TypeScript app, from the runner of the examples.
typescript() (
  cd "$top"
  [ -d examples/karematch/frontend/dist ] || npx vite build --logLevel warn examples/karematch/frontend
  # With the option --tsconfig, tsx ignores -e.
  TSX_TSCONFIG_PATH=tsconfig.dev.json npx tsx -e \
    "const { ok, output } = require('./scripts/examples/example').synthesizeExample('karematch');
     if (!ok) { console.log(output); process.exit(1); }"
)

# The snippets of the documentation in Python and Java. Both languages share one translation.
translate_snippets() {
  local index="$work/snippets/index.json"
  if [ -f "$index" ] && [ -z "$(cd "$top" && find .jsii README.md docs scripts/snippets -newer "$index")" ]; then
    return
  fi
  (cd "$top" && npx tsx --tsconfig tsconfig.dev.json scripts/snippets/translate.ts "$work/snippets")
}

# check_snippets LANGUAGE COMMAND…: the command prints the snippets that fail. They must be those in snippets.json.
check_snippets() {
  local language=$1 failures="$work/snippets/$1.txt"
  shift
  phase "the snippets in $language" bash -c '"${@:2}" >"$1"' - "$failures" "$@"
  node "$top/.ci/languages/check-snippets.js" "$language" "$work/snippets" "$failures"
}

# same_templates FOLDER: fails unless the cloud assembly has the templates, assets and report of that of TypeScript.
same_templates() {
  node "$top/.ci/languages/compare.js" "$top/out/examples/karematch" "$1"
}

#!/usr/bin/env bash
# Python: builds the wheel, installs it in a clean environment, and synthesizes KareMatch: python.sh FOLDER
source "$(dirname "$0")/common.sh" "$1"

release=$(release_folder python)
phase 'Python: package' env -C "$release" npx jsii-pacmak -v --target python
wheel=$(ls "$release"/dist/python/*.whl)
python3 "$top/.ci/languages/check_wheel.py" "$wheel" "$work/readme-example.py"
check_tarball_in "$wheel"

app=$(app_folder python)
venv="$work/venv"
cat >"$work/constraints.txt" <<X
cdk-hipaa @ file://$wheel
aws-cdk-lib==$AWS_CDK_LIB
cdk-nag==$CDK_NAG
constructs==$CONSTRUCTS
X
install() {
  rm -rf "$venv" && python3 -m venv "$venv" &&
    "$venv/bin/pip" install -q --no-compile -r "$app/requirements.txt" -c "$work/constraints.txt"
}
phase 'Python: install' install
phase 'Python: KareMatch' env -C "$app" CDK_OUTDIR="$work/python.out" "$venv/bin/python" app.py
same_templates "$work/python.out"
phase 'Python: example of the README' env CDK_OUTDIR="$work/readme.out" "$venv/bin/python" "$work/readme-example.py"
phase 'Python: implemented interfaces' env -C "$top/test/languages/python" "$venv/bin/python" -m unittest -v
node "$top/.ci/languages/api-calls.js" python "$work/api_calls.py"
phase 'Python: every call of the API' "$venv/bin/python" "$work/api_calls.py"
phase 'translate the snippets' translate_snippets
check_snippets python "$venv/bin/python" "$top/.ci/languages/run_snippets.py" "$work/snippets"

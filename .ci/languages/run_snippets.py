"""Runs the translated snippets: run_snippets.py FOLDER. Prints the name of each that fails, a tab, and its error."""

import json
import os
import pathlib
import sys
import tempfile

folder = pathlib.Path(sys.argv[1]).resolve()
# The files of a user that the snippets name. jsii resolves paths in the directory in which it is imported.
directory = tempfile.TemporaryDirectory()
os.chdir(directory.name)
FILES = {
    "frontend/dist/index.html": "<!doctype html>",
    "api/Dockerfile": "FROM scratch",
    "compliance-baseline.json": '{"schemaVersion": "1.0", "findings": []}',
}
for name, text in FILES.items():
    pathlib.Path(name).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(name).write_text(text)

import jsii  # noqa: E402
from aws_cdk import App  # noqa: E402

for snippet in json.loads((folder / "index.json").read_text()):
    file = folder / f"{snippet['file']}.py"
    # jsii-rosetta does not write `import jsii` for the decorator of an interface.
    names = {"jsii": jsii}
    try:
        exec(compile(file.read_text(), str(file), "exec"), names)
        names["Snippet"](App()).build()
    except Exception as error:  # A snippet can fail in any way.
        first = str(error).strip().splitlines()[:1]
        print(f"{snippet['name']}\t{type(error).__name__}: {''.join(first)}", flush=True)

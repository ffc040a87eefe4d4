"""Runs the translated snippets: run_snippets.py FOLDER. Prints the name of each that fails, a tab, and its error."""

import json
import os
import pathlib
import sys
import tempfile

# Each snippet starts with `import jsii` if it implements an interface, which jsii-rosetta does not write.
import jsii
from aws_cdk import App

folder = pathlib.Path(sys.argv[1]).resolve()

# The files of a user that the snippets name.
with tempfile.TemporaryDirectory() as directory:
    os.chdir(directory)
    for name in ["frontend/dist/index.html", "api/Dockerfile"]:
        path = pathlib.Path(name)
        path.parent.mkdir(parents=True)
        path.write_text("FROM scratch\n")
    for snippet in json.loads((folder / "index.json").read_text()):
        file = folder / f"{snippet['file']}.py"
        names = {"jsii": jsii}
        try:
            exec(compile(file.read_text(), str(file), "exec"), names)
            names["Snippet"](App()).build()
        except Exception as error:  # The snippet can fail in any way.
            first = str(error).strip().splitlines()[:1]
            print(f"{snippet['name']}\t{type(error).__name__}: {''.join(first)}", flush=True)

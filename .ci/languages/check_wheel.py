"""Checks the files and the README of the wheel, and writes its first example to a file: check_wheel.py WHEEL EXAMPLE"""

import re
import sys
import zipfile

wheel = zipfile.ZipFile(sys.argv[1])
problems = []

names = [re.sub(r"^cdk_hipaa-[^/]+\.dist-info/", "dist-info/", name) for name in wheel.namelist()]
expected = [
    r"cdk_hipaa/__init__\.py",
    r"cdk_hipaa/py\.typed",
    r"cdk_hipaa/_jsii/__init__\.py",
    r"cdk_hipaa/_jsii/cdk-hipaa@.*\.jsii\.tgz",
    r"dist-info/(LICENSE|METADATA|WHEEL|top_level\.txt|RECORD|licenses/LICENSE)",
]
problems += [f"{name} must not be in the wheel" for name in names if not any(re.fullmatch(e, name) for e in expected)]
problems += [f"{e} is missing" for e in expected if not any(re.fullmatch(e, name) for name in names)]

metadata = next(wheel.read(name).decode() for name in wheel.namelist() if name.endswith("/METADATA"))
examples = re.findall(r"^```python\n(.*?)^```", metadata, re.M | re.S)
if not examples or "from cdk_hipaa import" not in examples[0]:
    problems.append("the README has no example in Python")
if any("import {" in example or "new " in example for example in examples):
    problems.append("the README labels TypeScript as Python")
links = re.findall(r"\]\(([^)]+)\)", metadata)
problems += [f"the link {link} works only in the repository" for link in links if not re.match(r"https://|#", link)]
if not any("/docs/README.md" in link for link in links):
    problems.append("the README does not link to the documentation")

print(f"the wheel has {len(names)} files, its README {len(examples)} Python examples and {len(links)} links")
for problem in problems:
    print(problem)
if problems:
    sys.exit(1)
with open(sys.argv[2], "w", encoding="utf8") as file:
    file.write(examples[0])

#!/usr/bin/env bash
# Installs the tarball in an empty folder, synthesizes the first example of the README without changes, and imports a
# name from an ES module.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1" && cd "$1"
tarball=$(ls "$top"/dist/js/*.tgz)
echo '{ "name": "first-app", "private": true }' >package.json
# The lowest versions of the peer dependencies that the package allows.
npm install --no-audit --no-fund "$tarball" aws-cdk-lib@2.271.0 constructs@10.5.1 cdk-nag@3.0.2 \
  tsx@4 typescript@5 @types/node@20
node -e '
  const readme = require("fs").readFileSync(process.argv[1], "utf8");
  require("fs").writeFileSync("app.ts", readme.match(/```ts nofixture\n([\s\S]*?)```/)[1]);' "$top/README.md"
npx tsc --noEmit --strict --skipLibCheck --target es2022 --module node16 --moduleResolution node16 --types node app.ts
CDK_OUTDIR=$PWD/cdk.out npx tsx app.ts
test -s cdk.out/compliance-report.json
node --input-type=module -e "import { HipaaVpc } from 'cdk-hipaa'; if (HipaaVpc.name !== 'HipaaVpc') process.exit(1);"
node -e '
  const fs = require("fs");
  const file = fs.readdirSync("cdk.out").find((name) => name.endsWith(".template.json"));
  const count = Object.keys(JSON.parse(fs.readFileSync(`cdk.out/${file}`, "utf8")).Resources).length;
  const stated = fs.readFileSync(process.argv[1], "utf8").match(/The stack has (\d+) resources/)[1];
  console.log(`${file}: ${count} resources, ${stated} in the README`);
  if (count !== Number(stated)) process.exit(1);' "$top/README.md"

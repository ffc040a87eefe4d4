import * as fs from 'fs';
import * as ts from 'typescript';
import { testAlarms } from './alarms';
import { testDocuments } from './documents';
import { FACTS } from './facts';
import { MUTATIONS } from './mutations';
import { EXAMPLE_FOLDER } from './proof/parts';
import { karematch, karematchTemplates } from './proof/synthesis';
import { nodes, sourceOf, testSize } from '../../support/template/source';
import { testSystem } from '../../support/template/system';

// One synthesis for all tests of the system.
const templates = karematchTemplates();
const system = karematch(templates);

testSystem(system, FACTS, MUTATIONS);

describe('the app', () => {
  testSize('karematch', ['karematch-stack.ts']);
});

describe('production and development', () => {
  const sources = fs.readdirSync(EXAMPLE_FOLDER).filter((file) => file.endsWith('.ts'));
  const deciding = sources.filter((file) => file !== 'environments.ts' && !/^app(\..*)?\.ts$/.test(file));
  const read = (file: string) => sourceOf('karematch', file).text;

  test('differ in environments.ts, which only the apps read', () => {
    expect(deciding).toEqual(
      expect.arrayContaining(['edge-stack.ts', 'edge-watch-stack.ts', 'images-stack.ts', 'karematch-stack.ts']),
    );
    for (const file of deciding) {
      // The value that Node.js expects for a program that is not being debugged. It is the same in both environments.
      const text = read(file).replace("NODE_ENV: 'production'", '');
      expect({ file, found: text.match(/production|development/gi) }).toEqual({ file, found: null });
    }
  });

  test('do not differ by region, context or name', () => {
    for (const file of deciding) {
      expect({ file, found: read(file).match(/process\.env|tryGetContext|stackName|node\.id/g) }).toEqual({
        file,
        found: null,
      });
    }
  });

  test('differ in fields, each of which a stack reads', () => {
    const source = sourceOf('karematch', 'environments.ts');
    const [record] = nodes(
      source,
      (node): node is ts.InterfaceDeclaration => ts.isInterfaceDeclaration(node) && node.name.text === 'Environment',
    );
    const fields = record.members.map((member) => member.name!.getText(source));
    const used = deciding.map(read).join('\n');
    for (const field of fields) expect(used).toMatch(new RegExp(`\\b${field}\\b`));
  });
});

describe('the alarms', () => {
  testAlarms(system);
});

describe('the documents', () => {
  testDocuments(templates, system);
});

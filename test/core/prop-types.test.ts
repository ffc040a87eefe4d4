import * as fs from 'fs';
import * as path from 'path';
import { moduleText } from '../../scripts/prop-types/module-text';
import { PropTypes, readApi } from '../../scripts/prop-types/read-api';

const ROOT = path.join(__dirname, '..', '..');

let api: PropTypes;

beforeAll(() => {
  api = readApi(ROOT);
});

test('src/core/prop-types.ts matches the public API: run npx projen prop-types', () => {
  const stale = fs.readFileSync(path.join(ROOT, 'src', 'core', 'prop-types.ts'), 'utf8') !== moduleText(api);
  expect(stale ? 'stale: run npx projen prop-types' : 'current').toBe('current');
});

test('lines have at most 120 characters', () => {
  expect(moduleText(api).split('\n').filter((line) => line.length > 120)).toEqual([]);
});

test('the table of a struct includes the props of the structs that it extends', () => {
  expect(api.structs.SecureFargateServiceProps).toMatchObject({
    vpc: 'ec2.IVpc?', image: 'ecs.ContainerImage', uses: '[IServiceBindable]?', secrets: '{ecs.Secret}?',
  });
});

test('the tables include factories, methods, enums and interfaces', () => {
  expect(api.choices.NatStrategy).toEqual({
    factories: ['onePerAz()', 'single(…)', 'regional()', 'none(…)'], members: ['_gatewayOfEachZone'],
  });
  expect(api.methods.WorkloadMonitoring).toEqual({ watch: { '...constructs': '[IMonitored]?' } });
  expect(api.methods.IDatabaseUser).toEqual({ grantLogin: { grantee: 'iam.IGrantable' } });
  expect(api.enums.FirewallScope).toEqual({ REGIONAL: 'REGIONAL', CLOUDFRONT: 'CLOUDFRONT' });
  expect(api.enums['logs.RetentionDays']).toBe('aws_logs.RetentionDays');
  expect(api.interfaces['sns.ITopic']).toEqual(expect.arrayContaining(['topicArn', 'topicName']));
});

test('every type of a prop or parameter is in one of the tables', () => {
  const names = new Set([
    'any', 'string', 'number', 'boolean', ...api.foreignStructs,
    ...[api.structs, api.choices, api.interfaces, api.classes, api.enums].flatMap((table) => Object.keys(table)),
  ]);
  const parameters = Object.values(api.methods).flatMap((methods) => Object.values(methods));
  const used = [...Object.values(api.structs), ...parameters]
    .flatMap((types) => Object.values(types)).map((type) => type.replace(/[[\]{}?]/g, ''));
  expect(used.filter((name) => !names.has(name))).toEqual([]);
});

import * as fs from 'fs';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import { CLIENTS, EXAMPLE_FOLDER, partnerSecret, read, userSecret } from './parts';
import { expectSame, text } from '../../../support/template/reading';
import { ALARM, FIREWALL, KEY, SECRET, TOPIC } from '../../../support/template/types';

const STACKS = ['Network', 'Guardrails', 'Images', 'Data', 'Application'];
const fileOf = (stack: string) => `${stack.toLowerCase()}-stack.ts`;
/** The stack of a resource: the beginning of its ID. */
const stackOf = (id: string) => /^[A-Z][a-z]+/.exec(id)![0];
const folders = (folder: string): string[] => fs.readdirSync(folder, { withFileTypes: true })
  .flatMap((entry) => entry.isDirectory() ? folders(path.join(folder, entry.name)) : [entry.name]);

/** All code of the infrastructure is in this folder. */
export function isCdk(whole: Template) {
  expect(JSON.parse(read('cdk.json')).app).toContain('app.ts');
  expect(folders(EXAMPLE_FOLDER).filter((name) => /\.(tf|tfvars|tfstate|hcl)$/.test(name))).toEqual([]);
  expectSame([...new Set(Object.keys(whole.toJSON().Resources).map(stackOf))], STACKS);
}

/** app.ts defines one environment, whose stacks are created in order. */
export function rootIsStacks(whole: Template) {
  isCdk(whole);
  expect(read('app.ts').split('defineOmnirapeutic(app, ')).toHaveLength(2);
  expect([...read('stacks.ts').matchAll(/new (\w+)Stack\(scope, /g)].map(([, stack]) => stack)).toEqual(STACKS);
}

/** Each stack has props, which the compiler checks. No template has a parameter that could receive a value. */
export function inputsAreProps(whole: Template) {
  expect(Object.keys(whole.toJSON().Parameters)).toEqual(['BootstrapVersion']);
  for (const stack of STACKS) {
    expect(read(fileOf(stack))).toMatch(/constructor\(scope: Construct, id: string, props: (\w+)Props\)/);
  }
  for (const stack of ['Network', 'Guardrails', 'Data', 'Application']) {
    expect(read(fileOf(stack))).toContain(`export interface ${stack}StackProps extends StackProps {`);
  }
}

/** People use outputs. Stacks pass objects, which CDK exports and imports. */
export function outputsAreTold(whole: Template) {
  const { DataShell, ApplicationMigrate, ...more } = whole.toJSON().Outputs;
  expect(Object.keys(more)).toEqual(['DataSessionPolicy']);
  expect(text(ApplicationMigrate?.Value ?? '')).toMatch(/^aws ecs run-task /);
  expect(text(DataShell?.Value ?? '')).toMatch(/^aws ssm start-session /);
  for (const given of ['vpc', 'topic', 'database: data.database', 'images.api.image(version)']) {
    expect(read('stacks.ts')).toContain(given);
  }
}

/** One file contains the values of production. */
export function valuesAreInOneFile(whole: Template) {
  for (const value of [
    "alarmEmail: 'oncall@omnirapeutic.com'",
    'monthlyCostLimit: 1000',
    "version = '1.0.0'",
    "name: 'app.omnirapeutic.com'",
  ]) {
    expect(read('stacks.ts')).toContain(value);
  }
  for (const stack of STACKS) expect(read(fileOf(stack))).not.toMatch(/omnirapeutic\.com|1\.0\.0|1000/);
  expect(JSON.stringify(whole.toJSON())).toContain('oncall@omnirapeutic.com');
}

/**
 * The file of a stack creates these types with a construct of the library, or with a method of one, and no other stack
 * has them.
 */
export const madeIn = (stack: string, construct: string, types: string[]) => (whole: Template) => {
  expect(read(fileOf(stack))).toContain(construct.includes('.') ? `${construct}(this, ` : `new ${construct}(this, `);
  for (const type of types) {
    const ids = Object.keys(whole.findResources(type));
    expect({ type, found: ids.length > 0 }).toEqual({ type, found: true });
    expect(ids.filter((id) => !id.startsWith(stack))).toEqual([]);
  }
};

/**
 * Each stack contains the keys of its data. The application has the one secret that people enter. The stack of the
 * database has the logins of its users, and RDS manages the password of the master user.
 */
export function keysAndSecrets(whole: Template) {
  expectSame([...new Set(Object.keys(whole.findResources(KEY)).map(stackOf))], STACKS);
  expect(read(fileOf('Application'))).toContain('new RotatingSecrets(this, ');
  const secrets = [partnerSecret(whole), ...CLIENTS.map((name) => userSecret(whole, name))];
  expectSame(Object.keys(whole.findResources(SECRET)), secrets);
  expect(secrets.map(stackOf)).toEqual(['Application', ...CLIENTS.map(() => 'Data')]);
}

/** The load balancer creates its firewall, so no stack names one, and no stack can forget it. */
export function firewallComesAlong(whole: Template) {
  for (const stack of STACKS) expect(read(fileOf(stack))).not.toContain('WebFirewall');
  madeIn('Application', 'SecureLoadBalancer', [
    FIREWALL,
    'AWS::WAFv2::WebACLAssociation',
    'AWS::WAFv2::LoggingConfiguration',
  ])(whole);
}

/** All stacks use one topic. Each stack monitors its resources, except the images, where nothing runs. */
export function eachStackIsWatched(whole: Template) {
  const watched = STACKS.filter((stack) => read(fileOf(stack)).includes('monitoring.watch('));
  expect(watched).toEqual(STACKS.filter((stack) => stack !== 'Images'));
  expectSame([...new Set(Object.keys(whole.findResources(ALARM)).map(stackOf))], watched);
  madeIn('Network', 'WorkloadMonitoring', [TOPIC])(whole);
}

import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { ROOT } from '../../../scripts/examples/example';
import { ComplianceChecks } from 'cdk-hipaa';

/** The apps of this test file. A module runs once. */
const made = new Map<string, App>();

/**
 * Runs the app.ts of an example in this process and returns its app.
 *
 * The checks of the app do not run: they take most of the time, and the runner of the examples runs them.
 */
export function appOf(name: string, file = 'app.ts'): App {
  const known = made.get(`${name}/${file}`);
  if (known) return known;
  process.env.CDK_VALIDATION = 'false';
  const apps: App[] = [];
  const checks = jest.spyOn(ComplianceChecks, 'of').mockImplementation((scope) => {
    apps.push(scope.node.root as App);
    return { enforce: () => undefined } as unknown as ComplianceChecks;
  });
  try {
    jest.requireActual(path.join(ROOT, 'examples', name, file));
  } finally {
    checks.mockRestore();
  }
  expect(apps).toHaveLength(1);
  made.set(`${name}/${file}`, apps[0]);
  return apps[0];
}

/** A synthesized template. */
export type Json = ReturnType<typeof JSON.parse>;

/** The template of each stack of an app, by the name of the stack. Synthesizes once. */
export function templatesOf(app: App): Record<string, Json> {
  const assembly = app.synth();
  const stacks = app.node.findAll().filter(Stack.isStack);
  return Object.fromEntries(
    stacks.map((stack) => [stack.stackName, assembly.getStackArtifact(stack.artifactId).template]),
  );
}

import * as fs from 'fs';
import * as path from 'path';
import { withoutAws, WORK } from './environment';
import { ROOT } from '../../scripts/examples/example';
import { Host } from '../../scripts/examples/host';

/** The directory for changed copies of examples. */
export const APPS = path.join(WORK, 'apps');

/** A replacement in a file of an example. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const IMPORT_OF_CHECKS = 'import {\n  ComplianceChecks,';

/** Makes an example with one stack disposable, as its README describes. */
export const DISPOSABLE: Edit[] = [
  { file: 'app.ts', from: IMPORT_OF_CHECKS, to: 'import {\n  DataProtection, ComplianceChecks,' },
  {
    file: 'app.ts',
    from: 'const app = new App();',
    to: "const app = new App();\nDataProtection.of(app).disposable({ reason: 'synthetic records only' });",
  },
];

/**
 * The changes of `api-with-database` that the scenario "update" deploys one after the other. Each one adds to the
 * previous ones.
 */
export const UPDATES: Array<{ readonly name: string; readonly edits: Edit[] }> = [
  {
    name: 'another zone',
    edits: [{ file: 'app.ts', from: "'Network');", to: "'Network', { maxAzs: 3 });" }],
  },
  {
    name: 'another service',
    edits: [{
      file: 'app.ts',
      from: 'new WorkloadMonitoring(',
      to: `new SecureFargateService(stack, 'Jobs', {
  vpc: network,
  image: ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx-unprivileged:1.28'),
  writablePaths: ['/tmp'],
  uses: [database],
  certificateBundlePath: '/etc/ssl/rds/global-bundle.pem',
});
new WorkloadMonitoring(`,
    }],
  },
  {
    name: 'a reader',
    edits: [{ file: 'app.ts', from: "'Database', {\n", to: "'Database', {\n  readers: 2,\n" }],
  },
  {
    name: 'another NAT strategy',
    edits: [
      { file: 'app.ts', from: '{ maxAzs: 3 }', to: "{ maxAzs: 3, nat: NatStrategy.single({ reason: 'a trial' }) }" },
      { file: 'app.ts', from: IMPORT_OF_CHECKS, to: 'import {\n  NatStrategy, ComplianceChecks,' },
    ],
  },
  {
    name: 'a new version of every image',
    edits: [{ file: 'app.ts', from: 'nginx-unprivileged:1.28', to: 'nginx-unprivileged:1.29' }],
  },
];

/**
 * The changes of examples with several stacks: another service, and a new version of every image. A stack cannot change
 * a value while another stack imports it.
 */
export const RELEASES: Record<string, Edit[]> = {
  omnirapeutic: [
    { file: 'stacks.ts', from: "version = '1.0.0'", to: "version = '1.1.0'" },
    {
      file: 'application-stack.ts',
      from: 'const migrations =',
      to: `const reports = services.addService(this, 'Reports', {
      ...program,
      image: images.worker,
      writablePaths,
      scaling: ScalingPolicy.constant(1),
      certificateBundlePath,
      uses: [database],
    });
    const migrations =`,
    },
    { file: 'application-stack.ts', from: '[api, worker]', to: '[api, worker, reports]' },
    { file: 'application-stack.ts', from: 'worker, migrations)', to: 'worker, reports, migrations)' },
  ],
};

/** The change that turns the checks of an app off. The runner of the examples runs them on the unchanged app. */
const WITHOUT_CHECKS = /^ComplianceChecks\.of\(app\)\.enforce\(.*\);$/m;

/** Synthesizes a changed copy of an example in a new folder, and returns its cloud assembly. */
export async function synthesizeChanged(example: string, name: string, edits: Edit[]): Promise<string> {
  fs.mkdirSync(APPS, { recursive: true });
  const folder = fs.mkdtempSync(path.join(APPS, `${name.replace(/\W+/g, '-')}-`));
  fs.cpSync(path.join(ROOT, 'examples', example), folder, { recursive: true });
  for (const { file, from, to } of edits) replace(path.join(folder, file), from, to);
  replace(path.join(folder, 'app.ts'), WITHOUT_CHECKS, '');
  const directory = path.join(folder, 'cdk.out');
  const answer = await SYNTHESIZER.ask({ folder, directory });
  if (typeof answer === 'string') throw new Error(`${folder} does not synthesize: ${answer}`);
  return directory;
}

/** Synthesizes the changed apps in one process, so that the libraries load once. */
export const SYNTHESIZER = new Host<{ folder: string; directory: string }, { directory: string }>(
  path.join(__dirname, 'synthesizer.ts'), [], { env: withoutAws() },
);

/** Replaces every occurrence, and fails if there is none. */
function replace(file: string, from: string | RegExp, to: string): void {
  const before = fs.readFileSync(file, 'utf8');
  const after = typeof from === 'string' ? before.split(from).join(to) : before.replace(from, to);
  if (after === before) throw new Error(`${file} does not contain ${from}`);
  fs.writeFileSync(file, after);
}

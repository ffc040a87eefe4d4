import { createHash } from 'crypto';
import {
  createCompanyResources, enableDetectorAndRecorder, enableHubAndScans, sdkOf, SdkSettings, servicesThatAreOn,
} from './account';
import { DISPOSABLE, Edit, synthesizeChanged, UPDATES } from './apps';
import { CheckedType, CommandResult, JournalEvent, LocalEndpoint } from './endpoint';
import { readBack } from './read-back';
import { kept, regionsOf, templatesOf } from './templates';
import { synthesizeExample } from '../../scripts/examples/example';
import { STATEFUL_TYPES } from '../../src/compliance/stateful-types';

/** One account from its first deployment to its last deletion. */
export interface Life {
  readonly name: string;
  readonly zoneName: string;
  run(life: Course): Promise<void>;
}

/** The zone of each documented system. The small examples use example.com. */
const ZONES: Record<string, string> = {
  carebow: 'carebow.com',
  karematch: 'karematch.com',
  mentalhealthaide: 'mentalhealthaide.com',
  omnirapeutic: 'omnirapeutic.com',
};
/** The events that change a resource. */
const CHANGES = ['created', 'updated', 'replaced', 'deleted'];

/** The course of a life: what was done, and what was wrong. */
export class Course {
  public readonly problems: string[] = [];
  public readonly steps: string[] = [];
  public readonly notRun = new Map<string, string>();
  public types: CheckedType[] = [];
  public read: Record<string, number> = {};
  /** The number of resources after the first deployment. */
  public resources = 0;

  constructor(public readonly endpoint: LocalEndpoint) {}

  public get settings(): SdkSettings {
    return sdkOf(this.endpoint.url);
  }

  /** Records a command, and a problem if it failed. */
  public async step(name: string, command: Promise<CommandResult>): Promise<CommandResult> {
    const started = Date.now();
    const result = await command;
    this.steps.push(`${name} ${Math.round((Date.now() - started) / 1000)} s`);
    if (!result.ok) this.problems.push(`${name} failed: ${reasonOf(result)}`);
    for (const { notRun, type } of result.events) if (notRun) this.notRun.set(type!, notRun);
    return result;
  }

  public expect(condition: boolean, problem: string): void {
    if (!condition) this.problems.push(problem);
  }

  /** Deploys an app for the first time, rotates its secrets and deploys it again. False if a deployment fails. */
  public async begin(assembly: string): Promise<boolean> {
    await this.step('bootstrap', this.endpoint.bootstrap(regionsOf(assembly)));
    const first = await this.step('deploy', this.endpoint.deploy(assembly, 'deploy'));
    if (!first.ok) return false;
    this.resources = (await this.endpoint.resources()).length;
    await this.rotate();
    const again = await this.step('again', this.endpoint.deploy(assembly, 'again', { force: true }));
    const changes = again.events.filter(({ event }) => CHANGES.includes(event));
    this.expect(changes.length === 0, `a second deployment of the same app changes ${list(changes)}`);
    return again.ok;
  }

  public async readBack(): Promise<void> {
    const { problems, read } = await readBack(this.endpoint);
    this.problems.push(...problems);
    this.read = read;
    this.types = await this.endpoint.types();
  }

  /** Updates to a changed app. No stateful resource is replaced or deleted. */
  public async update(name: string, assembly: string): Promise<void> {
    // Without a rollback, the CLI asks before it replaces a resource, for example a task definition.
    const deployment = this.endpoint.deploy(assembly, name.replace(/\W+/g, '-'), { rollback: true });
    const { ok, events } = await this.step(name, deployment);
    const changes = events.filter(({ event }) => CHANGES.includes(event));
    this.expect(!ok || changes.length > 0, `${name} changes nothing`);
    const lost = events.filter(({ event, type }) =>
      (event === 'replaced' || event === 'deleted') && STATEFUL_TYPES.includes(type!));
    this.expect(lost.length === 0, `${name} replaces or deletes ${list(lost)}`);
  }

  /** Deletes all stacks. Exactly the resources with a policy that keeps them survive. */
  public async end(assembly: string): Promise<void> {
    await this.endpoint.unprotect({ resources: true });
    const { ok } = await this.step('destroy', this.endpoint.destroy(assembly, 'destroy'));
    if (!ok) return;
    const left = (await this.endpoint.resources()).map(({ stack, logicalId }) => `${stack}/${logicalId}`);
    const expected = kept(assembly);
    const lost = expected.filter((each) => !left.includes(each));
    const forgotten = left.filter((each) => !expected.includes(each));
    this.expect(lost.length === 0, `the deletion loses ${lost.join(', ')}`);
    this.expect(forgotten.length === 0, `the deletion leaves ${forgotten.join(', ')}`);
    this.steps.push(`${new Set(left).size} left`);
  }

  private async rotate(): Promise<void> {
    const rotations = await this.endpoint.rotate();
    const failed = rotations.filter(({ rotated }) => !rotated);
    this.expect(failed.length === 0, `${failed.map(({ secret, failed: at }) => `${secret} (${at})`)} does not rotate`);
    this.steps.push(`${rotations.length} rotations`);
  }
}

/** The first deployment of an example or variant, what the SDK reads of it, and its deletion. */
export function firstDeployment(name: string): Life {
  const example = name.split('-')[0];
  return {
    name,
    zoneName: ZONES[example] ?? 'example.com',
    run: async (life) => {
      const assembly = await PREPARATIONS[name]?.(life.settings) ?? assemblyOf(name);
      if (!await life.begin(assembly)) return;
      await life.readBack();
      await life.end(assembly);
    },
  };
}

/** Prepares the account of an example. Returns the assembly if it depends on the account. */
const PREPARATIONS: Record<string, (settings: SdkSettings) => Promise<string | undefined>> = {
  'account-guardrails': async (settings) => {
    await enableDetectorAndRecorder(settings);
    return undefined;
  },
  'existing-resources': async (settings) => {
    const company = await createCompanyResources(settings);
    const edits = Object.entries(company).map(([from, to]): Edit => ({ file: 'app.ts', from, to }));
    return synthesizeChanged('existing-resources', 'existing-resources', edits);
  },
};

/** The updates of an app, one after the other, and back. */
export const UPDATE: Life = {
  name: 'update',
  zoneName: 'example.com',
  run: async (life) => {
    const base = synthesizeChanged('api-with-database', 'update base', []);
    if (!await life.begin(base)) return;
    let edits: Edit[] = [];
    for (const update of UPDATES) {
      edits = [...edits, ...update.edits];
      await life.update(update.name, synthesizeChanged('api-with-database', update.name, edits));
    }
  },
};

/**
 * First deployments that fail at one resource each. The rollback leaves nothing of a disposable app, and the second
 * attempt works. Its deletion leaves nothing either.
 *
 * @param count the number of resources that fail, in the order of a seed. Default: every resource
 */
export function failures(seed: string, count = Infinity): Life {
  return {
    name: 'fail',
    zoneName: 'example.com',
    run: async (life) => {
      const assembly = synthesizeChanged('api-with-database', 'disposable', DISPOSABLE);
      await life.step('bootstrap', life.endpoint.bootstrap(regionsOf(assembly)));
      const [{ Resources }] = Object.values(templatesOf(assembly));
      const chosen = shuffled(Object.keys(Resources).filter((id) => Resources[id].Type !== 'AWS::CDK::Metadata'), seed);
      for (const logicalId of chosen.slice(0, count)) {
        await life.endpoint.failOnce(logicalId);
        const failed = await life.endpoint.deploy(assembly, `fail-${logicalId}`, { rollback: true });
        const refused = failed.events.some((each) => each.event === 'refused' && each.logicalId === logicalId);
        life.expect(!failed.ok && refused, `the deployment does not fail at ${logicalId}: ${reasonOf(failed)}`);
        const left = await life.endpoint.resources();
        life.expect(left.length === 0, `the rollback after the failure of ${logicalId} leaves ${list(left)}`);
        life.steps.push(`failed at ${logicalId}`);
      }
      await life.step('second attempt', life.endpoint.deploy(assembly, 'second-attempt'));
      await life.end(assembly);
    },
  };
}

/** An account in which the services of the guardrails are already on. They stay on after the deletion. */
export const ADOPT: Life = {
  name: 'adopt',
  zoneName: 'example.com',
  run: async (life) => {
    await enableDetectorAndRecorder(life.settings);
    await enableHubAndScans(life.settings);
    const before = await servicesThatAreOn(life.settings);
    life.expect(before.length === 4, `only ${before.join(', ')} is on before the deployment`);
    const assembly = assemblyOf('account-guardrails');
    if (!await life.begin(assembly)) return;
    await life.end(assembly);
    const after = await servicesThatAreOn(life.settings);
    life.expect(after.join() === before.join(), `on before: ${before}; on after the deletion: ${after}`);
  },
};

/** The cloud assembly of an example. `npx projen examples` has synthesized it. */
function assemblyOf(name: string): string {
  const { ok, output, directory } = synthesizeExample(name);
  if (!ok) throw new Error(`${name} does not synthesize: ${output}`);
  return directory;
}

/** The first refusal or failure of a command. */
export function reasonOf({ events, output }: CommandResult): string {
  const refusal = events.find(({ event }) => event === 'refused' || event === 'invalid');
  const failure = refusal ?? events.find(({ status }) => status?.endsWith('FAILED'));
  if (!failure) return output.slice(-600);
  const { stack, logicalId, reason, violations } = failure;
  return `${stack}/${logicalId}: ${reason ?? violations?.join('; ')}`;
}

const list = (events: Array<Pick<JournalEvent, 'stack' | 'logicalId' | 'type'>>) =>
  events.slice(0, 10).map(({ stack, logicalId, type }) => `${stack}/${logicalId} (${type})`).join(', ');

/** The items in an order that depends on the seed alone. */
function shuffled<T>(items: T[], seed: string): T[] {
  return items
    .map((item, index) => ({ item, at: createHash('sha256').update(`${seed}/${index}`).digest('hex') }))
    .sort((one, other) => one.at.localeCompare(other.at))
    .map(({ item }) => item);
}

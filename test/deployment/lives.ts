import { createHash } from 'crypto';
import {
  createCompanyResources, enableDetectorAndRecorder, enableHubAndScans, sdkOf, SdkSettings, servicesThatAreOn,
} from './account';
import { afterDeletion } from './after-deletion';
import { DISPOSABLE, Edit, RELEASES, synthesizeChanged, UPDATES } from './apps';
import { CheckedType, CommandResult, DeployOptions, JournalEvent, LocalEndpoint } from './endpoint';
import { readBack } from './read-back';
import { kept, leavingSnapshots, regionsOf, templatesOf } from './templates';
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
  /** The events that explain how the endpoint checks a type. */
  public readonly notes: JournalEvent[] = [];
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
    this.note(result.events);
    return result;
  }

  public expect(condition: boolean, problem: string): void {
    if (!condition) this.problems.push(problem);
  }

  /**
   * Deploys an app for the first time, rotates its secrets and deploys it again. False if a deployment fails.
   *
   * @param failing how a deployment before the first one fails. Default: none fails
   */
  public async begin(assembly: string, failing?: Failing): Promise<boolean> {
    await this.step('bootstrap', this.endpoint.bootstrap(regionsOf(assembly)));
    await this.endpoint.remember();
    if (failing) await this.fail(assembly, failing);
    const first = await this.step('deploy', this.endpoint.deploy(assembly, 'deploy'));
    if (!first.ok) return false;
    this.resources = (await this.endpoint.resources()).length;
    this.types = await this.endpoint.types();
    await this.rotate();
    const again = await this.step('again', this.endpoint.deploy(assembly, 'again', { force: true }));
    const changes = again.events.filter(({ event }) => CHANGES.includes(event));
    this.expect(changes.length === 0, `a second deployment of the same app changes ${list(changes)}`);
    return again.ok;
  }

  public async readBack(after = 'deploy'): Promise<void> {
    const { problems, read } = await readBack(this.endpoint);
    this.problems.push(...problems.map((problem) => `after ${after}: ${problem}`));
    this.read = read;
  }

  /** Updates to a changed app, and reads it back. No stateful resource is replaced or deleted. */
  public async update(name: string, assembly: string, options: DeployOptions = {}): Promise<void> {
    // Without a rollback, the CLI asks before it replaces a resource, for example a task definition.
    const deployment = this.endpoint.deploy(assembly, name.replace(/\W+/g, '-'), { rollback: true, ...options });
    const { ok, events } = await this.step(name, deployment);
    const changes = events.filter(({ event }) => CHANGES.includes(event));
    this.expect(!ok || changes.length > 0, `${name} changes nothing`);
    const lost = events.filter(({ event, type }) =>
      (event === 'replaced' || event === 'deleted') && STATEFUL_TYPES.includes(type!));
    this.expect(lost.length === 0, `${name} replaces or deletes ${list(lost)}`);
    this.types.push(...await this.endpoint.types());
    if (ok) await this.readBack(name);
  }

  /** Deletes all stacks. What the templates keep is left, and nothing else. */
  public async end(assembly: string): Promise<void> {
    const deployed = await this.endpoint.resources();
    await this.endpoint.unprotect({ resources: true });
    const { ok } = await this.step('destroy', this.endpoint.destroy(assembly, 'destroy'));
    if (!ok) return;
    const { problems, resources, snapshots } = await afterDeletion(this.endpoint, assembly, deployed);
    this.problems.push(...problems);
    this.steps.push(`${resources} left`, `final snapshots: ${snapshots}`);
  }

  /** Deploys an app whose first creation of one resource fails. A rollback leaves nothing of a disposable app. */
  private async fail(assembly: string, { seed, rollback }: Failing): Promise<void> {
    const ids = Object.values(templatesOf(assembly)).flatMap(({ Resources }) => Object.keys(Resources).sort());
    const [logicalId] = shuffled(ids.filter((id) => !id.startsWith('CDKMetadata')), seed);
    await this.endpoint.failOnce(logicalId);
    const started = Date.now();
    const result = await this.endpoint.deploy(assembly, 'fail', { rollback });
    this.note(result.events);
    const refusal = result.events.find((each) => each.event === 'refused' && each.logicalId === logicalId);
    this.expect(!result.ok && !!refusal, `the deployment does not fail at ${logicalId}: ${reasonOf(result)}`);
    if (rollback) {
      const left = await this.endpoint.resources();
      this.expect(left.length === 0, `the rollback after the failure of ${logicalId} leaves ${list(left)}`);
    }
    this.steps.push(`fail at ${refusal?.stack}/${logicalId} ${Math.round((Date.now() - started) / 1000)} s`);
  }

  private note(events: JournalEvent[]): void {
    this.notes.push(...events.filter(({ event, notRun }) => notRun !== undefined || event === 'unsupported'));
  }

  private async rotate(): Promise<void> {
    const rotations = await this.endpoint.rotate();
    const failed = rotations.filter(({ rotated }) => !rotated);
    this.expect(failed.length === 0, `${failed.map(({ secret, failed: at }) => `${secret} (${at})`)} does not rotate`);
    this.steps.push(`${rotations.length} rotations`);
  }
}

/** A deployment that fails at one resource. */
interface Failing {
  /** Chooses the resource. */
  readonly seed: string;
  /** Whether the CLI rolls back. Without a rollback, the next deployment continues. */
  readonly rollback: boolean;
}

/** The hosted zone of an example or variant. */
export const zoneOf = (name: string) => ZONES[name.split('-')[0]] ?? 'example.com';

/**
 * The life of an example or variant: a first deployment that fails at one resource, the attempt that continues it, what
 * the SDK reads, an update of all resources that have tags, a release if the example has one, and the deletion.
 */
export function wholeLife(name: string, seed: string): Life {
  return {
    name,
    zoneName: zoneOf(name),
    run: async (life) => {
      const assembly = await prepare(name)(life.settings);
      if (!await life.begin(assembly, { seed, rollback: false })) return;
      await life.readBack();
      await life.update('update', assembly, { tag: 'release=2' });
      const release = RELEASES[name] && await synthesizeChanged(name, `${name} release`, RELEASES[name]);
      if (release) await life.update('release', release, { tag: 'release=2' });
      await life.end(release ?? assembly);
    },
  };
}

/** Prepares an account, and returns the cloud assembly to deploy in it. */
export type Preparation = (settings: SdkSettings) => Promise<string>;

export function prepare(name: string): Preparation {
  return async (settings) => await PREPARATIONS[name]?.(settings) ?? assemblyOf(name);
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

/** The updates of an app, one after the other. */
export const UPDATE: Life = {
  name: 'update',
  zoneName: 'example.com',
  run: async (life) => {
    const base = await synthesizeChanged('api-with-database', 'update base', []);
    if (!await life.begin(base)) return;
    let edits: Edit[] = [];
    let assembly = base;
    for (const update of UPDATES) {
      edits = [...edits, ...update.edits];
      assembly = await synthesizeChanged('api-with-database', update.name, edits);
      await life.update(update.name, assembly);
    }
    await life.end(assembly);
  },
};

/** A disposable app of one stack. A rollback and a deletion leave nothing of it. */
export const DISPOSABLE_APP = {
  name: 'disposable',
  example: 'disposable',
  zoneName: 'example.com',
  prepare: async () => synthesizeChanged('api-with-database', 'disposable', DISPOSABLE),
};

/** The disposable app: a first deployment that fails and is rolled back, a second one, reading back, the deletion. */
export function disposableLife(seed: string): Life {
  return {
    name: DISPOSABLE_APP.name,
    zoneName: DISPOSABLE_APP.zoneName,
    run: async (life) => {
      const assembly = await DISPOSABLE_APP.prepare();
      const keeps = [...kept(assembly), ...leavingSnapshots(assembly)];
      life.expect(keeps.length === 0, `the templates of the disposable app keep ${keeps.join(', ')}`);
      if (!await life.begin(assembly, { seed, rollback: true })) return;
      await life.readBack();
      await life.end(assembly);
      const changes = await life.endpoint.changes();
      life.expect(changes.length === 0, `the services keep or lose ${changes.slice(0, 10).join(', ')}`);
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
    await life.readBack();
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

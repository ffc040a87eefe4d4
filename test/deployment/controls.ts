import { setTimeout as sleep } from 'timers/promises';
import {
  CloudFormationClient, CreateStackCommand, DeleteStackCommand, DescribeStackEventsCommand,
  DescribeStackResourcesCommand, DescribeStacksCommand, StackEvent, UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { enableDetectorAndRecorder, sdkOf, SdkSettings } from './account';
import { snapshotProblems } from './after-deletion';
import { CHANGE_CONTROLS, ChangeControl, Control, CONTROLS, DATABASE, one, Template } from './control-templates';
import { DELETION_CONTROLS, DeletionControl } from './deletion-controls';
import { Course, Life } from './lives';
import { readBack } from './read-back';
import { READ_BACK_CONTROLS, ReadBackControl } from './read-back-controls';
import { RULE_CONTROLS } from './rule-controls';

/** The time of one operation on a stack, in milliseconds. */
const OPERATION_TIMEOUT = 120_000;

/**
 * Faults that the endpoint refuses, each after the same operation without the fault, and faults that the endpoint
 * accepts and that `readBack` reports.
 */
export const CONTROL_LIFE: Life = {
  name: 'controls',
  zoneName: 'example.com',
  run: async (life) => {
    const stacks = new Stacks(life);
    for (const control of [...CONTROLS, ...RULE_CONTROLS]) await refusesCreation(stacks, control);
    for (const control of CHANGE_CONTROLS) await refusesChange(life, stacks, control);
    for (const control of DELETION_CONTROLS) await refusesDeletion(stacks, control);
    for (const control of READ_BACK_CONTROLS) await reports(life, stacks, control);
    await refusesNameOfAnotherRegion(life);
    await reportsSnapshots(life);
    await refusesPackWithoutRecorder(life, stacks);
    for (const rule of await life.endpoint.rulesWithoutRefusal()) life.problems.push(`no control shows ${rule}`);
    const refused = [CONTROLS, RULE_CONTROLS, CHANGE_CONTROLS, DELETION_CONTROLS].flat().length + 2;
    life.steps.push(`${refused} faults refused`, `${READ_BACK_CONTROLS.length + 3} faults read back`);
  },
};

async function refusesCreation(stacks: Stacks, { fault, template, spoil, says }: Control): Promise<void> {
  const accepted = await stacks.create(template);
  stacks.expect(accepted, 'CREATE_COMPLETE', `${fault}: without it`);
  const deleted = await stacks.delete(accepted.stack);
  stacks.expect(deleted, 'DELETE_COMPLETE', `${fault}: the deletion without it`);
  const spoiled = structuredClone(template);
  spoil(spoiled.Resources);
  stacks.expectRefusal(await stacks.create(spoiled), fault, says);
}

async function refusesChange(life: Course, stacks: Stacks, control: ChangeControl): Promise<void> {
  const { fault, before, after, accepted, replaces, says } = control;
  const good = await stacks.create(accepted.before);
  const { It: first } = await stacks.physicalIds(good.stack);
  stacks.expect(await stacks.update(good.stack, accepted.after), 'UPDATE_COMPLETE', `${fault}: without it`);
  const { It: second } = await stacks.physicalIds(good.stack);
  life.expect((first !== second) === replaces, `${fault}: without it, ${first} becomes ${second}`);
  const bad = await stacks.create(before);
  stacks.expect(bad, 'CREATE_COMPLETE', `${fault}: before it`);
  stacks.expectRefusal(await stacks.update(bad.stack, after), fault, says);
}

async function refusesDeletion(stacks: Stacks, control: DeletionControl): Promise<void> {
  const { fault, template, accepted, update, user, withObject, says } = control;
  const good = await stacks.create(accepted);
  stacks.expect(good, 'CREATE_COMPLETE', `${fault}: the creation without it`);
  stacks.expect(await stacks.delete(good.stack), 'DELETE_COMPLETE', `${fault}: without it`);
  const bad = await stacks.create(template);
  stacks.expect(bad, 'CREATE_COMPLETE', `${fault}: before it`);
  if (update) stacks.expect(await stacks.update(bad.stack, update), 'UPDATE_COMPLETE', `${fault}: the update`);
  const ids = await stacks.physicalIds(bad.stack);
  if (user) stacks.expect(await stacks.create(user(ids)), 'CREATE_COMPLETE', `${fault}: the stack that uses it`);
  if (withObject) await stacks.writeObject(ids.It);
  stacks.expectRefusal(await stacks.delete(bad.stack), fault, says);
}

/** The names of roles are global, and those of log groups are not. */
async function refusesNameOfAnotherRegion(life: Course): Promise<void> {
  const [here, there] = [new Stacks(life, 'us-west-2'), new Stacks(life, 'eu-west-1')];
  const trusted = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } };
  const group = { Resources: { It: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'shared' } } } };
  const role = {
    Resources: {
      It: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: 'shared', AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [trusted] },
        },
      },
    },
  };
  for (const stacks of [here, there]) stacks.expect(await stacks.create(group), 'CREATE_COMPLETE', 'a regional name');
  here.expect(await here.create(role), 'CREATE_COMPLETE', 'a global name');
  there.expectRefusal(await there.create(role), 'taken name of another region', 'shared already exists');
}

/** The recorder, which `reportsChanges` enables, belongs to the account and not to the template of the pack. */
async function refusesPackWithoutRecorder(life: Course, stacks: Stacks): Promise<void> {
  const pack = one('AWS::Config::ConformancePack', { ConformancePackName: 'pack', TemplateBody: 'Resources: {}' });
  const says = 'There is no configuration recorder available';
  stacks.expectRefusal(await stacks.create(pack), 'conformance pack without a recorder', says);
  await reportsChanges(life);
  stacks.expect(await stacks.create(pack), 'CREATE_COMPLETE', 'a conformance pack with a recorder');
}

async function reports(life: Course, stacks: Stacks, control: ReadBackControl): Promise<void> {
  const { fault, template, change, says } = control;
  const { stack, ...outcome } = await stacks.create(template);
  stacks.expect({ stack, ...outcome }, 'CREATE_COMPLETE', fault);
  await change?.(life.settings, await stacks.physicalIds(stack));
  const { problems } = await readBack(life.endpoint, stack);
  for (const each of says) {
    const found = problems.some((problem) => problem.includes(each));
    life.expect(found, `${fault} is not read back with "${each}": ${problems.join('; ')}`);
  }
}

/** A final snapshot that is missing, and one that must not be left. */
async function reportsSnapshots(life: Course): Promise<void> {
  const stacks = new Stacks(life, 'eu-central-1');
  const deleted = async (DeletionPolicy: 'Delete' | 'Snapshot') => {
    const template = one('AWS::RDS::DBInstance', DATABASE);
    const { stack } = await stacks.create({ Resources: { It: { ...template.Resources.It, DeletionPolicy } } });
    const { It } = await stacks.physicalIds(stack);
    stacks.expect(await stacks.delete(stack), 'DELETE_COMPLETE', `a database with the policy ${DeletionPolicy}`);
    return It;
  };
  const without = await deleted('Delete');
  const withSnapshot = await deleted('Snapshot');
  const expectProblems = async (databases: string[], ...wanted: string[]) => {
    const problems = await snapshotProblems([stacks.settings], databases);
    life.expect(problems.join() === wanted.join(), `the snapshots are read back as ${problems} instead of ${wanted}`);
  };
  await expectProblems([withSnapshot]);
  await expectProblems([without, withSnapshot], `final snapshots of ${without}: 0 instead of 1`);
  await expectProblems([], `final snapshots of ${withSnapshot}: 1 instead of 0`);
}

/** Records of services that no stack contains: those of a detector and a recorder. */
async function reportsChanges(life: Course): Promise<void> {
  await life.endpoint.remember();
  await enableDetectorAndRecorder(life.settings);
  const stores = (await life.endpoint.changes()).map((change) => change.split(' ')[0]).join();
  const wanted = 'config._delivery_channels,config._recorders,missing_services.detector,s3._buckets';
  life.expect(stores === wanted, `the changed stores are ${stores} instead of ${wanted}`);
}

/** The outcome of an operation on a stack. */
interface Outcome {
  readonly stack: string;
  readonly status: string;
  /** The reasons of the failed resources. */
  readonly reasons: string;
}

/** Stacks with a template in the request, through the SDK. */
class Stacks {
  public readonly settings: SdkSettings;
  private readonly client: CloudFormationClient;
  private count = 0;

  constructor(private readonly life: Course, region = life.settings.region) {
    this.settings = sdkOf(life.endpoint.url, region);
    this.client = new CloudFormationClient(this.settings);
  }

  public async create(template: Template): Promise<Outcome> {
    const StackName = `Control${++this.count}`;
    return this.outcome(StackName, this.client.send(new CreateStackCommand({
      StackName, TemplateBody: JSON.stringify(template), Capabilities: ['CAPABILITY_NAMED_IAM'],
    })));
  }

  public async update(StackName: string, template: Template): Promise<Outcome> {
    return this.outcome(StackName, this.client.send(new UpdateStackCommand({
      StackName, TemplateBody: JSON.stringify(template), Capabilities: ['CAPABILITY_NAMED_IAM'],
    })));
  }

  public async delete(StackName: string): Promise<Outcome> {
    return this.outcome(StackName, this.client.send(new DeleteStackCommand({ StackName })));
  }

  public async physicalIds(StackName: string): Promise<Record<string, string>> {
    const { StackResources = [] } = await this.client.send(new DescribeStackResourcesCommand({ StackName }));
    return Object.fromEntries(StackResources.map((each) => [each.LogicalResourceId!, each.PhysicalResourceId!]));
  }

  public async writeObject(Bucket: string): Promise<void> {
    await new S3Client(this.life.settings).send(new PutObjectCommand({ Bucket, Key: 'object', Body: 'content' }));
  }

  public expect({ status, reasons }: Outcome, wanted: string, what: string): void {
    this.life.expect(status === wanted, `${what}, the status is ${status} instead of ${wanted}: ${reasons}`);
  }

  public expectRefusal({ status, reasons }: Outcome, fault: string, says: string): void {
    const failed = /FAILED|ROLLBACK|refused/.test(status);
    this.life.expect(failed && reasons.includes(says), `${fault} is not refused with "${says}": ${status} ${reasons}`);
  }

  /** Waits for the end of an operation. The status of a deleted stack is DELETE_COMPLETE. */
  private async outcome(stack: string, operation: Promise<unknown>): Promise<Outcome> {
    const started = Date.now();
    try {
      await operation;
    } catch (error) {
      return { stack, status: 'refused', reasons: String(error) };
    }
    for (;;) {
      const status = await this.statusOf(stack);
      if (!status.endsWith('IN_PROGRESS')) return { stack, status, reasons: await this.reasonsOf(stack) };
      if (Date.now() - started > OPERATION_TIMEOUT) throw new Error(`${stack} is still ${status}`);
      await sleep(100);
    }
  }

  private async statusOf(StackName: string): Promise<string> {
    return this.client.send(new DescribeStacksCommand({ StackName })).then(
      ({ Stacks: [stack] = [] }) => stack.StackStatus!,
      (error: Error) => {
        if (error.message.includes('does not exist')) return 'DELETE_COMPLETE';
        throw error;
      },
    );
  }

  private async reasonsOf(StackName: string): Promise<string> {
    // A deleted stack has no events.
    const events: StackEvent[] = await this.client.send(new DescribeStackEventsCommand({ StackName }))
      .then(({ StackEvents = [] }) => StackEvents, () => []);
    return events.filter(({ ResourceStatus }) => ResourceStatus?.endsWith('FAILED'))
      .map(({ ResourceStatusReason }) => ResourceStatusReason).join('; ');
  }
}

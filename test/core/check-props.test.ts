import { Duration, Lazy, RemovalPolicy, Size, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { checkArguments, checkFactory, checkProps } from '../../src/core/check-props';
import { newStack, someVpc } from '../support/app';

let stack: Stack;
let vpc: ec2.IVpc;
let engine: rds.IInstanceEngine;

beforeEach(() => {
  stack = newStack();
  vpc = someVpc(stack);
  engine = rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_8 });
});

const check = (struct: string, props: unknown) => () => checkProps(stack, struct, props);
const checkDatabase = (props: object) => check('EncryptedDatabaseInstanceProps', { vpc, engine, ...props });

/** A construct of the app, with one field. */
class Holder extends Construct {
  constructor(scope: Construct, id: string, public readonly content: unknown) {
    super(scope, id);
  }
}

describe('accepted values', () => {
  test('all props with the right types', () => {
    expect(checkDatabase({
      instanceType: new ec2.InstanceType('t4g.medium'),
      allocatedStorage: Size.gibibytes(20),
      multiAz: true,
      databaseName: 'app',
      backup: { retention: Duration.days(7) },
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      parameters: { work_mem: '64' },
      encryptionKey: new kms.Key(stack, 'Key'),
    })).not.toThrow();
  });

  test('imported constructs', () => {
    const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:us-east-1:111111111111:key/1');
    const imported = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'] });
    expect(checkDatabase({ vpc: imported, encryptionKey })).not.toThrow();
  });

  test('undefined for an optional prop, or for a name that is not a prop', () => {
    expect(checkDatabase({ multiAz: undefined, other: undefined })).not.toThrow();
  });

  test('tokens for strings and numbers', () => {
    const { name, count } = { name: Lazy.string({ produce: () => 'app' }), count: Token.asNumber({ Ref: 'Count' }) };
    expect(checkDatabase({ databaseName: name })).not.toThrow();
    const availabilityZones = Lazy.list({ produce: () => ['a'] });
    expect(check('HipaaVpcProps', { maxAzs: count, availabilityZones })).not.toThrow();
  });

  test('an interface that another language implements: jsii passes a plain object with the members', () => {
    const proxy = Object.defineProperties({}, {
      monitoringPlan: { value: () => ({}) },
      node: { get: () => stack.node },
    });
    expect(() => checkArguments(stack, 'WorkloadMonitoring.watch', { constructs: [proxy] })).not.toThrow();
  });

  test('an instance of a class that implements a struct', () => {
    class Backup {
      public readonly retention = Duration.days(7);
      public readonly owner = 'nobody';
    }
    expect(checkDatabase({ backup: new Backup() })).not.toThrow();
  });

  test('a choice from another copy of the package', () => {
    class ForeignNat {
      public readonly _choiceClass = 'NatStrategy';

      public _gatewayOfEachZone(): void {}
    }
    expect(check('HipaaVpcProps', { nat: new ForeignNat() })).not.toThrow();
  });

  test('no props, if all are optional', () => {
    expect(check('HipaaVpcProps', {})).not.toThrow();
    expect(() => checkFactory('NatStrategy.none', { options: undefined })).not.toThrow();
  });
});

describe('refused values', () => {
  test.each<[string, () => object, string]>([
    ['a required prop is missing', () => ({ vpc: undefined }),
      'vpc must be an ec2.IVpc, got undefined. Pass an ec2.IVpc.'],
    ['null for a required prop', () => ({ vpc: null }), 'vpc must be an ec2.IVpc, got null. Pass an ec2.IVpc.'],
    ['null for an optional prop', () => ({ multiAz: null }), 'multiAz must be true or false, got null. Leave it out.'],
    ['a string for a construct', () => ({ vpc: 'vpc-1' }),
      "vpc must be an ec2.IVpc, got 'vpc-1'. Import it with a from… method of ec2.Vpc."],
    ['a plain object for a construct', () => ({ vpc: { vpcId: 'vpc-1' } }),
      'vpc must be an ec2.IVpc, got an object with vpcId. Pass an ec2.IVpc.'],
    ['an empty object', () => ({ encryptionKey: {} }),
      'encryptionKey must be a kms.IKey, got an empty object. Pass a kms.IKey.'],
    ['another construct', () => ({ vpc: new kms.Key(stack, 'Key') }),
      'vpc must be an ec2.IVpc, got a Key at Stack/Key. Pass an ec2.IVpc.'],
    ['a stack', () => ({ databaseName: stack }), 'databaseName must be a string, got a Stack at Stack. Pass a string.'],
    ['a class', () => ({ vpc: ec2.Vpc }), 'vpc must be an ec2.IVpc, got the class Vpc2. Pass an ec2.IVpc.'],
    ['a function', () => ({ databaseName: () => 'app' }),
      'databaseName must be a string, got a function. Pass a string.'],
    ['an array', () => ({ databaseName: ['app'] }),
      'databaseName must be a string, got an array of 1 element. Pass a string.'],
    ['a number for a string', () => ({ databaseName: 7 }), 'databaseName must be a string, got 7. Pass a string.'],
    ['a string for a boolean', () => ({ multiAz: 'false' }),
      "multiAz must be true or false, got 'false'. Pass true or false."],
    ['a token for a boolean', () => ({ multiAz: Lazy.any({ produce: () => true }) }),
      'multiAz must be true or false, got a token. Pass true or false.'],
    ['a number for a size', () => ({ allocatedStorage: 20 }),
      'allocatedStorage must be a Size, got 20. Use a factory of Size, such as Size.gibibytes(…).'],
    ['a duration for a size', () => ({ allocatedStorage: Duration.days(1) }),
      'allocatedStorage must be a Size, got a Duration of 1 day. Use a factory of Size, such as Size.gibibytes(…).'],
    ['a number for a duration', () => ({ backup: { retention: 35 } }),
      'backup.retention must be a Duration, got 35. Use a factory of Duration, such as Duration.days(…).'],
    ['a duration for a struct', () => ({ backup: Duration.days(35) }),
      'backup must be a DatabaseBackupOptions object, got a Duration of 35 days. Pass an object, or leave it out.'],
    ['an array for a struct', () => ({ backup: [] }),
      'backup must be a DatabaseBackupOptions object, got an array of 0 elements. Pass an object, or leave it out.'],
    ['a Map for a struct', () => ({ backup: new Map() }),
      'backup must be a DatabaseBackupOptions object, got a Map. Pass an object, or leave it out.'],
    ['a key for a struct of aws-cdk-lib', () => ({ vpcSubnets: new kms.Key(stack, 'Key') }),
      'vpcSubnets must be an ec2.SubnetSelection object, got a Key at Stack/Key. Pass an object, or leave it out.'],
    ['a map with a wrong value', () => ({ parameters: { work_mem: 64 } }),
      "parameters['work_mem'] must be a string, got 64. Pass a string."],
    ['an array for a map', () => ({ parameters: ['work_mem'] }),
      'parameters must be an object whose values are strings, got an array of 1 element. Pass an object.'],
    ['a misspelled prop', () => ({ encryptonKey: new kms.Key(stack, 'Key') }),
      'encryptonKey is not a prop of EncryptedDatabaseInstanceProps. Use encryptionKey.'],
    ['a prop in Python spelling', () => ({ backup: { vault_retention: Duration.days(35) } }),
      'backup.vault_retention is not a prop of DatabaseBackupOptions. Use backup.vaultRetention.'],
    ['a misspelled prop of a struct of aws-cdk-lib', () => ({ vpcSubnets: { prefersIpv6: true, subnetTyp: 'x' } }),
      'vpcSubnets.subnetTyp is not a prop of ec2.SubnetSelection. Use vpcSubnets.subnetType.'],
    ['a misspelled required prop', () => ({ vpc: undefined, vcp: vpc }),
      'vcp is not a prop of EncryptedDatabaseInstanceProps. Use vpc.'],
  ])('%s', (_, props, text) => {
    expect(checkDatabase(props())).toThrow(new Error(`[Stack] ${text}`));
  });

  test('refuses a prop of another construct, and lists the props', () => {
    expect(checkDatabase({ storageEncrypted: false })).toThrow(
      '[Stack] storageEncrypted is not a prop of EncryptedDatabaseInstanceProps. Remove it. The props are vpc, '
      + 'engine, ',
    );
    expect(check('SecureLoadBalancerProps', { vpc, internal: true })).toThrow(
      '[Stack] internal is not a prop of SecureLoadBalancerProps. Remove it. The props are vpc, endpoint, ',
    );
  });

  test('refuses a wrong value in a struct of aws-cdk-lib, and accepts a prop that a later version may add', () => {
    expect(checkDatabase({ vpcSubnets: { subnetType: 'isolated' } })).toThrow(
      '[Stack] vpcSubnets.subnetType must be a member of ec2.SubnetType',
    );
    expect(checkDatabase({ vpcSubnets: { prefersIpv6: true } })).not.toThrow();
  });

  test.each<[string, string, () => object, string]>([
    ['NaN', 'HipaaVpcProps', () => ({ maxAzs: NaN }), 'maxAzs must be a finite number, got NaN. Pass a finite number.'],
    ['Infinity', 'HipaaVpcProps', () => ({ maxAzs: Infinity }),
      'maxAzs must be a finite number, got Infinity. Pass a finite number.'],
    ['a string for a number', 'HipaaVpcProps', () => ({ maxAzs: '2' }),
      "maxAzs must be a number, got '2'. Pass a number."],
    ['an element of an array', 'HipaaVpcProps', () => ({ availabilityZones: ['a', 2] }),
      'availabilityZones[1] must be a string, got 2. Pass a string.'],
    ['one value for an array', 'HipaaVpcProps', () => ({ availabilityZones: 'a' }),
      "availabilityZones must be an array of strings, got 'a'. Put it into an array."],
    ['an object for a choice', 'HipaaVpcProps', () => ({ nat: { reason: 'cheap' } }),
      'nat must be a NatStrategy, got an object with reason. '
      + 'Use NatStrategy.onePerAz(), .single(…), .regional() or .none(…).'],
    ['a value that is not a member of the enum', 'WebFirewallProps', () => ({ webAclScope: 'GLOBAL' }),
      "webAclScope must be a member of FirewallScope (REGIONAL, CLOUDFRONT), got 'GLOBAL'. "
      + 'Use a member of FirewallScope.'],
    ['a number that is not a member of an enum of aws-cdk-lib', 'FlowLogGroupOptions', () => ({ retention: 42 }),
      'retention must be a member of logs.RetentionDays '
      + '(ONE_DAY, THREE_DAYS, FIVE_DAYS, ONE_WEEK, TWO_WEEKS, ONE_MONTH, …), got 42. '
      + 'Use a member of logs.RetentionDays.'],
    ['a missing reason', 'SsmBastionProps', () => ({ vpc, portForwarding: {} }),
      'portForwarding.reason must be a string, got undefined. State why the safeguard is not needed.'],
  ])('%s', (_, struct, props, text) => {
    expect(check(struct, props())).toThrow(new Error(`[Stack] ${text}`));
  });

  test.each<[string, unknown]>([
    ['undefined', undefined], ['null', null], ['7', 7], ['an array of 0 elements', []],
  ])('%s instead of the props', (shown, props) => {
    expect(check('EncryptedDatabaseInstanceProps', props)).toThrow(new Error(
      `[Stack] props must be an EncryptedDatabaseInstanceProps object, got ${shown}. `
      + 'Pass an object with vpc and engine.'));
  });

  test('the members of an enum come from the installed version of aws-cdk-lib', () => {
    expect(check('FlowLogGroupOptions', { retention: logs.RetentionDays.SIX_YEARS })).not.toThrow();
    const keep = { policy: RemovalPolicy.RETAIN };
    expect(() => checkArguments(stack, 'ServiceCluster.applyRemovalPolicy', keep)).not.toThrow();
  });
});

describe('remedies', () => {
  test('name a field of the given value that has the right type', () => {
    const holder = new Holder(stack, 'Holder', new sns.Topic(stack, 'Topic'));
    expect(check('WorkloadMonitoringProps', { topic: holder })).toThrow(
      new Error("[Stack] topic must be an sns.ITopic, got a Holder at Stack/Holder. Use its field 'content'."));
  });

  test('ignore a getter that throws', () => {
    const get = () => {
      throw new Error('closed');
    };
    const closed = Object.defineProperty(new Holder(stack, 'Holder', 1), 'secret', { enumerable: true, get });
    expect(check('WorkloadMonitoringProps', { topic: closed })).toThrow(
      new Error('[Stack] topic must be an sns.ITopic, got a Holder at Stack/Holder. Pass an sns.ITopic.'));
  });

  test('name the parent of the given construct if it has the right type', () => {
    const image = ecs.ContainerImage.fromRegistry('public.ecr.aws/clinic/api:1.2.3');
    const wrapper = Object.assign(new Construct(stack, 'Wrapper'), { bindToService: () => ({}) });
    expect(check('SecureFargateServiceProps', { image, uses: [new Construct(wrapper, 'Inner')] })).toThrow(new Error(
      '[Stack] uses[0] must be an IServiceBindable, got a Construct at Stack/Wrapper/Inner. '
      + 'Pass the construct that contains it, Stack/Wrapper.'));
  });
});

describe('arguments', () => {
  test('options of a factory are named after the prop', () => {
    expect(() => checkFactory('NatStrategy.single', { options: { reason: 7 } })).toThrow(
      new Error('[NatStrategy.single] reason must be a string, got 7. State why the safeguard is not needed.'));
  });

  test('missing options of a factory are refused', () => {
    expect(() => checkFactory('NatStrategy.single', { options: undefined })).toThrow(
      new Error('[NatStrategy.single] options must be a RelaxationOptions object, got undefined. '
        + 'Pass an object with reason.'));
  });

  test('other arguments of a factory are checked', () => {
    expect(() => checkFactory('ServiceIngress.listener', { listener: {} })).toThrow(new Error(
      '[ServiceIngress.listener] listener must be an elbv2.IApplicationListener, got an empty object. '
      + 'Pass an elbv2.IApplicationListener.'));
    expect(() => checkFactory('ScalingPolicy.between', { bounds: { min: 1 } })).toThrow(
      new Error('[ScalingPolicy.between] bounds.max must be a number, got undefined. Pass a number.'));
  });

  test('a map of arrays is checked', () => {
    expect(() => checkFactory('ContentSecurityPolicy.strict', { additions: { 'img-src': 'data:' } })).toThrow(
      new Error("[ContentSecurityPolicy.strict] additions['img-src'] must be an array of strings, got 'data:'. "
        + 'Put it into an array.'));
  });

  test('a refusal of a method argument has the path of the construct', () => {
    const constructs = [new kms.Key(stack, 'Key')];
    expect(() => checkArguments(stack, 'WorkloadMonitoring.watch', { constructs })).toThrow(new Error(
      '[Stack] argument constructs[0] of watch must be an IMonitored, got a Key at Stack/Key. '
      + 'Pass an IMonitored.'));
  });

  test('a method that is not in the table is an error', () => {
    expect(() => checkFactory('NatStrategy.cheap', {}))
      .toThrow('NatStrategy.cheap is not in prop-types.ts: run npx projen prop-types');
  });
});

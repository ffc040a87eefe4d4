import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import { POSTGRES, someDatabase } from './some-database';
import { newApp, newStack, someVpc, templateOf } from '../../support/app';

const REASON = 'is a read replica of an instance whose master password RDS manages, and RDS supports none for such an '
  + 'instance (https://github.com/cdk-hipaa/cdk-hipaa/blob/main/docs/decisions/0032-no-read-replica.md). '
  + 'Remove it, or use an EncryptedAuroraCluster, whose readers share the storage of the writer.';

function replicaOf(sourceDatabaseInstance: rds.IDatabaseInstance, scope: Stack): void {
  new rds.DatabaseInstanceReadReplica(scope, 'Replica', {
    sourceDatabaseInstance,
    vpc: someVpc(new Stack(scope, 'ReplicaNetwork')),
    instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MEDIUM),
  });
}

test('a read replica is refused', () => {
  const stack = newStack();
  replicaOf(someDatabase(stack).instance, stack);
  expect(() => templateOf(stack)).toThrow(`[Stack/Database] Stack/Replica/Resource ${REASON}`);
});

test('a read replica in another stack is refused', () => {
  const app = newApp();
  const [data, reports] = [new Stack(app, 'Data'), new Stack(app, 'Reports')];
  replicaOf(someDatabase(data).instance, reports);
  expect(() => templateOf(data)).toThrow(`[Data/Database] Reports/Replica/Resource ${REASON}`);
});

test('a read replica of another instance is not', () => {
  const stack = newStack();
  someDatabase(stack);
  replicaOf(new rds.DatabaseInstance(stack, 'Own', { engine: POSTGRES, vpc: someVpc(new Stack(stack, 'Net')) }), stack);
  expect(() => templateOf(stack)).not.toThrow();
});

import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { EncryptedDatabaseInstanceProps } from '../../../src/database/instance/database-instance-props';
import { EncryptedDatabaseInstance } from '../../../src/database/instance/encrypted-database-instance';
import { newStack, propertiesOf, someVpc, templateOf } from '../../support/app';

/** The properties of a resource of a template. */
export type Properties = ReturnType<typeof propertiesOf>[string];

export const POSTGRES = rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_8 });
export const MYSQL = rds.DatabaseInstanceEngine.mysql({ version: rds.MysqlEngineVersion.VER_8_4_7 });

/** A PostgreSQL instance with the ID `Database`, with the given and the required props only. */
export function someDatabase(
  scope: Construct = newStack(),
  props: Partial<EncryptedDatabaseInstanceProps> = {},
): EncryptedDatabaseInstance {
  const vpc = props.vpc ?? someVpc(scope);
  return new EncryptedDatabaseInstance(scope, 'Database', { engine: POSTGRES, ...props, vpc });
}

/** The properties of the only resource of a type. */
export function only(template: Template, type: string): Properties {
  const all = Object.values(propertiesOf(template, type));
  expect(all).toHaveLength(1);
  return all[0];
}

/** The properties of the instance. */
export function instanceOf(database: EncryptedDatabaseInstance): Properties {
  return only(templateOf(database), 'AWS::RDS::DBInstance');
}

/** The error of the given props, or `nothing was refused`. */
export function refusalOf(props: Partial<EncryptedDatabaseInstanceProps>, stack: Stack = newStack()): string {
  try {
    someDatabase(stack, props);
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was refused';
}

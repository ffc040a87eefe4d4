import { Template } from 'aws-cdk-lib/assertions';
import { DATABASE, DATABASE_USER, FUNCTION, SECRET } from './parts';
import { all, attribute, only, propertiesOf, theGroup } from '../../../support/template/reading';

/** The secret of the master user, which RDS creates and manages. */
export const masterPassword = (template: Template) => attribute(only(template, DATABASE), 'MasterUserSecret.SecretArn');

/** The secrets of the database users, by the name of the user. */
export function logins(template: Template): { [user: string]: string } {
  const users = all(template, DATABASE_USER).map(({ Properties }) => Properties);
  const secrets: { [user: string]: string } = Object.fromEntries(
    users.map(({ User, SecretArn }) => [User, SecretArn.Ref]),
  );
  // Each belongs to a user of the database, by the path of its construct.
  expect(Object.values(secrets).every((id) => /^DatabaseUsers\w+Secret/.test(id))).toBe(true);
  return secrets;
}

/** The secrets of the application: all others. */
export function appSecrets(template: Template): string[] {
  const ofUsers = Object.values(logins(template));
  return Object.keys(template.findResources(SECRET)).filter((id) => !ofUsers.includes(id));
}

/** The function that manages the users. */
export function usersFunction(template: Template): string {
  const [id, ...others] = new Set(
    all(template, DATABASE_USER).map(({ Properties }) => Properties.ServiceToken['Fn::GetAtt'][0] as string),
  );
  expect(others).toEqual([]);
  return id;
}

export const usersFunctionRole = (template: Template): string =>
  propertiesOf(template, FUNCTION, usersFunction(template)).Role['Fn::GetAtt'][0];
export const usersGroup = (template: Template): string =>
  theGroup(propertiesOf(template, FUNCTION, usersFunction(template)).VpcConfig.SecurityGroupIds);

/** The API reads and changes data, the migrations change the schema, and there are no other users. */
export function usersWithLeastPrivilege(template: Template) {
  const users = all(template, DATABASE_USER).map(({ Properties }) => Properties);
  expect(Object.fromEntries(users.map(({ User, Privileges, Login }) => [User, [Privileges, Login]]))).toEqual({
    api: ['readWrite', 'password'],
    migrations: ['owner', 'password'],
  });
  const { USERS } = propertiesOf(template, FUNCTION, usersFunction(template)).Environment.Variables;
  expect(USERS).toMatch(/^api:readWrite:password:\w+,migrations:owner:password:\w+$/);
}

import { execFileSync } from 'child_process';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import { aurora, AURORA, Client, DATABASE_USER, userId, userSecret, usersFunction } from './parts';
import { ROOT } from '../../../../scripts/examples/example';
import { attribute, only, propertiesOf, ref, text } from '../../../support/template/reading';
import { SECRET } from '../../../support/template/types';

const FOLDER = path.join(ROOT, 'src', 'database', 'access');
/** The code that creates the extension of the audit. */
export const POSTGRES = path.join(FOLDER, 'postgres-server.lambda.ts');
const HANDLER = path.join(FOLDER, 'manage-users.lambda.ts');

/** The answer of the function to CloudFormation, and the state of the database. */
interface Outcome {
  readonly status: 'SUCCESS' | 'FAILED';
  /** The login that created the extension in a committed transaction. */
  readonly auditedBy?: string;
}

interface Request {
  readonly environment: Record<string, string>;
  readonly request: object;
  /** The secrets by ARN. */
  readonly secrets: Record<string, { readonly SecretString: string; readonly Description?: string }>;
  /** The libraries that the server has loaded, which is the value of its parameter. */
  readonly loaded: string;
  /** Whether the server refuses to create the extension. */
  readonly refuses: boolean;
  /** A change of the code. */
  readonly change?: { readonly file: string; readonly given: string; readonly instead: string };
}

/**
 * Runs the function with stubs of the database driver, of Secrets Manager and of the network. The database has the
 * extension after a committed statement of the master user.
 */
const HARNESS = `
  const { environment, request, secrets, loaded, refuses, change } = JSON.parse(process.argv[1]);
  const fs = require('fs');
  const Module = require('module');
  Object.assign(process.env, environment);
  let auditedBy;
  const actingRoles = {};
  class Client {
    constructor({ user, options = '' }) {
      this.user = user;
      this.resolvesInCatalog = options.includes('search_path=pg_catalog,');
      this.granted = [];
    }
    on() {}
    async connect() {}
    async end() {}
    async query(text) {
      const sql = text.replace(/\\s+/g, ' ').trim();
      if (/ AS private, .* AS ready /.test(sql)) return { rows: [{ private: true, ready: true }] };
      if (/ AS grantors$/.test(sql)) return { rows: [{ grantors: true }] };
      if (/ FROM pg_shdepend /.test(sql)) return { rows: this.granted };
      if (/^SELECT CURRENT_USER AS role/.test(sql)) return { rows: [{ role: actingRoles[this.user] ?? this.user }] };
      const acting = /^ALTER ROLE "(.+?)" SET role = "(.+)"$/.exec(sql);
      if (acting) actingRoles[acting[1]] = acting[2];
      this.granted.push(...grantOf(sql));
      if (sql === 'BEGIN') this.pending = {};
      if (sql === 'COMMIT') auditedBy = this.pending.auditedBy ?? auditedBy;
      if (/pg_available_extensions .*pgaudit.*installed_version IS NULL/.test(sql)) {
        return { rows: !auditedBy && loaded.split(',').includes('pgaudit') ? [{}] : [] };
      }
      if (/^CREATE EXTENSION IF NOT EXISTS pgaudit WITH SCHEMA cdk_hipaa$/.test(sql)) {
        const mayCreate = !refuses && this.user === 'dbowner' && this.resolvesInCatalog;
        if (!mayCreate) throw Object.assign(new Error('permission denied'), { code: '42501' });
        this.pending.auditedBy = this.user;
      }
      return { rows: [] };
    }
  }
  // The privileges of a statement, as the function reads them from the catalog.
  function grantOf(sql) {
    const future = /FOR ROLE "(.+?)" IN SCHEMA "(.+?)" GRANT (.+) ON (.)\\w+ TO "(.+)"$/.exec(sql);
    const now = /^GRANT (.+) ON (DATABASE|SCHEMA) "(.+?)" TO "(.+)"$/.exec(sql);
    if (now) return [{ target: now[2].toLowerCase() + ' ' + now[3], privileges: now[1], grantee: now[4] }];
    if (!future) return [];
    const [, creator, schema, privileges, kind, grantee] = future;
    return [{ target: ['default', creator, schema, kind === 'T' ? 'r' : 'S'].join(' '), privileges, grantee }];
  }
  const Command = class { constructor(input) { Object.assign(this, input); } };
  const commands = ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'];
  const stubs = {
    'pg': { Client },
    '@aws-sdk/client-secrets-manager': {
      SecretsManagerClient: class { async send({ SecretId }) { return secrets[SecretId]; } },
      ResourceNotFoundException: class extends Error {},
      ...Object.fromEntries(commands.map((name) => [name + 'Command', Command])),
    },
  };
  const load = Module._load;
  Module._load = (name, ...others) => stubs[name] ?? load(name, ...others);
  const read = fs.readFileSync;
  fs.readFileSync = (name, ...others) => {
    const found = read(name, ...others);
    return change && name === change.file ? String(found).replace(change.given, () => change.instead) : found;
  };
  global.fetch = async (_url, { body }) => {
    const { Status: status } = JSON.parse(new TextDecoder().decode(body));
    fs.writeSync(1, JSON.stringify({ status, auditedBy }));
    return { ok: true };
  };
  console.error = () => undefined;
  const { handler } = require(${JSON.stringify(HANDLER)});
  handler(request, { getRemainingTimeInMillis: () => 300000 }).then(() => process.exit());
`;

const known = new Map<string, Outcome>();

function outcomeOf(request: Request): Outcome {
  const input = JSON.stringify(request);
  const run = () => JSON.parse(execFileSync(
    process.execPath, ['--require', 'tsx/cjs', '-e', HARNESS, input], { cwd: ROOT, encoding: 'utf8', timeout: 60_000 },
  )) as Outcome;
  return known.get(input) ?? (known.set(input, run()), known.get(input)!);
}

/** The knowledge of CloudFormation and of the function when the user of a program is created. */
function requestOf(whole: Template, name: Client): Omit<Request, 'refuses'> {
  const { Environment: { Variables } } = usersFunction(whole);
  const properties: Record<string, unknown> = propertiesOf(whole, DATABASE_USER, userId(whole, name));
  const { GenerateSecretString, Description } = propertiesOf(whole, SECRET, userSecret(whole, name));
  const asText = (values: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, text(value)]));
  const master = text(attribute(only(whole, AURORA), 'MasterUserSecret.SecretArn'));
  const parameters = aurora(whole).DBClusterParameterGroupName.Ref;
  return {
    environment: asText(Variables),
    request: { RequestType: 'Create', ResponseURL: 'https://example.com', ResourceProperties: asText(properties) },
    secrets: {
      [master]: { SecretString: JSON.stringify({ username: aurora(whole).MasterUsername, password: 'a' }) },
      [text(ref(userSecret(whole, name)))]: {
        Description,
        SecretString: JSON.stringify({ ...JSON.parse(GenerateSecretString.SecretStringTemplate), password: 'b' }),
      },
    },
    loaded: propertiesOf(whole, 'AWS::RDS::DBClusterParameterGroup', parameters).Parameters.shared_preload_libraries,
  };
}

/**
 * The function creates the extension as the master user before the first user of a program exists. If it cannot, the
 * user, and therefore the deployment, fails.
 */
export function usersSwitchTheAuditOn(whole: Template, name: Client, change?: Request['change']) {
  const request = { ...requestOf(whole, name), change };
  expect(outcomeOf({ ...request, refuses: false })).toEqual({ status: 'SUCCESS', auditedBy: 'dbowner' });
  expect(outcomeOf({ ...request, refuses: true })).toEqual({ status: 'FAILED' });
}

import { CrossStackReferences, ReferenceStrength, Stack } from 'aws-cdk-lib';
import * as rds from 'aws-cdk-lib/aws-rds';
import { someService } from './fargate-fixtures';
import { EncryptedAuroraCluster } from '../../src/database/aurora/encrypted-aurora-cluster';
import { EncryptedDatabaseInstance } from '../../src/database/instance/encrypted-database-instance';
import { HipaaVpc } from '../../src/network/hipaa-vpc';
import { newApp } from '../support/app';

const ENV = { account: '111122223333', region: 'us-east-1' };

/** The exports of the data stack, and the imports of the application, for each database that the service can use. */
function deployed(database: 'cluster' | 'instance', isUsed: boolean, strength?: ReferenceStrength) {
  const app = newApp();
  const [data, application] = ['Data', 'App'].map((id) => new Stack(app, id, { env: ENV }));
  if (strength) CrossStackReferences.of(application).consume(strength);
  const { vpc } = new HipaaVpc(data, 'Network');
  const used = database === 'cluster'
    ? new EncryptedAuroraCluster(data, 'Db', {
      vpc, engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_16_8 }),
    })
    : new EncryptedDatabaseInstance(data, 'Db', {
      vpc, engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_8 }),
    });
  someService(application, { vpc, uses: isUsed ? [used] : [] });
  const assembly = app.synth();
  const text = (id: string) => JSON.stringify(assembly.getStackByName(id).template);
  const found = (id: string, pattern: RegExp) => [...text(id).matchAll(pattern)].map(([, name]) => name);
  return {
    exports: new Set(found('Data', /"Export":\{"Name":"([^"]+)"/g)),
    imports: new Set(found('App', /"Fn::ImportValue":"([^"]+)"/g)),
    outputs: new Set(found('App', /"OutputName":"([^"]+)"/g)),
    dependencies: application.dependencies,
    data,
  };
}

describe.each<'cluster' | 'instance'>(['cluster', 'instance'])('a %s of another stack that leaves uses', (database) => {
  test('leaves exports that the deployed service imports, so its stack is deployed first', () => {
    const before = deployed(database, true);
    const after = deployed(database, false);
    const dropped = [...before.exports].filter((name) => !after.exports.has(name));
    expect(dropped.length).toBeGreaterThan(3);
    // The stack of the database cannot be first: CloudFormation keeps an export that is imported.
    expect(dropped.filter((name) => before.imports.has(name))).toEqual(dropped);
    // The stack of the service can: what it imports is still exported.
    expect([...after.imports].filter((name) => !before.exports.has(name))).toEqual([]);
    expect([...after.imports].filter((name) => dropped.includes(name))).toEqual([]);
  });

  test('leaves no export with weak references, and the order of the stacks remains', () => {
    const { exports, imports, outputs, dependencies, data } = deployed(database, true, ReferenceStrength.WEAK);
    expect([[...exports], [...imports]]).toEqual([[], []]);
    expect(outputs.size).toBeGreaterThan(3);
    expect(dependencies).toEqual([data]);
  });
});

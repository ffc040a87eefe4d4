import { Template } from 'aws-cdk-lib/assertions';
import { System } from './proof/system';
import { Counter } from '../../../scripts/costs/costs';
import { amount, Documents, kept } from '../../support/template/documents';
import { appOf, Json, templatesOf } from '../../support/template/example';
import { text, theOne } from '../../support/template/reading';

const DOCUMENTS = new Documents('karematch');

/** Tests README.md and OPERATIONS.md. */
export function testDocuments(templates: Record<string, Json>, system: System): void {
  const { production: main, productionImages: images } = system;
  DOCUMENTS.test(templates);

  test('from eu-west-1, an environment has two more keys, one more dashboard and no more alarms', () => {
    const european = templatesOf(appOf('karematch', 'app.eu-west-1.ts'));
    DOCUMENTS.expectWords('From eu-west-1: two more KMS keys and one more dashboard, 5.00');
    for (const name of ['KareMatch', 'KareMatchDevelopment']) {
      const [here, there] = [templates, european].map(
        (all) =>
          new Counter(
            Object.entries(all)
              .filter(([stack]) => new RegExp(`^${name}(Images|Edge|EdgeWatch)?$`).test(stack))
              .map(([, template]) => template),
          ),
      );
      const more = (type: string) => there.count(type) - here.count(type);
      expect([more('AWS::KMS::Key'), more('AWS::CloudWatch::Dashboard'), more('AWS::CloudWatch::Alarm')]).toEqual([
        2, 1, 0,
      ]);
      expect(there.alarmMetrics).toBe(here.alarmMetrics);
    }
  });

  test('production leaves these resources behind', () => {
    expect([
      kept(main, 'AWS::Logs::LogGroup'),
      kept(main, 'AWS::S3::Bucket'),
      kept(main, 'AWS::SecretsManager::Secret'),
    ]).toEqual([14, 3, 4]);
    expect(kept(main, 'AWS::KMS::Key') + kept(images, 'AWS::KMS::Key')).toBe(9);
    expect([kept(main, 'AWS::Backup::BackupVault'), kept(images, 'AWS::ECR::Repository')]).toEqual([1, 1]);
    DOCUMENTS.expectWords('| 14 log groups; three buckets', '| Nine KMS keys |', 'The KMS keys cost 9.00 a month');
    DOCUMENTS.expectWords('| Session keys, key ring and two logins,');
  });

  test('the alarms are on the constructs in the table', () => {
    const alarms = [main, system.development].flatMap((template: Template) =>
      Object.keys(template.findResources('AWS::CloudWatch::Alarm')),
    );
    const constructs = alarms.map(
      (id) => /^MonitoringKareMatch(?:Development)?(Network|Database|Secrets|Entrance|Api|Migrations|Site)/.exec(id)?.[1],
    );
    const rows = DOCUMENTS.captures(/^\| `(\w+)` \| .+ \| \[.+\) \|$/gm).flat();
    expect(rows.sort()).toEqual([...new Set(constructs)].sort());
  });

  test('a command names exactly one resource', () => {
    const asked = DOCUMENTS.captures(/\$\((?:STACK=\$\{STACK\}(Images) )?resource (AWS::\w+::\w+)(?: (\w+))?\)/g);
    expect(asked.length).toBeGreaterThan(15);
    for (const [of, type, beginning = ''] of asked) {
      const found = Object.keys((of ? images : main).findResources(type)).filter((id) => id.startsWith(beginning));
      expect({ type, beginning, found }).toEqual({ type, beginning, found: [expect.any(String)] });
    }
    expect(amount(main, 'AWS::SNS::Topic')).toBe(1);
  });

  test('the command for the migrations reads an output that exists', () => {
    const outputs = DOCUMENTS.captures(/OutputKey=='(\w+)'/g).flat();
    expect(outputs).toEqual(['Migrate']);
    const { Value } = main.toJSON().Outputs.Migrate;
    expect(text(Value)).toMatch(/^aws ecs run-task --region us-east-1 --cluster /);
    expect(text(Value)).toContain(text(theOne('Custom::Migration')(main).TaskDefinition));
  });

  test('the commands push the version that app.ts runs', () => {
    const [, version] = DOCUMENTS.read('app.ts').match(/image\('(.+?)'\)/)!;
    expect(new Set(DOCUMENTS.captures(/IMAGES:([^"]+)"/g).flat())).toEqual(new Set([version]));
    DOCUMENTS.expectWords(`--image-id imageTag=${version} `);
  });
}

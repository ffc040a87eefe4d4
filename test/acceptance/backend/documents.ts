import { System } from './proof/system';
import { Documents, kept } from '../../support/template/documents';
import { Json } from '../../support/template/example';

const DOCUMENTS = new Documents('backend');
/** The constructs that the stack watches. */
const CONSTRUCTS = [
  'Network', 'Database', 'Storage', 'Jobs', 'Secrets', 'Entrance', 'Cluster', 'Instances', 'Api', 'Worker',
  'Migrations', 'Cleanup', 'Bastion',
];

/** Tests README.md and OPERATIONS.md. */
export function testDocuments(templates: Record<string, Json>, { aurora, instance, images }: System): void {
  DOCUMENTS.test(templates);

  test('the stacks leave these resources behind', () => {
    for (const [variant, logs] of [[aurora, 19], [instance, 20]] as const) {
      expect([
        kept(variant, 'AWS::Logs::LogGroup'),
        kept(variant, 'AWS::S3::Bucket'),
        kept(variant, 'AWS::SecretsManager::Secret'),
        kept(variant, 'AWS::SQS::Queue'),
        kept(variant, 'AWS::KMS::Key') + kept(images, 'AWS::KMS::Key'),
      ]).toEqual([logs, 3, 13, 2, 10]);
    }
    DOCUMENTS.expectWords('| 19 log groups, 20 with an RDS instance; three buckets', 'four logins and eight copies',
      '| Two queues with their jobs |', '| Ten KMS keys |', 'The KMS keys cost 10.00 a month');
  });

  test('the alarms are on the constructs in the table', () => {
    const constructs = Object.keys(aurora.findResources('AWS::CloudWatch::Alarm'))
      .filter((id) => id.startsWith('Monitoring'))
      .map((id) => new RegExp(`^Monitoringbackendprod(${CONSTRUCTS.join('|')})`).exec(id)?.[1]);
    const rows = DOCUMENTS.captures(/^\| (`\w+`(?:, `\w+`)*) \| .+ \| \[.+ \|$/gm)
      .flatMap(([names]) => names.match(/\w+/g)!);
    expect([...rows].sort()).toEqual([...new Set(constructs)].sort());
  });

  test('a command names exactly one resource of a variant', () => {
    const asked = DOCUMENTS.captures(/\$\((STACK=\$\{STACK\}-images )?resource (AWS::\w+::\w+)(?: (\w+))?\)/g);
    expect(asked.length).toBeGreaterThan(15);
    for (const [ofImages, type, beginning = ''] of asked) {
      const found = (ofImages ? [images] : [aurora, instance]).map((template) =>
        Object.keys(template.findResources(type)).filter((id) => id.startsWith(beginning)));
      // A command for one variant finds no resource, or several ones, in the other.
      expect({ type, beginning, found: found.filter(({ length }) => length === 1) })
        .not.toEqual({ type, beginning, found: [] });
    }
  });

  test('the commands read outputs that exist', () => {
    const outputs = DOCUMENTS.captures(/\$\(output (\w+)\)/g).flat();
    expect(new Set(outputs)).toEqual(new Set(Object.keys(templates['backend-prod'].Outputs)));
  });
}

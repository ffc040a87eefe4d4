import { System } from './proof/system';
import { amount, Documents, kept } from '../../support/template/documents';
import { Json } from '../../support/template/example';

const DOCUMENTS = new Documents('carebow');

/** Tests README.md and OPERATIONS.md. */
export function testDocuments(templates: Record<string, Json>, { main, images, guardrails }: System): void {
  DOCUMENTS.test(templates);

  test('the stacks leave these resources behind', () => {
    expect([
      kept(main, 'AWS::Logs::LogGroup'),
      kept(main, 'AWS::S3::Bucket'),
      kept(main, 'AWS::SecretsManager::Secret'),
      kept(main, 'AWS::KMS::Key') + kept(images, 'AWS::KMS::Key'),
    ]).toEqual([13, 3, 5, 10]);
    DOCUMENTS.expectWords('| 13 log groups; three buckets', '| Ten KMS keys |', 'The KMS keys cost 10.00 a month');
  });

  test('the alarms are on the constructs in the table', () => {
    const constructs = [main, guardrails]
      .flatMap((template) => Object.keys(template.findResources('AWS::CloudWatch::Alarm')))
      .map((id) => /^MonitoringCareBow(Network|Database|Fields|Reports|Secrets|Entrance|Api|Migrations|Targets|Guardrails)/
        .exec(id)?.[1]);
    const rows = DOCUMENTS.captures(/^\| (`\w+`(?:, `\w+`)*) \| .+ \| .+ \|$/gm)
      .flatMap(([names]) => names.match(/\w+/g)!);
    expect([...rows].sort()).toEqual([...new Set(constructs)].sort());
  });

  test('a command names exactly one resource', () => {
    const asked = DOCUMENTS.captures(/\$\((?:STACK=(\w+) )?resource (AWS::\w+::\w+)(?: (\w+))?\)/g);
    expect(asked.length).toBeGreaterThan(10);
    for (const [of, type, beginning = ''] of asked) {
      const found = Object.keys((of ? images : main).findResources(type)).filter((id) => id.startsWith(beginning));
      expect({ type, beginning, found }).toEqual({ type, beginning, found: [expect.any(String)] });
    }
    expect(amount(main, 'AWS::SNS::Topic')).toBe(1);
  });

  test('the alarms on the performance targets have the minimum numbers of requests that the text states', () => {
    const alarm = (id: string) => Object.entries(main.findResources('AWS::CloudWatch::Alarm'))
      .find(([name]) => name.includes(id))![1].Properties;
    expect(JSON.stringify(alarm('TargetsErrorRate').Metrics)).toContain('>= 100, ');
    // CloudWatch: fewer than 10 / (1 - percentile) samples are too few.
    expect(alarm('ApiSlowP95')).toMatchObject({ ExtendedStatistic: 'p95', EvaluateLowSampleCountPercentile: 'ignore' });
    DOCUMENTS.expectWords('need at least 100 requests', 'From 100 to 999 requests, a single failure exceeds the target',
      `with fewer than ${10 / (100 - 95) * 100} responses`);
  });

  test('the commands read outputs that exist', () => {
    const outputs = DOCUMENTS.captures(/OutputKey=='(\w+)'/g).flat();
    expect(outputs.filter((name) => !(name in { ...templates.CareBow.Outputs, ...templates.CareBowDelivery.Outputs })))
      .toEqual([]);
  });
}

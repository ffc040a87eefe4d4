import {
  Counter,
  itemOf,
  line,
  longTable,
  shortTable,
  term,
  times,
  totalCents,
  withTable,
} from '../../scripts/costs/costs';
import * as prices from '../../scripts/costs/prices.json';

const LINES = [
  line('Network', 'Gateways', term('nat-gateway-hour', 2, times(730, 'h'))),
  line('Network', 'Traffic', term('nat-gateway-gb', times(10, 'GB'))),
  line('Network', 'Backups'),
];
const COLUMNS = [{ name: '', lines: LINES }];

test('each price has a unit, a month and the pricing page of its service', () => {
  for (const [item, price] of Object.entries(prices.prices)) {
    expect({ item, ...price }).toEqual({
      item,
      description: expect.stringMatching(/\w/),
      unit: expect.stringMatching(/\w/),
      usd: expect.any(Number),
      date: expect.stringMatching(/^20\d\d-(0[1-9]|1[0-2])$/),
      source: expect.stringMatching(/^https:\/\/aws\.amazon\.com\/[\w/-]*pricing\//),
    });
    expect(price.usd).toBeGreaterThan(0);
  }
});

test('a line is the sum of its products, rounded to cents; the total is the sum of the lines', () => {
  expect(longTable(COLUMNS).split('\n')).toEqual([
    '| Item | Quantity × price | USD |',
    '| --- | --- | ---: |',
    '| Gateways | 2 × 730 h × 0.045 | 65.70 |',
    '| Traffic | 10 GB × 0.045 | 0.45 |',
    '| Backups | free | 0.00 |',
    '| **Total for a month** | | **66.15** |',
  ]);
  expect(totalCents(LINES)).toBe(6615);
});

test('the short table has a row for each part', () => {
  expect(shortTable(COLUMNS).split('\n').slice(2)).toEqual([
    '| Network | 66.15 |',
    '| **Total for a month** | **66.15** |',
  ]);
});

test('half a cent is rounded up to a cent', () => {
  expect(totalCents([line('Part', 'Polls', term('sqs-fifo-million-requests', times(0.65, 'million')))])).toBe(33);
});

describe('the counts of a template', () => {
  const made = new Counter([
    {
      Resources: {
        One: { Type: 'AWS::CloudWatch::Alarm', Properties: { MetricName: 'Errors' } },
        Two: {
          Type: 'AWS::CloudWatch::Alarm',
          Properties: { Metrics: [{ Expression: 'a + b' }, { MetricStat: {} }, { MetricStat: {} }] },
        },
        Secret: { Type: 'AWS::SecretsManager::Secret' },
        Database: { Type: 'AWS::RDS::DBInstance', Properties: { ManageMasterUserPassword: true } },
      },
    },
  ]);

  test('include each metric of an alarm, and the secret that RDS creates', () => {
    expect([made.count('AWS::CloudWatch::Alarm'), made.alarmMetrics, made.secrets]).toEqual([2, 3, 2]);
  });

  test('require resources of the type', () => {
    expect(() => made.count('AWS::KMS::Key')).toThrow('No template has a resource of type AWS::KMS::Key');
  });

  test('require a price for the class', () => {
    expect(() => itemOf('mysql-t4g-nano-hour')).toThrow('prices.json has no item mysql-t4g-nano-hour');
  });
});

test('the table is inserted between the markers', () => {
  expect(withTable('a\n<!-- costs -->\nold\n<!-- /costs -->\nb', 'new')).toBe(
    'a\n<!-- costs -->\nnew\n<!-- /costs -->\nb',
  );
  expect(() => withTable('no markers', 'new')).toThrow('The document has no line <!-- costs -->');
});

import { createHmac } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { observe, Probe } from './support/express-program';

const source = (...parts: string[]) => fs.readFileSync(path.join(__dirname, '..', 'examples', ...parts), 'utf8');

const SECRET = 'a test';
const HEALTH: Probe = { method: 'GET', url: '/health' };

/** A token that the API of MentalHealthAide accepts. */
function token(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = `${part({ alg: 'HS256' })}.${part({ exp: Number.MAX_SAFE_INTEGER })}`;
  return `${unsigned}.${createHmac('sha256', SECRET).update(unsigned).digest('base64url')}`;
}

describe('the API of KareMatch', () => {
  const api = source('karematch', 'api', 'server.js');
  const probes: Probe[] = [
    HEALTH,
    { method: 'GET', url: '/api/therapists' },
    { method: 'POST', url: '/api/users', body: { user: 'ada', password: 'secret' } },
  ];

  test('starts and answers its health check while the database is unavailable, and connects later', () => {
    expect(observe(api, probes).steps).toEqual([
      'listening', '/health 200', '/api/therapists 200', '/api/users 500',
      '/health 200', '/api/therapists 200', '/api/users 201',
    ]);
  });

  test.each<[string, string, string]>([
    ['it exits without a database', 'try {\n  start();',
      'try {\n  database.query(\'SELECT 1\').then(start, () => process.exit(1));'],
    ['its health check queries the database', '(_request, response) => response.json({ status: \'ok\' })',
      'async (_request, response) => response.json(await database.query(\'SELECT 1\'))'],
    ['it tries only once', 'const { rowCount } = await database.query(',
      'database.first ??= database.query();\n  const { rowCount } = await database.first && await database.query('],
  ])('fails this test if %s', (_, given, instead) => {
    expect(api.split(given)).toHaveLength(2);
    expect(observe(api.replace(given, instead), probes).steps).not.toEqual(observe(api, probes).steps);
  });
});

describe('the API of MentalHealthAide', () => {
  test('starts and answers its health check while the database is unavailable, and connects later', () => {
    const records: Probe = { method: 'GET', url: '/records', headers: { authorization: `Bearer ${token()}` } };
    expect(observe(source('mentalhealthaide', 'api', 'server.js'), [HEALTH, records], { JWT_SECRET: SECRET }).steps)
      .toEqual(['listening', '/health 200', '/records 500', '/health 200', '/records 200']);
  });
});

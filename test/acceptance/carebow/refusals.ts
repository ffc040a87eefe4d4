import { claimsOf, KEYS, tokenOf } from './some-system';
import { RawRequest } from '../../support/running-program';

export const COMPLAINT = 'severe headache since Tuesday';
export const SESSION = { primary_complaint: COMPLAINT };
export const SESSIONS = '/api/v1/symptom-sessions';

/** Tokens that the API refuses, with the reason in its log. `ada` and `ben` are valid tokens. */
export function wrongTokens(ada: string, ben: string): Array<[what: string, reason: string, token: string]> {
  const claims = claimsOf('ada-1');
  const [, payload, signature] = ada.split('.');
  return [
    ['no token', 'malformed', ''],
    ['a text', 'malformed', 'token'],
    ['no signature', 'malformed', ada.slice(0, ada.lastIndexOf('.') + 1)],
    ['a part more', 'malformed', `${ada}.${signature}`],
    ['5,000 characters', 'malformed', `${ada}${'A'.repeat(5_000)}`],
    ['a header that is not JSON', 'malformed', `${Buffer.from('alg').toString('base64url')}.${payload}.${signature}`],
    ['claims that are no object', 'malformed', tokenOf(['ada-1'])],
    ['the algorithm none', 'algorithm', `${tokenOf(claims, { alg: 'none' }).split('.').slice(0, 2).join('.')}.AA`],
    ['the algorithm None', 'algorithm', tokenOf(claims, { alg: 'None' })],
    ['the algorithm RS256', 'algorithm', tokenOf(claims, { alg: 'RS256' })],
    ['the algorithm HS512', 'algorithm', tokenOf(claims, { alg: 'HS512' })],
    ['no algorithm', 'algorithm', tokenOf(claims, {})],
    ['a critical extension', 'extension', tokenOf(claims, { alg: 'HS256', crit: ['exp'] })],
    ['another key', 'signature', tokenOf(claims, undefined, 'd'.repeat(88))],
    ['the list of keys as a key', 'signature', tokenOf(claims, undefined, KEYS.join())],
    ['an empty key', 'signature', tokenOf(claims, undefined, '')],
    ['other claims', 'signature', [ada.split('.')[0], ben.split('.')[1], signature].join('.')],
    ['another issuer', 'issuer', tokenOf({ ...claims, iss: 'https://login.example.com' })],
    ['another audience', 'audience', tokenOf({ ...claims, aud: 'https://app.carebow.com' })],
    ['no audience', 'audience', tokenOf({ ...claims, aud: undefined })],
    ['a past time of expiry', 'expired', tokenOf({ ...claims, exp: Date.now() / 1000 - 1 })],
    ['no time of expiry', 'expired', tokenOf({ ...claims, exp: undefined })],
    ['a text as the time of expiry', 'expired', tokenOf({ ...claims, exp: '9999999999' })],
    ['a start in the future', 'not valid yet', tokenOf({ ...claims, nbf: Date.now() / 1000 + 120 })],
    ['an email address as the user', 'subject', tokenOf(claimsOf('ada@example.com'))],
    ['no user', 'subject', tokenOf(claimsOf(undefined))],
  ];
}

/** Requests that the API refuses, with the status and the text of the response. */
export const WRONG_REQUESTS: Array<[what: string, request: Partial<RawRequest>, status: number, error: string]> = [
  ['another method', { method: 'DELETE' }, 405, 'this method is not allowed'],
  ['another path', { path: '/api/v1/users' }, 404, 'there is no such resource'],
  ['a path of a prototype', { path: '/api/v1/__proto__' }, 404, 'there is no such resource'],
  ['no JSON', { body: `{"primary_complaint": "${COMPLAINT}` }, 400, 'the body must be a JSON object'],
  ['a list', { body: '[]' }, 400, 'the body must be a JSON object'],
  ['another type', { headers: { 'content-type': 'text/plain' } }, 415, 'the content type must be application/json'],
  ['more fields', { body: '{"primary_complaint":"a","name":"Ada"}' }, 400,
    'the body may contain only primary_complaint'],
  ['a number', { body: '{"primary_complaint":1}' }, 400, 'primary_complaint must be a text of 1 to 2000 characters'],
  ['no text', { body: '{"primary_complaint":" "}' }, 400, 'primary_complaint must be a text of 1 to 2000 characters'],
  ['a long text', { body: JSON.stringify({ primary_complaint: 'a'.repeat(2_001) }) }, 400,
    'primary_complaint must be a text of 1 to 2000 characters'],
  ['a large body', { body: JSON.stringify({ primary_complaint: 'a'.repeat(8_200) }) }, 413, 'the body is too large'],
  ['a large file', { path: '/api/v1/reports', body: '{"bytes":10485761}' }, 400,
    'bytes must be the size of a file of at most 10 MiB'],
];

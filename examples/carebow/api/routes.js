// The operations of the API. Each query contains the owner, so a user reaches only their own records.
const { randomUUID } = require('node:crypto');
const { readJson, Refusal, requireFields } = require('./http');
const { CONTENT_TYPE, EXPIRY_SECONDS } = require('./reports');

/** The text to which users consent. After a change, users must consent to the new version. */
const CONSENT_VERSION = '2026-11-01';
const MAX_COMPLAINT = 2000;
const MAX_LIST = 100;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** The location of an encrypted field, which KMS binds to its ciphertext. */
const placeOf = (owner, record) => ({ table: 'symptom_sessions', column: 'primary_complaint', owner, record });

/**
 * The routes, by method and path. `:id` is the ID of a record. A handler returns a status, a body and the ID of the
 * record that it accessed.
 */
function routes({ database, fields, reports }) {
  /** The version to which the user consents now, or null. The last decision counts. */
  async function consentOf(user) {
    const { rows: [last] } = await database.query(
      'SELECT version, given FROM consents WHERE owner = $1 ORDER BY id DESC LIMIT 1',
      [user],
    );
    return last?.given ? last.version : null;
  }

  async function requireConsent(user) {
    if (await consentOf(user) === CONSENT_VERSION) return;
    throw new Refusal(403, `consent to version ${CONSENT_VERSION} is needed`);
  }

  async function recordOf(columns, table, user, id) {
    if (!ID.test(id)) throw new Refusal(404, 'there is no such record');
    // A record of another user and a missing record have the same response.
    const { rows: [found] } = await database.query(
      `SELECT ${columns} FROM ${table} WHERE id = $1 AND owner = $2`,
      [id, user],
    );
    if (!found) throw new Refusal(404, 'there is no such record');
    return found;
  }

  return {
    'GET /api/v1/me': async ({ user }) => ({
      status: 200, body: { id: user, consent: { required: CONSENT_VERSION, given: await consentOf(user) } },
    }),

    'GET /api/v1/consent': async ({ user }) => {
      const { rows } = await database.query(
        'SELECT version, given, decided_at FROM consents WHERE owner = $1 ORDER BY id DESC LIMIT $2',
        [user, MAX_LIST],
      );
      return { status: 200, body: rows };
    },

    'POST /api/v1/consent': async ({ user, request }) => {
      const body = await readJson(request);
      requireFields(body, 'version', 'given');
      const { version, given } = body;
      if (typeof given !== 'boolean' || version !== CONSENT_VERSION) {
        throw new Refusal(400, `given must be true or false, and version ${CONSENT_VERSION}`);
      }
      await database.query('INSERT INTO consents (owner, version, given) VALUES ($1, $2, $3)', [user, version, given]);
      return { status: 201, body: { version, given } };
    },

    'POST /api/v1/symptom-sessions': async ({ user, request }) => {
      const body = await readJson(request);
      requireFields(body, 'primary_complaint');
      const { primary_complaint: complaint } = body;
      if (typeof complaint !== 'string' || complaint.trim() === '' || complaint.length > MAX_COMPLAINT) {
        throw new Refusal(400, `primary_complaint must be a text of 1 to ${MAX_COMPLAINT} characters`);
      }
      await requireConsent(user);
      const id = randomUUID();
      const { rows: [{ created_at }] } = await database.query(
        'INSERT INTO symptom_sessions (id, owner, primary_complaint) VALUES ($1, $2, $3) RETURNING created_at',
        [id, user, await fields.encrypt(complaint, placeOf(user, id))],
      );
      return { status: 201, body: { id, created_at }, record: id };
    },

    // The list contains no complaint: each one that is read is decrypted, and recorded in the audit log.
    'GET /api/v1/symptom-sessions': async ({ user }) => {
      const { rows } = await database.query(
        'SELECT id, created_at FROM symptom_sessions WHERE owner = $1 ORDER BY created_at DESC LIMIT $2',
        [user, MAX_LIST],
      );
      return { status: 200, body: rows };
    },

    'GET /api/v1/symptom-sessions/:id': async ({ user, id }) => {
      const found = await recordOf('id, primary_complaint, created_at', 'symptom_sessions', user, id);
      const complaint = await fields.decrypt(found.primary_complaint, placeOf(user, id));
      return { status: 200, body: { ...found, primary_complaint: complaint } };
    },

    'POST /api/v1/reports': async ({ user, request }) => {
      const body = await readJson(request);
      requireFields(body, 'bytes');
      if (!reports.accepts(body.bytes)) throw new Refusal(400, 'bytes must be the size of a file of at most 10 MiB');
      await requireConsent(user);
      const id = randomUUID();
      await database.query('INSERT INTO reports (id, owner) VALUES ($1, $2)', [id, user]);
      const upload_url = await reports.uploadUrl(id, body.bytes);
      return {
        status: 201, body: { id, upload_url, content_type: CONTENT_TYPE, expires_in: EXPIRY_SECONDS }, record: id,
      };
    },

    'GET /api/v1/reports/:id': async ({ user, id }) => {
      await recordOf('id', 'reports', user, id);
      return { status: 200, body: { id, download_url: await reports.downloadUrl(id), expires_in: EXPIRY_SECONDS } };
    },
  };
}

module.exports = { routes };

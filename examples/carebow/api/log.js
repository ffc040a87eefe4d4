// One JSON object per line. CloudWatch counts `level` "error" and `event` "login_failed".
const log = (level, fields) => console.log(JSON.stringify({ level, time: new Date().toISOString(), ...fields }));

/**
 * Writes who accessed which record, and the result. Users and records are opaque IDs, so the line contains no PHI.
 * @param {{ action: string, actor: string, record?: string, request: string, status: number }} access
 */
const audit = (access) => log('info', { event: 'audit', ...access });

module.exports = { audit, log };

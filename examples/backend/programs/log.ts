/** Writes a line of JSON. It never contains a document or the body of a job, which can contain PHI. */
export const log = (event: string, fields: object = {}) =>
  console.log(JSON.stringify({ time: new Date().toISOString(), event, ...fields }));

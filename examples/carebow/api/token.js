// Prints a token for a user ID, for a test of the API: JWT_KEYS=… JWT_ISSUER=… JWT_AUDIENCE=… node token.js <user ID>.
// In production, the identity provider that has the same keys issues the tokens after a login.
const { Tokens } = require('./tokens');

const { JWT_AUDIENCE, JWT_ISSUER, JWT_KEYS } = process.env;
console.log(new Tokens({ keys: JWT_KEYS, issuer: JWT_ISSUER, audience: JWT_AUDIENCE }).sign(process.argv[2]));

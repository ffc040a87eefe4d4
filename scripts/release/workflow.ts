/** The parts of a GitHub workflow that the checks read. */
export interface Workflow {
  readonly on: Record<string, unknown>;
  readonly jobs: Record<string, Job>;
}
interface Job {
  readonly permissions?: Record<string, string>;
  readonly environment?: string;
  readonly steps: Array<{
    readonly name?: string;
    readonly run?: string;
    readonly env?: Record<string, string>;
    readonly with?: Record<string, unknown>;
  }>;
}

/** The parts of package.json that the checks read. */
export interface Package {
  readonly repository: { readonly url: string };
  readonly publishConfig?: { readonly access?: string };
  readonly jsii: { readonly targets: { readonly java: { readonly maven: { readonly groupId: string } } } };
}

interface Publisher {
  /** The secrets that the job may read. */
  readonly secrets: string[];
  /** The permissions of the job, and no others. */
  readonly permissions: Record<string, string>;
  /** The variable with which publib authenticates by OIDC: https://github.com/cdklabs/publib#readme */
  readonly oidc?: string;
  /** The name of the task that makes the package from the tarball. */
  readonly packages?: string;
}

/** The environment of GitHub whose rules protect the publishing jobs. */
const ENVIRONMENT = 'release';
const READ = { contents: 'read' };
const OIDC = { 'contents': 'read', 'id-token': 'write' };

/** The publishing jobs of the workflow. */
const PUBLISHERS: Record<string, Publisher> = {
  // https://docs.npmjs.com/trusted-publishers
  release_npm: { oidc: 'NPM_TRUSTED_PUBLISHER', secrets: [], permissions: OIDC, packages: 'js' },
  // https://docs.pypi.org/trusted-publishers/
  release_pypi: { oidc: 'PYPI_TRUSTED_PUBLISHER', secrets: [], permissions: OIDC, packages: 'python' },
  // The secret is the name of a profile: https://learn.microsoft.com/nuget/nuget-org/trusted-publishing
  release_nuget: {
    oidc: 'NUGET_TRUSTED_PUBLISHER', secrets: ['NUGET_USERNAME'], permissions: OIDC, packages: 'dotnet',
  },
  // Central accepts tokens and signatures only: https://central.sonatype.org/publish/publish-portal-api/
  release_maven: {
    secrets: [
      'MAVEN_GPG_PRIVATE_KEY', 'MAVEN_GPG_PRIVATE_KEY_PASSPHRASE', 'MAVEN_PASSWORD', 'MAVEN_USERNAME',
      'MAVEN_STAGING_PROFILE_ID',
    ],
    permissions: READ,
    packages: 'java',
  },
  // A push to the repository of the Go module, where the token of this repository has no access.
  release_golang: { secrets: ['GO_GITHUB_TOKEN'], permissions: READ, packages: 'go' },
  release_github: { secrets: ['GITHUB_TOKEN'], permissions: { contents: 'write' } },
};

/** The first major version of Node.js whose npm, 11.5.1 or later, supports trusted publishing. */
const NODE_OF_TRUSTED_NPM = 24;

const isEqual = (one: Record<string, string> = {}, other: Record<string, string>) =>
  JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());

/** The problems of the release workflow and of the package that it publishes. */
export function releaseProblems({ on, jobs }: Workflow, pkg: Package): string[] {
  const { release, ...publishers } = jobs;
  const others = Object.keys(publishers).filter((name) => !(name in PUBLISHERS));
  return [
    ...Object.keys(on).filter((trigger) => trigger !== 'workflow_dispatch')
      .map((trigger) => `The workflow starts on ${trigger}. Only a maintainer may start it (workflow_dispatch).`),
    ...jobProblems('release', release, { secrets: [], permissions: READ }),
    ...Object.entries(PUBLISHERS).flatMap(([name, publisher]) => publishers[name]
      ? [...jobProblems(name, publishers[name], publisher), ...publisherProblems(name, publishers[name], publisher)]
      : [`${name}: the workflow does not have this job.`]),
    ...others.map((name) => `${name}: the checks do not know this job. Add it to scripts/release/workflow.ts.`),
    ...packageProblems(pkg),
  ];
}

function jobProblems(name: string, { permissions, steps }: Job, expected: Publisher): string[] {
  const problems: string[] = [];
  if (!isEqual(permissions, expected.permissions)) {
    problems.push(`${name}: permissions are ${JSON.stringify(permissions)}, not `
      + `${JSON.stringify(expected.permissions)}.`);
  }
  const secrets = [...new Set([...JSON.stringify(steps).matchAll(/secrets\.(\w+)/g)].map(([, secret]) => secret))];
  for (const secret of secrets.filter((each) => !expected.secrets.includes(each))) {
    problems.push(`${name}: reads the secret ${secret}, which it does not need.`);
  }
  return problems;
}

function publisherProblems(name: string, { environment, steps }: Job, { oidc, packages }: Publisher): string[] {
  const problems: string[] = [];
  const runs = steps.map(({ run }) => run ?? '');
  const env: Record<string, string> = Object.assign({}, ...steps.map((step) => step.env ?? {}));
  if (environment !== ENVIRONMENT) problems.push(`${name}: is not in the environment "${ENVIRONMENT}".`);
  if (oidc && env[oidc] !== 'true') problems.push(`${name}: ${oidc} is not "true", so the job needs a token.`);
  if (packages && !runs.some((run) => run.includes('tar --strip-components=1 -xzvf dist/js/*.tgz'))) {
    problems.push(`${name}: does not read the tarball.`);
  }
  if (packages && !runs.some((run) => run.endsWith(`npx projen package:${packages}`))) {
    problems.push(`${name}: does not run package:${packages}.`);
  }
  if (name === 'release_npm' && env.NPM_CONFIG_PROVENANCE !== 'true') {
    problems.push(`${name}: publishes no provenance (NPM_CONFIG_PROVENANCE).`);
  }
  if (name === 'release_pypi' && 'PYPI_DISABLE_ATTESTATIONS' in env) {
    problems.push(`${name}: publishes no attestations (PYPI_DISABLE_ATTESTATIONS).`);
  }
  const node = steps.find((step) => step.with?.['node-version'] !== undefined)?.with?.['node-version'];
  if (name === 'release_npm' && !(Number.parseInt(String(node), 10) >= NODE_OF_TRUSTED_NPM)) {
    problems.push(`${name}: Node.js ${node} has an npm without trusted publishing.`);
  }
  return problems;
}

/** The rules of the registries for the names in package.json. */
function packageProblems({ repository, publishConfig, jsii }: Package): string[] {
  const problems: string[] = [];
  const owner = repository.url.match(/^https:\/\/github\.com\/([\w-]+)\/[\w.-]+\.git$/)?.[1];
  // https://docs.npmjs.com/generating-provenance-statements
  if (!owner) problems.push(`repository.url must be the repository on GitHub for provenance, got ${repository.url}.`);
  if (publishConfig?.access !== 'public') problems.push('publishConfig.access must be "public" for provenance.');
  // https://central.sonatype.org/register/namespace/
  const { groupId } = jsii.targets.java.maven;
  if (owner && groupId !== `io.github.${owner}`) {
    problems.push(`The Maven group must be io.github.${owner}, which Central verifies, got ${groupId}.`);
  }
  return problems;
}

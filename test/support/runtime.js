const { createRequire } = require('module');
const { VALIDATE, shareEngines } = require('../../scripts/examples/shared-engines');
const Runtime = require(createRequire(require.resolve('jest-runner')).resolve('jest-runtime')).default;

/** The packages that all test files of a worker share. */
const SHARED = /^(aws-cdk-lib|constructs|cdk-nag|@aws-cdk\/[^/]+|@cdklabs\/cdk-validator-cfnguard)(\/|$)/;

/** Each test file has its own realm. */
const ofThisRealm = (value) => JSON.parse(JSON.stringify(value));

const validate = shareEngines(ofThisRealm);

/** Which counters of each source file the tests of this worker have reported. */
const reported = new Map();

/** Whether a test has run a part of a source file that no earlier test of this worker has run. */
function isNews({ path, s, f, b }) {
  const counters = [s, f, b].flatMap((each) => Object.values(each)).flat();
  const before = reported.get(path) ?? [];
  if (!counters.some((count, index) => count > 0 && !before[index])) return false;
  reported.set(path, counters.map((count, index) => count > 0 || before[index] === true));
  return true;
}

/**
 * The runtime of Jest, which loads these packages once for each worker instead of once for each test file.
 *
 * It halves the time of the tests. See environment.ts.
 */
module.exports = class SharedPackagesRuntime extends Runtime {
  requireModuleOrMock(from, moduleName) {
    if (moduleName === VALIDATE) return validate;
    return SHARED.test(moduleName) ? require(moduleName) : super.requireModuleOrMock(from, moduleName);
  }

  /** The coverage of the source files with news. Jest merges what each test file reports, which takes half a second. */
  getAllCoverageInfoCopy() {
    const all = Object.entries(this._environment.global.__coverage__ ?? {});
    return ofThisRealm(Object.fromEntries(all.filter(([, coverage]) => isNews(coverage))));
  }
};

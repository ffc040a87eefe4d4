import * as fs from 'fs';
import * as path from 'path';

/** A package that the release publishes, as `.ci/languages.sh FOLDER` leaves it. */
export interface BuiltPackage {
  readonly registry: string;
  /** The file, or undefined if the package is missing. */
  readonly file?: string;
  /** Why `.ci/languages.sh` has not built the package. */
  readonly skipped?: string;
}

interface Package {
  readonly registry: string;
  readonly language: string;
  /** The folder below that of `.ci/languages.sh`. */
  readonly folder: string;
  /** The possible ends of the path, with the version of the release. */
  readonly files: (version: string) => string[];
}

const PACKAGES: Package[] = [
  {
    registry: 'PyPI',
    language: 'python',
    folder: 'release-python/dist/python',
    files: (version) => [`cdk_hipaa-${version}-py3-none-any.whl`],
  },
  {
    registry: 'Maven Central',
    language: 'java',
    folder: 'release-java/dist/java',
    files: (version) => [`io/github/cdk-hipaa/cdk-hipaa/${version}/cdk-hipaa-${version}.jar`],
  },
  // The package, or the sources if the machine has no .NET SDK. The sources contain the tarball.
  {
    registry: 'NuGet',
    language: 'dotnet',
    folder: 'release-dotnet/dist/dotnet',
    files: (version) => [`CdkHipaa.${version}.nupkg`, `CdkHipaa/cdk-hipaa-${version}.tgz`],
  },
  {
    registry: 'Go',
    language: 'go',
    folder: 'go-modules/cdk-hipaa/go/cdkhipaa',
    files: (version) => [`jsii/cdk-hipaa-${version}.tgz`],
  },
];

/** The packages of a version in the folder of `.ci/languages.sh`. */
export function builtPackages(folder: string, version: string): BuiltPackage[] {
  return PACKAGES.map(({ registry, language, folder: below, files }) => {
    const skipped = path.join(folder, `skipped-${language}`);
    if (fs.existsSync(skipped)) return { registry, skipped: fs.readFileSync(skipped, 'utf8').trim() };
    const root = path.join(folder, below);
    const found = fs.existsSync(root) ? fs.readdirSync(root, { recursive: true, encoding: 'utf8' }) : [];
    const file = files(version).flatMap((end) => found.filter((each) => each.endsWith(end)))[0];
    return { registry, file: file && path.join(root, file) };
  });
}

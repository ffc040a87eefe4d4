import * as fs from 'fs';
import * as path from 'path';

interface Manifest {
  readonly artifacts?: Record<string, Artifact>;
}
interface Artifact {
  readonly properties?: { readonly templateFile?: string };
  readonly additionalMetadataFile?: string;
  readonly metadata?: Metadata;
}
type Metadata = Record<string, Array<{ readonly type: string; readonly data?: unknown }>>;

/**
 * Finds the construct of a resource with the metadata of its template in the cloud assembly. The cloud assembly has no
 * metadata for the templates of nested stacks.
 */
export class ConstructPaths {
  private readonly byTemplate = new Map<string, Map<string, string>>();

  constructor(assembly: string) {
    const manifests = fs
      .readdirSync(assembly, { recursive: true, encoding: 'utf8' })
      .filter((file) => path.basename(file) === 'manifest.json');
    for (const manifest of manifests) this.readManifest(path.join(assembly, manifest));
  }

  /** The path of the construct that created a resource, or the logical ID without metadata. */
  public of(template: string, logicalId: string): string {
    return this.byTemplate.get(template)?.get(logicalId) ?? logicalId;
  }

  private readManifest(file: string) {
    const { artifacts = {} }: Manifest = JSON.parse(fs.readFileSync(file, 'utf8'));
    for (const { properties, additionalMetadataFile, metadata } of Object.values(artifacts)) {
      if (properties?.templateFile === undefined) continue;
      const described: Metadata = additionalMetadataFile === undefined
        ? metadata ?? {}
        : JSON.parse(fs.readFileSync(path.join(path.dirname(file), additionalMetadataFile), 'utf8'));
      this.byTemplate.set(path.join(path.dirname(file), properties.templateFile), pathsIn(described));
    }
  }
}

function pathsIn(metadata: Metadata): Map<string, string> {
  return new Map(
    Object.entries(metadata).flatMap(([at, entries]) =>
      entries
        .filter((entry) => entry.type === 'aws:cdk:logicalId')
        .map((entry) => [String(entry.data), at.replace(/^\//, '')] as const),
    ),
  );
}

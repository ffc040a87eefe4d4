import { sdkOf, SdkSettings } from './account';
import { LiveResource, LocalEndpoint } from './endpoint';
import { ask, fields } from './query-api';
import { kept, leavingSnapshots, regionsOf } from './templates';

const RDS = { service: 'rds', version: '2014-10-31' };

/** The state after the deletion of all stacks. */
export interface Remains {
  /** The resources and snapshots that are missing or must not be left. */
  readonly problems: string[];
  /** The number of resources. */
  readonly resources: number;
  /** The number of final snapshots that the templates require. */
  readonly snapshots: number;
}

/**
 * Compares what is left with the templates: the resources whose policy keeps them, and one snapshot of each retained
 * database.
 *
 * @param deployed the resources before the deletion
 */
export async function afterDeletion(
  endpoint: LocalEndpoint, assembly: string, deployed: LiveResource[],
): Promise<Remains> {
  const left = [...new Set((await endpoint.resources()).map(idOf))];
  const expected = kept(assembly);
  const lost = expected.filter((each) => !left.includes(each));
  const forgotten = left.filter((each) => !expected.includes(each));
  const problems = [
    ...(lost.length > 0 ? [`the deletion loses ${lost.join(', ')}`] : []),
    ...(forgotten.length > 0 ? [`the deletion leaves ${forgotten.join(', ')}`] : []),
  ];
  const databases = leavingSnapshots(assembly)
    .map((id) => deployed.find((each) => idOf(each) === id)?.physicalId ?? id);
  const regions = regionsOf(assembly).map((region) => sdkOf(endpoint.url, region));
  problems.push(...await snapshotProblems(regions, databases));
  return { problems, resources: left.length, snapshots: databases.length };
}

const idOf = ({ stack, logicalId }: LiveResource) => `${stack}/${logicalId}`;

/**
 * Reads the snapshots of instances and clusters in some regions, and returns what differs from one final snapshot of
 * each database.
 *
 * @param databases the identifiers of the deleted databases that leave a snapshot
 */
export async function snapshotProblems(regions: SdkSettings[], databases: string[]): Promise<string[]> {
  const read = (await Promise.all(regions.map(async (settings) => [
    ...fields(await ask(settings, RDS, 'DescribeDBSnapshots'), 'DBInstanceIdentifier'),
    ...fields(await ask(settings, RDS, 'DescribeDBClusterSnapshots'), 'DBClusterIdentifier'),
  ]))).flat();
  const count = (list: string[], database: string) => list.filter((each) => each === database).length;
  return [...new Set([...databases, ...read])]
    .filter((each) => count(read, each) !== count(databases, each))
    .map((each) => `final snapshots of ${each}: ${count(read, each)} instead of ${count(databases, each)}`);
}

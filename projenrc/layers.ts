/** A directory of `src/` and the directories that it may import. */
export interface Room {
  readonly name: string;
  readonly mayImport: string[];
}

const CORE = ['core'];
const BLOCKS = [...CORE, 'blocks'];
const SHARED = [...BLOCKS, 'monitoring', 'binding', 'firewall', 'rotation', 'endpoint'];

/**
 * The layers of `src/`, from the bottom up. Each directory is a room. A room imports its own files and
 * those of the rooms in its list.
 *
 * ESLint and `test/architecture.test.ts` read this list.
 */
export const ROOMS: Room[] = [
  // L0
  { name: 'core', mayImport: [] },
  // L1
  { name: 'blocks', mayImport: CORE },
  // L2
  { name: 'monitoring', mayImport: BLOCKS },
  { name: 'binding', mayImport: BLOCKS },
  { name: 'rotation', mayImport: CORE },
  { name: 'firewall', mayImport: [...BLOCKS, 'monitoring'] },
  { name: 'endpoint', mayImport: BLOCKS },
  { name: 'load-balancer', mayImport: [...BLOCKS, 'monitoring', 'firewall', 'endpoint'] },
  // L3
  { name: 'network', mayImport: SHARED },
  { name: 'bastion', mayImport: SHARED },
  { name: 'repository', mayImport: SHARED },
  { name: 'storage', mayImport: SHARED },
  { name: 'service', mayImport: [...SHARED, 'load-balancer'] },
  { name: 'database', mayImport: SHARED },
  { name: 'secrets', mayImport: SHARED },
  { name: 'site', mayImport: SHARED },
  { name: 'guardrails', mayImport: SHARED },
  // L4: checks any stack, so it imports only core
  { name: 'compliance', mayImport: CORE },
];

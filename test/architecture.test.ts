import * as fs from 'fs';
import * as path from 'path';
import { ROOMS } from '../projenrc/layers';

const SRC = path.join(__dirname, '..', 'src');

/** Service principals that are the same in every partition. */
const SERVICE_NAMES = [
  'access-analyzer',
  'agentless.inspector2',
  'application-autoscaling',
  'autoscaling',
  'backup',
  'budgets',
  'cloudformation',
  'cloudfront',
  'cloudtrail',
  'cloudwatch',
  'cognito-identity',
  'config',
  'delivery.logs',
  'ec2',
  'ecr',
  'ecs',
  'ecs-tasks',
  'elasticloadbalancing',
  'events',
  'fargate',
  'guardduty',
  'iam',
  'inspector2',
  'kms',
  'lambda',
  'logdelivery.elasticloadbalancing',
  'logging.s3',
  'logs',
  'malware-protection-plan.guardduty',
  'malware-protection.guardduty',
  'monitoring',
  'monitoring.rds',
  'organizations',
  'rds',
  's3',
  'scheduler',
  'secretsmanager',
  'securityhub',
  'sns',
  'vpc-flow-logs',
  'wafv2',
].map((name) => `${name}.amazonaws.com`);

/** The other rooms that each room may import. */
const MAY_IMPORT: Record<string, string[]> = Object.fromEntries(ROOMS.map(({ name, mayImport }) => [name, mayImport]));

interface Source {
  readonly file: string;
  readonly room: string;
  readonly text: string;
  readonly imports: string[];
  /** The imports that exist at run time: all but `import type`. */
  readonly loads: string[];
}

function sources(): Source[] {
  return fs
    .readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => {
      const text = fs.readFileSync(path.join(SRC, file), 'utf8');
      return {
        file: file.split(path.sep).join('/'),
        room: file.split(path.sep)[0],
        text,
        imports: [...text.matchAll(/^(?:import|export)\s[^;]*?from '([^']+)'/gms)].map((match) => match[1]),
        loads: [...text.matchAll(/^(?:import|export)\s(?!type\s)[^;]*?from '([^']+)'/gms)].map((match) => match[1]),
      };
    });
}

/** The room of a relative import. */
const roomOf = (source: Source, target: string) =>
  path.relative(SRC, path.resolve(path.dirname(path.join(SRC, source.file)), target)).split(path.sep)[0];

/** The files that a file loads. */
const filesOf = ({ file, loads }: Source) => loads.filter((target) => target.startsWith('.'))
  .map((target) => `${path.posix.join(path.posix.dirname(file), target)}.ts`);

/** The first cycle of files, in which each file imports the next. */
function cycleOf(importsOf: Map<string, string[]>): string[] {
  const done = new Set<string>();
  const visit = (file: string, trail: string[]): string[] => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return [];
    const cycle = (importsOf.get(file) ?? []).map((next) => visit(next, [...trail, file])).find(({ length }) => length);
    done.add(file);
    return cycle ?? [];
  };
  return [...importsOf.keys()].map((file) => visit(file, [])).find(({ length }) => length) ?? [];
}

const all = sources();
const isHandler = (file: string) => file.endsWith('.lambda.ts');

test('every room is in projenrc/layers.ts and imports only the rooms that its layer allows', () => {
  const inRooms = all.filter((source) => source.file !== 'index.ts');
  expect([...new Set(inRooms.map((source) => source.room))].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
  const violations = inRooms.flatMap((source) => source.imports
    .filter((target) => target.startsWith('.'))
    .map((target) => roomOf(source, target))
    .filter((room) => room !== source.room && !MAY_IMPORT[source.room].includes(room))
    .map((room) => `${source.file} imports ${room}`));
  expect(violations).toEqual([]);
});

test('no file imports itself through others', () => {
  expect(cycleOf(new Map(all.map((source) => [source.file, filesOf(source)])))).toEqual([]);
  const cycle = [['a.ts', ['b.ts', 'c.ts']], ['b.ts', []], ['c.ts', ['b.ts', 'd.ts']], ['d.ts', ['c.ts']]] as const;
  expect(cycleOf(new Map(cycle.map(([file, imports]) => [file, [...imports]])))).toEqual(['c.ts', 'd.ts', 'c.ts']);
});

test('src/index.ts contains only named re-exports', () => {
  const lines = all
    .find((source) => source.file === 'index.ts')!
    .text.split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('//'));
  expect(lines.filter((line) => !/^export \{ [\w, ]+ \} from '\.\/[\w/-]+';$/.test(line))).toEqual([]);
});

test('src/index.ts exports nothing from blocks', () => {
  expect(
    all.find((source) => source.file === 'index.ts')!.imports.filter((target) => target.startsWith('./blocks')),
  ).toEqual([]);
});

test('handlers do not import aws-cdk-lib, and constructs do not import handlers', () => {
  const reachable = new Set<string>();
  const visit = (file: string) => {
    if (reachable.has(file)) return;
    reachable.add(file);
    const source = all.find((candidate) => candidate.file === file)!;
    filesOf(source).forEach(visit);
  };
  for (const handler of all.filter((source) => isHandler(source.file))) visit(handler.file);
  const ofHandlers = all.filter((source) => reachable.has(source.file));
  expect(
    ofHandlers
      .filter((source) => source.imports.some((target) => /^(aws-cdk-lib|constructs|cdk-nag)/.test(target)))
      .map((source) => source.file),
  ).toEqual([]);

  const importsHandler = (source: Source) => source.imports.some((target) => target.endsWith('.lambda'));
  expect(
    all.filter((source) => !isHandler(source.file) && importsHandler(source)).map((source) => source.file),
  ).toEqual([]);
});

test('each acknowledgement has a different reason', () => {
  const reasons = all.flatMap((source) =>
    [...source.text.matchAll(/\b(?:reason|\w+Reason):\s*(['`])((?:(?!\1).)+)\1/gs)].map((match) => match[2]),
  );
  expect(reasons.length).toBeGreaterThan(5);
  expect(reasons.filter((reason, index) => reasons.indexOf(reason) !== index)).toEqual([]);
});

test('sources contain no literal partition, endpoint or account ID', () => {
  const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const written = all.filter((source) => !isHandler(source.file)).flatMap((source) =>
    // Service principals and the paths of service-linked roles have the same name in every partition and no region.
    [...withoutComments(source.text).matchAll(/arn:aws[:-]|[\w.-]*amazonaws\.com|\b\d{12}\b/g)]
      .filter((match) => !SERVICE_NAMES.includes(match[0]))
      .map((match) => `${source.file}: ${match[0]}`));
  expect(written).toEqual([]);
});

test('source files have at most 300 lines', () => {
  const written = all.filter(({ text }) => !text.startsWith('// Generated by '));
  const long = written.filter((source) => source.text.split('\n').length > 300).map((source) => source.file);
  expect(long).toEqual([]);
});

test('constructors have at most 30 lines', () => {
  const long = all.flatMap(({ file, text }) => [...text.matchAll(/^  constructor\((?!.*\{\}$)[^]*?\{\n([^]*?)^  \}$/gm)]
    .map(([, body]) => body.trimEnd().split('\n').length)
    .filter((lines) => lines > 30)
    .map((lines) => `${file}: ${lines} lines`));
  expect(long).toEqual([]);
});

/** One instruction of a Dockerfile. */
interface Instruction {
  readonly keyword: string;
  readonly value: string;
}

/** A rule of the linter: a name, and whether the instructions meet it. */
type Rule = [name: string, isMet: (instructions: Instruction[]) => boolean];

const EXEC_FORM = /^\[\s*"[^"]+"(\s*,\s*"[^"]*")*\s*\]$/;
/** A version, or a digest. */
const PINNED = /^\S+(:[\w.-]*\d[\w.-]*|@sha256:[0-9a-f]{64})( AS \w+)?$/i;
const SECRET = /\b\w*(PASSWORD|SECRET|TOKEN|API_?KEY|ACCESS_KEY)\w*\s*=/i;

const valuesOf = (instructions: Instruction[], keyword: string) =>
  instructions.filter((each) => each.keyword === keyword).map(({ value }) => value);
/** The instructions of the image, without those of earlier stages. */
const lastStageOf = (instructions: Instruction[]) =>
  instructions.slice(instructions.map(({ keyword }) => keyword).lastIndexOf('FROM'));
const last = (instructions: Instruction[], keyword: string) => valuesOf(instructions, keyword).at(-1) ?? '';
const commandOf = (check: string) => check.replace(/^(--\S+\s+)*CMD\s+/, '');

/** The rules, most of them those of hadolint and of the CIS Docker Benchmark, section 4. */
const RULES: Rule[] = [
  ['starts with FROM', ([first]) => first.keyword === 'FROM'],
  ['names a version of each base image', (all) => valuesOf(all, 'FROM').every((value) => PINNED.test(value))],
  ['runs as a user other than root, by number', (all) => /^[1-9]\d*(:[1-9]\d*)?$/.test(last(all, 'USER'))],
  ['gives no file to the user of the program', (all) => ['COPY', 'ADD'].every((keyword) =>
    valuesOf(all, keyword).every((value) => !/--chown=/.test(value)))],
  ['writes no file after it changed the user', (all) => all.slice(all.findIndex(({ keyword }) => keyword === 'USER'))
    .every(({ keyword }) => !['RUN', 'COPY', 'ADD'].includes(keyword))],
  ['starts the program without a shell, so that it receives signals', (all) => EXEC_FORM.test(last(all, 'CMD'))],
  ['has a health check without a shell', (all) => EXEC_FORM.test(commandOf(last(all, 'HEALTHCHECK')))],
  ['works in an absolute directory', (all) => valuesOf(all, 'WORKDIR').length > 0
    && valuesOf(all, 'WORKDIR').every((value) => value.startsWith('/'))],
  ['adds remote files over HTTPS only, and copies others', (all) =>
    valuesOf(all, 'ADD').every((value) => /^(--\S+\s+)*https:\/\//.test(value))],
  ['opens no port that only root can open', (all) => valuesOf(all, 'EXPOSE').every((value) => Number(value) > 1023)],
  ['installs the packages of the lock file', (all) => valuesOf(all, 'RUN').every((value) =>
    !/\bnpm (install|i)\b/.test(value))],
  ['contains no packages for development', (all) => valuesOf(lastStageOf(all), 'RUN').every((value) =>
    !/\bnpm ci\b/.test(value) || /--omit=dev/.test(value))],
  ['keeps no index of packages', (all) => valuesOf(all, 'RUN').every((value) =>
    !/\bapk add\b/.test(value) || /--no-cache/.test(value))],
  ['contains no secret', (all) => ['ENV', 'ARG'].every((keyword) =>
    valuesOf(all, keyword).every((value) => !SECRET.test(value)))],
  ['uses no sudo', (all) => valuesOf(all, 'RUN').every((value) => !/\bsudo\b/.test(value))],
];

/** The names of the rules that a Dockerfile does not meet. */
export function lintDockerfile(text: string): string[] {
  const instructions = instructionsOf(text);
  return RULES.filter(([, isMet]) => !isMet(instructions)).map(([name]) => name);
}

/** The words of the health check, or undefined without one. */
export function healthCheckOf(text: string): string[] | undefined {
  const check = commandOf(last(instructionsOf(text), 'HEALTHCHECK'));
  return EXEC_FORM.test(check) ? JSON.parse(check) as string[] : undefined;
}

/** The words of the program that the image starts. */
export function programOf(text: string): string[] {
  return JSON.parse(last(instructionsOf(text), 'CMD')) as string[];
}

/**
 * Whether a command of Node.js can start in an image: the image has Node.js and the script.
 * @param files the files in the folder of the Dockerfile
 */
export function canStart(text: string, files: string[], [program, script]: string[]): boolean {
  const image = lastStageOf(instructionsOf(text));
  const hasNode = /\bnode:/.test(image[0].value);
  return program === 'node' && hasNode && valuesOf(image, 'COPY').some((value) => copies(value, files, script));
}

/** Whether COPY writes a file into the working directory. An earlier stage compiles the TypeScript of the folder. */
function copies(value: string, files: string[], script: string): boolean {
  const words = value.split(/\s+/);
  const sources = words.filter((word) => !word.startsWith('--')).slice(0, -1);
  const isBuilt = words.some((word) => word.startsWith('--from='));
  const isMatch = (pattern: string) =>
    new RegExp(`^${pattern.replace(/[.]/g, '\\.').replace(/\*/g, '.*')}$`).test(script);
  const exists = files.includes(isBuilt ? script.replace(/\.js$/, '.ts') : script);
  return exists && sources.some((source) => source.endsWith('/') || isMatch(source.replace(/^.*\//, '')));
}

function instructionsOf(text: string): Instruction[] {
  return text.replace(/^\s*#.*$/gm, '').replace(/\\\n/g, ' ').split('\n')
    .map((line) => /^\s*([A-Za-z]+)\s+(.+?)\s*$/.exec(line))
    .filter((match) => match !== null)
    .map(([, keyword, value]) => ({ keyword: keyword.toUpperCase(), value }));
}

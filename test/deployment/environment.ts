import { spawnSync } from 'child_process';
import * as fs from 'fs';
import { createServer } from 'net';
import * as path from 'path';
import { OUT, ROOT } from '../../scripts/examples/example';

/** The directory for the journals and the output of the CLI. Git ignores it. */
export const WORK = path.join(OUT, 'deployment');
/** The directory for the compiled files of Python programs, so that each process does not compile them again. */
export const BYTECODE = path.join(OUT, 'deployment-bytecode');
/** The account of all deployments. Two examples name it. */
export const ACCOUNT = '111122223333';

const REQUIREMENTS = path.join(__dirname, 'requirements.txt');

/**
 * The Python interpreter of a virtual environment with the requirements, which the first run installs.
 *
 * DEPLOYMENT_VENV is the directory of the environment. Default: a directory below out/.
 */
export function python(): string {
  const directory = process.env.DEPLOYMENT_VENV ?? path.join(OUT, 'deployment-venv');
  const interpreter = path.join(directory, 'bin', 'python');
  const installed = path.join(directory, 'installed.txt');
  const wanted = fs.readFileSync(REQUIREMENTS, 'utf8');
  if (fs.existsSync(installed) && fs.readFileSync(installed, 'utf8') === wanted) return interpreter;
  run('python3', ['-m', 'venv', directory]);
  const options = ['--quiet', '--no-compile', '--disable-pip-version-check'];
  run(interpreter, ['-m', 'pip', 'install', ...options, '-r', REQUIREMENTS]);
  fs.writeFileSync(installed, wanted);
  return interpreter;
}

function run(command: string, args: string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr || String(error)}`);
}

/** The environment of this process without its AWS settings: no request leaves the machine. */
export function withoutAws(): NodeJS.ProcessEnv {
  const isAws = (name: string) => name.startsWith('AWS_') || name.startsWith('CDK_');
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !isAws(name))),
    NODE_NO_WARNINGS: '1',
    NO_PROXY: '127.0.0.1,localhost',
    no_proxy: '127.0.0.1,localhost',
  };
}

export async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

export const NODE_MODULES = path.join(ROOT, 'node_modules');

import { spawnSync } from 'child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { EXAMPLE_FOLDER } from './proof/parts';
import { Json } from '../../support/template/example';

/** The programs that the script calls. They write their arguments into a file. */
const STAND_IN = `#!/usr/bin/env bash
set -eu
name=$(basename "$0")
# The program before the pipe writes its line first.
[ "$name $1" != 'docker login' ] || password=$(cat)
printf '%s\\n' "$name $*" >> "$CALLS"
case "$name $*" in
  'aws cloudformation describe-stacks'*)
    key=$(sed -E "s/.*OutputKey=='([A-Za-z]+)'.*/\\1/" <<< "$*")
    grep "^$key=" "$OUTPUTS" | cut -d= -f2- ;;
  'aws ecr get-login-password') echo password ;;
  'docker login'*) [ "$password" = password ] ;;
  'npx cdk deploy CareBowImages'*)
    mkdir -p cdk.out && echo '{"CareBowImages":{"Repository":"1.dkr.example.com/images"}}' > cdk.out/images.json ;;
esac
[ "\${FAILS:-}" != "$name $1" ]
`;
const DEPLOY_IMAGES = 'npx cdk deploy CareBowImages --require-approval';
const DEPLOY = 'npx cdk deploy CareBow --exclusively --require-approval';
const SERVICE = 'service/the ClusterName/the ServiceName';

/** Runs carebow.sh in a copy of the folder, with the outputs of the templates. */
function run(outputs: string[], args: string[], environment: Record<string, string> = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'carebow-commands-'));
  try {
    const [bin, calls, values] = ['bin', 'calls', 'outputs'].map((name) => path.join(folder, name));
    mkdirSync(bin);
    for (const name of ['aws', 'docker', 'npx']) writeFileSync(path.join(bin, name), STAND_IN, { mode: 0o755 });
    copyFileSync(path.join(EXAMPLE_FOLDER, 'carebow.sh'), path.join(folder, 'carebow.sh'));
    writeFileSync(calls, '');
    const valueOf = (name: string) => (name === 'Migrate' ? 'aws ecs run-task' : `the ${name}`);
    writeFileSync(values, outputs.map((name) => `${name}=${valueOf(name)}\n`).join(''));
    const { status, stderr } = spawnSync('bash', ['carebow.sh', ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: `${bin}:${process.env.PATH}`, CALLS: calls, OUTPUTS: values, VERSION: 'v1', ...environment },
    });
    const made = readFileSync(calls, 'utf8').trim().split('\n').filter((call) => !/describe-stacks|^$/.test(call));
    return { status, stderr, made };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Tests carebow.sh with stand-ins for aws, docker and npx. */
export function testCommands(templates: Record<string, Json>): void {
  const outputs = Object.keys(templates.CareBow.Outputs);
  const release = (approval: string, more = '') => [
    `${DEPLOY_IMAGES} ${approval} --outputs-file cdk.out/images.json${more}`,
    'aws ecr get-login-password',
    'docker login --username AWS --password-stdin 1.dkr.example.com',
    'docker build --platform linux/amd64 --provenance=false -t 1.dkr.example.com/images:v1 api',
    'docker push 1.dkr.example.com/images:v1',
    `${DEPLOY} ${approval} -c version=v1${more}`,
  ];
  const scale = (count: number, most: number) => [
    'aws application-autoscaling register-scalable-target --service-namespace ecs --scalable-dimension '
      + `ecs:service:DesiredCount --resource-id ${SERVICE} --min-capacity ${count} --max-capacity ${most}`,
    `aws ecs update-service --cluster the ClusterName --service the ServiceName --desired-count ${count} `
      + '--query service.desiredCount',
  ];

  test.each<[command: string, made: string[]]>([
    ['deploy', release('broadening', ' --no-rollback')],
    ['update', release('broadening')],
    ['scale 5', scale(5, 6)],
    ['scale 1', scale(1, 6)],
    ['scale 0', scale(0, 0)],
    ['scale 12', scale(12, 12)],
    ['migrate', ['aws ecs run-task']],
    ['logs --since 1h', ['aws logs tail the LogGroupName --follow --since 1h']],
    ['destroy --confirm CareBow', [
      'aws elbv2 modify-load-balancer-attributes --load-balancer-arn the LoadBalancerArn --attributes '
        + 'Key=deletion_protection.enabled,Value=false',
      'aws rds modify-db-instance --db-instance-identifier the DatabaseIdentifier --no-deletion-protection '
        + '--apply-immediately',
      ...['CareBowDelivery', 'CareBow', 'CareBowImages'].map((stack) =>
        `aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name ${stack}`),
      'npx cdk destroy CareBowDelivery CareBow CareBowImages',
    ]],
  ])('%s', (command, made) => {
    expect(run(outputs, command.split(' '))).toEqual({ status: 0, stderr: '', made });
  });

  test('a pipeline asks no question', () => {
    expect(run(outputs, ['update'], { CI: 'true' }).made).toEqual(release('never'));
  });

  test.each<[name: string, made: number]>([['docker build', 4], ['docker push', 5]])(
    'a failed %s deploys nothing', (FAILS, made) => {
      const failed = run(outputs, ['update'], { FAILS });
      expect(failed.status).not.toBe(0);
      expect(failed.made).toEqual(release('broadening').slice(0, made));
    });

  test.each<[command: string, message: string]>([
    ['', './carebow.sh deploy'],
    ['stop', './carebow.sh deploy'],
    ['scale', 'the number of tasks must be a whole number, got '],
    ['scale -1', 'the number of tasks must be a whole number, got -1'],
    ['scale two', 'the number of tasks must be a whole number, got two'],
    ['destroy', 'to delete the stacks: ./carebow.sh destroy --confirm CareBow'],
    ['destroy --confirm Other', 'to delete the stacks: ./carebow.sh destroy --confirm CareBow'],
  ])('refuses "%s"', (command, message) => {
    const { status, stderr, made } = run(outputs, command.split(' ').filter(Boolean));
    expect({ status, made }).toEqual({ status: 2, made: [] });
    expect(stderr).toContain(message);
  });

  test('the largest number of tasks is that of the stack', () => {
    const [{ Properties }] = Object.values<Json>(templates.CareBow.Resources)
      .filter(({ Type }) => Type === 'AWS::ApplicationAutoScaling::ScalableTarget');
    expect(readFileSync(path.join(EXAMPLE_FOLDER, 'carebow.sh'), 'utf8'))
      .toContain(`\nMAX_TASKS=${Properties.MaxCapacity}\n`);
  });
}

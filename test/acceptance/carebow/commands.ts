import { spawnSync } from 'child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { EXAMPLE_FOLDER } from './proof/parts';
import { Json } from '../../support/template/example';

const ACCESS_DENIED = 'An error occurred (AccessDenied) when calling the operation';
/**
 * The programs that the script calls. They write their arguments into a file. `FAILS` is the beginning of a command
 * that fails, `MISSING` has the stacks that do not exist, and `RESOURCES` the resources of the stack CareBow.
 */
const STAND_IN = `#!/usr/bin/env bash
set -eu
name=$(basename "$0")
# In a terminal, AWS CLI v2 shows long output in a pager unless this variable is empty.
[ "$name" != aws ] || [ "\${AWS_PAGER-less}" = '' ]
# The program before the pipe writes its line first.
[ "$name $1" != 'docker login' ] || password=$(cat)
printf '%s\\n' "$name $*" >> "$CALLS"
case "$name $*" in
  "\${FAILS:-no command}"*) echo '${ACCESS_DENIED}' >&2; exit 254 ;;
  'aws cloudformation describe-stacks'*OutputKey*)
    key=$(sed -E "s/.*OutputKey=='([A-Za-z]+)'.*/\\1/" <<< "$*")
    grep "^$key=" "$OUTPUTS" | cut -d= -f2- ;;
  'aws cloudformation describe-stacks'*)
    [[ " \${MISSING:-} " != *" $4 "* ]] || {
      echo "An error occurred (ValidationError): Stack with id $4 does not exist" >&2; exit 254
    } ;;
  'aws cloudformation list-stack-resources'*)
    [[ $* == *"ResourceStatus!='DELETE_COMPLETE'"* ]]
    type=$(sed -E "s/.*ResourceType=='([A-Za-z0-9:]+)'.*/\\1/" <<< "$*")
    for each in $RESOURCES; do [[ $each != "$type="* ]] || echo "\${each#*=}"; done ;;
  'aws ecs run-task'*) echo "$TASK" ;;
  'aws ecs describe-tasks'*lastStatus*)
    # The task runs at first.
    [ "$(grep -c '^sleep 5$' "$CALLS")" -gt 1 ] || STATUS=RUNNING
    echo "$STATUS" ;;
  'aws ecs describe-tasks'*app*exitCode*) echo "$CODE" ;;
  'aws ecs describe-tasks'*stoppedReason*) echo 'Essential container in task exited' ;;
  'aws ecr get-login-password') echo password ;;
  'docker login'*) [ "$password" = password ] ;;
  'npx cdk deploy CareBowImages'*)
    mkdir -p cdk.out && echo "{\\"CareBowImages\\":\${IMAGES}}" > cdk.out/images.json ;;
esac
`;
/** The resources whose deletion protection the script removes. */
const RESOURCES = 'AWS::RDS::DBInstance=database AWS::ElasticLoadBalancingV2::LoadBalancer=balancer';
const TASK = 'arn:aws:ecs:us-east-1:111122223333:task/cluster/0123456789abcdef';
/** The answers of the stand-ins. */
const ANSWERS = {
  VERSION: 'v1', RESOURCES, TASK, STATUS: 'STOPPED', CODE: '0', IMAGES: '{"Repository":"1.dkr.example.com/images"}',
};
const DESTROY = ['destroy', '--confirm', 'CareBow'];
const DEPLOY_IMAGES = 'npx cdk deploy CareBowImages --require-approval';
const DEPLOY = 'npx cdk deploy CareBow --exclusively --require-approval';
const STACKS = ['CareBowDelivery', 'CareBow', 'CareBowImages'];
const SERVICE = 'service/the ClusterName/the ServiceName';
const PROGRAMS = ['aws', 'docker', 'npx', 'sleep'];
/** Calls that change nothing. */
const READS = /describe-(stacks|tasks)|list-stack-resources|^sleep|^$/;

/** Runs carebow.sh in a copy of the folder, with the outputs of the templates. */
function run(outputs: Record<string, string>, args: string[], environment: Record<string, string> = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'carebow-commands-'));
  try {
    const [bin, calls, values] = ['bin', 'calls', 'outputs'].map((name) => path.join(folder, name));
    mkdirSync(bin);
    for (const name of PROGRAMS) writeFileSync(path.join(bin, name), STAND_IN, { mode: 0o755 });
    copyFileSync(path.join(EXAMPLE_FOLDER, 'carebow.sh'), path.join(folder, 'carebow.sh'));
    writeFileSync(calls, '');
    writeFileSync(values, Object.entries(outputs).map(([name, value]) => `${name}=${value}\n`).join(''));
    // From another folder, as a person can call it.
    const script = path.join(path.basename(folder), 'carebow.sh');
    const { status, stderr } = spawnSync('bash', [script, ...args], {
      cwd: path.dirname(folder),
      encoding: 'utf8',
      env: { PATH: `${bin}:${process.env.PATH}`, CALLS: calls, OUTPUTS: values, ...ANSWERS, ...environment },
    });
    const made = readFileSync(calls, 'utf8').trim().split('\n').filter((call) => !READS.test(call));
    return { status, stderr, made };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Tests carebow.sh with stand-ins for aws, docker and npx. */
export function testCommands(templates: Record<string, Json>): void {
  const outputs = Object.fromEntries(Object.keys(templates.CareBow.Outputs)
    .map((name) => [name, name === 'Migrate' ? 'aws ecs run-task' : `the ${name}`]));
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

  const destroy = (stacks: string[], ids = ['balancer', 'database']) => [
    ...(ids.includes('balancer') ? ['aws elbv2 modify-load-balancer-attributes --load-balancer-arn balancer '
      + '--attributes Key=deletion_protection.enabled,Value=false'] : []),
    ...(ids.includes('database') ? ['aws rds modify-db-instance --db-instance-identifier database '
      + '--no-deletion-protection --apply-immediately'] : []),
    ...stacks.map((stack) =>
      `aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name ${stack}`),
    ...(stacks.length > 0 ? [`npx cdk destroy ${stacks.join(' ')}`] : []),
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
    ['destroy --confirm CareBow', destroy(STACKS)],
  ])('%s', (command, made) => {
    expect(run(outputs, command.split(' '))).toEqual({ status: 0, stderr: '', made });
  });

  test('a pipeline asks no question', () => {
    expect(run(outputs, ['update'], { CI: 'true' }).made).toEqual(release('never'));
  });

  test.each<[name: string, made: number]>([
    ['npx cdk deploy CareBowImages', 1],
    ['aws ecr', 3],
    ['docker login', 3],
    ['docker build', 4],
    ['docker push', 5],
  ])('a failed %s deploys nothing', (FAILS, made) => {
    const failed = run(outputs, ['update'], { FAILS });
    expect(failed.status).not.toBe(0);
    expect(failed.made).toEqual(release('broadening').slice(0, made));
  });

  test.each<[missing: string[], stacks: string[], ids: string[]]>([
    [['CareBowDelivery'], ['CareBow', 'CareBowImages'], ['balancer', 'database']],
    [['CareBowDelivery', 'CareBow'], ['CareBowImages'], []],
    [['CareBow'], ['CareBowDelivery', 'CareBowImages'], []],
    [['CareBowImages'], ['CareBowDelivery', 'CareBow'], ['balancer', 'database']],
    [STACKS, [], []],
  ])('destroy deletes the other stacks without %j', (missing, stacks, ids) => {
    expect(run(outputs, DESTROY, { MISSING: missing.join(' ') }))
      .toEqual({ status: 0, stderr: '', made: destroy(stacks, ids) });
  });

  test('destroy needs no outputs, and no resource that an earlier attempt deleted', () => {
    for (const left of [['balancer'], ['database'], []]) {
      const resources = RESOURCES.split(' ').filter((each) => left.some((id) => each.endsWith(id))).join(' ');
      expect(run({}, DESTROY, { RESOURCES: resources }))
        .toEqual({ status: 0, stderr: '', made: destroy(STACKS, left) });
    }
  });

  test.each<[fails: string, status: number, made: number]>([
    ['aws cloudformation describe-stacks --stack-name CareBowDelivery', 1, 0],
    ['aws cloudformation describe-stacks --stack-name CareBow', 1, 0],
    ['aws cloudformation describe-stacks --stack-name CareBowImages', 1, 0],
    ['aws cloudformation list-stack-resources', 254, 0],
    ['aws elbv2', 254, 1],
    ['aws rds', 254, 2],
    ['aws cloudformation update-termination-protection', 254, 3],
    ['npx cdk destroy', 254, 6],
  ])('destroy stops if "%s" is denied', (FAILS, status, made) => {
    const failed = run(outputs, DESTROY, { FAILS });
    expect({ ...failed, stderr: failed.stderr.includes(ACCESS_DENIED) })
      .toEqual({ status, stderr: true, made: destroy(STACKS).slice(0, made) });
  });

  test.each<[command: string, output: string]>([
    ['scale 5', 'ClusterName'],
    ['scale 5', 'ServiceName'],
    ['migrate', 'Migrate'],
    ['migrate', 'ClusterName'],
    ['logs', 'LogGroupName'],
  ])('"%s" stops without the output %s', (command, name) => {
    const { [name]: _, ...others } = outputs;
    const stopped = { status: 1, stderr: `carebow.sh: the stack CareBow has no output ${name}\n`, made: [] };
    expect(run(others, command.split(' '))).toEqual(stopped);
    expect(run({ ...others, [name]: 'None' }, command.split(' '))).toEqual(stopped);
  });

  test.each(['scale 5', 'migrate', 'logs'])('"%s" stops if the outputs cannot be read', (command) => {
    expect(run(outputs, command.split(' '), { FAILS: 'aws cloudformation describe-stacks' })).toEqual({
      status: 1, stderr: `${ACCESS_DENIED}\ncarebow.sh: cannot read the stack CareBow\n`, made: [],
    });
  });

  test.each<[what: string, answers: Record<string, string>, message: string]>([
    ['the task is denied', { FAILS: 'aws ecs run-task' },
      `${ACCESS_DENIED}\ncarebow.sh: ECS did not start the migrations`],
    ['ECS starts no task', { TASK: 'RESOURCE:ENI' }, 'carebow.sh: ECS did not start the migrations: RESOURCE:ENI'],
    ['the CLI prints nothing', { TASK: 'None' }, 'carebow.sh: ECS did not start the migrations: None'],
    ['the task cannot be read', { FAILS: 'aws ecs describe-tasks' },
      `${ACCESS_DENIED}\ncarebow.sh: cannot read the task ${TASK}`],
    ['ECS does not know the task', { STATUS: 'None' }, `carebow.sh: ECS does not know the task ${TASK}`],
    ...['1', '137', 'None'].map((CODE): [string, Record<string, string>, string] => [
      `the exit code is ${CODE}`, { CODE }, `carebow.sh: the migrations failed with exit code ${CODE}: Essential `
        + 'container in task exited. Read the log group MigrationsLog.',
    ]),
  ])('migrate fails if %s', (_what, answers, message) => {
    expect(run(outputs, ['migrate'], answers))
      .toEqual({ status: 1, stderr: `${message}\n`, made: ['aws ecs run-task'] });
  });

  test.each<[output: string, message: string]>([
    ['{}', 'the stack CareBowImages has no output Repository'],
    ['null', 'Cannot read properties of null'],
  ])('without the repository, nothing is built: %s', (IMAGES, message) => {
    const { status, stderr, made } = run(outputs, ['update'], { IMAGES });
    expect({ status, made }).toEqual({ status: 1, made: release('broadening').slice(0, 1) });
    expect(stderr).toContain(message);
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

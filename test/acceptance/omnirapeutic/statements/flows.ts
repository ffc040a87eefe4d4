import { all, section } from './section';
import { Fact } from '../../../support/template/facts';
import * as account from '../proof/account';
import * as alarms from '../proof/alarms';
import * as bastion from '../proof/bastion';
import * as database from '../proof/database';
import * as entrance from '../proof/entrance';
import * as firewall from '../proof/firewall';
import * as monitoring from '../proof/monitoring';
import * as registry from '../proof/registry';
import * as services from '../proof/services';

// An arrow between two steps is shown by the step that it leads to.

export const USER_REQUEST: Fact[] = section('Data Flow: User Request Flow', [
  { words: '1. User Request', shown: entrance.openToUsers },
  { words: '2. DNS Resolution', shown: entrance.nameLeadsToTheLoadBalancer },
  {
    words: '2. DNS Resolution: omnirapeutic-production-alb-941266984.us-east-1.elb.amazonaws.com',
    replaced: 'AWS chooses that name, and no certificate can contain it. Users use a domain of the company, whose '
      + 'two alias records point to the load balancer.',
    shown: entrance.nameOfTheirOwn,
  },
  { words: '3. AWS WAF Inspection', shown: firewall.regional },
  {
    words: '3. AWS WAF Inspection: Check managed rules (OWASP, Bad Inputs, SQLi)',
    shown: all(
      firewall.asksGroup(1, 'AWSManagedRulesCommonRuleSet'),
      firewall.asksGroup(2, 'AWSManagedRulesKnownBadInputsRuleSet'),
      firewall.asksGroup(3, 'AWSManagedRulesSQLiRuleSet'),
    ),
  },
  { words: '3. AWS WAF Inspection: Check rate limit (2000 req/5min per IP)', shown: firewall.limitsClients(4, 2000) },
  { words: '3. AWS WAF Inspection: Block or Allow', shown: firewall.allowsTheRest },
  { words: '▼ (Allowed)', shown: firewall.onlyLegitimateTraffic },
  { words: '4. Application Load Balancer', shown: entrance.isTheOnlyOne },
  {
    words: '4. Application Load Balancer: TLS termination (when HTTPS configured)',
    replaced: 'HTTPS is configured from the first deployment, and port 80 only redirects. The load balancer encrypts '
      + 'the connection to the containers too.',
    shown: entrance.endsTls,
  },
  { words: '4. Application Load Balancer: Path-based routing', shown: entrance.routesByPath },
  { words: '/api/* → API target group', shown: entrance.forwards('Api') },
  { words: '/*     → Web target group', shown: entrance.forwards('Web') },
  { words: '5. Target Group Health Check: Verify target is healthy', shown: entrance.asksForHealth },
  {
    words: '5. Target Group Health Check: Route to healthy target only',
    replaced: 'This holds while a healthy target exists. If all targets of a group fail their health checks, Elastic '
      + 'Load Balancing sends requests to all of them. By then an alarm has fired.',
    shown: entrance.avoidsSickTasks,
  },
  { words: '6. ECS Task (Fargate)', shown: services.onFargate },
  { words: '6. ECS Task (Fargate): Container receives request', shown: entrance.containersReceive },
  { words: '6. ECS Task (Fargate): Process application logic', shown: services.runPrograms },
  { words: '7. Database Query (if needed)', shown: database.usedWhereNeeded },
  { words: '7. Database Query (if needed): ECS → Aurora (via security group)', shown: database.reachedByClients },
  { words: '7. Database Query (if needed): PostgreSQL SSL connection', shown: database.tlsOnly },
  {
    words: '7. Database Query (if needed): pgAudit logs query',
    replaced: 'The text of a query contains its values, so a log of all queries would be a second store of PHI. '
      + 'pgAudit logs schema changes and privilege changes, and the server logs connections. The parameter group loads '
      + 'pgAudit, and the API creates the extension as the master user before it accepts a request.',
    shown: database.audited,
  },
  {
    words: '8. Response: ECS → ALB → WAF → User',
    replaced: 'A response uses the connection of its request and needs no security group rule, and AWS WAF inspects '
      + 'requests only. Therefore no task may open a connection to the load balancer.',
    shown: entrance.answersTheSameWay,
  },
  { words: '9. Logging & Monitoring: ECS logs → CloudWatch Logs', shown: services.logToCloudWatch },
  { words: '9. Logging & Monitoring: ALB metrics → CloudWatch Metrics', shown: entrance.balancerIsMeasured },
  { words: '9. Logging & Monitoring: WAF metrics → CloudWatch Metrics', shown: monitoring.firewallIsMeasured },
  { words: '9. Logging & Monitoring: Alarms triggered if thresholds exceeded', shown: alarms.alarmsTellSomebody },
]);

export const DEPLOYMENT: Fact[] = section('Data Flow: Deployment Flow', [
  { words: '1. Build Docker Image', shown: services.imagesCanBeBuilt },
  {
    words: '2. Authenticate to ECR',
    replaced: 'The build uses its own credentials: no role of these stacks is usable for it. The execution roles log '
      + 'in too, to pull from one repository each.',
    shown: registry.startersLogInAndPull,
  },
  {
    words: 'aws ecr get-login-password',
    notInfrastructure: 'A command of the build, on a developer\'s machine or in a pipeline. It logs in to the '
      + 'registry that every account has.',
  },
  { words: '3. Tag and Push Image', shown: registry.oneForEach },
  {
    words: 'docker tag app:latest <account>.dkr.ecr.us-east-1.amazonaws.com/repo:tag',
    replaced: 'The tag is an immutable version: tasks that start later run the same program. `latest` is at most a '
      + 'name on the machine of the developer.',
    shown: registry.tagsStay,
  },
  {
    words: 'docker push ...',
    replaced: 'Only an identity outside these stacks can push. No role of the stacks may, so a compromised container '
      + 'cannot replace the next image.',
    shown: registry.nobodyHereMayPush,
  },
  { words: '4. ECR Image Scan: Scan for vulnerabilities', shown: registry.scanned },
  { words: '4. ECR Image Scan: Store scan results', shown: registry.scansAreKept },
  { words: '5. Register Task Definition', shown: services.theThree },
  { words: '5. Register Task Definition: Reference new ECR image', shown: registry.tasksNameAVersion },
  { words: '5. Register Task Definition: Set CPU/memory', shown: services.sizes },
  { words: '5. Register Task Definition: Configure environment variables', shown: services.plainVariables },
  { words: '5. Register Task Definition: Link secrets from Secrets Manager', shown: services.secretsAreLinked },
  { words: '6. Update ECS Service: Update to new task definition', shown: services.deploysTheNewest },
  { words: '6. Update ECS Service: Rolling deployment', shown: all(services.startsNewTasks, services.waitsForHealth) },
  { words: 'Start new tasks', shown: services.startsNewTasks },
  { words: 'Wait for health checks', shown: services.waitsForHealth },
  { words: 'Drain old tasks', shown: entrance.drains },
  { words: 'Stop old tasks', shown: services.stopsOldTasks },
  { words: '7. ALB Health Checks: Monitor new task health', shown: entrance.asksForHealth },
  { words: '7. ALB Health Checks: Add to target group when healthy', shown: entrance.admitsHealthyTasks },
  { words: '8. CloudWatch Monitoring: Track deployment progress', shown: services.deploymentsAreFollowed },
  { words: '8. CloudWatch Monitoring: Monitor for errors', shown: alarms.errorsAreWatched },
  { words: '8. CloudWatch Monitoring: Trigger alarms if issues', shown: alarms.alarmsOfServices },
]);

export const BASTION_ACCESS: Fact[] = section('Data Flow: Bastion Access Flow', [
  { words: '1. AWS Console or CLI', shown: bastion.lineIsTold },
  {
    words: 'aws ssm start-session --target i-xxxxx',
    replaced:
      'The command also names the session document, because a session with the default document is not ' +
      'logged. The instance ID changes when the instance is replaced, so the stack outputs the whole command.',
    shown: bastion.lineIsTold,
  },
  { words: '2. IAM Authentication: Verify IAM permissions', shown: bastion.permissionsAreVerified },
  {
    words: '2. IAM Authentication: Check MFA (if required)',
    replaced:
      'IAM Identity Center requires MFA at sign-in, and it is not a resource of these stacks. The stacks detect ' +
      'a missing MFA: an alarm on console logins without MFA, and AWS Config rules on users without MFA.',
    shown: account.signingInWithoutMfaIsTold,
  },
  { words: '3. SSM Session Manager: No SSH keys required', shown: bastion.withoutKeys },
  { words: '3. SSM Session Manager: Establish secure session', shown: bastion.sessionsAreSecure },
  { words: '4. Bastion Host (EC2): Private subnet (no public IP)', shown: bastion.privateMachine },
  { words: '4. Bastion Host (EC2): Access to Aurora security group', shown: bastion.reachesAurora },
  {
    words: 'psql -h <aurora-endpoint> -U admin -d omnirapeutic',
    replaced:
      'RDS reserves the name `admin` on PostgreSQL. The master user is `dbowner`. Each person should use a ' +
      'database user with an IAM token, so that the log shows who connected.',
    shown: bastion.psqlConnects,
  },
  { words: '5. Connect to Aurora', shown: bastion.reachesAurora },
  { words: '6. Session Logging: All commands logged to CloudWatch Logs', shown: bastion.sessionsAreLogged },
  {
    words: '6. Session Logging: Audit trail for compliance',
    shown: all(bastion.sessionsAreKept, account.everyCallIsRecorded),
  },
]);

export const FLOWS: Fact[] = [...USER_REQUEST, ...DEPLOYMENT, ...BASTION_ACCESS];

import { all, section } from './section';
import { Fact } from '../../../support/template/facts';
import * as account from '../proof/account';
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
    replaced: 'AWS chooses that name, and no certificate can be had for it. Users know a domain of the company\'s own, which two alias records lead to the load balancer, whatever AWS calls it.',
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
    replaced: 'It is configured from the first deployment on: port 80 only redirects. Behind it the load balancer encrypts anew, up to the containers.',
    shown: entrance.endsTls,
  },
  { words: '4. Application Load Balancer: Path-based routing', shown: entrance.routesByPath },
  { words: '/api/* → API target group', shown: entrance.forwards('Api') },
  { words: '/*     → Web target group', shown: entrance.forwards('Web') },
  { words: '5. Target Group Health Check: Verify target is healthy', shown: entrance.asksForHealth },
  {
    words: '5. Target Group Health Check: Route to healthy target only',
    replaced: 'While there is one. Where all targets of a group fail their checks, Elastic Load Balancing tries them all rather than answer nobody, and an alarm has told by then that none is healthy.',
    shown: entrance.avoidsSickTasks,
  },
  { words: '6. ECS Task (Fargate)', shown: services.onFargate },
  { words: '6. ECS Task (Fargate): Container receives request', shown: entrance.containersReceive },
  { words: '6. ECS Task (Fargate): Process application logic', shown: services.runPrograms },
  { words: '7. Database Query (if needed)', shown: database.usedWhereNeeded },
  { words: '7. Database Query (if needed): ECS → Aurora (via security group)', shown: database.reachedByThree },
  { words: '7. Database Query (if needed): PostgreSQL SSL connection', shown: database.tlsOnly },
  {
    words: '7. Database Query (if needed): pgAudit logs query',
    replaced: 'The text of a query holds the values that it asks for, so a log of all would be a second store of PHI. pgAudit logs changes of structure and of rights, the server logs who connects: '
      + 'the parameter group loads it, and the API, as the master user, creates the extension before it takes a request.',
    shown: database.audited,
  },
  {
    words: '8. Response: ECS → ALB → WAF → User',
    replaced: 'An answer goes back over the connection that the request has come by, which needs no rule of a group; AWS WAF looks at requests only. So no task may open a connection to the load balancer.',
    shown: entrance.answersTheSameWay,
  },
  { words: '9. Logging & Monitoring: ECS logs → CloudWatch Logs', shown: services.logToCloudWatch },
  { words: '9. Logging & Monitoring: ALB metrics → CloudWatch Metrics', shown: entrance.balancerIsMeasured },
  { words: '9. Logging & Monitoring: WAF metrics → CloudWatch Metrics', shown: monitoring.firewallIsMeasured },
  { words: '9. Logging & Monitoring: Alarms triggered if thresholds exceeded', shown: monitoring.alarmsTellSomebody },
]);

export const DEPLOYMENT: Fact[] = section('Data Flow: Deployment Flow', [
  { words: '1. Build Docker Image', shown: services.imagesCanBeBuilt },
  {
    words: '2. Authenticate to ECR',
    replaced: 'Whoever builds logs in with rights of their own: no role of these stacks can be used for it. Those that start tasks log in too, to pull, each from one repository.',
    shown: registry.startersLogInAndPull,
  },
  {
    words: 'aws ecr get-login-password',
    notInfrastructure: 'A command of whoever builds, on their machine or in their pipeline. What it logs in to is the registry that every account has.',
  },
  { words: '3. Tag and Push Image', shown: registry.oneForEach },
  {
    words: 'docker tag app:latest <account>.dkr.ecr.us-east-1.amazonaws.com/repo:tag',
    replaced: 'The tag is a version, which can be pushed once and stays what it was: tasks that are started later run the same program. `latest` is a name on the builder\'s own machine at most.',
    shown: registry.tagsStay,
  },
  {
    words: 'docker push ...',
    replaced: 'By somebody outside of these stacks. Nothing that they deploy may push, so a container that was taken over cannot change what is started next.',
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
  { words: '8. CloudWatch Monitoring: Monitor for errors', shown: monitoring.errorsAreWatched },
  { words: '8. CloudWatch Monitoring: Trigger alarms if issues', shown: monitoring.alarmsOfServices },
]);

export const BASTION_ACCESS: Fact[] = section('Data Flow: Bastion Access Flow', [
  { words: '1. AWS Console or CLI', shown: bastion.lineIsTold },
  {
    words: 'aws ssm start-session --target i-xxxxx',
    replaced: 'The line names the session document as well, since a session by AWS\'s own document would not be logged. The machine\'s id changes when it is renewed, so the stack tells the whole line.',
    shown: bastion.lineIsTold,
  },
  { words: '2. IAM Authentication: Verify IAM permissions', shown: bastion.permissionsAreVerified },
  {
    words: '2. IAM Authentication: Check MFA (if required)',
    replaced: 'It is asked for where people sign in, which is IAM Identity Center and no resource of these stacks. What they have is somebody to notice: an alarm on a login to the console without MFA, '
      + 'and rules of AWS Config on users who have none.',
    shown: account.signingInWithoutMfaIsTold,
  },
  { words: '3. SSM Session Manager: No SSH keys required', shown: bastion.withoutKeys },
  { words: '3. SSM Session Manager: Establish secure session', shown: bastion.sessionsAreSecure },
  { words: '4. Bastion Host (EC2): Private subnet (no public IP)', shown: bastion.privateMachine },
  { words: '4. Bastion Host (EC2): Access to Aurora security group', shown: bastion.reachesAurora },
  {
    words: 'psql -h <aurora-endpoint> -U admin -d omnirapeutic',
    replaced: 'RDS reserves the name `admin` on PostgreSQL. The master user is `dbowner`; a person does better as a user of their own, who logs in by a token of IAM, so that the log tells who it was.',
    shown: bastion.psqlConnects,
  },
  { words: '5. Connect to Aurora', shown: bastion.reachesAurora },
  { words: '6. Session Logging: All commands logged to CloudWatch Logs', shown: bastion.sessionsAreLogged },
  { words: '6. Session Logging: Audit trail for compliance', shown: all(bastion.sessionsAreKept, account.everyCallIsRecorded) },
]);

export const FLOWS: Fact[] = [...USER_REQUEST, ...DEPLOYMENT, ...BASTION_ACCESS];

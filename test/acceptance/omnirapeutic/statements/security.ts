import { all, NO_NAME, section } from './section';
import * as bastion from '../proof/bastion';
import * as database from '../proof/database';
import * as encryption from '../proof/encryption';
import * as entrance from '../proof/entrance';
import * as firewall from '../proof/firewall';
import * as registry from '../proof/registry';
import * as groups from '../proof/security-groups';
import * as services from '../proof/services';

export const GROUPS = section('Security Architecture: Security Groups', [
  { words: 'Security Groups', shown: groups.reachability },
  { words: 'Internet → ALB Security Group: HTTP (80), HTTPS (443)', shown: groups.onlyTheLoadBalancerIsOpen },
  { words: 'ALB Security Group', shown: groups.belongs('loadBalancer') },
  { words: 'ALB Security Group: Inbound: 0.0.0.0/0 → 80, 443', shown: groups.opens('loadBalancer', 'Ingress') },
  {
    words: 'ALB Security Group: Outbound: ECS Security Group → All Ports',
    replaced: 'To port 8443 of the two services that answer requests, on which their programs listen. All ports would be all that anything in a container may ever listen on.',
    shown: groups.opens('loadBalancer', 'Egress'),
  },
  {
    words: 'ALB Security Group → ECS Security Group: All TCP Ports',
    replaced: 'One port, 8443, of API and site. The worker answers nobody, so nothing leads to it.',
    shown: all(groups.arrow('loadBalancer', 'api', 8443), groups.arrow('loadBalancer', 'web', 8443), groups.opens('worker', 'Ingress')),
  },
  {
    words: 'ECS Security Group',
    replaced: 'Three, one for each service: what one of them may reach, or be reached by, says nothing about the others.',
    shown: groups.belongs('api', 'web', 'worker'),
  },
  {
    words: 'ECS Security Group: Inbound: ALB Security Group → All TCP',
    replaced: 'From the load balancer to the port of the container alone, of API and site. The group of the worker lets nothing in.',
    shown: all(groups.opens('api', 'Ingress'), groups.opens('web', 'Ingress'), groups.opens('worker', 'Ingress')),
  },
  {
    words: 'ECS Security Group: Outbound: 0.0.0.0/0 → All (for internet access via NAT)',
    replaced: 'To HTTPS alone, which is what AWS and partners speak. Everything else is a way by which data could leave, and nobody here takes it.',
    shown: groups.tasksReachHttps,
  },
  {
    words: 'ECS Security Group: Outbound: Aurora Security Group → 5432',
    replaced: 'For API and worker, which use the database. The site does not, and its group has no way there.',
    shown: all(groups.opens('api', 'Egress'), groups.opens('web', 'Egress'), groups.opens('worker', 'Egress')),
  },
  {
    words: 'ECS Security Group → Aurora Security Group: PostgreSQL (5432)',
    replaced: 'From two of the three groups that stand in its place: those of API and worker.',
    shown: groups.tasksReachAurora,
  },
  { words: 'Aurora Security Group', shown: groups.belongs('aurora') },
  {
    words: 'Aurora Security Group: Inbound: ECS Security Group → 5432',
    replaced: 'A rule for API and one for the worker. The site is not let in: it keeps nothing there.',
    shown: groups.tasksReachAurora,
  },
  { words: 'Aurora Security Group: Inbound: Bastion Security Group → 5432', shown: groups.opens('aurora', 'Ingress') },
  { words: 'Aurora Security Group: Outbound: None', shown: groups.opens('aurora', 'Egress') },
  { words: 'Bastion Security Group → Aurora Security Group: PostgreSQL (5432)', shown: groups.arrow('bastion', 'aurora', 5432) },
  { words: 'Bastion Security Group', shown: groups.belongs('bastion') },
  { words: 'Bastion Security Group: Inbound: None (SSM Session Manager only)', shown: all(groups.opens('bastion', 'Ingress'), bastion.withoutKeys) },
  {
    words: 'Bastion Security Group: Outbound: 0.0.0.0/0 → All (for SSM and internet access)',
    replaced: 'To HTTPS alone: Session Manager, CloudWatch Logs, KMS and the packages of the system all speak it. Whoever is on the machine has no other way out.',
    shown: groups.bastionReachesHttps,
  },
  { words: 'Bastion Security Group: Outbound: Aurora Security Group → 5432', shown: groups.opens('bastion', 'Egress') },
]);

export const LAYERS = section('Security Architecture: WAF Protection Layers', [
  { words: 'Internet → AWS WAF', shown: firewall.firewallIsAttached },
  { words: 'AWS WAF (Regional)', shown: firewall.regional },
  {
    words: 'Rule Priority 1: AWS Managed Common Rule Set (OWASP Top 10)',
    replaced: 'That set, at that place. AWS says of it that it covers some of what OWASP names, such as in its Top 10; what of these lies in the application, as who may see what, no firewall can see.',
    shown: firewall.asksGroup(1, 'AWSManagedRulesCommonRuleSet'),
  },
  { words: 'Rule Priority 2: AWS Managed Known Bad Inputs', shown: firewall.asksGroup(2, 'AWSManagedRulesKnownBadInputsRuleSet') },
  { words: 'Rule Priority 3: AWS Managed SQL Injection Protection', shown: firewall.asksGroup(3, 'AWSManagedRulesSQLiRuleSet') },
  { words: 'Rule Priority 4: Rate Limiting (2000 req/5min per IP)', shown: firewall.limitsClients(4, 2000) },
  { words: 'Default Action: Allow', shown: firewall.allowsTheRest },
  {
    words: 'Blocked Requests → CloudWatch Metrics',
    replaced: 'Metrics count what is blocked, and cannot say who was blocked, when and why. So every request goes to a log as well, encrypted and kept for six years.',
    shown: all(firewall.writesDownEveryRequest, firewall.countsEveryRule),
  },
  {
    words: 'AWS WAF → Application Load Balancer: Legitimate Traffic Only',
    replaced: 'What goes on is what none of the four rules takes for an attack. Whether it is legitimate, the API decides by who asks.',
    shown: firewall.onlyLegitimateTraffic,
  },
  {
    words: 'Application Load Balancer: Listener: HTTP (80) → HTTP (443 with certificate, future)',
    replaced: 'There is a certificate from the first deployment on. Port 443 speaks HTTPS, and port 80 answers nothing but where that is.',
    shown: entrance.endsTls,
  },
  { words: 'Application Load Balancer: Target Groups: api, web (by path pattern)', shown: entrance.routesByPath },
  { words: 'Application Load Balancer: Health Checks: / (web)', shown: entrance.asksForHealth },
  { words: 'Application Load Balancer: Health Checks: /health (api)', shown: entrance.asksForHealth },
  { words: 'Application Load Balancer → ECS Services', shown: entrance.containersReceive },
  { words: 'ECS Services (Fargate)', shown: services.onFargate },
  { words: 'omnirapeutic-production-api', replaced: NO_NAME, shown: services.clusterNamedByTheStack },
  {
    words: 'omnirapeutic-production-api (2 tasks)',
    replaced: 'At least two, whatever the hour; scaling adds up to two more and takes them away again.',
    shown: services.scales('Api', 2, 4),
  },
  { words: 'omnirapeutic-production-web', replaced: NO_NAME, shown: services.clusterNamedByTheStack },
  {
    words: 'omnirapeutic-production-web (2 tasks)',
    replaced: 'The site scales as the API does: from two tasks to four.',
    shown: services.scales('Web', 2, 4),
  },
  { words: 'omnirapeutic-production-worker', replaced: NO_NAME, shown: services.clusterNamedByTheStack },
  { words: 'omnirapeutic-production-worker (1 task)', shown: services.oneWorker },
]);

export const AT_REST = section('Security Architecture: Encryption Architecture', [
  { words: 'AWS KMS Keys', shown: encryption.everyKey },
  { words: 'Aurora KMS Key', shown: encryption.auroraKey },
  {
    words: 'S3 KMS Key',
    replaced: 'Not one for all buckets: the trail and the history of Config have a key each, so that who may read the one may not therefore read the other.',
    shown: encryption.bucketsAtRest,
  },
  { words: 'Secrets KMS Key', shown: encryption.apiKeysAtRest },
  { words: 'Aurora KMS Key → Encrypts → Aurora Cluster', shown: encryption.auroraAtRest },
  { words: 'Aurora Cluster: Data at rest', shown: encryption.auroraAtRest },
  { words: 'Aurora Cluster: Backups', shown: encryption.auroraBackups },
  { words: 'Aurora Cluster: Snapshots', shown: encryption.auroraSnapshots },
  { words: 'S3 KMS Key → Encrypts → S3 Buckets', shown: encryption.trailAtRest },
  { words: 'S3 Buckets: CloudTrail', shown: encryption.trailAtRest },
  {
    words: 'S3 Buckets: ALB logs',
    replaced: 'Load balancers write to buckets under the keys of S3 alone, AES-256, and fail before one with a key of a customer. So nobody can be kept from them by a key, but by the bucket, which is closed.',
    shown: encryption.accessLogsAtRest,
  },
  { words: 'Secrets KMS Key → Encrypts → Secrets Manager', shown: all(encryption.apiKeysAtRest, encryption.secretsAreDecryptedByStarters) },
  {
    words: 'Secrets Manager: DB passwords',
    replaced: 'Under the key of Aurora, with the data that it opens: RDS makes this secret and rotates it, and the stack of the application, which has the other secrets, is made later.',
    shown: encryption.passwordAtRest,
  },
  { words: 'Secrets Manager: API keys', shown: encryption.apiKeysAtRest },
  {
    words: 'Secrets Manager: Certificates',
    replaced: 'ACM makes and renews the certificate and keeps its private key, which nobody can read. In a secret there would be a copy that somebody can.',
    shown: encryption.certificateIsInAcm,
  },
  {
    words: 'Secrets KMS Key → Encrypts → ECR Repositories: Container images',
    replaced: 'Each of the three repositories has a key of its own, in the stack of the images, which is deployed before there are secrets.',
    shown: all(registry.encrypted, encryption.everyKey),
  },
  {
    words: 'Secrets KMS Key → Encrypts → SNS Topics: Alarm messages',
    replaced: 'Under a key of the topic\'s own: CloudWatch and EventBridge have to be let use it, and have no business with a key of secrets.',
    shown: encryption.messagesAtRest,
  },
]);

export const IN_TRANSIT = section('Security Architecture: Encryption in Transit', [
  { words: 'Internet → ALB: HTTPS (TLS 1.2+, when certificate configured)', shown: all(entrance.endsTls, entrance.nameOfTheirOwn) },
  {
    words: 'ALB → ECS: HTTP (within VPC)',
    replaced: 'HTTPS: PHI in the clear stays PHI in the clear inside of a network. Each task makes a certificate when it starts, and its program takes TLS 1.2 and later.',
    shown: all(entrance.endsTls, services.runPrograms),
  },
  { words: 'ECS → Aurora: PostgreSQL SSL (enforced)', shown: database.tlsOnly },
  { words: 'ECS → Secrets: HTTPS (TLS 1.2+)', shown: encryption.secretsOverHttps },
  { words: 'ECS → ECR: HTTPS (TLS 1.2+)', shown: encryption.imagesOverHttps },
]);

/** The part "Security Architecture". */
export const SECURITY = [...GROUPS, ...LAYERS, ...AT_REST, ...IN_TRANSIT];

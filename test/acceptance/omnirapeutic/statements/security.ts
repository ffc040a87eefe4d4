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
    replaced:
      'Port 8443 of the two services that answer requests, where their programs listen. A rule for all ports ' +
      'would allow every port that a container opens.',
    shown: groups.opens('loadBalancer', 'Egress'),
  },
  {
    words: 'ALB Security Group → ECS Security Group: All TCP Ports',
    replaced: 'One port, 8443, of API and site. The worker answers no requests, so no rule leads to it.',
    shown: all(
      groups.arrow('loadBalancer', 'api', 8443),
      groups.arrow('loadBalancer', 'web', 8443),
      groups.opens('worker', 'Ingress'),
    ),
  },
  {
    words: 'ECS Security Group',
    replaced: 'Three security groups, one for each service: the rules of one service do not apply to the others.',
    shown: groups.belongs('api', 'web', 'worker'),
  },
  {
    words: 'ECS Security Group: Inbound: ALB Security Group → All TCP',
    replaced:
      'From the load balancer to the container port only, of API and site. The group of the worker allows no ' +
      'inbound traffic.',
    shown: all(groups.opens('api', 'Ingress'), groups.opens('web', 'Ingress'), groups.opens('worker', 'Ingress')),
  },
  {
    words: 'ECS Security Group: Outbound: 0.0.0.0/0 → All (for internet access via NAT)',
    replaced:
      'HTTPS only, which AWS and the partners use. Other outbound traffic could leak data, and no program ' +
      'needs it.',
    shown: groups.tasksReachHttps,
  },
  {
    words: 'ECS Security Group: Outbound: Aurora Security Group → 5432',
    replaced: 'For API and worker, which use the database. The group of the site has no rule for it.',
    shown: all(groups.opens('api', 'Egress'), groups.opens('web', 'Egress'), groups.opens('worker', 'Egress')),
  },
  {
    words: 'ECS Security Group → Aurora Security Group: PostgreSQL (5432)',
    replaced: 'From the groups of API, worker and migrations, and of the function that manages the database users.',
    shown: groups.tasksReachAurora,
  },
  { words: 'Aurora Security Group', shown: groups.belongs('aurora') },
  {
    words: 'Aurora Security Group: Inbound: ECS Security Group → 5432',
    replaced: 'A rule each for the API, the worker, the migrations, and the function that creates the users of the '
      + 'database and rotates their passwords. The site has none, because it stores no data there.',
    shown: groups.tasksReachAurora,
  },
  { words: 'Aurora Security Group: Inbound: Bastion Security Group → 5432', shown: groups.opens('aurora', 'Ingress') },
  { words: 'Aurora Security Group: Outbound: None', shown: groups.opens('aurora', 'Egress') },
  {
    words: 'Bastion Security Group → Aurora Security Group: PostgreSQL (5432)',
    shown: groups.arrow('bastion', 'aurora', 5432),
  },
  { words: 'Bastion Security Group', shown: groups.belongs('bastion') },
  {
    words: 'Bastion Security Group: Inbound: None (SSM Session Manager only)',
    shown: all(groups.opens('bastion', 'Ingress'), bastion.withoutKeys),
  },
  {
    words: 'Bastion Security Group: Outbound: 0.0.0.0/0 → All (for SSM and internet access)',
    replaced:
      'HTTPS only: Session Manager, CloudWatch Logs, KMS and the package repositories use it. A person on ' +
      'the instance has no other outbound connection.',
    shown: groups.bastionReachesHttps,
  },
  { words: 'Bastion Security Group: Outbound: Aurora Security Group → 5432', shown: groups.opens('bastion', 'Egress') },
]);

export const LAYERS = section('Security Architecture: WAF Protection Layers', [
  { words: 'Internet → AWS WAF', shown: firewall.firewallIsAttached },
  { words: 'AWS WAF (Regional)', shown: firewall.regional },
  {
    words: 'Rule Priority 1: AWS Managed Common Rule Set (OWASP Top 10)',
    replaced:
      'That rule set, at that priority. AWS states that it covers some of the OWASP Top 10. No firewall can ' +
      'cover risks of the application, such as access control.',
    shown: firewall.asksGroup(1, 'AWSManagedRulesCommonRuleSet'),
  },
  {
    words: 'Rule Priority 2: AWS Managed Known Bad Inputs',
    shown: firewall.asksGroup(2, 'AWSManagedRulesKnownBadInputsRuleSet'),
  },
  {
    words: 'Rule Priority 3: AWS Managed SQL Injection Protection',
    shown: firewall.asksGroup(3, 'AWSManagedRulesSQLiRuleSet'),
  },
  { words: 'Rule Priority 4: Rate Limiting (2000 req/5min per IP)', shown: firewall.limitsClients(4, 2000) },
  { words: 'Default Action: Allow', shown: firewall.allowsTheRest },
  {
    words: 'Blocked Requests → CloudWatch Metrics',
    replaced:
      'Metrics count blocked requests, and do not show who was blocked, when and why. A log records every ' +
      'request, encrypted and for six years.',
    shown: all(firewall.writesDownEveryRequest, firewall.countsEveryRule),
  },
  {
    words: 'AWS WAF → Application Load Balancer: Legitimate Traffic Only',
    replaced:
      'Requests that match none of the four rules pass. The API decides whether a request is legitimate, by ' +
      'its caller.',
    shown: firewall.onlyLegitimateTraffic,
  },
  {
    words: 'Application Load Balancer: Listener: HTTP (80) → HTTP (443 with certificate, future)',
    replaced: 'A certificate exists from the first deployment. Port 443 uses HTTPS, and port 80 only redirects to it.',
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
    replaced: 'At least two tasks at all times. Scaling adds up to two more and removes them again.',
    shown: services.scales('Api', 2, 4),
  },
  { words: 'omnirapeutic-production-web', replaced: NO_NAME, shown: services.clusterNamedByTheStack },
  {
    words: 'omnirapeutic-production-web (2 tasks)',
    replaced: 'The site scales as the API does: from two to four tasks.',
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
    replaced:
      'One key for each bucket: the trail and the history of AWS Config. Read access to one does not include ' +
      'the other.',
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
    replaced:
      'Load balancers can write only to buckets with SSE-S3 (AES-256), and fail with a customer managed key. ' +
      'The bucket itself denies access.',
    shown: encryption.accessLogsAtRest,
  },
  {
    words: 'Secrets KMS Key → Encrypts → Secrets Manager',
    shown: all(encryption.apiKeysAtRest, encryption.secretsAreDecryptedByStarters),
  },
  {
    words: 'Secrets Manager: DB passwords',
    replaced:
      'The key of Aurora, with the data that the passwords protect. RDS creates and rotates the secret of the master ' +
      'user, and the library those of the programs. The application stack, which has the key of the secrets, is ' +
      'deployed later.',
    shown: encryption.passwordAtRest,
  },
  { words: 'Secrets Manager: API keys', shown: encryption.apiKeysAtRest },
  {
    words: 'Secrets Manager: Certificates',
    replaced:
      'ACM creates and renews the certificate and keeps its private key, which nobody can read. A secret ' +
      'would be a readable copy.',
    shown: encryption.certificateIsInAcm,
  },
  {
    words: 'Secrets KMS Key → Encrypts → ECR Repositories: Container images',
    replaced:
      'Each of the three repositories has its own key in the images stack, which is deployed before the ' + 'secrets.',
    shown: all(registry.encrypted, encryption.everyKey),
  },
  {
    words: 'Secrets KMS Key → Encrypts → SNS Topics: Alarm messages',
    replaced:
      'The key of the topic: CloudWatch and EventBridge must be allowed to use it, and must not use the key ' +
      'of the secrets.',
    shown: encryption.messagesAtRest,
  },
]);

export const IN_TRANSIT = section('Security Architecture: Encryption in Transit', [
  {
    words: 'Internet → ALB: HTTPS (TLS 1.2+, when certificate configured)',
    shown: all(entrance.endsTls, entrance.nameOfTheirOwn),
  },
  {
    words: 'ALB → ECS: HTTP (within VPC)',
    replaced:
      'HTTPS: unencrypted PHI is a risk inside a network too. Each task creates a certificate at start, and ' +
      'its program accepts TLS 1.2 and later.',
    shown: all(entrance.endsTls, services.runPrograms),
  },
  { words: 'ECS → Aurora: PostgreSQL SSL (enforced)', shown: database.tlsOnly },
  { words: 'ECS → Secrets: HTTPS (TLS 1.2+)', shown: encryption.secretsOverHttps },
  { words: 'ECS → ECR: HTTPS (TLS 1.2+)', shown: encryption.imagesOverHttps },
]);

/** The part "Security Architecture". */
export const SECURITY = [...GROUPS, ...LAYERS, ...AT_REST, ...IN_TRANSIT];

import {
  about,
  add,
  addTo,
  breaking,
  Change,
  edit,
  grant,
  matching,
  Mutation,
  named,
  open,
  Properties,
  remove,
  set,
  statements,
} from '../../../support/template/mutations';
import {
  ALARM,
  CERTIFICATE,
  CLUSTER,
  FIREWALL,
  FUNCTION,
  KEY,
  LISTENER,
  LISTENER_RULE,
  LOAD_BALANCER,
  LOG_GROUP,
  REPOSITORY,
  SECURITY_GROUP,
  SERVICE,
  SUBNET,
  TARGET_GROUP,
  TASK,
} from '../../../support/template/types';
import { AURORA, BASTION, DATABASE_USER, Program } from '../proof/parts';
import { BASTION_ACCESS, DEPLOYMENT, USER_REQUEST } from '../statements/flows';

const ASSOCIATION = 'AWS::WAFv2::WebACLAssociation';
const DOCUMENT = 'AWS::SSM::Document';
const FILTER = 'AWS::Logs::MetricFilter';
const PARAMETERS = 'AWS::RDS::DBClusterParameterGroup';
const RECORD = 'AWS::Route53::RecordSet';
const RULE = 'AWS::Events::Rule';
const SCAN = 'Custom::InspectorScan';
const TRAIL = 'AWS::CloudTrail::Trail';
const EGRESS = 'AWS::EC2::SecurityGroupEgress';

/** Selects the resources of a program. */
const its = (name: Program) => named(`Application${name}`);
export const container = (name: Program, change: (container: Properties) => void) =>
  edit(TASK, ({ ContainerDefinitions: [given] }) => change(given), its(name));
export const parameter = (name: string, value: string) =>
  edit(PARAMETERS, ({ Parameters }) => Object.assign(Parameters, { [name]: value }));
const attribute = (type: string, list: string, name: string, Value: string) =>
  edit(type, ({ [list]: attributes }) =>
    Object.assign(
      attributes.find(({ Key }: Properties) => Key === name),
      { Value },
    ),
  );
const firewallRule = (index: number, change: (rule: Properties) => void) =>
  edit(FIREWALL, ({ Rules }) => change(Rules[index]));
const session = (change: Properties) => edit(DOCUMENT, ({ Content }) => Object.assign(Content.inputs, change));
const interfaceOf = (change: Properties) =>
  edit(BASTION, ({ NetworkInterfaces: [given] }) => Object.assign(given, change));
const deploying = (name: Program, change: Properties) =>
  edit(SERVICE, ({ DeploymentConfiguration }) => Object.assign(DeploymentConfiguration, change), its(name));
/** Changes the outputs of the stacks. */
const told = (change: (outputs: Properties) => void): Change => (template) => change((template as Properties).Outputs);
/** Allows a connection. */
const connect = (from: string, to: string, port: number): Change => (template) => {
  const [GroupId, DestinationSecurityGroupId] = [from, to].map((group) => ({
    'Fn::GetAtt': [matching(template, SECURITY_GROUP, named(group))[0][0], 'GroupId'],
  }));
  add(EGRESS, { GroupId, DestinationSecurityGroupId, IpProtocol: 'tcp', FromPort: port, ToPort: port })(template);
};
const SESSION_POLICY = named('DataBastionSessionPolicy');

const request = breaking(USER_REQUEST);
const REQUESTS: Mutation[] = [
  request('1. User Request', 'an internal load balancer', set(LOAD_BALANCER, { Scheme: 'internal' })),
  request('1. User Request', 'another port', open('ApplicationEntranceSecurityGroup', 8080, '0.0.0.0/0')),
  request(
    '2. DNS Resolution',
    'an alias of another address',
    edit(RECORD, ({ AliasTarget }) => (AliasTarget.DNSName = 'example.com'), about('AliasIpv4')),
  ),
  request('2. DNS Resolution', 'a second name', add(RECORD, { Type: 'A', Name: 'old.omnirapeutic.com.' })),
  request(
    '2. DNS Resolution: omnirapeutic-production-alb-941266984.us-east-1.elb.amazonaws.com',
    'a fixed name',
    set(LOAD_BALANCER, { Name: 'omnirapeutic-production-alb' }),
  ),
  request(
    '2. DNS Resolution: omnirapeutic-production-alb-941266984.us-east-1.elb.amazonaws.com',
    'a certificate for another name',
    set(CERTIFICATE, { DomainName: 'example.com' }),
  ),
  request('3. AWS WAF Inspection', 'no association', remove(ASSOCIATION)),
  request(
    '3. AWS WAF Inspection: Check managed rules (OWASP, Bad Inputs, SQLi)',
    'one rule group only counts',
    firewallRule(2, (rule) => (rule.OverrideAction = { Count: {} })),
  ),
  request(
    '3. AWS WAF Inspection: Check rate limit (2000 req/5min per IP)',
    '20,000 requests',
    firewallRule(3, ({ Statement }) => (Statement.RateBasedStatement.Limit = 20_000)),
  ),
  request(
    '3. AWS WAF Inspection: Block or Allow',
    'the rate limit only counts',
    firewallRule(3, (rule) => (rule.Action = { Count: {} })),
  ),
  request(
    '▼ (Allowed)',
    'a firewall that fails open',
    attribute(LOAD_BALANCER, 'LoadBalancerAttributes', 'waf.fail_open.enabled', 'true'),
  ),
  request('4. Application Load Balancer', 'a second load balancer', add(LOAD_BALANCER, { Type: 'application' })),
  request(
    '4. Application Load Balancer',
    'a third listener',
    addTo(LOAD_BALANCER, named('ApplicationEntrance'), (id) => [
      LISTENER,
      { LoadBalancerArn: { Ref: id }, Port: 8080 },
    ]),
  ),
  request(
    '4. Application Load Balancer: TLS termination (when HTTPS configured)',
    'an old policy',
    set(LISTENER, { SslPolicy: 'ELBSecurityPolicy-2016-08' }, about('Https')),
  ),
  request(
    '4. Application Load Balancer: TLS termination (when HTTPS configured)',
    'a listener that forwards on port 80',
    edit(LISTENER, (redirect) => (redirect.DefaultActions = [{ Type: 'forward' }]), ({ Port }) => Port === 80),
  ),
  request(
    '4. Application Load Balancer: TLS termination (when HTTPS configured)',
    'HTTP to the containers',
    set(TARGET_GROUP, { Protocol: 'HTTP' }, its('Web')),
  ),
  request(
    '4. Application Load Balancer: Path-based routing',
    'every path to the web service',
    set(LISTENER_RULE, { Priority: 1 }, its('Web')),
  ),
  request(
    '4. Application Load Balancer: Path-based routing',
    'a third rule',
    add(LISTENER_RULE, { Priority: 2, Actions: [] }),
  ),
  request(
    '/api/* → API target group',
    'another path',
    edit(LISTENER_RULE, ({ Conditions: [path] }) => (path.PathPatternConfig.Values = ['/v1/*']), its('Api')),
  ),
  request(
    '/*     → Web target group',
    'access from one address only',
    edit(LISTENER_RULE, ({ Conditions }) => Conditions.push({ Field: 'source-ip' }), its('Web')),
  ),
  request(
    '5. Target Group Health Check: Verify target is healthy',
    'another path',
    set(TARGET_GROUP, { HealthCheckPath: '/' }, its('Api')),
  ),
  request(
    '5. Target Group Health Check: Route to healthy target only',
    'no alarm',
    remove(ALARM, about('WebNoHealthyTask')),
  ),
  request(
    '5. Target Group Health Check: Route to healthy target only',
    '15 minutes until a target is unhealthy',
    set(TARGET_GROUP, { UnhealthyThresholdCount: 10, HealthCheckIntervalSeconds: 90 }, its('Web')),
  ),
  request('6. ECS Task (Fargate)', 'on EC2 instances', set(SERVICE, { LaunchType: 'EC2' }, its('Worker'))),
  request(
    '6. ECS Task (Fargate): Container receives request',
    'another port',
    container('Api', ({ PortMappings: [port] }) => (port.ContainerPort = 9000)),
  ),
  request(
    '6. ECS Task (Fargate): Container receives request',
    'a rule for the worker',
    open('ApplicationWorkerSecurityGroup', 8443, '10.0.0.0/16'),
  ),
  request(
    '6. ECS Task (Fargate): Process application logic',
    'another command',
    container('Web', (app) => (app.Command = ['sh'])),
  ),
  request(
    '7. Database Query (if needed)',
    'PGHOST in the web service',
    container('Web', (app) => (app.Environment = [{ Name: 'PGHOST', Value: 'db' }])),
  ),
  request(
    '7. Database Query (if needed)',
    'the API as the owner of the schema',
    set(DATABASE_USER, { Privileges: 'owner' }, about('ApplicationApi')),
  ),
  request(
    '7. Database Query (if needed)',
    'the login of the owner in the worker',
    (template) => container('Worker', ({ Secrets }) => {
      const [[, { Properties: { ContainerDefinitions: [owner] } }]] = matching(template, TASK, its('Migrations'));
      Secrets.splice(0, 2, ...owner.Secrets);
    })(template),
  ),
  request('7. Database Query (if needed)', 'a fourth database user', add(DATABASE_USER, { Privileges: 'owner' })),
  request(
    '7. Database Query (if needed): ECS → Aurora (via security group)',
    'access from the VPC',
    open('DataDatabaseSecurityGroup', 5432, '10.0.0.0/16'),
  ),
  request(
    '7. Database Query (if needed): ECS → Aurora (via security group)',
    'no rule for the API',
    remove(EGRESS, about('ApiSecurityGrouptoOmnirapeuticDataDatabase')),
  ),
  request(
    '7. Database Query (if needed): ECS → Aurora (via security group)',
    'access with the Data API',
    set(AURORA, { EnableHttpEndpoint: true }),
  ),
  request(
    '7. Database Query (if needed): PostgreSQL SSL connection',
    'connections without TLS',
    parameter('rds.force_ssl', '0'),
  ),
  request(
    '7. Database Query (if needed): PostgreSQL SSL connection',
    'no verification of the server',
    container(
      'Worker',
      ({ Environment }) => (Environment.find(({ Name }: Properties) => Name === 'PGSSLMODE').Value = 'require'),
    ),
  ),
  request(
    '7. Database Query (if needed): pgAudit logs query',
    'no pgAudit',
    parameter('shared_preload_libraries', 'pg_stat_statements'),
  ),
  request(
    '7. Database Query (if needed): pgAudit logs query',
    'pgAudit without log classes',
    parameter('pgaudit.log', 'none'),
  ),
  request(
    '7. Database Query (if needed): pgAudit logs query',
    'no log lines',
    parameter('log_min_messages', 'panic'),
  ),
  request(
    '7. Database Query (if needed): pgAudit logs query',
    'a log with the values of statements',
    parameter('pgaudit.log_parameter', '1'),
  ),
  request(
    '7. Database Query (if needed): pgAudit logs query',
    'a user that another function creates',
    set(DATABASE_USER, { ServiceToken: 'arn:other' }, about('ApplicationApi')),
  ),
  request(
    '7. Database Query (if needed): pgAudit logs query',
    'a function that does not know the master user',
    edit(
      FUNCTION,
      ({ Environment }) => (Environment.Variables.ADMINISTRATOR = 'arn:other'),
      named('DataDatabaseUsersFunction'),
    ),
  ),
  request(
    '7. Database Query (if needed): pgAudit logs query',
    'another user for the API',
    container('Api', ({ Secrets }) => Secrets.forEach((secret: Properties) => (secret.ValueFrom = 'another'))),
  ),
  request(
    '7. Database Query (if needed): pgAudit logs query',
    'no export to CloudWatch Logs',
    set(AURORA, { EnableCloudwatchLogsExports: [] }),
  ),
  request(
    '8. Response: ECS → ALB → WAF → User',
    'the worker can connect to the load balancer',
    connect('ApplicationWorkerSecurityGroup', 'ApplicationEntranceSecurityGroup', 443),
  ),
  request(
    '9. Logging & Monitoring: ECS logs → CloudWatch Logs',
    'in another region',
    container('Worker', ({ LogConfiguration }) => (LogConfiguration.Options['awslogs-region'] = 'eu-west-1')),
  ),
  request(
    '9. Logging & Monitoring: ALB metrics → CloudWatch Metrics',
    'for another load balancer',
    edit(ALARM, ({ Dimensions: [balancer] }) => (balancer.Value = 'app/other/1'), about('EntranceSlowResponses')),
  ),
  request(
    '9. Logging & Monitoring: WAF metrics → CloudWatch Metrics',
    'no metrics for a rule',
    firewallRule(0, ({ VisibilityConfig }) => (VisibilityConfig.CloudWatchMetricsEnabled = false)),
  ),
  request(
    '9. Logging & Monitoring: Alarms triggered if thresholds exceeded',
    'an alarm without actions',
    set(ALARM, { ActionsEnabled: false }, about('ApiCpuHigh')),
  ),
];

const deployment = breaking(DEPLOYMENT);
const DEPLOYMENTS: Mutation[] = [
  deployment(
    '1. Build Docker Image',
    'an image of the deployment assets',
    container(
      'Api',
      (app) => (app.Image = '111122223333.dkr.ecr.us-east-1.amazonaws.com/cdk-hnb659fds-container-assets:1'),
    ),
  ),
  deployment(
    '2. Authenticate to ECR',
    'no permission for the web service',
    remove('AWS::IAM::ManagedPolicy', named('ApplicationWebExecutionRoleRegistryLogin')),
  ),
  deployment(
    '2. Authenticate to ECR',
    'every repository',
    grant('ApplicationApiExecutionRole', 'ecr:BatchGetImage', '*'),
  ),
  deployment('3. Tag and Push Image', 'an additional repository', add(REPOSITORY, {})),
  deployment(
    '3. Tag and Push Image',
    'a fixed name',
    set(REPOSITORY, { RepositoryName: 'omnirapeutic-api' }, named('ImagesApi')),
  ),
  deployment(
    'docker tag app:latest <account>.dkr.ecr.us-east-1.amazonaws.com/repo:tag',
    'mutable tags',
    set(REPOSITORY, { ImageTagMutability: 'MUTABLE' }, named('ImagesWorker')),
  ),
  deployment(
    'docker tag app:latest <account>.dkr.ecr.us-east-1.amazonaws.com/repo:tag',
    'the latest image',
    container('Web', ({ Image }) => Image['Fn::Join'][1].splice(-1, 1, ':latest')),
  ),
  deployment('docker push ...', 'a permission for a task', grant('ApplicationWorkerTaskRole', 'ecr:*', '*')),
  deployment(
    'docker push ...',
    'a permission for another account',
    set(REPOSITORY, { RepositoryPolicyText: {} }, named('ImagesWeb')),
  ),
  deployment(
    '4. ECR Image Scan: Scan for vulnerabilities',
    'no scan on push',
    set(REPOSITORY, { ImageScanningConfiguration: { ScanOnPush: false } }, named('ImagesApi')),
  ),
  deployment('4. ECR Image Scan: Scan for vulnerabilities', 'no continuous scan', remove(SCAN, about('InspectorECR'))),
  deployment(
    '4. ECR Image Scan: Store scan results',
    'no notification',
    set(RULE, { State: 'DISABLED' }, about('InspectorFindings')),
  ),
  deployment(
    '5. Register Task Definition',
    'one definition for two services',
    set(SERVICE, { TaskDefinition: { Ref: 'other' } }, its('Web')),
  ),
  deployment(
    '5. Register Task Definition: Reference new ECR image',
    'an image from another repository',
    container('Api', ({ Image }) => Image['Fn::Join'][1].splice(-2, 1, 'somebody/else')),
  ),
  deployment(
    '5. Register Task Definition: Set CPU/memory',
    'less memory for the container',
    container('Worker', (app) => (app.Memory = 512)),
  ),
  deployment(
    '5. Register Task Definition: Configure environment variables',
    'a password in plain text',
    container('Api', ({ Environment }) => Environment.push({ Name: 'PGPASSWORD', Value: 'x' })),
  ),
  deployment(
    '5. Register Task Definition: Link secrets from Secrets Manager',
    'a secret is missing',
    container('Worker', ({ Secrets }) => Secrets.shift()),
  ),
  deployment(
    '6. Update ECS Service: Update to new task definition',
    'an external deployment controller',
    set(SERVICE, { DeploymentController: { Type: 'EXTERNAL' } }, its('Api')),
  ),
  deployment(
    '6. Update ECS Service: Rolling deployment',
    'a blue/green deployment',
    deploying('Web', { Strategy: 'BLUE_GREEN' }),
  ),
  deployment('Start new tasks', 'no tasks above the desired count', deploying('Web', { MaximumPercent: 100 })),
  deployment(
    'Wait for health checks',
    'no healthy task during a deployment',
    deploying('Worker', { MinimumHealthyPercent: 0 }),
  ),
  deployment(
    'Drain old tasks',
    'no delay',
    attribute(TARGET_GROUP, 'TargetGroupAttributes', 'deregistration_delay.timeout_seconds', '0'),
  ),
  deployment(
    'Stop old tasks',
    'after one second',
    container('Worker', (app) => (app.StopTimeout = 1)),
  ),
  deployment(
    '7. ALB Health Checks: Monitor new task health',
    'client errors count as healthy',
    set(TARGET_GROUP, { Matcher: { HttpCode: '200-499' } }, its('Web')),
  ),
  deployment(
    '7. ALB Health Checks: Add to target group when healthy',
    'no target group',
    set(SERVICE, { LoadBalancers: [] }, its('Web')),
  ),
  deployment(
    '8. CloudWatch Monitoring: Track deployment progress',
    'no rollback',
    deploying('Worker', { DeploymentCircuitBreaker: { Enable: true, Rollback: false } }),
  ),
  deployment(
    '8. CloudWatch Monitoring: Track deployment progress',
    'without Container Insights',
    set(CLUSTER, { ClusterSettings: [] }),
  ),
  deployment(
    '8. CloudWatch Monitoring: Monitor for errors',
    'no alarm on errors of the web service',
    remove(ALARM, about('WebTargetErrors')),
  ),
  deployment(
    '8. CloudWatch Monitoring: Trigger alarms if issues',
    'no alarm on a missing worker',
    remove(ALARM, about('WorkerNoRunningTask')),
  ),
];

const access = breaking(BASTION_ACCESS);
const ACCESSES: Mutation[] = [
  access(
    '1. AWS Console or CLI',
    'no command in the outputs',
    told((outputs) => (outputs.DataShell.Value = 'another command')),
  ),
  access(
    'aws ssm start-session --target i-xxxxx',
    'a command without the document',
    told(({ DataShell }) => DataShell.Value['Fn::Join'][1].pop()),
  ),
  access(
    '2. IAM Authentication: Verify IAM permissions',
    'any document',
    statements(([start]) => delete start.Condition, SESSION_POLICY),
  ),
  access(
    '2. IAM Authentication: Verify IAM permissions',
    'any instance',
    statements(([start]) => (start.Resource = '*'), SESSION_POLICY),
  ),
  access(
    '2. IAM Authentication: Verify IAM permissions',
    'other documents are not denied',
    statements((all) => all.pop(), SESSION_POLICY),
  ),
  access(
    '2. IAM Authentication: Verify IAM permissions',
    'sessions of others',
    statements(([, own]) => delete own.Condition, SESSION_POLICY),
  ),
  access(
    '2. IAM Authentication: Verify IAM permissions',
    'sessions by their IDs',
    statements(([, own]) => (own.Resource = ['arn:aws:ssm:*:*:session/${aws:userid}-*']), SESSION_POLICY),
  ),
  access(
    '2. IAM Authentication: Verify IAM permissions',
    'a permission for a task',
    grant('ApplicationApiTaskRole', 'ssm:StartSession', '*'),
  ),
  access('2. IAM Authentication: Check MFA (if required)', 'no alarm', remove(ALARM, about('ConsoleWithoutMfa'))),
  access(
    '2. IAM Authentication: Check MFA (if required)',
    'an alarm on every login',
    edit(FILTER, (filter) => (filter.FilterPattern = '{ $.eventName = "ConsoleLogin" }'), about('ConsoleWithoutMfa')),
  ),
  access('3. SSM Session Manager: No SSH keys required', 'a key pair', set(BASTION, { KeyName: 'ops' })),
  access(
    '3. SSM Session Manager: No SSH keys required',
    'inbound port 22',
    open('DataBastionSecurityGroup', 22, '10.0.0.0/16'),
  ),
  access(
    '3. SSM Session Manager: Establish secure session',
    'a session as ssm-user, who has root permissions',
    session({ runAsEnabled: false }),
  ),
  access(
    '3. SSM Session Manager: Establish secure session',
    'another document type',
    set(DOCUMENT, { DocumentType: 'Command' }),
  ),
  access(
    '3. SSM Session Manager: Establish secure session',
    'access to the role of the instance',
    edit(
      BASTION,
      ({ UserData }) => (UserData['Fn::Base64'] = UserData['Fn::Base64'].replace('169.254.169.254', '192.0.2.1')),
    ),
  ),
  access('3. SSM Session Manager: Establish secure session', 'no key', session({ kmsKeyId: '' })),
  access(
    '3. SSM Session Manager: Establish secure session',
    'a key that does not exist',
    remove(KEY, named('DataBastionKey')),
  ),
  access(
    '4. Bastion Host (EC2): Private subnet (no public IP)',
    'a public IP address',
    interfaceOf({ AssociatePublicIpAddress: true }),
  ),
  access(
    '4. Bastion Host (EC2): Private subnet (no public IP)',
    'a subnet that assigns public IP addresses',
    set(SUBNET, { MapPublicIpOnLaunch: true }, about('DataSubnet1')),
  ),
  access(
    '4. Bastion Host (EC2): Private subnet (no public IP)',
    'a launch template that assigns a public IP address',
    edit(
      'AWS::EC2::LaunchTemplate',
      ({ LaunchTemplateData }) =>
        (LaunchTemplateData.NetworkInterfaces = [{ DeviceIndex: 1, AssociatePublicIpAddress: true }]),
    ),
  ),
  access(
    '4. Bastion Host (EC2): Private subnet (no public IP)',
    'an additional security group',
    set(BASTION, { SecurityGroupIds: ['sg-1'] }),
  ),
  access(
    '4. Bastion Host (EC2): Access to Aurora security group',
    'no outbound rule',
    remove(EGRESS, about('BastionSecurityGroupto')),
  ),
  access(
    '4. Bastion Host (EC2): Access to Aurora security group',
    'access to the API',
    connect('DataBastionSecurityGroup', 'ApplicationApiSecurityGroup', 8443),
  ),
  access(
    'psql -h <aurora-endpoint> -U admin -d omnirapeutic',
    'a user name that RDS refuses',
    set(AURORA, { MasterUsername: 'admin' }),
  ),
  access(
    'psql -h <aurora-endpoint> -U admin -d omnirapeutic',
    'no IAM authentication',
    set(AURORA, { EnableIAMDatabaseAuthentication: false }),
  ),
  access(
    'psql -h <aurora-endpoint> -U admin -d omnirapeutic',
    'a bastion without psql',
    edit(BASTION, ({ UserData }) => (UserData['Fn::Base64'] = UserData['Fn::Base64'].replace('postgresql', 'mariadb'))),
  ),
  access('5. Connect to Aurora', 'another port', set(AURORA, { Port: 5433 })),
  access(
    '6. Session Logging: All commands logged to CloudWatch Logs',
    'only at the end of a session',
    session({ cloudWatchStreamingEnabled: false }),
  ),
  access(
    '6. Session Logging: All commands logged to CloudWatch Logs',
    'no permission to write for the instance',
    statements(
      (all) =>
        all.forEach((each) => (each.Action = [each.Action].flat().filter((action) => action !== 'logs:PutLogEvents'))),
      named('DataBastionRolePolicy'),
    ),
  ),
  access(
    '6. Session Logging: Audit trail for compliance',
    '30 days',
    set(LOG_GROUP, { RetentionInDays: 30 }, about('BastionSessionLog')),
  ),
  access(
    '6. Session Logging: Audit trail for compliance',
    'a permission to delete for the instance',
    grant('DataBastionRole', 'logs:Delete*', '*'),
  ),
  access('6. Session Logging: Audit trail for compliance', 'a stopped trail', set(TRAIL, { IsLogging: false })),
];

/** Changes to requests, deployments and access through the bastion, each with the row that it must fail. */
export const FLOWS: Mutation[] = [...REQUESTS, ...DEPLOYMENTS, ...ACCESSES];

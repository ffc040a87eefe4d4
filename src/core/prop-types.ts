// Written by scripts/prop-types/write.ts. Do not edit: run `npx projen prop-types`.
/* eslint-disable @stylistic/quote-props, object-property-newline, @stylistic/object-property-newline */

/**
 * The types of the public props and arguments, which `check-props.ts` reads.
 *
 * A type is a name, `[type]` for an array or `{type}` for a map. `?` marks what may be left out.
 */
export const PROP_TYPES = {
  /** The props of each struct of this library. */
  structs: {
    AlarmDefinition:
      'id=string metric=cloudwatch.IMetric threshold=number description=string '
      + 'missingData=cloudwatch.TreatMissingData comparison=cloudwatch.ComparisonOperator? evaluationPeriods=number? '
      + 'ignoreFewSamples=boolean? createdAfter=[IDependable]?',
    ClusterProxyOptions: 'maxConnectionsPercent=number? idleClientTimeout=Duration? secrets=[secretsmanager.ISecret]?',
    CompleteNetworkAlarmsOptions: 'rejectedRecords=number? mebibytesLeavingData=number?',
    ComplianceCheckOptions: 'additionalPacks=[RulePack]?',
    ComplianceGuardrailsProps:
      'adopt=[Guardrail]? skip=[SkippedGuardrails]? trail=TrailOptions? config=ConfigOptions? '
      + 'inspector=InspectorOptions? guardDuty=GuardDutyOptions? securityHub=SecurityHubOptions? '
      + 'ebsEncryptionKey=kms.IKey? passwordPolicy=PasswordPolicyOptions? monthlyCostLimit=number? '
      + 'encryptionKey=kms.IKey?',
    ConfigOptions: 'recording=ConfigRecording? retention=Duration? ruleParameters={{string}}? excludedRules={string}?',
    ConfigRecordingOptions: 'excluded=ExcludedTypes?', CostNotificationOptions: 'id=string monthlyLimit=number',
    CountOnlyRule: 'rule=string group=string? reason=string',
    DatabaseBackupOptions: 'retention=Duration? window=string? vaultRetention=Duration?',
    EncryptedAuroraClusterProps:
      'vpc=ec2.IVpc engine=rds.IClusterEngine capacity=AuroraCapacity? readers=number? proxy=ClusterProxy? '
      + 'databaseName=string? backup=DatabaseBackupOptions? maintenanceWindow=string? vpcSubnets=ec2.SubnetSelection? '
      + 'parameters={string}? encryptionKey=kms.IKey?',
    EncryptedDatabaseInstanceProps:
      'vpc=ec2.IVpc engine=rds.IInstanceEngine instanceType=ec2.InstanceType? allocatedStorage=Size? '
      + 'maxAllocatedStorage=Size? multiAz=boolean? databaseName=string? backup=DatabaseBackupOptions? '
      + 'maintenanceWindow=string? vpcSubnets=ec2.SubnetSelection? parameters={string}? encryptionKey=kms.IKey?',
    EventNotificationOptions: 'id=string eventPattern=events.EventPattern description=string message=string',
    ExcludedTypes: 'types=[config.ResourceType] reason=string', ExternalSecretOptions: 'maxAge=Duration?',
    FlowLogBucketOptions: 'bucket=s3.IBucket? retention=Duration? prefix=string?',
    FlowLogGroupOptions: 'retention=logs.RetentionDays?', GuardDutyOptions: 'protectionPlans=[GuardDutyPlan]?',
    HardenedRepositoryProps:
      'repositoryName=string? mutableTags=RelaxationOptions? maxImageCount=number? untaggedRetention=Duration? '
      + 'encryptionKey=kms.IKey?',
    HipaaVpcProps:
      'cidr=string? maxAzs=number? availabilityZones=[string]? nat=NatStrategy? dataSubnetEgress=RelaxationOptions? '
      + 'flowLogs=FlowLogStorage? encryptionKey=kms.IKey? alarms=NetworkAlarms?',
    InspectorOptions: 'resources=[InspectorResource]?',
    LogMetricOptions: 'threshold=number? pattern=logs.IFilterPattern?',
    MatchingLogMetricOptions: 'pattern=logs.IFilterPattern threshold=number description=string',
    MonitoringPlan: 'title=string alarms=[AlarmDefinition] widgets=[cloudwatch.IWidget] notifications=[Notification]?',
    NoNatOptions: 'additionalEndpoints=[ec2.InterfaceVpcEndpointAwsService]?',
    PasswordOptions: 'length=number? excludeCharacters=string?',
    PasswordPolicyOptions: 'minimumLength=number? maxAge=Duration?',
    ProvisionedCapacityOptions: 'instanceType=ec2.InstanceType', RelaxationOptions: 'reason=string',
    RequestMatch:
      'pathPrefixes=[string]? exceptPathPrefixes=[string]? countries=[string]? exceptCountries=[string]? '
      + 'label=string?',
    RotatingSecretsProps:
      'secrets={GeneratedSecret}? externalSecrets={ExternalSecretOptions}? rotateEvery=Duration? '
      + 'encryptionKey=kms.IKey?',
    ScalingRange: 'min=number max=number cpu=number? memory=number?',
    SecureFargateServiceProps:
      'image=ecs.ContainerImage command=[string]? user=string? containerPort=number? healthCheck=ecs.HealthCheck? '
      + 'cpuArchitecture=ecs.CpuArchitecture? cpu=number? memory=Size? scaling=ScalingPolicy? environment={string}? '
      + 'secrets={ecs.Secret}? uses=[IServiceBindable]? certificateBundlePath=string? '
      + 'restartOnRotation=[secretsmanager.ISecret]? writablePaths=[string]? writablePathSize=Size? vpc=ec2.IVpc? '
      + 'vpcSubnets=ec2.SubnetSelection? cluster=ecs.ICluster? ingress=ServiceIngress? exec=ExecAccess? '
      + 'encryptionKey=kms.IKey? logRetention=logs.RetentionDays? logMetrics=[LogMetric]? responseTimeTarget=Duration?',
    SecureLoadBalancerProps:
      'vpc=ec2.IVpc endpoint=WebEndpoint additionalCertificates=[acm.ICertificate]? firewall=IWebFirewall? '
      + 'hstsDomainOnly=RelaxationOptions? internetFacing=boolean? accessLogBucket=s3.IBucket? '
      + 'vpcSubnets=ec2.SubnetSelection? idleTimeout=Duration? encryptionKey=kms.IKey?',
    SecurityHubOptions: 'standards=[SecurityHubStandard]?', ServerlessCapacityOptions: 'minAcu=number maxAcu=number',
    ServiceBinding:
      'connectable=ec2.IConnectable? environment={string}? secrets={ecs.Secret}? '
      + 'rotatedSecrets=[secretsmanager.ISecret]? waitFor=[IDependable]?',
    ServiceBindingContext: 'service=Construct certificateBundlePath=string?',
    ServiceClusterProps: 'vpc=ec2.IVpc encryptionKey=kms.IKey? containerInsights=ecs.ContainerInsights?',
    ServiceIngressOptions:
      'path=string? host=string? priority=number? healthCheckPath=string? healthCheckInterval=Duration? '
      + 'healthyThreshold=number? unhealthyThreshold=number? healthCheckGracePeriod=Duration? stickiness=Duration? '
      + 'deregistrationDelay=Duration? containerProtocol=elbv2.ApplicationProtocol?',
    SigningKeyOptions: 'bytes=number?', SiteApi: 'domainName=string paths=[string]? plainHttp=RelaxationOptions?',
    SkippedGuardrails: 'guardrails=[Guardrail] reason=string',
    SsmBastionProps:
      'vpc=ec2.IVpc vpcSubnets=ec2.SubnetSelection? instanceType=ec2.InstanceType? image=BastionImage? '
      + 'rotationMarker=string? packages=[string]? idleTimeout=Duration? maxSessionDuration=Duration? '
      + 'portForwarding=RelaxationOptions? encryptionKey=kms.IKey?',
    StaticSiteCdnProps:
      'source=string? routing=SiteRouting? immutablePaths=[string]? endpoint=WebEndpoint? api=SiteApi? '
      + 'contentSecurityPolicy=ContentSecurityPolicy? hstsDomainOnly=RelaxationOptions? '
      + 'geoRestriction=cloudfront.GeoRestriction? priceClass=cloudfront.PriceClass? firewall=IWebFirewall? '
      + 'accessLogBucket=s3.IBucket? encryptionKey=kms.IKey?',
    ThroughDistributionOptions: 'serverRateLimit=number?',
    TrailOptions: 'phiBuckets=[s3.IBucket]? retention=Duration? logGroup=logs.ILogGroup?',
    WebDomainOptions:
      'domainName=string additionalDomainNames=[string]? hostedZone=route53.IHostedZone '
      + 'certificate=acm.ICertificate?',
    WebFirewallProps:
      'webAclScope=FirewallScope? rateLimit=number? clients=FirewallClients? countOnly=[CountOnlyRule]? '
      + 'rules=[FirewallRule]? allowedCidrs=[string]? encryptionKey=kms.IKey?',
    WorkloadMonitoringProps: 'email=string? topic=sns.ITopic? encryptionKey=kms.IKey? dashboard=cloudwatch.Dashboard?',
    'cloudwatch.MetricOptions':
      'period=Duration? statistic=string? dimensionsMap={string}? unit=cloudwatch.Unit? label=string? color=string? '
      + 'id=string? visible=boolean? account=string? region=string? stackAccount=string? stackRegion=string?',
    'ec2.SubnetSelection':
      'subnetType=ec2.SubnetType? availabilityZones=[string]? subnetGroupName=string? onePerAz=boolean? '
      + 'subnetFilters=[ec2.SubnetFilter]? subnets=[ec2.ISubnet]?',
    'ecs.HealthCheck': 'command=[string] interval=Duration? retries=number? startPeriod=Duration? timeout=Duration?',
    'events.EventPattern':
      'version=[string]? id=[string]? detailType=[string]? source=[string]? account=[string]? time=[string]? '
      + 'region=[string]? resources=[string]? detail={any}?',
  },
  /** The public methods of each class and interface that take arguments. */
  methods: {
    AuroraCapacity: 'serverless(options=ServerlessCapacityOptions) provisioned(options=ProvisionedCapacityOptions)',
    BastionImage: 'pinned(amis={string}) parameterVersion(parameterName=string,version=number)',
    ClusterProxy: 'withPassword(options=ClusterProxyOptions?) withIamToken(options=ClusterProxyOptions?)',
    ComplianceChecks: 'of(app=App) enforce(options=ComplianceCheckOptions?) report(options=ComplianceCheckOptions?)',
    ConfigRecording: 'continuous(options=ConfigRecordingOptions?) daily(options=ConfigRecordingOptions?)',
    ContentSecurityPolicy: 'strict(additions={[string]}?) custom(policy=string,options=RelaxationOptions)',
    DataProtection: 'of(scope=IConstruct) disposable(options=RelaxationOptions)',
    EncryptedAuroraCluster:
      'bindToService(context=ServiceBindingContext) access(id=string,access=DatabaseAccess) '
      + 'grantConnect(grantee=iam.IGrantable,dbUser=string)',
    EncryptedDatabaseInstance:
      'bindToService(context=ServiceBindingContext) access(id=string,access=DatabaseAccess) '
      + 'grantConnect(grantee=iam.IGrantable,dbUser=string)',
    ExecAccess: 'audited(options=RelaxationOptions)',
    FirewallClients: 'throughDistribution(options=ThroughDistributionOptions?)',
    FirewallRule:
      'block(name=string,match=RequestMatch) count(name=string,match=RequestMatch) managedGroup(name=string) '
      + 'ruleGroup(name=string,group=wafv2.IRuleGroupRef)',
    FlowLogStorage: 'cloudWatchLogs(options=FlowLogGroupOptions?) bucket(options=FlowLogBucketOptions?)',
    GeneratedSecret:
      'password(options=PasswordOptions?) signingKey(options=SigningKeyOptions?) '
      + 'signingKeys(options=SigningKeyOptions?)',
    HardenedRepository: 'image(version=string) grantPush(grantee=iam.IGrantable)',
    IDatabaseUser: 'grantLogin(grantee=iam.IGrantable)',
    IServiceBindable: 'bindToService(context=ServiceBindingContext)',
    IWebFirewall: 'protect(resource=Construct,resourceArn=string) webAclArnForDistribution(site=Construct)',
    LogMetric:
      'applicationErrors(options=LogMetricOptions?) failedLogins(options=LogMetricOptions?) matching(name=string,'
      + 'options=MatchingLogMetricOptions)',
    NatStrategy: 'single(options=RelaxationOptions) none(options=NoNatOptions?)',
    NetworkAlarms: 'complete(options=CompleteNetworkAlarmsOptions?)',
    Notification: 'event(options=EventNotificationOptions) costs(options=CostNotificationOptions)',
    RotatingSecrets: 'get(name=string) forContainer(name=string) grantRead(grantee=iam.IGrantable,...names=[string]?)',
    ScalingPolicy: 'between(bounds=ScalingRange) constant(tasks=number)',
    ServiceCluster:
      'applyRemovalPolicy(policy=RemovalPolicy) addService(scope=Construct,id=string,'
      + 'props=SecureFargateServiceProps)',
    ServiceIngress:
      'https(domain=WebDomainOptions,options=ServiceIngressOptions?) loadBalancer(loadBalancer=SecureLoadBalancer,'
      + 'options=ServiceIngressOptions?) listener(listener=elbv2.IApplicationListener,options=ServiceIngressOptions?) '
      + 'newListener(loadBalancer=elbv2.IApplicationLoadBalancer,certificates=[acm.ICertificate],'
      + 'options=ServiceIngressOptions?)',
    SsmBastion:
      'allowTo(target=ec2.IConnectable,port=ec2.Port?) grantStartSession(identity=iam.IIdentity) '
      + 'forwardCommand(host=string,port=number,localPort=number)',
    WebEndpoint:
      'domain(options=WebDomainOptions) certificate(certificate=acm.ICertificate,...domainNames=[string]?) '
      + 'plainHttp(options=RelaxationOptions)',
    WebFirewall:
      'none(options=RelaxationOptions) fromWebAclArn(webAclArn=string) protect(resource=Construct,'
      + 'resourceArn=string) webAclArnForDistribution(site=Construct) metric(name=string,'
      + 'options=cloudwatch.MetricOptions?) metricBlockedRequests(options=cloudwatch.MetricOptions?) '
      + 'metricAllowedRequests(options=cloudwatch.MetricOptions?) '
      + 'metricCountedRequests(options=cloudwatch.MetricOptions?)',
    WorkloadMonitoring: 'watch(...constructs=[IMonitored]?)',
  },
  /** The factories of each choice class, and the internal methods that each subclass has. */
  choices: {
    AuroraCapacity: 'serverless(…) provisioned(…) _plan',
    BastionImage: 'amazonLinux2023() pinned(…) parameterVersion(…) _bind',
    ClusterProxy: 'withPassword(…) withIamToken(…) _asksForToken= _settings', ComplianceChecks: 'of(…)',
    ConfigRecording: 'continuous(…) daily(…)', ContentSecurityPolicy: 'strict(…) custom(…) _render',
    DataProtection: 'of(…)', DatabaseAccess: 'readOnly() readWrite() owner() iamToken() _privileges= _iamToken=',
    ExecAccess: 'none() audited(…) _enabled= _validate _clusterConfiguration _prepare',
    FirewallClients: 'direct() throughDistribution(…) _forwarded= _rateRules',
    FirewallRule: 'block(…) count(…) managedGroup(…) ruleGroup(…) _name= _body',
    FlowLogStorage: 'cloudWatchLogs(…) bucket(…) _bind',
    GeneratedSecret: 'password(…) signingKey(…) signingKeys(…) keyRing() _validate _shape _firstValue',
    LogMetric: 'applicationErrors(…) failedLogins(…) matching(…)',
    NatStrategy: 'onePerAz() single(…) regional() none(…) _gatewayOfEachZone',
    NetworkAlarms: 'essential() complete(…) _bind', Notification: 'event(…) costs(…) _ids= _bind',
    ScalingPolicy: 'between(…) constant(…) _validate _desiredCount _scale',
    ServiceIngress: 'https(…) loadBalancer(…) listener(…) newListener(…) none() _validate _attach',
    SiteRouting: 'files() singlePageApp() multiPage() _functionCode',
    WebEndpoint: 'domain(…) certificate(…) plainHttp(…)',
  },
  /** The members that a value of each interface, or construct of this library, has. */
  interfaces: {
    ComplianceGuardrails: 'monitoringPlan',
    EncryptedAuroraCluster: 'cluster parameterGroup logGroups secret encryptionKey connections',
    EncryptedDatabaseInstance: 'instance parameterGroup logGroups secret encryptionKey connections',
    HardenedRepository: 'repository image grantPush',
    HipaaVpc: 'vpc flowLog natGateways endpoints publicTier privateTier', IConstruct: 'node with',
    IDatabaseUser: 'userName grantLogin', IDependable: '', IMonitored: 'monitoringPlan',
    IServiceBindable: 'bindToService', IWebFirewall: 'protect webAclArnForDistribution',
    RotatingSecrets: 'encryptionKey get forContainer grantRead monitoringPlan',
    SecureFargateService: 'service taskDefinition container cluster logGroup taskRole',
    SecureLoadBalancer: 'loadBalancer listener connections accessLogBucket firewall domainName',
    ServiceCluster: 'cluster execLogGroup insightsLogGroup encryptionKey stack env',
    SsmBastion: 'instance connections sessionDocument sessionPolicy sessionLogGroup encryptionKey',
    StaticSiteCdn: 'bucket distribution domainName url accessLogBucket firewall',
    WebFirewall: 'webAcl logGroup protect webAclArnForDistribution metric metricBlockedRequests',
    WorkloadMonitoring: 'topic alarms widgets dashboard watch', 'acm.ICertificate': 'certificateArn metricDaysToExpiry',
    'cloudwatch.IMetric': 'toMetricConfig', 'cloudwatch.IWidget': 'width height position toJson',
    'ec2.IConnectable': 'connections',
    'ec2.ISubnet':
      'availabilityZone subnetId internetConnectivityEstablished ipv4CidrBlock routeTable associateNetworkAcl',
    'ec2.IVpc': 'vpcId vpcArn vpcCidrBlock publicSubnets privateSubnets isolatedSubnets',
    'ecs.ICluster': 'clusterName clusterArn vpc connections hasEc2Capacity',
    'elbv2.IApplicationListener': 'addCertificates addTargetGroups addTargets registerConnectable addAction',
    'elbv2.IApplicationLoadBalancer': 'loadBalancerArn listeners metrics addListener',
    'iam.IGrantable': 'grantPrincipal', 'iam.IIdentity': 'attachInlinePolicy addManagedPolicy',
    'kms.IKey': 'keyArn keyId addAlias addToResourcePolicy grant grantDecrypt',
    'logs.IFilterPattern': 'logPatternString',
    'logs.ILogGroup': 'logGroupArn logGroupName addStream addSubscriptionFilter addMetricFilter addTransformer',
    'rds.IClusterEngine': 'singleUserRotationApplication multiUserRotationApplication supportedLogTypes bindToCluster',
    'rds.IInstanceEngine': 'singleUserRotationApplication multiUserRotationApplication bindToInstance',
    'route53.IHostedZone': 'hostedZoneId zoneName hostedZoneArn grantDelegation',
    's3.IBucket':
      'bucketArn bucketName bucketWebsiteUrl bucketWebsiteDomainName bucketDomainName bucketDualStackDomainName',
    'secretsmanager.ISecret': 'secretArn secretName secretValue secretValueFromJson grantRead grantWrite',
    'sns.ITopic': 'topicArn topicName contentBasedDeduplication fifo addSubscription addToResourcePolicy',
    'wafv2.IRuleGroupRef': 'ruleGroupRef',
  },
  /** The public fields of each construct of this library. */
  fields: {
    ComplianceGuardrails: 'trail trailBucket trailLogGroup configBucket conformancePack inspectorFunction',
    EncryptedAuroraCluster:
      'cluster parameterGroup logGroups secret proxy proxyConnections backupPlan backupVault encryptionKey '
      + 'connections databaseName',
    EncryptedDatabaseInstance:
      'instance parameterGroup optionGroup logGroups secret backupPlan backupVault encryptionKey connections '
      + 'databaseName',
    HardenedRepository: 'repository',
    HipaaVpc:
      'vpc flowLog flowLogGroup flowLogBucket encryptionKey natGateways endpoints s3Endpoint publicTier privateTier '
      + 'dataTier',
    RotatingSecrets: 'encryptionKey',
    SecureFargateService:
      'service taskDefinition container cluster targetGroup loadBalancer logGroup taskRole executionRole '
      + 'connections grantPrincipal',
    SecureLoadBalancer: 'loadBalancer listener connections certificate accessLogBucket firewall domainName url',
    ServiceCluster:
      'cluster execLogGroup insightsLogGroup encryptionKey stack env clusterName clusterArn clusterRef vpc '
      + 'connections hasEc2Capacity defaultCloudMapNamespace autoscalingGroup executeCommandConfiguration',
    SsmBastion: 'instance connections sessionDocument sessionPolicy sessionLogGroup encryptionKey shellCommand',
    StaticSiteCdn: 'bucket distribution domainName url accessLogBucket firewall certificate encryptionKey',
    WebFirewall: 'webAcl webAclArn logGroup', WorkloadMonitoring: 'topic alarms widgets dashboard',
  },
  /** The jsii name of each class of aws-cdk-lib, and members that an instance has. */
  classes: {
    App: 'aws-cdk-lib.App synth', Construct: 'constructs.Construct node with toString',
    Duration: 'aws-cdk-lib.Duration plus minus toMilliseconds toSeconds toMinutes toHours',
    Size: 'aws-cdk-lib.Size toBytes toKibibytes toMebibytes toGibibytes toTebibytes toPebibytes',
    'cloudfront.GeoRestriction': 'aws-cdk-lib.aws_cloudfront.GeoRestriction restrictionType locations',
    'cloudwatch.Dashboard': 'aws-cdk-lib.aws_cloudwatch.Dashboard dashboardName dashboardArn addWidgets addVariable',
    'config.ResourceType': 'aws-cdk-lib.aws_config.ResourceType complianceResourceType',
    'ec2.InstanceType': 'aws-cdk-lib.aws_ec2.InstanceType toString architecture sameInstanceClassAs isBurstable',
    'ec2.InterfaceVpcEndpointAwsService': 'aws-cdk-lib.aws_ec2.InterfaceVpcEndpointAwsService name shortName port',
    'ec2.Port': 'aws-cdk-lib.aws_ec2.Port canInlineRule toRuleJson toString',
    'ec2.SubnetFilter': 'aws-cdk-lib.aws_ec2.SubnetFilter selectSubnets',
    'ecs.ContainerImage': 'aws-cdk-lib.aws_ecs.ContainerImage bind',
    'ecs.CpuArchitecture': 'aws-cdk-lib.aws_ecs.CpuArchitecture',
    'ecs.Secret': 'aws-cdk-lib.aws_ecs.Secret arn grantRead',
  },
  /** The members of each enum of this library, or the place of another enum in aws-cdk-lib. */
  enums: {
    FirewallScope: 'REGIONAL=REGIONAL CLOUDFRONT=CLOUDFRONT',
    GuardDutyPlan:
      'S3_DATA_EVENTS=S3_DATA_EVENTS RDS_LOGIN_EVENTS=RDS_LOGIN_EVENTS LAMBDA_NETWORK_LOGS=LAMBDA_NETWORK_LOGS '
      + 'EBS_MALWARE_PROTECTION=EBS_MALWARE_PROTECTION EKS_AUDIT_LOGS=EKS_AUDIT_LOGS '
      + 'RUNTIME_MONITORING=RUNTIME_MONITORING',
    Guardrail:
      'TRAIL=TRAIL CONFIG=CONFIG CONFORMANCE_PACK=CONFORMANCE_PACK INSPECTOR=INSPECTOR GUARD_DUTY=GUARD_DUTY '
      + 'SECURITY_HUB=SECURITY_HUB ACCESS_ANALYZER=ACCESS_ANALYZER S3_PUBLIC_ACCESS=S3_PUBLIC_ACCESS '
      + 'EBS_ENCRYPTION=EBS_ENCRYPTION PASSWORD_POLICY=PASSWORD_POLICY',
    InspectorResource: 'EC2=EC2 ECR=ECR LAMBDA=LAMBDA LAMBDA_CODE=LAMBDA_CODE CODE_REPOSITORY=CODE_REPOSITORY',
    RemovalPolicy: 'RemovalPolicy',
    RulePack: 'HIPAA_SECURITY=HIPAA.Security AWS_SOLUTIONS=AwsSolutions NIST_800_53_R5=NIST.800.53.R5',
    SecurityHubStandard:
      'AWS_FOUNDATIONAL_BEST_PRACTICES=aws-foundational-security-best-practices/v/1.0.0 '
      + 'NIST_800_53_R5=nist-800-53/v/5.0.0 CIS_AWS_FOUNDATIONS_V3=cis-aws-foundations-benchmark/v/3.0.0',
    'cloudfront.PriceClass': 'aws_cloudfront.PriceClass',
    'cloudwatch.ComparisonOperator': 'aws_cloudwatch.ComparisonOperator',
    'cloudwatch.TreatMissingData': 'aws_cloudwatch.TreatMissingData', 'cloudwatch.Unit': 'aws_cloudwatch.Unit',
    'ec2.SubnetType': 'aws_ec2.SubnetType', 'ecs.ContainerInsights': 'aws_ecs.ContainerInsights',
    'elbv2.ApplicationProtocol': 'aws_elasticloadbalancingv2.ApplicationProtocol',
    'logs.RetentionDays': 'aws_logs.RetentionDays',
  },
  /** The structs of aws-cdk-lib. */
  foreignStructs: {
    all: 'cloudwatch.MetricOptions ec2.SubnetSelection ecs.HealthCheck events.EventPattern',
  },
};

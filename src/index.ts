// Shared by all constructs
export { DataProtection } from './core/data-protection';
export { RelaxationOptions } from './core/relaxation';
export { ImportedKeyPolicy } from './core/imported-key-policy';
export { AlarmDefinition } from './monitoring/alarm-definition';
export { IMonitored, MonitoringPlan } from './monitoring/monitored';
export { CostNotificationOptions, EventNotificationOptions, Notification } from './monitoring/notification';
export { WorkloadMonitoring, WorkloadMonitoringProps } from './monitoring/workload-monitoring';
export { IServiceBindable, ServiceBinding, ServiceBindingContext } from './binding/service-binding';

// Network
export { BastionImage } from './bastion/bastion-image';
export { PrivateEndpointOptions } from './network/endpoint-options';
export { FlowLogBucketOptions, FlowLogStorage, FlowLogGroupOptions } from './network/flow-log-storage';
export { HipaaVpc, HipaaVpcProps } from './network/hipaa-vpc';
export { NatStrategy, NoNatOptions } from './network/nat-strategy';
export { CompleteNetworkAlarmsOptions, NetworkAlarms } from './network/network-alarms';
export { SshBastion } from './bastion/ssh-bastion';
export { SshBastionProps } from './bastion/ssh-bastion-props';
export { SsmBastion } from './bastion/ssm-bastion';
export { SsmBastionProps } from './bastion/ssm-bastion-props';

// Endpoint
export { WebDomainOptions, WebEndpoint } from './endpoint/web-endpoint';

// Firewall
export { FirewallClients, ThroughDistributionOptions } from './firewall/firewall-clients';
export { FirewallRule } from './firewall/firewall-rule';
export { FirewallScope } from './firewall/firewall-scope';
export { CountOnlyRule } from './firewall/managed-rules';
export { RequestMatch } from './firewall/request-match';
export { WebFirewall } from './firewall/web-firewall';
export { IWebFirewall } from './firewall/web-firewall-interface';
export { WebFirewallProps } from './firewall/web-firewall-props';

// Services
export { SecureLoadBalancer } from './load-balancer/secure-load-balancer';
export { SecureLoadBalancerProps } from './load-balancer/secure-load-balancer-props';
export { SecureFargateService } from './service/secure-fargate-service';
export { SecureFargateServiceProps } from './service/secure-fargate-service-props';
export { ServiceCluster, ServiceClusterProps } from './service/service-cluster';
export { Ec2Capacity } from './service/capacity/ec2-capacity';
export { Ec2CapacityProps, SpotShareOptions } from './service/capacity/ec2-capacity-props';
export { FargateSpotOptions, ServiceCapacity } from './service/capacity/service-capacity';
export { MigrationTask } from './service/migration/migration-task';
export { MigrationTaskProps } from './service/migration/migration-task-props';
export { ScheduledTask } from './service/schedule/scheduled-task';
export { ScheduledTaskProps } from './service/schedule/scheduled-task-props';
export { JobQueue } from './service/queue/job-queue';
export { JobQueueProps } from './service/queue/job-queue-props';
export { FifoQueueOptions, QueueType } from './service/queue/queue-type';
export { LogMetric, LogMetricOptions, MatchingLogMetricOptions } from './service/log-metric';
export { TaskProps } from './service/task-props';
export { HardenedRepository, HardenedRepositoryProps } from './repository/hardened-repository';
export { ServiceIngress } from './service/service-ingress';
export { ServiceIngressOptions } from './service/service-ingress-options';
export { BacklogScalingOptions, ScalingPolicy, ScalingRange } from './service/scaling-policy';
export { ExecAccess } from './service/exec-access';

// Site
export { ContentSecurityPolicy } from './site/content-security-policy';
export { SiteApi } from './site/site-api';
export { SiteRouting } from './site/site-routing';
export { StaticSiteCdn } from './site/static-site-cdn';
export { StaticSiteCdnProps } from './site/static-site-cdn-props';

// Data and secrets
export { DatabaseAccess } from './database/access/database-access';
export { IDatabaseUser } from './database/access/database-user';
export { AuroraCapacity } from './database/aurora/aurora-capacity';
export { ProvisionedCapacityOptions, ServerlessCapacityOptions } from './database/aurora/aurora-capacity';
export { EncryptedAuroraClusterProps } from './database/aurora/aurora-cluster-props';
export { DatabaseProxy, DatabaseProxyOptions } from './database/shared/database-proxy';
export { EncryptedDatabaseInstanceProps } from './database/instance/database-instance-props';
export { DatabaseBackupOptions } from './database/shared/database-backup-options';
export { ComplianceLockOptions, GovernanceLockOptions, VaultLock } from './database/shared/vault-lock';
export { EncryptedAuroraCluster } from './database/aurora/encrypted-aurora-cluster';
export { EncryptedDatabaseInstance } from './database/instance/encrypted-database-instance';
export { ExternalSecretOptions } from './secrets/external-secret';
export { GeneratedSecret, PasswordOptions, SigningKeyOptions } from './secrets/generated-secret';
export { RotatingSecrets } from './secrets/rotating-secrets';
export { RotatingSecretsProps } from './secrets/rotating-secrets-props';

// Storage
export { FieldEncryptionKey, FieldEncryptionKeyProps } from './storage/field-encryption-key';
export { MalwareScan } from './storage/malware-scan';
export { ObjectLifecycle, ObjectTransition } from './storage/object-lifecycle';
export { ObjectLock, ObjectLockOptions } from './storage/object-lock';
export { PhiBucket } from './storage/phi-bucket';
export { PhiBucketProps } from './storage/phi-bucket-props';

// The account, and the checks
export { ComplianceGuardrails, ComplianceGuardrailsProps } from './guardrails/compliance-guardrails';
export { Guardrail, SkippedGuardrails } from './guardrails/guardrail';
export { AdoptedRecording, RequiredTypes } from './guardrails/config/adopted-recording';
export { ConfigOptions } from './guardrails/config/config-guardrail';
export { ConfigRecording, ConfigRecordingOptions, ExcludedTypes } from './guardrails/config/config-recording';
export { TrailOptions } from './guardrails/trail/trail-guardrail';
export { InspectorOptions, InspectorResource } from './guardrails/inspector/inspector-guardrail';
export { GuardDutyOptions, GuardDutyPlan } from './guardrails/guard-duty/guard-duty-guardrail';
export { SecurityHubOptions, SecurityHubStandard } from './guardrails/security-hub/security-hub-guardrail';
export { PasswordPolicyOptions } from './guardrails/settings/password-policy-setting';
export { ComplianceCheckOptions, ExcludedStack } from './compliance/check-options';
export { ComplianceChecks } from './compliance/compliance-checks';
export { RulePack } from './compliance/rule-pack';

// Shared by all constructs
export { DataProtection } from './core/data-protection';
export { RelaxationOptions } from './core/relaxation';
export { AlarmDefinition } from './monitoring/alarm-definition';
export { IMonitored, MonitoringPlan } from './monitoring/monitored';
export { CostNotificationOptions, EventNotificationOptions, Notification } from './monitoring/notification';
export { WorkloadMonitoring, WorkloadMonitoringProps } from './monitoring/workload-monitoring';
export { IServiceBindable, ServiceBinding, ServiceBindingContext } from './binding/service-binding';

// Network
export { AmazonLinuxImageOptions, BastionImage } from './bastion/bastion-image';
export { DataSubnets } from './network/data-subnets';
export { FlowLogBucketOptions, FlowLogStorage, FlowLogGroupOptions } from './network/flow-log-storage';
export { HipaaVpc, HipaaVpcProps } from './network/hipaa-vpc';
export { NatStrategy, NoNatOptions } from './network/nat-strategy';
export { CompleteNetworkAlarmsOptions, NetworkAlarms } from './network/network-alarms';
export { SsmBastion } from './bastion/ssm-bastion';
export { SsmBastionProps } from './bastion/ssm-bastion-props';

// Firewall
export { FirewallClients, ThroughDistributionOptions } from './firewall/firewall-clients';
export { FirewallRule } from './firewall/firewall-rule';
export { FirewallScope } from './firewall/firewall-scope';
export { ManagedRuleGroup } from './firewall/managed-rules';
export { RuleOverride, RuleOverrideOptions } from './firewall/rule-override';
export { IWebFirewall, WebFirewall, WebFirewallProps } from './firewall/web-firewall';

// Services
export { SecureLoadBalancer } from './load-balancer/secure-load-balancer';
export { SecureLoadBalancerProps } from './load-balancer/secure-load-balancer-props';
export { SecureFargateService } from './service/secure-fargate-service';
export { FargateTaskProps, SecureFargateServiceProps, ServiceMonitoringProps } from './service/secure-fargate-service-props';
export { ServiceCluster, ServiceClusterProps } from './service/service-cluster';
export { LogMetric, LogMetricOptions, MatchingLogMetricOptions } from './service/log-metric';
export { HardenedRepository, HardenedRepositoryProps } from './repository/hardened-repository';
export { NewListenerOptions, ServiceIngress, ServiceIngressOptions } from './service/service-ingress';
export { ScalingPolicy, ScalingRange } from './service/scaling-policy';
export { ExecAccess } from './service/exec-access';

// Site
export { ContentSecurityPolicy } from './site/content-security-policy';
export { PlainHttpApiOptions, SiteApi, SiteApiOptions } from './site/site-api';
export { SiteRouting } from './site/site-routing';
export { StaticSiteCdn } from './site/static-site-cdn';
export { StaticSiteCdnProps } from './site/static-site-cdn-props';

// Data and secrets
export { AuroraCapacity, ProvisionedCapacityOptions, ServerlessCapacityOptions } from './database/aurora/aurora-capacity';
export { EncryptedAuroraClusterProps } from './database/aurora/aurora-cluster-props';
export { ClusterProxy, ClusterProxyOptions } from './database/aurora/cluster-proxy';
export { DatabaseBackupOptions, EncryptedDatabaseInstanceProps } from './database/instance/database-instance-props';
export { EncryptedAuroraCluster } from './database/aurora/encrypted-aurora-cluster';
export { EncryptedDatabaseInstance } from './database/instance/encrypted-database-instance';
export { ExternalSecretOptions } from './secrets/external-secret';
export { GeneratedSecret, PasswordOptions, SigningKeyOptions } from './secrets/generated-secret';
export { RotatingSecrets, RotatingSecretsProps } from './secrets/rotating-secrets';

// The account, and the checks
export { ComplianceGuardrails, ComplianceGuardrailsProps } from './guardrails/compliance-guardrails';
export { AdoptedConfigOptions, ConfigGuardrail, ConfigGuardrailOptions } from './guardrails/config/config-guardrail';
export { ConfigRecording, ConfigRecordingOptions, ExcludedTypes } from './guardrails/config/config-recording';
export { ConformancePack, HipaaConformancePackOptions } from './guardrails/config/conformance-pack';
export { AdoptedTrailOptions, TrailGuardrail, TrailGuardrailOptions } from './guardrails/trail/trail-guardrail';
export { InspectorGuardrail, InspectorGuardrailOptions, InspectorResource } from './guardrails/inspector/inspector-guardrail';
export { GuardDutyGuardrail, GuardDutyGuardrailOptions, GuardDutyPlan } from './guardrails/guard-duty/guard-duty-guardrail';
export { SecurityHubGuardrail, SecurityHubGuardrailOptions, SecurityHubStandard } from './guardrails/security-hub/security-hub-guardrail';
export { AccessAnalyzerGuardrail } from './guardrails/access-analyzer/access-analyzer-guardrail';
export { PublicAccessGuardrail } from './guardrails/settings/public-access-guardrail';
export { EbsEncryptionGuardrail, EbsEncryptionGuardrailOptions } from './guardrails/settings/ebs-encryption-guardrail';
export { PasswordPolicyGuardrail, PasswordPolicyGuardrailOptions } from './guardrails/settings/password-policy-guardrail';
export { ComplianceChecks, ComplianceCheckOptions } from './compliance/compliance-checks';
export { RulePack } from './compliance/rule-pack';

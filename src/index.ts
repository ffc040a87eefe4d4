// What every construct shares
export { DataProtection, DisposableOptions } from './protection/data-protection';
export { AlarmRule, IMonitored, MonitoringPlan } from './monitoring/monitored';
export { CostNoticeOptions, EventNoticeOptions, Notice } from './monitoring/notice';
export { Monitoring, MonitoringProps } from './monitoring/monitoring';
export { IServiceBindable, ServiceBinding, ServiceBindingContext } from './binding/service-binding';

// Network
export { AmazonLinuxImageOptions, BastionImage } from './network/bastion-image';
export { DataEgressOptions, DataSubnets } from './network/data-subnets';
export { FlowLogBucketOptions, FlowLogDestination, FlowLogGroupOptions } from './network/flow-log-destination';
export { HipaaVpc, HipaaVpcProps } from './network/hipaa-vpc';
export { NatStrategy, NoNatOptions, SingleNatOptions } from './network/nat-strategy';
export { CompleteNetworkAlarmsOptions, NetworkAlarms } from './network/network-alarms';
export { SsmBastion } from './network/ssm-bastion';
export { PortForwardingOptions, SsmBastionProps } from './network/ssm-bastion-props';

// Firewall
export { FirewallClients, ThroughDistributionOptions } from './firewall/firewall-clients';
export { FirewallRule } from './firewall/firewall-rule';
export { FirewallScope } from './firewall/firewall-scope';
export { ManagedRuleGroup } from './firewall/managed-rules';
export { RuleOverride, RuleOverrideOptions } from './firewall/rule-override';
export { IWebFirewall, NoFirewallOptions, WebFirewall, WebFirewallProps } from './firewall/web-firewall';

// Services
export { SecureLoadBalancer } from './service/secure-load-balancer';
export { PlainHttpOptions, SecureLoadBalancerProps } from './service/secure-load-balancer-props';
export { SecureFargateService } from './service/secure-fargate-service';
export { FargateTaskProps, SecureFargateServiceProps, ServiceMonitoringProps } from './service/secure-fargate-service-props';
export { ServiceCluster, ServiceClusterProps } from './service/service-cluster';
export { LogMetric, LogMetricOptions, MatchingLogMetricOptions } from './service/log-metric';
export { HardenedRepository, HardenedRepositoryProps, MutableTagsOptions } from './service/hardened-repository';
export { NewListenerOptions, ServiceIngress, ServiceIngressOptions } from './service/service-ingress';
export { ScalingPolicy, ScalingRange } from './service/scaling-policy';
export { AuditedExecOptions, ExecAccess } from './service/exec-access';

// Site
export { ContentSecurityPolicy, CustomPolicyOptions } from './site/content-security-policy';
export { PlainHttpApiOptions, SiteApi, SiteApiOptions } from './site/site-api';
export { SiteRouting } from './site/site-routing';
export { StaticSiteCdn } from './site/static-site-cdn';
export { StaticSiteCdnProps } from './site/static-site-cdn-props';

// Data and secrets
export { AuroraCapacity, ProvisionedCapacityOptions, ServerlessCapacityOptions } from './database/aurora-capacity';
export { EncryptedAuroraClusterProps } from './database/aurora-cluster-props';
export { ClusterProxy, ClusterProxyOptions } from './database/cluster-proxy';
export { DatabaseBackupOptions, EncryptedDatabaseInstanceProps } from './database/database-instance-props';
export { EncryptedAuroraCluster } from './database/encrypted-aurora-cluster';
export { EncryptedDatabaseInstance } from './database/encrypted-database-instance';
export { EnteredByHandOptions, ExternalSecret } from './secrets/external-secret';
export { GeneratedSecret, PasswordOptions, SigningKeyOptions } from './secrets/generated-secret';
export { RotatingSecrets, RotatingSecretsProps } from './secrets/rotating-secrets';

// The account, and the checks
export { ComplianceGuardrails, ComplianceGuardrailsProps } from './guardrails/compliance-guardrails';
export { AdoptedConfigOptions, ConfigGuardrail, ConfigGuardrailOptions } from './guardrails/config-guardrail';
export { ConfigRecording, ConfigRecordingOptions, ExcludedTypes } from './guardrails/config-recording';
export { ConformancePack, HipaaConformancePackOptions, NoConformancePackOptions } from './guardrails/conformance/conformance-pack';
export { AdoptedTrailOptions, TrailGuardrail, TrailGuardrailOptions } from './guardrails/trail-guardrail';
export { InspectorGuardrail, InspectorGuardrailOptions, InspectorResource } from './guardrails/inspector-guardrail';
export { GuardDutyGuardrail, GuardDutyGuardrailOptions, GuardDutyPlan } from './guardrails/guard-duty-guardrail';
export { SecurityHubGuardrail, SecurityHubGuardrailOptions, SecurityHubStandard } from './guardrails/security-hub-guardrail';
export { AccessAnalyzerGuardrail } from './guardrails/access-analyzer-guardrail';
export { PublicAccessGuardrail } from './guardrails/public-access-guardrail';
export { EbsEncryptionGuardrail, EbsEncryptionGuardrailOptions } from './guardrails/ebs-encryption-guardrail';
export { PasswordPolicyGuardrail, PasswordPolicyGuardrailOptions } from './guardrails/password-policy-guardrail';
export { SkippedGuardrailOptions } from './guardrails/switches';
export { ComplianceChecks, ComplianceCheckOptions } from './compliance/compliance-checks';
export { RulePack } from './compliance/rule-pack';

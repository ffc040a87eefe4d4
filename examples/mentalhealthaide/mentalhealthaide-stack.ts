import * as path from 'path';
import { Stack, StackProps } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import {
  ComplianceGuardrails,
  EncryptedDatabaseInstance,
  GeneratedSecret,
  Guardrail,
  HipaaVpc,
  WorkloadMonitoring,
  RotatingSecrets,
  SecureFargateService,
  SecureLoadBalancer,
  ServiceIngress,
  WebEndpoint,
} from 'cdk-hipaa';

export interface MentalHealthAideStackProps extends StackProps {
  readonly domainName: string;
  readonly hostedZoneId: string;
  readonly zoneName: string;
  readonly alarmEmail: string;
  /** False while another system uses the domain name: the stack then creates no alias records. */
  readonly createAliasRecords?: boolean;
}

/** The API of MentalHealthAide: Route 53 → load balancer with WAF → Fargate → MySQL, and their alarms. */
export class MentalHealthAideStack extends Stack {
  constructor(scope: Construct, id: string, props: MentalHealthAideStackProps) {
    super(scope, id, props);

    const network = new HipaaVpc(this, 'Network');
    const database = new EncryptedDatabaseInstance(this, 'Database', {
      vpc: network.vpc,
      engine: rds.DatabaseInstanceEngine.mysql({ version: rds.MysqlEngineVersion.VER_8_4_8 }),
      databaseName: 'mentalhealthaide',
    });
    const secrets = new RotatingSecrets(this, 'Secrets', {
      secrets: { jwt: GeneratedSecret.signingKey() },
    });

    const hostedZone = route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', {
      hostedZoneId: props.hostedZoneId,
      zoneName: props.zoneName,
    });
    const entrance = new SecureLoadBalancer(this, 'Entrance', {
      vpc: network.vpc,
      endpoint: WebEndpoint.domain({
        domainName: props.domainName,
        hostedZone,
        createAliasRecords: props.createAliasRecords,
      }),
    });
    const api = new SecureFargateService(this, 'Api', {
      vpc: network.vpc,
      image: ecs.ContainerImage.fromAsset(path.join(__dirname, 'api'), { platform: Platform.LINUX_AMD64 }),
      containerPort: 8443,
      ingress: ServiceIngress.loadBalancer(entrance, {
        containerProtocol: elbv2.ApplicationProtocol.HTTPS,
        healthCheckPath: '/health',
      }),
      certificateBundlePath: '/etc/ssl/rds/global-bundle.pem',
      writablePaths: ['/tmp'],
      uses: [database],
      secrets: { JWT_SECRET: secrets.forContainer('jwt') },
    });

    const guardrails = new ComplianceGuardrails(this, 'Guardrails', {
      skip: [{
        guardrails: [
          Guardrail.TRAIL, Guardrail.CONFIG, Guardrail.GUARD_DUTY, Guardrail.SECURITY_HUB, Guardrail.ACCESS_ANALYZER,
          Guardrail.S3_PUBLIC_ACCESS, Guardrail.EBS_ENCRYPTION, Guardrail.PASSWORD_POLICY,
        ],
        reason: 'they apply to all workloads of the account, so the stack of the account creates them',
      }],
    });
    const monitoring = new WorkloadMonitoring(this, 'Monitoring', { email: props.alarmEmail });
    monitoring.watch(network, database, secrets, entrance, api, guardrails);
  }
}

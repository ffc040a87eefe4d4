import { Stack, StackProps } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { Environment } from './environments';
import { DataProtection, FirewallScope, WebFirewall } from 'cdk-hipaa';

export interface EdgeStackProps extends StackProps {
  readonly environment: Environment;
}

/** The resources that CloudFront requires in us-east-1, for a site in another region. */
export class EdgeStack extends Stack {
  public readonly firewall: WebFirewall;
  public readonly certificate?: acm.ICertificate;

  constructor(scope: Construct, id: string, props: EdgeStackProps) {
    super(scope, id, { ...props, terminationProtection: props.environment.terminationProtection });
    const { disposable, domain } = props.environment;
    if (disposable) DataProtection.of(this).disposable(disposable);

    this.firewall = new WebFirewall(this, 'Firewall', { webAclScope: FirewallScope.CLOUDFRONT });
    if (domain) {
      const zone = route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', domain);
      this.certificate = new acm.Certificate(this, 'Certificate', {
        domainName: domain.site,
        validation: acm.CertificateValidation.fromDns(zone),
      });
    }
  }
}

import { Row, section, TYPED } from './section';
import * as compute from '../proof/compute';
import * as database from '../proof/database';
import * as entrance from '../proof/entrance';
import * as network from '../proof/network';
import * as whole from '../proof/whole';

export const COMPONENTS: Row[] = [
  ...section('Title', [
    {
      words: 'CloudFormation templates and parameters for deploying the core backend infrastructure',
      replaced: 'An AWS CDK app synthesizes the templates: `npx cdk synth`.',
      proof: whole.everything,
    },
  ]),

  ...section('Files', [
    {
      words: 'backend-stack.yaml - Main infrastructure stack template using Aurora Serverless v2',
      replaced: 'The template of app.ts. Both templates are of one stack: the value `capacity` chooses the database.',
      of: ['aurora'],
      proof: database.serverless,
    },
    {
      words: 'backend-stack-with-rds.yaml - Alternative infrastructure stack template using RDS instance',
      replaced: 'The template of app.instance.ts, with an instance type as the value `capacity`.',
      of: ['instance'],
      proof: database.rdsInstance,
    },
    {
      words: 'params.json - Parameters file for main stack',
      replaced: `${TYPED} parameters.ts, for both variants.`,
      of: ['aurora'],
      proof: whole.parameters,
    },
    {
      words: 'params-with-rds.json - Parameters file for RDS stack',
      replaced: `${TYPED} parameters.ts, for both variants.`,
      of: ['instance'],
      proof: whole.parameters,
    },
  ]),

  ...section('Core Infrastructure', [
    { words: 'VPC with public and private subnets across multiple AZs', proof: network.subnetsInTwoZones },
    { words: 'Internet Gateway and routing configuration', proof: network.routes },
    { words: 'Application Load Balancer (ALB) with HTTPS support', proof: entrance.loadBalancerWithHttps },
    { words: 'WAF configuration for ALB protection', proof: entrance.firewall },
    { words: 'S3 buckets for ALB logs and API storage', proof: entrance.buckets },
  ]),

  ...section('Database', [
    { words: 'Aurora PostgreSQL Serverless v2 (main stack)', of: ['aurora'], proof: database.serverless },
    { words: 'RDS instance (legacy stack)', of: ['instance'], proof: database.rdsInstance },
    { words: 'RDS Proxy for connection pooling', proof: database.pooled },
    { words: 'Enhanced monitoring and performance insights', proof: database.monitored },
    { words: 'Automated backups and encryption', proof: database.backedUpAndEncrypted },
  ]),

  ...section('Compute', [
    { words: 'ECS Cluster with EC2 capacity providers', proof: compute.cluster },
    { words: 'Auto Scaling configuration', proof: compute.scales },
    { words: 'Spot Instance support (optional)', proof: compute.spot },
    { words: 'Bastion host for secure access', proof: compute.secureBastion },
  ]),

  ...section('Integration', [
    { words: 'SQS queue for job processing', proof: compute.queue },
    {
      words: 'SQS deadletter queue for messages that can\'t be processed successfully',
      proof: compute.deadLetterQueue,
    },
  ]),

  ...section('Security', [
    { words: 'Security Groups for all components', proof: network.groups },
    {
      words: 'SSL/TLS termination at ALB',
      replaced: 'The load balancer ends the TLS connection of the client. It opens another one to the task, because '
        + 'requests contain health information: 45 CFR 164.312(e)(1).',
      proof: entrance.tlsEndsAtTheLoadBalancer,
    },
    { words: 'WAF rules for application protection', proof: entrance.firewall },
    {
      words: 'Private subnets for sensitive resources',
      replaced: 'The tasks are in private subnets. The database and its proxy are in isolated subnets, which have no '
        + 'route to the internet at all.',
      proof: network.sensitiveResourcesArePrivate,
    },
    { words: 'Secrets management for database credentials', proof: database.generatedCredentials },
    {
      words: 'SSH key pair for EC2 instances',
      replaced: 'The key pair opens the bastion. Nobody logs in to the instances of the cluster, which have no key '
        + 'pair. They are replaced each week with the latest image.',
      proof: compute.keyPair,
    },
  ]),
];

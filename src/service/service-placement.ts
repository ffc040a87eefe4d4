import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import { IConstruct } from 'constructs';
import { serviceClusterKey } from './service-cluster-mark';
import { TaskProps } from './task-props';
import { requireSameVpc } from '../blocks/same-vpc';
import { selectSubnets } from '../blocks/subnet-selection';
import { refuse, Situation } from '../core/refusal';

/** The VPC, subnets and cluster of tasks, from the props of their construct and from its cluster. */
export interface ServicePlacement {
  readonly vpc: ec2.IVpc;
  readonly subnets: ec2.SelectedSubnets;
  /** Undefined if the construct creates its own cluster. */
  readonly cluster?: ecs.ICluster;
  /** Undefined if the construct creates its own key. */
  readonly encryptionKey?: kms.IKey;
}

/** The props that decide the placement of tasks. */
export type PlacementProps = Pick<TaskProps, 'vpc' | 'vpcSubnets' | 'cluster' | 'encryptionKey'>;

/** Resolves VPC, subnets, cluster and key. A prop of the construct takes precedence over the value of its cluster. */
export function placementOf(scope: IConstruct, props: PlacementProps): ServicePlacement {
  const cluster = props.cluster ?? undefined;
  const clusterVpc = vpcOf(scope, cluster);
  const vpc = props.vpc ?? clusterVpc;
  if (!vpc) {
    refuse(scope, {
      prop: 'vpc',
      given: props.vpc,
      allowed: 'a VPC when no cluster is given',
      change: 'pass vpc, or pass a cluster, whose VPC the tasks then use',
    });
  }
  requireSameVpc(scope, { prop: 'cluster', what: 'a cluster', vpc }, clusterVpc);
  const subnets = selectSubnets(scope, vpc, props.vpcSubnets ?? defaultSelection(scope, vpc));
  if (subnets.hasPublic) refusePublic(scope);
  return {
    vpc,
    subnets,
    cluster,
    encryptionKey: props.encryptionKey ?? serviceClusterKey(cluster),
  };
}

/** A cluster that was imported by its ARN alone throws when it is asked for its VPC. */
function vpcOf(scope: IConstruct, cluster: ecs.ICluster | undefined): ec2.IVpc | undefined {
  try {
    return cluster?.vpc;
  } catch {
    return refuse(scope, {
      prop: 'cluster',
      given: new Situation('one that was imported by its ARN alone'),
      allowed: 'a cluster with a known VPC',
      change: 'import it with ecs.Cluster.fromClusterAttributes, and pass clusterName and vpc',
    });
  }
}

function refusePublic(scope: IConstruct): never {
  return refuse(scope, {
    prop: 'vpcSubnets',
    given: new Situation('public subnets'),
    allowed: 'private or isolated subnets',
    change: 'select private subnets, and let a load balancer face the internet',
  });
}

function defaultSelection(scope: IConstruct, vpc: ec2.IVpc): ec2.SubnetSelection {
  if (vpc.privateSubnets.length > 0) return { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS };
  if (vpc.isolatedSubnets.length > 0) return { subnetType: ec2.SubnetType.PRIVATE_ISOLATED };
  return refuse(scope, {
    prop: 'vpc',
    given: vpc,
    allowed: 'a VPC with private or isolated subnets',
    change: 'add private subnets to the VPC',
  });
}

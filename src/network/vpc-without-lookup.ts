import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';

/** The property in which `Stack.of` finds the stack of a construct before it walks up the tree. */
const STACK_OF: unique symbol = Symbol.for('@aws-cdk/core.Stack.myStack') as never;

/**
 * Creates a VPC whose zones are given, without a context lookup.
 *
 * The constructor of `ec2.Vpc` compares given zones with `availabilityZones` of its stack. If account and region are
 * known, reading that property starts a lookup, which needs credentials and writes to cdk.context.json. For this one
 * comparison, the VPC receives a view of its stack that has no zones. The stack itself is neither read nor changed.
 */
export function vpcWithoutLookup(scope: Construct, id: string, props: ec2.VpcProps): ec2.Vpc {
  return new (classWithoutLookup())(scope, id, props);
}

let known: typeof ec2.Vpc | undefined;

/** Defines the class at its first use: a class at the top of the file would load `ec2.Vpc` with the package. */
function classWithoutLookup(): typeof ec2.Vpc {
  if (known) return known;
  known = class extends ec2.Vpc {
    public get stack(): Stack {
      return Stack.of(this.node.scope!);
    }

    /** The result of `Stack.of` for the VPC: the view until the constructor has compared the zones, then the stack. */
    protected get [STACK_OF](): Stack {
      // The constructor assigns the property immediately after the comparison.
      const isCompared = (this as Partial<ec2.Vpc>).availabilityZones !== undefined;
      return isCompared ? this.stack : Object.create(this.stack, { availabilityZones: { value: [] } });
    }
  };
  // Messages name the class that users know.
  return Object.defineProperty(known, 'name', { value: ec2.Vpc.name });
}

import { IConstruct } from 'constructs';
import { acknowledge, reportedText } from '../core/acknowledge';

/**
 * Acknowledges, on one policy, the rule that reports the ARN of all objects of one bucket.
 *
 * The rule reports the ARN of a bucket in another stack by the name of its export, which is known at synthesis.
 */
export function acknowledgeObjects(policy: IConstruct, objects: string, reason: string): void {
  const known = new Set<string>();
  const validate = () => {
    const rule = `AwsSolutions-IAM5[Resource::${reportedText(policy, objects)}]`;
    if (!known.has(rule)) acknowledge(policy, { rules: [rule], reason });
    known.add(rule);
    return [];
  };
  validate();
  policy.node.addValidation({ validate });
}

import { MentalHealthAideStack } from '../../../examples/mentalhealthaide/mentalhealthaide-stack';
import { measure } from '../measure';
import { PROPS, STACK_ID } from './props';
import {
  ComplianceGuardrails,
  EncryptedDatabaseInstance,
  GeneratedSecret,
  Guardrail,
  HipaaVpc,
  RotatingSecrets,
  SecureFargateService,
  SecureLoadBalancer,
  ServiceIngress,
  WebEndpoint,
  WorkloadMonitoring,
} from 'cdk-hipaa';

// The names of the stack load their modules here, at their first use. The other sides have loaded all their modules by
// now too. The time of the whole process contains the loading on each side.
void [
  ComplianceGuardrails,
  EncryptedDatabaseInstance,
  GeneratedSecret,
  Guardrail,
  HipaaVpc,
  RotatingSecrets,
  SecureFargateService,
  SecureLoadBalancer,
  ServiceIngress,
  WebEndpoint,
  WorkloadMonitoring,
];

measure((app) => new MentalHealthAideStack(app, STACK_ID, PROPS));

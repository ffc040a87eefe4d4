import { A_MOMENT, NO_TERRAFORM, ONE_SCRIPT, Row, section } from './section';
import * as database from '../proof/database';
import * as delivery from '../proof/delivery';
import * as entrance from '../proof/entrance';
import * as network from '../proof/network';
import * as secrets from '../proof/secrets';
import * as service from '../proof/service';
import * as storage from '../proof/storage';
import * as whole from '../proof/whole';

export const OVERVIEW: Row[] = [
  ...section('Title', [
    {
      words: 'HIPAA compliance',
      notInfrastructure: 'An organization complies, with its policies, training and contracts. The rule packs evaluate '
        + 'what a template shows: `npx projen examples` runs them.',
    },
    { words: 'production-ready architecture', proof: whole.everything },
    { words: 'automated deployment', of: 'delivery', proof: delivery.workflow },
  ]),

  ...section('Architecture Components', [
    { words: 'ECS Fargate: Containerized API service with auto-scaling', proof: service.onFargateWithScaling },
    { words: 'RDS PostgreSQL: Encrypted database with multi-AZ deployment', proof: database.encryptedWithStandby },
    { words: 'S3: Secure report storage with KMS encryption', proof: storage.reportsAreEncrypted },
    { words: 'KMS: Field-level encryption for PHI/PII data', proof: storage.fieldsAreEncrypted },
    { words: 'ALB: Application Load Balancer for traffic routing', proof: entrance.routesToTheTasks },
    { words: 'VPC: Isolated network with private/public subnets', proof: network.isolation },
    { words: 'Secrets Manager: Secure credential storage', proof: secrets.securely },
    { words: 'ECR: Container registry for Docker images', of: 'images', proof: delivery.registry },
  ]),

  ...section('Security Features', [
    { words: 'HIPAA Compliance: Field-level encryption', proof: storage.fieldsAreEncrypted },
    { words: 'HIPAA Compliance: audit logging', proof: service.auditTrail },
    { words: 'Network Isolation: Private subnets', proof: network.databaseAndTasksArePrivate },
    { words: 'Network Isolation: security groups', proof: network.groups },
    { words: 'Encryption: KMS-managed keys for all data', proof: whole.encryptedAtRest },
    { words: 'Access Control: IAM roles with least privilege', proof: whole.leastPrivilege },
    { words: 'Secrets Management: AWS Secrets Manager integration', proof: secrets.inSecretsManager },
  ]),

  ...section('Prerequisites', [
    {
      words: 'brew install terraform awscli docker',
      notInfrastructure: 'Programs on the computer of a person. The README lists Node.js instead of Terraform.',
    },
    { words: 'aws configure', notInfrastructure: 'Credentials of a person, on that person\'s computer.' },
    { words: 'aws sts get-caller-identity', notInfrastructure: `${A_MOMENT} carebow.sh fails without credentials.` },
  ]),

  ...section('One-Command Deployment', [
    {
      words: './deploy-backend.sh',
      replaced: `${ONE_SCRIPT} \`./carebow.sh deploy\`. It also updates, scales, migrates and deletes.`,
      of: 'images',
      proof: delivery.pushes,
    },
    { words: 'Build and push Docker image to ECR', of: 'images', proof: delivery.pushes },
    {
      words: 'Deploy AWS infrastructure with Terraform',
      replaced: `${NO_TERRAFORM} \`npx cdk deploy\`, which carebow.sh calls.`,
      proof: whole.everything,
    },
    { words: 'Configure all necessary services', proof: whole.everything },
    { words: 'Generate secure passwords and keys', proof: secrets.generated },
  ]),

  ...section('Step 1: Build and Push Docker Image', [
    { words: 'docker build -t carebow-api .', of: 'images', proof: delivery.builds },
    { words: 'aws ecr get-login-password | docker login', of: 'images', proof: delivery.pushes },
    {
      words: 'docker tag carebow-api:latest',
      replaced: 'The tag `latest` does not identify the code that ran. Tags are immutable, and each build has its own.',
      of: 'images',
      proof: delivery.registry,
    },
    { words: 'docker push', of: 'images', proof: delivery.pushes },
  ]),

  ...section('Step 2: Deploy Infrastructure', [
    {
      words: 'terraform init',
      replaced: `${NO_TERRAFORM} \`npm ci\` and \`npx cdk bootstrap\`.`,
      proof: whole.everything,
    },
    {
      words: 'terraform.tfvars',
      replaced: 'There is no file with values. stacks.ts contains the names, and no secret.',
      proof: secrets.inSecretsManager,
    },
    { words: 'terraform plan', notInfrastructure: 'A command of a person: `npx cdk diff CareBow` in OPERATIONS.md.' },
    { words: 'terraform apply', replaced: `${NO_TERRAFORM} \`npx cdk deploy\`.`, proof: whole.everything },
  ]),

  ...section('Step 3: Configure Secrets', [
    {
      words: 'carebow/openai-api-key',
      replaced: 'The stack creates the secret with a placeholder, so that the service can start. A person enters the '
        + 'value with the same command, and the generated ID. Until then, the log of the API states '
        + 'that it is missing.',
      proof: secrets.openai,
    },
    {
      words: 'carebow/stripe-secret-key',
      replaced: 'The stack creates the secret with a placeholder, as it does for the key of OpenAI.',
      proof: secrets.stripe,
    },
    {
      words: 'carebow/jwt-secret',
      replaced: 'Nobody enters a signing key. Secrets Manager generates a list of keys and rotates it, and a token of '
        + 'the previous key stays valid.',
      proof: secrets.jwtKeys,
    },
  ]),
];

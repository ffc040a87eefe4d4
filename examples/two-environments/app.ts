import { App, Stack, StackProps } from 'aws-cdk-lib';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import {
  ComplianceChecks, DataProtection, EncryptedDatabaseInstance, HipaaVpc, NatStrategy, RulePack,
} from 'cdk-hipaa';

interface RecordsProps extends StackProps {
  readonly production: boolean;
}

class RecordsStack extends Stack {
  constructor(scope: Construct, id: string, props: RecordsProps) {
    super(scope, id, props);
    const { production } = props;
    if (!production) DataProtection.of(this).disposable({ reason: 'development holds synthetic records only' });

    const network = new HipaaVpc(this, 'Network', {
      nat: production ? NatStrategy.onePerAz() : NatStrategy.single({ reason: 'development' }),
    });
    new EncryptedDatabaseInstance(this, 'Database', {
      vpc: network,
      engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_13 }),
    });
  }
}

const app = new App();
ComplianceChecks.of(app).enforce({ additionalPacks: [RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5] });
new RecordsStack(app, 'Production', { production: true, terminationProtection: true });
new RecordsStack(app, 'Development', { production: false });

app.synth();

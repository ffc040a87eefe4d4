import { Construct } from 'constructs';
import { refuse, refuseUse, requireDistinct, Situation } from '../core/refusal';
import { relax, RelaxationOptions } from '../core/relaxation';

/** A guardrail of `ComplianceGuardrails`. */
export enum Guardrail {
  /** A CloudTrail trail of all regions. */
  TRAIL = 'TRAIL',
  /** The AWS Config recorder and its delivery channel. */
  CONFIG = 'CONFIG',
  /** The HIPAA conformance pack of AWS Config. If `CONFIG` is skipped, the pack is also skipped. */
  CONFORMANCE_PACK = 'CONFORMANCE_PACK',
  /** Amazon Inspector v2. */
  INSPECTOR = 'INSPECTOR',
  /** Amazon GuardDuty. */
  GUARD_DUTY = 'GUARD_DUTY',
  /** AWS Security Hub CSPM. */
  SECURITY_HUB = 'SECURITY_HUB',
  /** The external access analyzer of IAM Access Analyzer. */
  ACCESS_ANALYZER = 'ACCESS_ANALYZER',
  /** S3 Block Public Access of the account. */
  S3_PUBLIC_ACCESS = 'S3_PUBLIC_ACCESS',
  /** EBS encryption by default. */
  EBS_ENCRYPTION = 'EBS_ENCRYPTION',
  /** The password policy for IAM users. */
  PASSWORD_POLICY = 'PASSWORD_POLICY',
}

/** Guardrails that the stack leaves out, and the reason. */
export interface SkippedGuardrails extends RelaxationOptions {
  /** The guardrails. An empty list, and a guardrail that is listed twice, are refused. */
  readonly guardrails: Guardrail[];
}

/** Whether a guardrail enables its service, requires that it is enabled, or is left out. */
export type GuardrailMode = 'create' | 'adopt' | 'skip';

/** The ID and the text of the relaxation that a skipped guardrail raises. */
const RELAXATIONS: Record<Guardrail, { readonly id: string; readonly what: string }> = {
  TRAIL: { id: 'trail-skipped', what: 'the stack creates no CloudTrail trail' },
  CONFIG: { id: 'config-skipped', what: 'AWS Config does not record or evaluate resources for this stack' },
  CONFORMANCE_PACK: { id: 'conformance-pack-skipped', what: 'AWS Config does not evaluate the HIPAA conformance pack' },
  INSPECTOR: { id: 'inspector-skipped', what: 'the stack does not enable Amazon Inspector' },
  GUARD_DUTY: { id: 'guard-duty-skipped', what: 'the stack does not enable Amazon GuardDuty' },
  SECURITY_HUB: { id: 'security-hub-skipped', what: 'the stack does not enable AWS Security Hub' },
  ACCESS_ANALYZER: { id: 'access-analyzer-skipped', what: 'the stack does not enable IAM Access Analyzer' },
  S3_PUBLIC_ACCESS: {
    id: 's3-public-access-skipped', what: 'the stack does not block public S3 access for the account',
  },
  EBS_ENCRYPTION: { id: 'ebs-encryption-skipped', what: 'the stack does not encrypt new EBS volumes by default' },
  PASSWORD_POLICY: { id: 'password-policy-skipped', what: 'the stack sets no password policy for IAM users' },
};

/** The props that choose the mode of each guardrail. */
export interface GuardrailChoices {
  readonly adopt?: Guardrail[];
  readonly skip?: SkippedGuardrails[];
}

/** The mode of each guardrail, as `adopt` and `skip` choose it. */
export class GuardrailModes {
  private readonly modes = new Map<Guardrail, GuardrailMode>();

  constructor(private readonly scope: Construct, choices: GuardrailChoices) {
    this.choose('adopt', 'adopt', choices.adopt ?? []);
    for (const [index, { guardrails, reason }] of (choices.skip ?? []).entries()) {
      const prop = `skip[${index}].guardrails`;
      if (guardrails.length === 0) {
        const change = `name one, or remove skip[${index}]`;
        refuse(scope, { prop, given: guardrails, allowed: 'at least one guardrail', change });
      }
      this.choose(prop, 'skip', guardrails);
      for (const guardrail of guardrails) relax(scope, { ...RELAXATIONS[guardrail], reason });
    }
    if (this.of(Guardrail.CONFORMANCE_PACK) === 'adopt') {
      refuse(scope, {
        prop: 'adopt',
        given: new Situation('CONFORMANCE_PACK'),
        allowed: 'guardrails other than CONFORMANCE_PACK, because a conformance pack belongs to one stack',
        change: 'remove it, or skip CONFORMANCE_PACK with a reason',
      });
    }
  }

  /** The mode of a guardrail. The default is `create`. */
  public of(guardrail: Guardrail): GuardrailMode {
    return this.modes.get(guardrail) ?? 'create';
  }

  /** Refuses the props of a guardrail that its mode does not use. */
  public refuseUnused(guardrail: Guardrail, mode: GuardrailMode, props: { readonly [prop: string]: unknown }): void {
    if (this.of(guardrail) !== mode) return;
    const prop = Object.keys(props).find((name) => props[name] !== undefined);
    if (prop === undefined) return;
    const does = { create: 'creates', adopt: 'adopts', skip: 'skips' }[mode];
    refuseUse(this.scope, `${prop} must not be set when the stack ${does} ${guardrail}`,
      mode === 'create' ? `remove it, or add ${guardrail} to adopt` : `remove it, or remove ${guardrail} from ${mode}`);
  }

  private choose(prop: string, mode: GuardrailMode, guardrails: Guardrail[]): void {
    requireDistinct(this.scope, prop, guardrails);
    for (const guardrail of guardrails) {
      if (this.modes.has(guardrail)) {
        refuse(this.scope, {
          prop,
          given: new Situation(`${guardrail} twice`),
          allowed: 'a list of guardrails that no other entry of adopt or skip contains',
          change: `remove one of the two entries of ${guardrail}`,
        });
      }
      this.modes.set(guardrail, mode);
    }
  }
}


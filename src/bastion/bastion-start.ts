import * as ec2 from 'aws-cdk-lib/aws-ec2';

/**
 * The operating system user of sessions.
 *
 * The user cannot become root, because root could stop the agent that logs the session.
 */
export const SESSION_USER = 'bastion';

/** The package that blocks access to the instance metadata. */
const FIREWALL_PACKAGE = 'nftables';
/**
 * The addresses of the instance metadata.
 *
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
 */
const METADATA = { ipv4: '169.254.169.254', ipv6: 'fd00:ec2::254' };
const GUARD = 'bastion-metadata';

/** Options for the first start of an instance. */
export interface BastionStartOptions {
  /** Packages of Amazon Linux. */
  readonly packages: string[];
  /** A marker whose change replaces the instance. */
  readonly rotationMarker?: string;
  /** Commands that run before the packages are installed. */
  readonly atStart?: string[];
  /** Commands that run after the user is added. */
  readonly afterUser?: string[];
}

/**
 * Creates the user data of the instance.
 *
 * The script installs patches and packages, blocks the instance metadata, adds the user and reboots. It adds the user
 * only after it has blocked the metadata for all users except root. Until then, no session can start, because its user
 * does not exist.
 */
export function bastionStart(options: BastionStartOptions): ec2.UserData {
  const { packages, rotationMarker, atStart = [], afterUser = [] } = options;
  const userData = ec2.UserData.forLinux();
  if (rotationMarker !== undefined) userData.addCommands(`# Rotation marker: ${rotationMarker}`);
  userData.addCommands(
    // Input to clients can contain PHI and passwords. The session log contains it, and the disk does not.
    ...file('/etc/profile.d/bastion.sh',
      'export HISTFILE=/dev/null PSQL_HISTORY=/dev/null MYSQL_HISTFILE=/dev/null',
      'export PGSSLMODE=require',
      'umask 077'),
    ...atStart,
    // By default, Amazon Linux 2023 installs the package versions of its own release:
    // https://docs.aws.amazon.com/linux/al2023/ug/deterministic-upgrades-usage.html
    'echo latest > /etc/dnf/vars/releasever',
    // The route to the internet can take a moment to work.
    'for attempt in 1 2 3 4 5; do',
    '  dnf upgrade --assumeyes --refresh '
      + `&& dnf install --assumeyes ${[FIREWALL_PACKAGE, ...packages].join(' ')} && break`,
    '  sleep 30',
    'done',
    ...guardedMetadata(),
    `systemctl enable --now ${GUARD}.service && useradd --create-home --shell /bin/bash ${SESSION_USER}`,
    ...afterUser,
    'shutdown --reboot +1',
  );
  return userData;
}

/**
 * Drops packets to the instance metadata from all users except root.
 *
 * A systemd service loads the rule at each start. SSM Agent requires this service.
 */
function guardedMetadata(): string[] {
  return [
    ...file(`/etc/${GUARD}.nft`,
      `table inet ${GUARD.replace('-', '_')} {`,
      '  chain output {',
      '    type filter hook output priority 0; policy accept;',
      `    meta skuid != 0 ip daddr ${METADATA.ipv4} drop`,
      `    meta skuid != 0 ip6 daddr ${METADATA.ipv6} drop`,
      '  }',
      '}'),
    ...file(`/etc/systemd/system/${GUARD}.service`,
      '[Unit]',
      'Description=Blocks the instance metadata for all users except root',
      'Before=amazon-ssm-agent.service',
      '[Service]',
      'Type=oneshot',
      'RemainAfterExit=yes',
      `ExecStart=/usr/sbin/nft -f /etc/${GUARD}.nft`,
      '[Install]',
      'WantedBy=multi-user.target',
      'RequiredBy=amazon-ssm-agent.service'),
  ];
}

/** The command that writes a file. */
export function file(path: string, ...lines: string[]): string[] {
  return [`cat > ${path} <<'EOF'`, ...lines, 'EOF'];
}

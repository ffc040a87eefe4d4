import * as ec2 from 'aws-cdk-lib/aws-ec2';

/** Who a session is on the machine: a user who may not become root, so that nobody switches the agent off that writes the session down. */
export const SESSION_USER = 'bastion';

/** What closes the way to the credentials, and is installed beside what people work with. */
const FIREWALL_PACKAGE = 'nftables';
/** Where a machine asks for its credentials: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html */
const METADATA = { ipv4: '169.254.169.254', ipv6: 'fd00:ec2::254' };
const GUARD = 'bastion-metadata';

/** What a machine does when it starts for the first time. */
export interface BastionStartOptions {
  /** Packages of Amazon Linux. */
  readonly packages: string[];
  /** What tells this machine from an earlier one. */
  readonly mark?: string;
}

/**
 * Installs patches and packages, keeps the credentials of the machine from everybody but root, makes the user of the sessions, and starts anew with what was patched.
 *
 * The user comes after the guard and not without it: until then nobody can open a session, since the user that it would run as does not exist.
 */
export function bastionStart({ packages, mark }: BastionStartOptions): ec2.UserData {
  const userData = ec2.UserData.forLinux();
  if (mark !== undefined) userData.addCommands(`# Image renewed: ${mark}`);
  userData.addCommands(
    // What is typed into a client may hold PHI and passwords; it stands in the log of the session, and nowhere on the disk.
    ...file('/etc/profile.d/bastion.sh',
      'export HISTFILE=/dev/null PSQL_HISTORY=/dev/null MYSQL_HISTFILE=/dev/null',
      'export PGSSLMODE=require',
      'umask 077'),
    // An image of Amazon Linux 2023 keeps to the packages of its own day unless told otherwise: https://docs.aws.amazon.com/linux/al2023/ug/deterministic-upgrades-usage.html
    'echo latest > /etc/dnf/vars/releasever',
    // The way to the internet may take a moment.
    'for attempt in 1 2 3 4 5; do',
    `  dnf upgrade --assumeyes --refresh && dnf install --assumeyes ${[FIREWALL_PACKAGE, ...packages].join(' ')} && break`,
    '  sleep 30',
    'done',
    ...guardedMetadata(),
    `systemctl enable --now ${GUARD}.service && useradd --create-home --shell /bin/bash ${SESSION_USER}`,
    'shutdown --reboot +1',
  );
  return userData;
}

/** A rule that drops what anybody but root sends to the metadata, and a service that sets it at each start, without which the agent does not start. */
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
      'Description=Keeps the credentials of the machine from everybody but root',
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

function file(path: string, ...lines: string[]): string[] {
  return [`cat > ${path} <<'EOF'`, ...lines, 'EOF'];
}

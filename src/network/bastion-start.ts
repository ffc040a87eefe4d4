import * as ec2 from 'aws-cdk-lib/aws-ec2';

/** Who a session is on the machine: a user who may not become root, so that nobody switches the agent off that writes the session down. */
export const SESSION_USER = 'bastion';

/** What a machine does when it starts for the first time. */
export interface BastionStartOptions {
  /** Packages of Amazon Linux. */
  readonly packages: string[];
  /** What tells this machine from an earlier one. */
  readonly mark?: string;
}

/** Makes the user of the sessions, installs patches and packages, and starts anew with what was patched. */
export function bastionStart({ packages, mark }: BastionStartOptions): ec2.UserData {
  const userData = ec2.UserData.forLinux();
  if (mark !== undefined) userData.addCommands(`# Image renewed: ${mark}`);
  userData.addCommands(
    `useradd --create-home --shell /bin/bash ${SESSION_USER}`,
    // What is typed into a client may hold PHI and passwords; it stands in the log of the session, and nowhere on the disk.
    'cat > /etc/profile.d/bastion.sh <<\'EOF\'',
    'export HISTFILE=/dev/null PSQL_HISTORY=/dev/null MYSQL_HISTFILE=/dev/null',
    'export PGSSLMODE=require',
    'umask 077',
    'EOF',
    // An image of Amazon Linux 2023 keeps to the packages of its own day unless told otherwise: https://docs.aws.amazon.com/linux/al2023/ug/deterministic-upgrades-usage.html
    'echo latest > /etc/dnf/vars/releasever',
    // The way to the internet may take a moment.
    'for attempt in 1 2 3 4 5; do',
    `  dnf upgrade --assumeyes --refresh && dnf install --assumeyes ${packages.join(' ')} && break`,
    '  sleep 30',
    'done',
    'shutdown --reboot +1',
  );
  return userData;
}

import { Duration, Tokenization } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import { file, SESSION_USER } from './bastion-start';

/** `rsyslog` writes the logins to a file, which the agent sends to CloudWatch Logs. */
export const LOGIN_LOG_PACKAGES = ['rsyslog', 'amazon-cloudwatch-agent'];
const LOGINS = '/var/log/secure';
const AGENT_SETTINGS = '/etc/bastion-logins.json';
const AGENT = '/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl';
/** The user to which Amazon Linux adds the key pair. It can become root. */
const IMAGE_USER = 'ec2-user';

/**
 * The commands that restrict SSH to the user of the sessions and end idle sessions.
 *
 * The first value of a setting takes precedence in sshd, so the file comes before those of the image. EC2 Instance
 * Connect would accept other keys than the key pair.
 */
export function restrictedSsh(idleTimeout: Duration): string[] {
  const minutes = Tokenization.stringifyNumber(idleTimeout.toMinutes());
  return [
    ...file('/etc/ssh/sshd_config.d/00-bastion.conf',
      `AllowUsers ${SESSION_USER}`,
      'AuthenticationMethods publickey',
      'PasswordAuthentication no',
      'PermitRootLogin no',
      'AllowAgentForwarding no',
      'X11Forwarding no',
      'GatewayPorts no',
      'ClientAliveInterval 60',
      'ClientAliveCountMax 3',
      'LogLevel VERBOSE'),
    'dnf remove --assumeyes ec2-instance-connect',
    'systemctl restart sshd',
    ...file('/etc/profile.d/bastion-idle.sh', `readonly TMOUT=$((60 * ${minutes}))`, 'export TMOUT'),
    'mkdir --parents /etc/systemd/logind.conf.d',
    ...file('/etc/systemd/logind.conf.d/bastion.conf', '[Login]', `StopIdleSessionSec=${minutes}min`),
  ];
}

/** The commands that give the key pair to the user of the sessions, and send the logins to a log group. */
export function keyPairAndLoginLog(logGroup: logs.ILogGroup): string[] {
  const settings = {
    agent: { run_as_user: 'root' },
    logs: {
      logs_collected: {
        files: {
          collect_list: [{
            file_path: LOGINS,
            log_group_name: logGroup.logGroupName,
            log_stream_name: '{instance_id}',
          }],
        },
      },
    },
  };
  const keys = `/home/${SESSION_USER}/.ssh`;
  const owner = `--owner ${SESSION_USER} --group ${SESSION_USER}`;
  return [
    `install --directory --mode 700 ${owner} ${keys}`,
    `install --mode 600 ${owner} /home/${IMAGE_USER}/.ssh/authorized_keys ${keys}/authorized_keys`,
    ...file(AGENT_SETTINGS, JSON.stringify(settings)),
    'systemctl enable --now rsyslog',
    `${AGENT} -a fetch-config -m ec2 -s -c file:${AGENT_SETTINGS}`,
  ];
}

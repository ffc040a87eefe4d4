import type { ConfigurationRecorderStatus, DeliveryChannelStatus } from '@aws-sdk/client-config-service';

/**
 * The failures of the last attempts of AWS Config to record and to deliver.
 *
 * The cause can be a changed key, bucket or role. AWS Config publishes no metric about it.
 * https://docs.aws.amazon.com/AWSJavaScriptSDK/v3/latest/client/config-service/command/DescribeDeliveryChannelStatusCommand
 */
export function failuresOf(recorder: ConfigurationRecorderStatus, channels: DeliveryChannelStatus[]): string[] {
  return [
    failure(`The recorder '${recorder.name}' of AWS Config cannot record`, recorder),
    ...channels.flatMap(({ name, configHistoryDeliveryInfo, configSnapshotDeliveryInfo, configStreamDeliveryInfo }) => [
      failure(`The delivery channel '${name}' of AWS Config cannot deliver the history`, configHistoryDeliveryInfo),
      failure(`The delivery channel '${name}' of AWS Config cannot deliver a snapshot`, configSnapshotDeliveryInfo),
      failure(`The delivery channel '${name}' of AWS Config cannot deliver changes`, configStreamDeliveryInfo),
    ]),
  ].filter((text) => text !== undefined);
}

function failure(
  what: string, of: { lastStatus?: string; lastErrorCode?: string; lastErrorMessage?: string } = {},
): string | undefined {
  if (of.lastStatus?.toLowerCase() !== 'failure') return undefined;
  return `${what}: ${of.lastErrorCode ?? 'no code'} (${of.lastErrorMessage ?? 'no message'})`;
}

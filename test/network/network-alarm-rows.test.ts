import { HipaaVpc, HipaaVpcProps } from '../../src/network/hipaa-vpc';
import { NetworkAlarms } from '../../src/network/network-alarms';
import { newStack } from '../support/app';
import { above, alarming, alarmRows, below, HOUR, of, quiet, Rows } from '../support/template/alarms';

function rowsOf(props?: HipaaVpcProps): Rows {
  const stack = newStack();
  return alarmRows(stack, new HipaaVpc(stack, 'Network', props));
}

const silent = {
  metrics: {
    compared: 'FILL(records, 0)',
    records: of('AWS/Logs', { LogGroupName: 'NetworkFlowLogGroup' })('IncomingLogEvents', 'Sum', HOUR).compared,
  },
  ...below(1),
  ...alarming,
};

/** The alarms of a NAT gateway, which publishes zeros while it runs and no data without traffic. */
function ofGateway(number: number): Rows {
  const metric = of('AWS/NATGateway', { NatGatewayId: `NetworkPublicSubnet${number}NATGateway.NatGatewayId` });
  return {
    [`NatGateway${number}PortAllocation`]: { metrics: metric('ErrorPortAllocation', 'Sum'), ...above(0), ...quiet },
    [`NatGateway${number}DroppedPackets`]: {
      metrics: {
        compared: '100 * dropped / (sent + received)',
        dropped: metric('PacketsDropCount', 'Sum').compared,
        sent: metric('PacketsInFromSource', 'Sum').compared,
        received: metric('PacketsInFromDestination', 'Sum').compared,
      },
      ...above(0.01, 3),
      ...quiet,
    },
  };
}

test('the essential alarms have these fields', () => {
  expect(rowsOf()).toEqual({ ...ofGateway(1), ...ofGateway(2), FlowLogSilent: silent });
});

describe('the alarms on traffic and on flow logs have these fields', () => {
  const rows = rowsOf({ alarms: NetworkAlarms.complete(), maxAzs: 3 });
  const traffic = of('AWS::StackName/Network', {});

  test.each<[string, object]>([
    ['FlowLogSilent', silent],
    ['FlowLogIncomplete', { metrics: traffic('SkippedRecords', 'Sum', HOUR), ...above(0), ...quiet }],
    ['RejectedFromWithin', { metrics: traffic('RejectedFromWithin', 'Sum', HOUR), ...above(150), ...quiet }],
    ['RemoteAccess', { metrics: traffic('RemoteAccess', 'Sum', HOUR), ...above(0), ...quiet }],
    [
      'DataLeaving',
      {
        metrics: { compared: 'bytes / 1048576', bytes: traffic('BytesLeavingData', 'Sum', HOUR).compared },
        ...above(100),
        ...quiet,
      },
    ],
  ])('%s', (id, row) => {
    expect(rows[id]).toEqual(row);
  });

  test('each input of a gateway expression names one of the three gateways', () => {
    const { compared, ...inputs } = rows.NatPortAllocation.metrics;
    expect(compared).toBe('(FILL(failed1, 0) + FILL(failed2, 0) + FILL(failed3, 0))');
    expect(inputs).toEqual(
      Object.fromEntries(
        [1, 2, 3].map((number) => [
          `failed${number}`,
          of('AWS/NATGateway', { NatGatewayId: `NetworkPublicSubnet${number}NATGateway.NatGatewayId` })(
            'ErrorPortAllocation',
            'Sum',
          ).compared,
        ]),
      ),
    );
  });
});

import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { site, WEB_ACL_ARN } from './some-cdn';
import { WebFirewall } from '../../src/firewall/web-firewall';
import { newStack } from '../support/app';

const firewall = WebFirewall.fromWebAclArn(WEB_ACL_ARN);

describe('the region', () => {
  test.each([['us-east-1', undefined], ['eu-west-1', firewall], [undefined, undefined]])('may be %s', (region, given) => {
    expect(() => site({ firewall: given }, newStack({ env: { region } }))).not.toThrow();
  });

  test('of another region than us-east-1 needs a firewall from there', () => {
    expect(() => site({}, newStack({ env: { region: 'eu-west-1' } }))).toThrow(new Error(
      'Stack/Site: firewall is not given, in a stack of eu-west-1, allowed must be a region of the partition aws, the only one with all of CloudFront, got one of a stack of us-east-1, the only region that has firewalls for CloudFront; '
      + "make new WebFirewall(edge, 'Firewall', { webAclScope: FirewallScope.CLOUDFRONT }) in a stack with env: { region: 'us-east-1' } and pass it, or move the site there."));
  });

  test.each([['us-gov-west-1'], ['us-gov-east-1'], ['cn-north-1'], ['cn-northwest-1'], ['us-iso-east-1'], ['us-isob-east-1'], ['eusc-de-east-1']])('is not %s, which has not all of CloudFront', (region) => {
    expect(() => site({ firewall }, newStack({ env: { region } }))).toThrow(new Error(
      `Stack/Site: StaticSiteCdn is made in a stack of ${region}. Deploy the site from an account of that partition.`));
  });

  test.each([['eu-south-1'], ['ap-east-1'], ['me-central-1'], ['mx-central-1']])('is not %s, where CloudFront writes no logs', (region) => {
    expect(() => site({ firewall }, newStack({ env: { region } }))).toThrow(new Error(
      `Stack/Site: StaticSiteCdn is made in a stack of ${region}, allowed must be the path of a local folder with an index.html, got a region that is enabled by default, since CloudFront writes its logs to no other; `
      + 'move the site to a stack of another region; CloudFront answers from near its visitors all the same.'));
  });
});

describe('the source', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'site-'));
  const file = path.join(folder, 'page.html');
  fs.writeFileSync(file, '');
  afterAll(() => fs.rmSync(folder, { recursive: true }));

  test.each([
    [path.join(folder, 'missing'), 'which does not exist'],
    [file, 'which is no folder'],
    [folder, 'which has no index.html'],
  ])('is not %s', (source, what) => {
    expect(() => site({ source })).toThrow(new Error(
      `Stack/Site: source is '${source}', ${what}. Build the site first, and pass the folder that holds its index.html.`));
  });
});

test('the immutable paths are checked', () => {
  expect(() => site({ immutablePaths: ['/*'] })).toThrow(new Error(
    "[Stack/Site] immutablePaths must be a path that does not take in '/', by which visitors enter, got '/*'. Name the folder, as in '/assets/*'."));
});

import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { site, WEB_ACL_ARN } from './some-cdn';
import { WebFirewall } from '../../src/firewall/web-firewall';
import { newStack } from '../support/app';

const firewall = WebFirewall.fromWebAclArn(WEB_ACL_ARN);

describe('the region of a site', () => {
  test.each([
    ['us-east-1', undefined],
    ['eu-west-1', firewall],
    [undefined, undefined],
  ])('can be %s', (region, given) => {
    expect(() => site({ firewall: given }, newStack({ env: { region } }))).not.toThrow();
  });

  test('requires a firewall in us-east-1 if it is another region', () => {
    expect(() => site({}, newStack({ env: { region: 'eu-west-1' } }))).toThrow(
      new Error(
        '[Stack/Site] firewall must be a firewall from us-east-1, the only region with firewalls for CloudFront, ' +
          'got none, in a stack in eu-west-1. ' +
          "Create new WebFirewall(edge, 'Firewall', { webAclScope: FirewallScope.CLOUDFRONT }) in a stack with env: { "
            + "region: 'us-east-1' } " +
          'and pass it, or move the site to that region.',
      ),
    );
  });

  test.each([
    ['us-gov-west-1'],
    ['us-gov-east-1'],
    ['cn-north-1'],
    ['cn-northwest-1'],
    ['us-iso-east-1'],
    ['us-isob-east-1'],
    ['eusc-de-east-1'],
  ])('cannot be %s, which does not have all features of CloudFront', (region) => {
    expect(() => site({ firewall }, newStack({ env: { region } }))).toThrow(
      new Error(
        '[Stack/Site] a StaticSiteCdn requires the partition aws, the only one with all features of CloudFront, ' +
          `but its stack is in ${region}. Deploy the site from an account in the partition aws.`,
      ),
    );
  });

  test.each([['eu-south-1'], ['ap-east-1'], ['me-central-1'], ['mx-central-1']])(
    'cannot be %s, where CloudFront writes no logs',
    (region) => {
      expect(() => site({ firewall }, newStack({ env: { region } }))).toThrow(
        new Error(
          '[Stack/Site] a StaticSiteCdn requires a region that is enabled by default, ' +
            `because CloudFront does not write logs to ${region}. ` +
            'Move the site to a stack in another region: CloudFront serves it from edge locations near its visitors.',
        ),
      );
    },
  );
});

describe('the source', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'site-'));
  const file = path.join(folder, 'page.html');
  fs.writeFileSync(file, '');
  afterAll(() => fs.rmSync(folder, { recursive: true }));

  test.each([
    [path.join(folder, 'missing'), 'which does not exist'],
    [file, 'which is not a directory'],
    [folder, 'which has no index.html'],
  ])('cannot be %s', (source, what) => {
    expect(() => site({ source })).toThrow(new Error(
      `[Stack/Site] source must be the path of a local directory with an index.html, got '${source}', ${what}. `
      + 'Build the site first, and pass the directory that contains its index.html.'));
  });
});

test('a code that is not the code of a country is refused', () => {
  expect(() => site({ geoRestriction: cloudfront.GeoRestriction.allowlist('US', 'UK') })).toThrow(new Error(
    "[Stack/Site] geoRestriction must be a list of ISO 3166 codes such as 'US' or 'GB', got 'UK'. Correct the code."));
});

test('StaticSiteCdn validates the immutable paths', () => {
  expect(() => site({ immutablePaths: ['/*'] })).toThrow(new Error(
    "[Stack/Site] immutablePaths must be a path that does not match '/', the start page of the site, got '/*'. "
    + "Include the directory, for example '/assets/*'."));
});

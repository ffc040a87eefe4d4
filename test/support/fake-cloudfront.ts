import { Arrived, FakeHttp, Reply } from './fake-http';

/** The invalidations of CloudFront. A repeated caller reference returns the existing invalidation. */
export class FakeCloudFront extends FakeHttp {
  /** The invalidations, as `distribution reference paths`. */
  public readonly invalidations: string[] = [];

  protected nameOf(): string {
    return 'invalidate';
  }

  protected perform(_call: string, { url, body }: Arrived): Reply {
    const [distribution] = url.pathname.split('/').slice(3);
    const text = body.toString();
    const field = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(text)![1];
    const invalidation = `${distribution} ${field('CallerReference')} ${field('Path')}`;
    if (!this.invalidations.includes(invalidation)) this.invalidations.push(invalidation);
    return {
      status: 201,
      body: '<?xml version="1.0"?><Invalidation><Id>I1</Id><Status>InProgress</Status></Invalidation>',
    };
  }

  protected errorBody(code: string): string {
    return `<?xml version="1.0"?><ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>as CloudFront `
      + 'says it</Message></Error></ErrorResponse>';
  }
}

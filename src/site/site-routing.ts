import { markChoice } from '../core/choice';

/**
 * A path with a dot in its last segment, plain or percent-encoded, is a file. A path below
 * /.well-known/ is also a file, because many file names there have no dot.
 * The code uses only the subset of JavaScript that CloudFront Functions supports.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
 */
const NAMES_FILE = [
  'function namesFile(uri) {',
  '  var last = uri.substring(uri.lastIndexOf(\'/\') + 1);',
  '  return /\\.|%2e/i.test(last) || uri.indexOf(\'/.well-known/\') === 0;',
  '}',
];

const SINGLE_PAGE = [
  '// A path that is not a file is a view of the application in index.html.',
  ...NAMES_FILE,
  'function handler(event) {',
  '  var request = event.request;',
  '  if (!namesFile(request.uri)) request.uri = \'/index.html\';',
  '  return request;',
  '}',
];

const MULTI_PAGE = [
  '// A path that is not a file is a directory with an index.html.',
  ...NAMES_FILE,
  'function handler(event) {',
  '  var request = event.request;',
  '  if (!namesFile(request.uri)) request.uri = request.uri.replace(/\\/?$/, \'/index.html\');',
  '  return request;',
  '}',
];

/**
 * How the distribution maps a path to a file. `/` always maps to `/index.html`, and a missing file always returns 404.
 *
 * @example
 * new StaticSiteCdn(this, 'Site', {
 *   source: 'frontend/dist',
 *   routing: SiteRouting.singlePageApp(),
 * });
 */
export abstract class SiteRouting {
  /** Each path is the path of a file, for example `/about.html`. No path is rewritten. */
  public static files(): SiteRouting {
    return new Rewriting(undefined);
  }

  /**
   * For an application with client-side routing: a path without a dot in its last segment, for example `/patients/17`,
   * returns `/index.html`. A path with a dot in its last segment (`/assets/app.js`) is a file, as is every path below
   * `/.well-known/`.
   */
  public static singlePageApp(): SiteRouting {
    return new Rewriting(SINGLE_PAGE);
  }

  /**
   * For pages in directories, as site generators write them: `/docs` and `/docs/` both return `/docs/index.html`. A
   * path with a dot in its last segment is a file, as is every path below `/.well-known/`.
   */
  public static multiPage(): SiteRouting {
    return new Rewriting(MULTI_PAGE);
  }

  /** @internal */
  public readonly _choiceClass: string = markChoice(this, 'SiteRouting');

  /**
   * The code of the function that rewrites paths, or undefined without a function.
   * @internal
   */
  public abstract get _functionCode(): string | undefined;
}

class Rewriting extends SiteRouting {
  constructor(private readonly lines: string[] | undefined) {
    super();
  }

  public get _functionCode(): string | undefined {
    return this.lines?.join('\n');
  }
}

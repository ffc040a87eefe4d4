/**
 * A path is left alone if its last part has a dot, plain or percent-encoded, since that is a file, or if it stands below /.well-known/, whose
 * files often have none. In the subset of JavaScript that CloudFront runs, and runnable as it stands.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
 */
const NAMES_FILE = [
  'function namesFile(uri) {',
  '  var last = uri.substring(uri.lastIndexOf(\'/\') + 1);',
  '  return /\\.|%2e/i.test(last) || uri.indexOf(\'/.well-known/\') === 0;',
  '}',
];

const SINGLE_PAGE = [
  '// A path that names no file is a view of the application, which index.html holds.',
  ...NAMES_FILE,
  'function handler(event) {',
  '  var request = event.request;',
  '  if (!namesFile(request.uri)) request.uri = \'/index.html\';',
  '  return request;',
  '}',
];

const MULTI_PAGE = [
  '// A path that names no file is a folder, which its own index.html stands for.',
  ...NAMES_FILE,
  'function handler(event) {',
  '  var request = event.request;',
  '  if (!namesFile(request.uri)) request.uri = request.uri.replace(/\\/?$/, \'/index.html\');',
  '  return request;',
  '}',
];

/** Which file answers a path. Always: `/` is answered with `/index.html`, and a file that is missing with a real 404. */
export abstract class SiteRouting {
  /** Each path is the path of a file: `/about.html`. Nothing is rewritten. */
  public static files(): SiteRouting {
    return new Rewriting(undefined);
  }

  /**
   * For an application that shows its views by itself: a path whose last part has no dot is answered with `/index.html`, `/patients/17`
   * for instance. A path with a dot in its last part (`/assets/app.js`) is a file, and so is whatever stands below `/.well-known/`.
   */
  public static singlePageApp(): SiteRouting {
    return new Rewriting(SINGLE_PAGE);
  }

  /**
   * For pages in folders, as site generators write them: `/docs` and `/docs/` are both answered with `/docs/index.html`. A path with a dot in
   * its last part is a file, and so is whatever stands below `/.well-known/`.
   */
  public static multiPage(): SiteRouting {
    return new Rewriting(MULTI_PAGE);
  }

  /**
   * The code of the function that rewrites the paths, or undefined if none does.
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

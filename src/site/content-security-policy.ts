import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { refuse, requireText, Situation } from '../core/refusal';
import { relax, RelaxationOptions } from '../core/relaxation';

/** Everything from the site itself and nothing from elsewhere, nothing inline, nobody frames it. What a Vite build needs is in it. */
const STRICT: Record<string, string[]> = {
  'default-src': ["'self'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  // Vite writes images and fonts below 4 KB into the style sheet: https://vite.dev/config/build-options#build-assetsinlinelimit
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
  'object-src': ["'none'"],
  'base-uri': ["'self'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
};
/** Directives that do as default-src does until something is added to them. */
const FALLING_BACK = ['frame-src', 'manifest-src', 'media-src', 'worker-src'];
const UPGRADE = 'upgrade-insecure-requests';

/** An origin over TLS, its host named or with a wildcard for what stands below a domain of two labels, with port and path if wanted. */
const ORIGIN = /^(https|wss):\/\/(\*\.[a-z0-9-]+\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:(?<port>\d{1,5}))?(\/[^\s;,?#]*)?$/i;
const LAST_PORT = 65_535;
const HASH = /^'sha(256|384|512)-[A-Za-z0-9+/_-]+={0,2}'$/;
const KEYWORDS = ["'self'", "'wasm-unsafe-eval'"];
/** Where what a script has put together may be used. Never where it would run. */
const SCHEMES: Record<string, string[]> = { 'data:': ['img-src', 'font-src', 'media-src'], 'blob:': ['img-src', 'media-src', 'worker-src'] };

/** What a page of the site may load, run, call and be framed by, as browsers enforce it. */
export abstract class ContentSecurityPolicy {
  /**
   * The site itself, and the sources that are added: `{ 'connect-src': ['https://api.example.com'] }`. Refused are an unknown directive, and a
   * source that opens the policy: `'unsafe-inline'`, `'unsafe-eval'`, `*`, a whole scheme, anything without TLS.
   * @param additions sources by directive: `https://` or `wss://` and a host, a hash, or `data:` and `blob:` where they run nothing
   */
  public static strict(additions: { [directive: string]: string[] } = {}): ContentSecurityPolicy {
    return new StrictPolicy(additions);
  }

  /**
   * A policy of your own, sent as it is. A relaxation: nothing in it is checked.
   * @param policy the value of the header `content-security-policy`
   */
  public static custom(policy: string, options: RelaxationOptions): ContentSecurityPolicy {
    return new CustomPolicy(policy, options.reason);
  }

  /**
   * The value of the header.
   * @internal
   */
  public abstract _render(site: IConstruct): string;
}

class StrictPolicy extends ContentSecurityPolicy {
  constructor(private readonly additions: { [directive: string]: string[] }) {
    super();
  }

  public _render(site: IConstruct): string {
    const known = [...Object.keys(STRICT), ...FALLING_BACK];
    for (const [directive, sources] of Object.entries(this.additions)) {
      if (!known.includes(directive)) {
        refuse(site, {
          prop: 'contentSecurityPolicy',
          given: new Situation(`with '${directive}'`),
          allowed: `one of ${known.join(', ')}`,
          change: 'correct the directive, or use ContentSecurityPolicy.custom',
        });
      }
      sources.forEach((source) => requireSource(site, directive, source));
    }
    const directives = known.filter((directive) => directive in STRICT || this.additions[directive]?.length);
    return [...directives.map((directive) => `${directive} ${this.sourcesOf(directive).join(' ')}`), UPGRADE].join('; ');
  }

  private sourcesOf(directive: string): string[] {
    const added = this.additions[directive] ?? [];
    const own = STRICT[directive] ?? STRICT['default-src'];
    // 'none' stands alone: beside a source, browsers ignore it.
    return [...new Set([...added.length > 0 ? own.filter((source) => source !== "'none'") : own, ...added])];
  }
}

function requireSource(site: IConstruct, directive: string, source: string): void {
  if (Token.isUnresolved(source) || KEYWORDS.includes(source) || isOrigin(source) || HASH.test(source)) return;
  if (SCHEMES[source]?.includes(directive)) return;
  refuse(site, {
    prop: `contentSecurityPolicy '${directive}'`,
    given: source,
    allowed: "a host over TLS as 'https://api.example.com', a hash as 'sha256-…', or data: and blob: where they run nothing",
    change: 'name the host, move what is inline into a file of the site, or use ContentSecurityPolicy.custom with the reason',
  });
}

function isOrigin(source: string): boolean {
  const origin = ORIGIN.exec(source);
  return origin !== null && Number(origin.groups!.port ?? LAST_PORT) <= LAST_PORT;
}

class CustomPolicy extends ContentSecurityPolicy {
  constructor(private readonly policy: string, private readonly reason: string) {
    super();
  }

  public _render(site: IConstruct): string {
    requireText(site, 'contentSecurityPolicy', this.policy, 'pass a policy, or leave it out for the strict one');
    if (/[\r\n]/.test(this.policy)) {
      refuse(site, { prop: 'contentSecurityPolicy', given: new Situation('a text of several lines'), allowed: 'one line, as headers are', change: 'join the lines' });
    }
    relax(site, { id: 'own-content-security-policy', what: 'what its pages may load and run is decided by a policy that nothing here checks', reason: this.reason });
    return this.policy;
  }
}

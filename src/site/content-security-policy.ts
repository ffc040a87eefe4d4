import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { requirePolicyHeader } from './header-value';
import { checkFactory } from '../core/check-props';
import { markChoice } from '../core/choice';
import { refuse, requireText, Situation } from '../core/refusal';
import { relax, RelaxationOptions } from '../core/relaxation';

/**
 * The site can load from itself only, without inline code, and cannot be framed. A Vite build works with this policy.
 */
const STRICT: Record<string, string[]> = {
  'default-src': ["'self'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  // Vite inlines images and fonts below 4 KB into the style sheet:
  // https://vite.dev/config/build-options#build-assetsinlinelimit
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
  'object-src': ["'none'"],
  'base-uri': ["'self'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
};
/** Directives that equal default-src until a source is added to them. */
const FALLING_BACK = ['frame-src', 'manifest-src', 'media-src', 'worker-src'];
/** A directive: its name, and its values after a space. https://www.w3.org/TR/CSP3/#framework-directives */
const DIRECTIVE = /^[A-Za-z0-9-]+(?:\s|$)/;
const UPGRADE = 'upgrade-insecure-requests';

/** An origin with TLS: a host, or a wildcard below a domain of at least two labels, with an optional port and path. */
const ORIGIN = /^(https|wss):\/\/(\*\.[a-z0-9-]+\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:(?<port>\d{1,5}))?(\/[^\s;,?#]*)?$/i;
const LAST_PORT = 65_535;
const HASH = /^'sha(256|384|512)-[A-Za-z0-9+/_-]+={0,2}'$/;
const KEYWORDS = ["'self'", "'wasm-unsafe-eval'"];
/** The directives that accept data and blob URLs. None of them runs code from the URL in a page. */
const SCHEMES: Record<string, string[]> = {
  'data:': ['img-src', 'font-src', 'media-src'],
  'blob:': ['img-src', 'media-src', 'worker-src'],
};

/**
 * The Content-Security-Policy header: the sources that browsers allow for pages of the site.
 *
 * @example
 * new StaticSiteCdn(this, 'Site', {
 *   source: 'frontend/dist',
 *   contentSecurityPolicy: ContentSecurityPolicy.custom(
 *     "default-src 'self'; object-src 'none'; style-src 'self' 'unsafe-inline'",
 *     { reason: 'the component library adds inline styles' },
 *   ),
 * });
 */
export abstract class ContentSecurityPolicy {
  /**
   * Allows the site itself and additional sources: `{ 'connect-src': ['https://api.example.com'] }`.
   *
   * Unknown directives are refused. Sources that weaken the policy are refused too: `'unsafe-inline'`, `'unsafe-eval'`,
   * `*`, a whole scheme, and sources without TLS.
   * @param additions sources by directive: `https://` or `wss://` and a host, a hash, or `data:` and `blob:` for media
   */
  public static strict(additions: { [directive: string]: string[] } = {}): ContentSecurityPolicy {
    checkFactory('ContentSecurityPolicy.strict', { additions });
    return new StrictPolicy(additions);
  }

  /**
   * Sends your own policy unchanged. A relaxation: the library checks only its form.
   *
   * A policy is refused if a part is no directive, if it has several lines or other than printable ASCII characters, or
   * if it has more than 1,783 characters.
   * @param policy the value of the header `content-security-policy`
   */
  public static custom(policy: string, options: RelaxationOptions): ContentSecurityPolicy {
    checkFactory('ContentSecurityPolicy.custom', { policy, options });
    // Without types, the options may be absent; the relaxation then refuses the missing reason.
    return new CustomPolicy(policy, options?.reason);
  }

  /** @internal */
  public readonly _choiceClass: string = markChoice(this, 'ContentSecurityPolicy');

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
          prop: 'a directive of contentSecurityPolicy',
          given: directive,
          allowed: `one of ${known.join(', ')}`,
          change: 'correct the directive, or use ContentSecurityPolicy.custom',
        });
      }
      sources.forEach((source) => requireSource(site, directive, source));
    }
    const directives = known.filter((directive) => directive in STRICT || this.additions[directive]?.length);
    const parts = [...directives.map((directive) => `${directive} ${this.sourcesOf(directive).join(' ')}`), UPGRADE];
    const policy = parts.join('; ');
    requirePolicyHeader(site, policy);
    return policy;
  }

  private sourcesOf(directive: string): string[] {
    const added = this.additions[directive] ?? [];
    const own = STRICT[directive] ?? STRICT['default-src'];
    // Browsers ignore 'none' beside a source.
    return [...new Set([...added.length > 0 ? own.filter((source) => source !== "'none'") : own, ...added])];
  }
}

function requireSource(site: IConstruct, directive: string, source: string): void {
  if (Token.isUnresolved(source) || KEYWORDS.includes(source) || isOrigin(source) || HASH.test(source)) return;
  if (Object.hasOwn(SCHEMES, source) && SCHEMES[source].includes(directive)) return;
  refuse(site, {
    prop: `contentSecurityPolicy '${directive}'`,
    given: source,
    allowed: "a host with TLS such as 'https://api.example.com', a hash such as 'sha256-…', or data: and blob: for "
      + 'media',
    change: 'write the host, move inline code to a file of the site, or use ContentSecurityPolicy.custom with a reason',
  });
}

function isOrigin(source: string): boolean {
  const origin = ORIGIN.exec(source);
  return origin !== null && Number(origin.groups!.port ?? LAST_PORT) <= LAST_PORT;
}

/** Refuses a policy with a part that does not start with the name of a directive. */
function requireDirectives(site: IConstruct, policy: string): void {
  if (Token.isUnresolved(policy)) return;
  const other = policy.split(';').map((each) => each.trim()).find((each) => each !== '' && !DIRECTIVE.test(each));
  if (other === undefined) return;
  refuse(site, {
    prop: 'contentSecurityPolicy',
    given: other,
    allowed: 'directives with semicolons between them, each of them a name and its values',
    change: "write, for example, default-src 'self'; object-src 'none'",
  });
}

class CustomPolicy extends ContentSecurityPolicy {
  constructor(private readonly policy: string, private readonly reason: string) {
    super();
  }

  public _render(site: IConstruct): string {
    requireText(site, 'contentSecurityPolicy', this.policy, 'pass a policy, or leave contentSecurityPolicy out for '
      + 'the strict one');
    if (/[\r\n]/.test(this.policy)) {
      const given = new Situation('several lines');
      refuse(site, {
        prop: 'contentSecurityPolicy',
        given,
        allowed: 'a header value on one line',
        change: 'join the lines',
      });
    }
    requirePolicyHeader(site, this.policy);
    requireDirectives(site, this.policy);
    const what = 'the library checks only the form of the Content-Security-Policy header of the site';
    relax(site, { id: 'own-content-security-policy', what, reason: this.reason });
    return this.policy;
  }
}

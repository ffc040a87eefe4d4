/** The response headers of a file of a site. */
export interface ObjectHeaders {
  readonly contentType: string;
  readonly cacheControl: string;
}

/**
 * For files whose name changes with their content: one year without revalidation, the maximum that HTTP caches accept.
 */
const IMMUTABLE = 'public, max-age=31536000, immutable';
/** For all other files: cached, and revalidated before each use. */
const REVALIDATED = 'public, max-age=0, must-revalidate';

/**
 * The type of unknown files. Browsers do not guess (`X-Content-Type-Options: nosniff`): they save the file and do not
 * run it.
 */
const UNKNOWN = 'application/octet-stream';

/**
 * Media types by file extension, in the order of the IANA registry. Text types state UTF-8; JSON is always UTF-8, and
 * XML and SVG files declare their encoding.
 * https://www.iana.org/assignments/media-types/media-types.xhtml
 */
const CONTENT_TYPES = new Map(Object.entries({
  atom: 'application/atom+xml',
  geojson: 'application/geo+json',
  gz: 'application/gzip',
  json: 'application/json',
  map: 'application/json',
  jsonld: 'application/ld+json',
  webmanifest: 'application/manifest+json',
  doc: 'application/msword',
  pdf: 'application/pdf',
  rss: 'application/rss+xml',
  xls: 'application/vnd.ms-excel',
  eot: 'application/vnd.ms-fontobject',
  ppt: 'application/vnd.ms-powerpoint',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  wasm: 'application/wasm',
  xhtml: 'application/xhtml+xml',
  xml: 'application/xml',
  xsl: 'application/xml',
  yaml: 'application/yaml',
  yml: 'application/yaml',
  zip: 'application/zip',
  aac: 'audio/aac',
  flac: 'audio/flac',
  m4a: 'audio/mp4',
  mp3: 'audio/mpeg',
  oga: 'audio/ogg',
  ogg: 'audio/ogg',
  opus: 'audio/ogg',
  wav: 'audio/wav',
  weba: 'audio/webm',
  otf: 'font/otf',
  ttf: 'font/ttf',
  woff: 'font/woff',
  woff2: 'font/woff2',
  apng: 'image/apng',
  avif: 'image/avif',
  bmp: 'image/bmp',
  gif: 'image/gif',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  jxl: 'image/jxl',
  png: 'image/png',
  svg: 'image/svg+xml',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  webp: 'image/webp',
  cur: 'image/x-icon',
  ico: 'image/x-icon',
  glb: 'model/gltf-binary',
  gltf: 'model/gltf+json',
  ics: 'text/calendar; charset=utf-8',
  css: 'text/css; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  htm: 'text/html; charset=utf-8',
  html: 'text/html; charset=utf-8',
  cjs: 'text/javascript; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  vcf: 'text/vcard; charset=utf-8',
  vtt: 'text/vtt; charset=utf-8',
  m4v: 'video/mp4',
  mp4: 'video/mp4',
  ogv: 'video/ogg',
  mov: 'video/quicktime',
  webm: 'video/webm',
}));

/** Media types of well-known files without an extension, by file name. */
const CONTENT_TYPES_BY_NAME = new Map(Object.entries({
  // https://developer.apple.com/documentation/xcode/supporting-associated-domains
  'apple-app-site-association': 'application/json',
  // https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationResponse
  'openid-configuration': 'application/json',
}));

/**
 * A page, which browsers open by a name that never changes. It references other files, so it is uploaded after them.
 */
const PAGE = /\.x?html?$/i;
/**
 * `sw.js`, `service-worker.js`, `ngsw-worker.js`, `firebase-messaging-sw.js`: an outdated one serves outdated pages.
 */
const SERVICE_WORKER = /(^|[-_.])(sw|ngsw-worker|service-?worker)\.[cm]?js$/i;
/** Data and manifests, which code reads by a fixed name. */
const DATA = /\.(json|webmanifest)$/i;

/**
 * The headers of a file by its path, for example `/assets/index-4f2a.js`.
 *
 * A file that matches a pattern is immutable, except pages, service workers, JSON files and web manifests: these keep
 * their name when their content changes, and a browser that cached one for a year would not notice.
 */
export function headersOf(path: string, immutablePaths: string[]): ObjectHeaders {
  const name = nameOf(path);
  const mayChange = isEntryPoint(path) || DATA.test(name);
  const immutable = !mayChange && immutablePaths.some((pattern) => matches(path, pattern));
  return { contentType: contentTypeOf(name), cacheControl: immutable ? IMMUTABLE : REVALIDATED };
}

/** Whether a file is an entry point for browsers: a page or a service worker. */
export function isEntryPoint(path: string): boolean {
  return PAGE.test(path) || SERVICE_WORKER.test(nameOf(path));
}

function contentTypeOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return (dot < 0 ? CONTENT_TYPES_BY_NAME.get(name) : CONTENT_TYPES.get(name.slice(dot + 1).toLowerCase())) ?? UNKNOWN;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * Matches a path as CloudFront does: `*` is any number of characters, `?` is one character, case matters, and the first
 * slash is optional.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
 */
function matches(path: string, pattern: string): boolean {
  const expression = withSlash(pattern).replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*+/g, '.*').replace(/\?/g, '.');
  return new RegExp(`^${expression}$`, 's').test(withSlash(path));
}

function withSlash(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}

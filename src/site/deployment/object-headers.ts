/** What a file of a site is served with. */
export interface ObjectHeaders {
  readonly contentType: string;
  readonly cacheControl: string;
}

/** For files whose name changes with their content: a year, the longest that HTTP caches honour, and no question in between. */
const IMMUTABLE = 'public, max-age=31536000, immutable';
/** For everything else: kept, and asked for again before each use. */
const REVALIDATED = 'public, max-age=0, must-revalidate';

/** Browsers must not guess (`X-Content-Type-Options: nosniff`): what is unknown is only ever saved, never run. */
const UNKNOWN = 'application/octet-stream';

/**
 * By the end of the name, in the order of IANA's tree. Texts that name no encoding themselves are UTF-8; JSON always is, and XML and SVG say it within.
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

/** Well-known files without an ending, by their whole name. */
const CONTENT_TYPES_BY_NAME = new Map(Object.entries({
  // https://developer.apple.com/documentation/xcode/supporting-associated-domains
  'apple-app-site-association': 'application/json',
  // https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationResponse
  'openid-configuration': 'application/json',
}));

/** What a browser begins with, under a name that never changes. It names the other files, so it comes after them. */
const PAGE = /\.x?html?$/i;
/** `sw.js`, `service-worker.js`, `ngsw-worker.js`, `firebase-messaging-sw.js`: an outdated one would hold its pages back for as long as it is cached. */
const SERVICE_WORKER = /(^|[-_.])(sw|ngsw-worker|service-?worker)\.[cm]?js$/i;
/** Data and manifests: read under a name that code knows beforehand. */
const DATA = /\.(json|webmanifest)$/i;

/**
 * The headers of a file by its path, such as `/assets/index-4f2a.js`.
 *
 * A file below one of the patterns is immutable, unless it is a page, a service worker, JSON or a web manifest: these keep
 * their name when their content changes, and a browser that cached one for a year could not be told.
 */
export function headersOf(path: string, immutablePaths: string[]): ObjectHeaders {
  const name = nameOf(path);
  const mayChange = isEntryPoint(path) || DATA.test(name);
  const immutable = !mayChange && immutablePaths.some((pattern) => matches(path, pattern));
  return { contentType: contentTypeOf(name), cacheControl: immutable ? IMMUTABLE : REVALIDATED };
}

/** Whether a file is where a browser begins: a page or a service worker. */
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
 * As CloudFront matches a path pattern: `*` is any number of characters, `?` exactly one, upper and lower case differ, and the first slash may be left out.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
 */
function matches(path: string, pattern: string): boolean {
  const expression = withSlash(pattern).replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*+/g, '.*').replace(/\?/g, '.');
  return new RegExp(`^${expression}$`, 's').test(withSlash(path));
}

function withSlash(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}

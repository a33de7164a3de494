/**
 * The headers that every answer of a kind carries, whatever route made it: an answer without them is a bug, so they are
 * added where the answer is sent and nowhere else. Four frozen objects, made once.
 */
export function hardeningHeaders(kind: AnswerKind, overTls: boolean): Headers {
  return overTls ? HEADERS_TLS[kind] : HEADERS[kind]
}

/** `api` is read by programs, `page` by browsers. */
export type AnswerKind = 'api' | 'page'
type Headers = Readonly<Record<string, string>>

/** Where browsers tell what this policy has kept a page from doing. */
export const REPORTS_PATH = '/policy-reports'

/** A page is its own document with its own scripts: nothing inline, nothing foreign, in no frame, no text made code. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
  // Two ways to say it, since browsers know either one or the other.
  `report-uri ${REPORTS_PATH}`,
  'report-to reports',
].join('; ')

/** Data is no document: were a browser to open it as one, it could load and run nothing. */
const API_POLICY = "default-src 'none'; frame-ancestors 'none'"

/** What a browser can lend a page; a business platform needs none of it, so nobody who gets in can either. */
const LENT = ['accelerometer', 'browsing-topics', 'camera', 'display-capture', 'geolocation', 'gyroscope']
const LENT_TOO = ['hid', 'magnetometer', 'microphone', 'midi', 'payment', 'serial', 'usb', 'xr-spatial-tracking']
const PERMISSIONS = [...LENT, ...LENT_TOO].map((name) => `${name}=()`).join(', ')

/** Kept by nobody: what an answer says is for who asked, and may have ceased to be true by the next time. */
const COMMON = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': PERMISSIONS,
}

/**
 * A page tells its own forms where they come from: without a referrer the browser sends `Origin: null`, and origins
 * could not be checked.
 */
const HEADERS: Record<AnswerKind, Headers> = {
  api: Object.freeze({
    'content-security-policy': API_POLICY,
    'referrer-policy': 'no-referrer',
    ...COMMON,
  }),
  page: Object.freeze({
    'content-security-policy': PAGE_POLICY,
    'reporting-endpoints': `reports="${REPORTS_PATH}"`,
    'referrer-policy': 'same-origin',
    ...COMMON,
  }),
}

/** Two years, twice what browsers ask for their list; over plain HTTP the header means nothing. */
const STRICT_TRANSPORT = { 'strict-transport-security': 'max-age=63072000; includeSubDomains' }

const HEADERS_TLS: Record<AnswerKind, Headers> = {
  api: Object.freeze({ ...HEADERS.api, ...STRICT_TRANSPORT }),
  page: Object.freeze({ ...HEADERS.page, ...STRICT_TRANSPORT }),
}

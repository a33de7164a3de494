import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { log } from '../../base/log.ts'
import { addressGroup } from '../../transport/address.ts'
import { REPORTS_PATH } from '../../transport/headers.ts'
import { addressOf, spend } from './door.ts'
import type { Door } from './door.ts'

/**
 * Where browsers tell what our policy has kept a page from doing: somebody's attempt, or a mistake of ours, and either
 * way the operator's log is the first to know (ASVS 3.4.7). Anybody can write here, so little is read, less is kept,
 * and it is paid for from a budget of its own: a page that is being attacked can still be opened.
 */
export function addReports(app: FastifyInstance, door: Door): void {
  app.post(REPORTS_PATH, { bodyLimit: MOST_bytes }, (request, reply) => {
    spend(door, 'public', `${addressGroup(addressOf(door, request))} reports`, reply)
    for (const said of violationsIn(request.body).slice(0, MOST_AT_ONCE)) log('blocked by content policy', told(said))
    return reply.code(204).send()
  })
}

/** Both forms in which browsers send them: one by one, or some together. */
export const isReport = (contentType: string | undefined) =>
  /^application\/(?:csp-report|reports\+json)(?:\s*;\s*charset=utf-8)?$/i.test(contentType ?? '')

const MOST_bytes = 16_384
const MOST_AT_ONCE = 10
/** As much of an address or a name as is needed to find it. */
const MOST_KEPT_chars = 200

const text = z.string().optional().catch(undefined)
const number = z.number().optional().catch(undefined)
const Single = z.object({
  'csp-report': z.object({
    'document-uri': text,
    'effective-directive': text,
    'violated-directive': text,
    'blocked-uri': text,
    'source-file': text,
    'line-number': number,
  }),
})
const Several = z.array(
  z.object({
    type: z.string(),
    body: z.looseObject({
      documentURL: text,
      effectiveDirective: text,
      blockedURL: text,
      sourceFile: text,
      lineNumber: number,
    }),
  }),
)

type Violation = Partial<Record<'page' | 'directive' | 'blocked' | 'source', string | undefined>> & {
  line?: number | undefined
}

function violationsIn(body: unknown): Violation[] {
  const single = Single.safeParse(body).data?.['csp-report']
  if (single)
    return [
      {
        page: single['document-uri'],
        directive: single['effective-directive'] ?? single['violated-directive'],
        blocked: single['blocked-uri'],
        source: single['source-file'],
        line: single['line-number'],
      },
    ]
  return (Several.safeParse(body).data ?? [])
    .filter(({ type }) => type === 'csp-violation')
    .map(({ body: { documentURL, effectiveDirective, blockedURL, sourceFile, lineNumber } }) => ({
      page: documentURL,
      directive: effectiveDirective,
      blocked: blockedURL,
      source: sourceFile,
      line: lineNumber,
    }))
}

/** Without what stands behind `?` and `#`: a link that lets somebody in is nothing for a log. */
const told = ({ line, ...texts }: Violation) => ({
  ...Object.fromEntries(
    Object.entries(texts).map(([name, value]) => [name, value?.replace(/[?#].*$/s, '').slice(0, MOST_KEPT_chars)]),
  ),
  line,
})

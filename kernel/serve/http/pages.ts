import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { securityDocument } from '../../trust/document.ts'
import type { SecurityDocument } from '../../trust/document.ts'
import type { Store } from '../../trust/evidence.ts'
import { pageCss, pageHtml, pageJson } from '../../trust/html.ts'
import { isTls, spendAsStranger } from './door.ts'
import type { Door } from './door.ts'
import { LOCALES, localeOf } from './locale.ts'
import type { Locale } from './locale.ts'
import { openapi } from './openapi.ts'
import { explanationHtml, homeHtml } from './plain.ts'

/**
 * The doors that are no operations: the security page and its twin, health, the API's description, a word to
 * crawlers, and what a problem means.
 */
export type Standing = { store: Store; source: string | undefined; isReady: () => Promise<boolean> }

export function addPages(app: FastifyInstance, door: Door, standing: Standing): void {
  const description = JSON.stringify(openapi(door.parts.edition, door.parts.catalogue, door.words))
  const document = () => securityDocumentNow(door, standing)

  page(app, door, '/', async (locale, request) => homeHtml(door.parts.edition, locale, originOf(request)))
  page(app, door, '/security', async (locale) => pageHtml(await document(), locale))
  page(app, door, '/problems/:code', async (locale, request) =>
    explanationHtml((request.params as { code: string }).code, door.words[locale], locale),
  )
  text(app, door, '/security.json', 'application/json; charset=utf-8', async () => pageJson(await document()))
  text(app, door, '/security.css', 'text/css; charset=utf-8', async () => pageCss.text)
  text(app, door, '/robots.txt', 'text/plain; charset=utf-8', async () => ROBOTS)
  text(app, door, '/openapi.json', 'application/json; charset=utf-8', async () => description)
  app.get('/livez', (_request, reply) => reply.send('alive'))
  app.get('/readyz', async (_request, reply) =>
    (await standing.isReady()) ? reply.send('ready') : reply.code(503).header('retry-after', '1').send('not ready'),
  )
}

/** What a search engine may show is what was written for strangers; nothing else is named, so this is no map either. */
const ROBOTS = 'User-agent: *\nAllow: /security\nDisallow: /\n'

async function securityDocumentNow({ parts }: Door, { store, source }: Standing): Promise<SecurityDocument> {
  const latest = await store.latest()
  return securityDocument({ edition: parts.edition, latest, attestations: new Map(), now: new Date(), source })
}

/**
 * A page for people: in their language, with the policy of pages, counted like any other public request. Whom `admit`
 * turns away has not been counted, so that they can take the address for one that is not there.
 */
export function page(
  app: FastifyInstance,
  door: Door,
  url: string,
  render: (locale: Locale, request: FastifyRequest) => Promise<string | undefined>,
  admit: (request: FastifyRequest) => void = () => undefined,
) {
  app.get(url, async (request, reply) => {
    admit(request)
    spendAsStranger(door, request)
    const asked = (request.query as { lang?: string }).lang
    const locale = LOCALES.find((one) => one === asked) ?? localeOf(request.headers['accept-language'])
    const html = await render(locale, request)
    if (html === undefined) return reply.callNotFound()
    return asPage(door, request, reply).header('content-language', locale).header('vary', 'accept-language').send(html)
  })
}

export function text(app: FastifyInstance, door: Door, url: string, type: string, render: () => Promise<string>) {
  app.get(url, async (request, reply) => {
    spendAsStranger(door, request)
    return reply.header('content-type', type).send(await render())
  })
}

const asPage = (door: Door, request: FastifyRequest, reply: FastifyReply) =>
  reply.headers(door.headers('page', isTls(request))).header('content-type', 'text/html; charset=utf-8')

/** As the visitor called us; the name was checked when the request came in. */
const originOf = (request: FastifyRequest) =>
  `${isTls(request) ? 'https' : 'http'}://${request.headers.host ?? 'localhost'}`

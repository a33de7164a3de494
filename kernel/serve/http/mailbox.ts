import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isLoopback } from '../../base/config.ts'
import { inside, log } from '../../base/log.ts'
import { html } from '../../base/markup.ts'
import type { Markup, Piece } from '../../base/markup.ts'
import { Refusal } from '../../contract/refusal.ts'
import { keptIn, openLetter } from '../../mail/kept.ts'
import type { Kept } from '../../mail/kept.ts'
import type { Composed } from '../../mail/templates.ts'
import { readAddress } from '../../transport/address.ts'
import { moment } from '../../trust/moments.ts'
import type { Parts } from '../parts.ts'
import type { Door } from './door.ts'
import type { Locale } from './locale.ts'
import { page } from './pages.ts'
import { shell } from './plain.ts'

/**
 * Letters that nobody sends, for whoever tries the product on a machine of their own. They hold links that let people
 * in, so the page is there for that machine alone; anybody else is answered as at an address that does not exist.
 */
export function addMailbox(app: FastifyInstance, door: Door): void {
  const insist = (request: FastifyRequest) => {
    if (door.proxies.size > 0 || !isHere(door.parts.publicUrl, request)) throw new Refusal(404, 'not-found')
  }
  page(app, door, '/mail', async (locale) => listHtml(door.parts, await all(door.parts), locale), insist)
  const one = async (locale: Locale, { params }: FastifyRequest) => {
    const letter = (await all(door.parts)).find(({ id }) => id === (params as { id: string }).id)
    return letter && letterHtml(door.parts, letter, locale)
  }
  page(app, door, '/mail/:id', one, insist)
}

/** Who stands in front of us says so, calls us by a name that is known elsewhere, or speaks as no browser does. */
const PASSED_ON =
  /^(?:forwarded|via|x-forwarded(?:-.+)?|x-(?:real|client|cluster-client|original)-.+|true-client-ip|cf-.+)$/

function isHere(publicUrl: string | undefined, { raw, headers }: FastifyRequest): boolean {
  const address = readAddress(raw.socket.remoteAddress ?? '') ?? ''
  const names = [publicUrl, `http://${headers.host ?? ''}`].map((url) => URL.parse(url ?? '')?.hostname ?? '')
  return (
    /^(?:127\.|0:0:0:0:0:0:0:1$)/.test(address) &&
    names.every(isLoopback) &&
    raw.httpVersion !== '1.0' &&
    !Object.keys(headers).some((name) => PASSED_ON.test(name))
  )
}

/** As many as one page can show. */
const MOST_SHOWN = 100

async function all({ deployment: { realms, names } }: Parts): Promise<Kept[]> {
  const found = await Promise.all(realms.inUse().map((realm) => keptIn(realms.open(realm), names)))
  return found
    .flat()
    .toSorted((one, other) => Date.parse(other.created_at) - Date.parse(one.created_at))
    .slice(0, MOST_SHOWN)
}

function listHtml(parts: Parts, letters: readonly Kept[], locale: Locale): string {
  const says = words[locale]
  const line = (letter: Kept) =>
    html`<li>
      <a href="/mail/${letter.id}?lang=${locale}"><bdi>${opened(parts, letter)?.subject ?? says.unreadable}</bdi></a>
      ${envelope(letter, locale)}
    </li>`
  return shell(
    locale,
    says.title,
    html`<p>${says.why}</p>
      ${
        letters.length === 0
          ? html`<p>${says.none}</p>`
          : html`<ul class="letters">
              ${letters.map(line)}
            </ul>`
      }`,
  )
}

function letterHtml(parts: Parts, letter: Kept, locale: Locale): string {
  const says = words[locale]
  const content = opened(parts, letter)
  const dir = letter.locale === 'ar' ? 'rtl' : 'ltr'
  const body = content
    ? html`<pre class="letter" lang="${letter.locale}" dir="${dir}">${withLinks(content.text, parts.publicUrl!)}</pre>
        <h2>${says.source}</h2>
        <pre dir="ltr" tabindex="0"><code>${content.html}</code></pre>`
    : undefined
  return shell(
    locale,
    content?.subject ?? says.unreadable,
    html`${envelope(letter, locale)} ${body}
      <p><a href="/mail?lang=${locale}">${says.back}</a></p>`,
  )
}

const envelope = ({ recipient, created_at }: Kept, locale: Locale): Markup =>
  html`<p><bdi dir="ltr">${recipient}</bdi></p>
    <p>${moment(locale, created_at)}</p>`

/** What was altered, or sealed under a key that is gone, is listed all the same. */
function opened({ vault, edition: { title }, publicUrl }: Parts, letter: Kept): Composed | undefined {
  try {
    return openLetter(letter, { vault, title, origin: publicUrl! })
  } catch (error) {
    log('letter unreadable', { letter: letter.id, ...inside(error) })
    return undefined
  }
}

/** Our own links stand on lines of their own. */
const withLinks = (text: string, origin: string): readonly Piece[] =>
  text
    .split('\n')
    .flatMap((line) => [line.startsWith(`${origin}/`) ? html`<a href="${line}" dir="ltr">${line}</a>` : line, '\n'])

const words = {
  en: {
    title: 'Letters',
    why: 'No mail server is configured, so letters are kept here for seven days, for this machine only.',
    none: 'There are none.',
    unreadable: 'A letter that cannot be opened',
    source: 'The same as HTML',
    back: 'All letters',
  },
  ar: {
    title: 'الرسائل',
    why: 'لم يُضبط خادم بريد، لذلك تُحفظ الرسائل هنا سبعة أيام، ولا يراها إلا هذا الجهاز.',
    none: 'لا توجد رسائل.',
    unreadable: 'رسالة لا يمكن فتحها',
    source: 'الرسالة نفسها بصيغة HTML',
    back: 'كل الرسائل',
  },
}

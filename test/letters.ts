import { keptIn, openLetter } from '../kernel/mail/kept.ts'
import { ticketHash } from '../kernel/identity/ticket.ts'
import type { World } from '../kernel/testing.ts'
import { sql } from './people.ts'

/** What lies in the mailbox of an address, newest first; opened as the postman would write it. */
export type Letter = { template: string; locale: string; subject: string; text: string; html: string; ticket: string }

export async function lettersTo(here: World, address: string): Promise<Letter[]> {
  const { deployment, vault, edition, publicUrl } = here.served.parts
  const { realms, names } = deployment
  const kept = (await Promise.all(realms.inUse().map((realm) => keptIn(realms.open(realm), names)))).flat()
  return kept
    .filter(({ recipient }) => recipient === address)
    .toSorted((one, other) => Date.parse(other.created_at) - Date.parse(one.created_at))
    .map((letter) => {
      const opened = openLetter(letter, { vault, title: edition.title, origin: publicUrl! })
      const ticket = /\/enter#[a-z-]+=(vst_[\w-]{65})$/m.exec(opened.text)?.[1] ?? ''
      return { ...opened, ticket, template: letter.template, locale: letter.locale }
    })
}

/** The secret in the last letter to that address. */
export async function ticketFor(here: World, address: string, template: string): Promise<string> {
  const found = (await lettersTo(here, address)).find((letter) => letter.template === template)
  if (!found?.ticket) throw new Error(`no ${template} for ${address}`)
  return found.ticket
}

/** As if the time of a mailed link had passed. */
export const expire = (here: World, table: 'ticket' | 'invitation', token: string) =>
  sql(here)(`update identity.${table} set expires_at = now() - interval '1 second' where hash = $1`, [
    ticketHash(token),
  ])

/** Many at once; answers what each was told. */
export const race = <Told>(once: (index: number) => Promise<Told>, runners = 64): Promise<Told[]> =>
  Promise.all(Array.from({ length: runners }, (_, index) => once(index)))

/** What scanners of mail, previews of chat programs and careful browsers do with a link before anybody has seen it. */
export async function scan(here: World, path: string): Promise<void> {
  const { port } = here.served.listening
  const kinds = [
    { method: 'GET' },
    { method: 'HEAD' },
    { method: 'OPTIONS' },
    { method: 'GET', headers: { 'sec-purpose': 'prefetch;prerender', purpose: 'prefetch' } },
    { method: 'GET', headers: { 'user-agent': 'Mozilla/5.0 (compatible; LinkPreview/1.0)' } },
  ]
  for (const asking of kinds) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, asking)
    await answer.arrayBuffer()
    if (answer.headers.has('set-cookie')) throw new Error(`${asking.method} ${path} set a cookie`)
  }
}

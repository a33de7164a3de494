import type { Live, Told } from '../../contract/control.ts'

/** Reads the page as a stranger does, in its three drawings, and names what in it stands on nothing or differs. */
export async function findUnbound(live: Live): Promise<string[]> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const before = await read(live, '/security.json')
    const [english, arabic] = [await read(live, '/security?lang=en'), await read(live, '/security?lang=ar')]
    const after = await read(live, '/security.json')
    const page = JSON.parse(before.text) as Page
    if (shown(page) !== shown(JSON.parse(after.text) as Page)) continue
    if (sentences(page).length === 0) throw new Error('The page has no sentence')
    return [...faults(page), ...differing(page, english.text, 'en'), ...differing(page, arabic.text, 'ar')]
  }
  throw new Error('The page changed each time it was read')
}

/** A state may change between two answers: what is compared was the same before and after. */
const TRIES = 5

type Said = {
  id?: string
  state?: string
  why?: { code?: string } | null
  attestation?: { name?: string } | null
  controls?: { state?: string; validUntil?: string }[]
}
type Page = { generatedAt?: string; counts?: Record<string, number>; sections?: { sentences?: Said[] }[] }

const STATES = ['proven', 'attested', 'failing', 'unknown', 'not claimed']

async function read(live: Live, path: string): Promise<Told> {
  const told = await live.http(path)
  if (told.status !== 200) throw new Error(`${path} answered ${told.status}`)
  return told
}

const sentences = (page: Page) => (page.sections ?? []).flatMap((section) => section.sentences ?? [])
const shown = (page: Page) =>
  sentences(page)
    .map(({ id, state }) => `${id}=${state}`)
    .join('\n')

function faults(page: Page): string[] {
  const all = sentences(page)
  const ids = all.map(({ id }) => id)
  return [
    ...ids.filter((id, index) => id === undefined || id === '' || ids.indexOf(id) !== index).map((id) => `id ${id}`),
    ...all.filter(({ state }) => !STATES.includes(state ?? '')).map(({ id }) => `${id} has no state`),
    ...all.filter((sentence) => !isBound(sentence)).map(({ id }) => `${id} has nothing behind it`),
    ...all.filter((sentence) => isOverdrawn(sentence, page.generatedAt ?? '')).map(({ id }) => `${id} is overdrawn`),
    ...STATES.filter((state) => page.counts?.[state] !== all.filter((each) => each.state === state).length),
  ]
}

const isBound = ({ controls = [], attestation, why }: Said) =>
  controls.length > 0 || typeof attestation?.name === 'string' || why?.code === 'planned' || why?.code === 'not claimed'

/** Reckoned again from the times that the page itself shows: nothing is true on lapsed or red evidence. */
const isOverdrawn = ({ state, controls = [], attestation }: Said, now: string) =>
  (state === 'proven' || state === 'attested') &&
  (controls.some((each) => each.state !== 'holding' || !(Date.parse(each.validUntil ?? '') >= Date.parse(now))) ||
    (state === 'proven' ? controls.length === 0 : typeof attestation?.name !== 'string'))

function differing(page: Page, html: string, language: string): string[] {
  const drawn = [...html.matchAll(/data-claim="([^"]+)" data-state="([^"]+)"/g)].map(
    ([, id, state]) => `${id}=${state?.replace('-', ' ')}`,
  )
  return drawn.join('\n') === shown(page) ? [] : [`the page in ${language} shows other ids or states`]
}

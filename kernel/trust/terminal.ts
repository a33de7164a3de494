import type { ControlRecord, SecurityDocument, SentenceRecord } from './document.ts'
import { momentText } from './moments.ts'
import { STATES } from './states.ts'
import type { State } from './states.ts'
import { plain } from './words.ts'
import type { Locale } from './words.ts'

/**
 * The security page for a terminal: the same sentences in the same order, a sign and a word for each state, the reason
 * under everything that does not hold, and the counts at the end, where a terminal stops scrolling.
 */
export function pageText(
  document: SecurityDocument,
  { colour = false, width = 100, locale = 'en' }: Look = {},
): string {
  const paint = colour ? painted : (_: Tone, text: string) => text
  const drawn = document.sections.flatMap((section) => [
    '',
    paint('strong', section.title[locale]),
    ...section.sentences.flatMap((sentence) =>
      sentenceLines(sentence, { locale, paint, width: Math.max(width, LEAST) }),
    ),
  ])
  return [
    paint('strong', `${document.title[locale]} · ${momentText(locale, document.generatedAt)}`),
    ...drawn,
    '',
    countLine(document, locale, paint),
    '',
  ].join('\n')
}

export type Look = { colour?: boolean; width?: number; locale?: Locale }

/** Colours are for people at a terminal who have not asked for none. */
export const inColour = (stream: { isTTY?: boolean }, environment: NodeJS.ProcessEnv): boolean =>
  (environment['NO_COLOR'] ?? '') === '' && ((environment['FORCE_COLOR'] ?? '') !== '' || stream.isTTY === true)

/** One line that a terminal overwrites while probes run; nothing where there is no terminal to overwrite it. */
export function progress(stream: { isTTY?: boolean; columns?: number; write: (text: string) => unknown }) {
  if (stream.isTTY !== true) return { step: () => undefined, end: () => undefined }
  return {
    step: (done: number, all: number, name: string) => {
      const filled = Math.round((done / all) * BAR)
      const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`
      stream.write(`\r\x1b[2K${`${bar} ${done}/${all} ${name}`.slice(0, (stream.columns ?? LEAST) - 1)}`)
    },
    end: () => stream.write('\r\x1b[2K'),
  }
}

const BAR = 24

/** Narrower than this, a sentence beside its state would be a column of single words. */
const LEAST = 60

type Tone = 'green' | 'blue' | 'red' | 'yellow' | 'grey' | 'strong'
type Paint = (tone: Tone, text: string) => string
type Pen = { locale: Locale; paint: Paint; width: number }

const CODES: Readonly<Record<Tone, number>> = { green: 32, blue: 34, red: 31, yellow: 33, grey: 90, strong: 1 }
const painted: Paint = (tone, text) => `\x1b[${CODES[tone]}m${text}\x1b[0m`

const SIGNS: Readonly<Record<State, readonly [string, Tone]>> = {
  proven: ['✔', 'green'],
  attested: ['✎', 'blue'],
  failing: ['✘', 'red'],
  unknown: ['?', 'yellow'],
  'not claimed': ['–', 'grey'],
}

function sentenceLines(sentence: SentenceRecord, pen: Pen): string[] {
  const { id, state, text } = sentence
  const [sign, tone] = SIGNS[state]
  const word = plain(pen.locale, `state.${state}`)
  const margin = Math.max(...STATES.map((each) => breadth(plain(pen.locale, `state.${each}`)))) + 6
  const indent = ' '.repeat(margin)
  const [first = '', ...rest] = wrapped(`${clean(text[pen.locale])} (${clean(id)})`, pen.width - margin)
  const below = [...reasons(sentence, pen.locale)].flatMap((line) => wrapped(line, pen.width - margin))
  return [
    `  ${pen.paint(tone, `${sign} ${word}`)}${' '.repeat(margin - breadth(word) - 4)}${first}`,
    ...rest.map((line) => indent + line),
    ...below.map((line) => indent + pen.paint('grey', line)),
  ]
}

/** Only what does not hold needs an explanation here; the rest has its evidence on the page and in `--json`. */
function* reasons({ state, why, controls, attestation }: SentenceRecord, locale: Locale): Generator<string, void> {
  if (why === null || why.code === 'not claimed') return
  if (why.code === 'planned') return yield plain(locale, 'absent.room', { room: plain(locale, `room.${why.room}`) })
  yield plain(locale, `why.${why.code}`)
  if (state === 'unknown' && attestation !== null) yield `→ ${clean(attestation.name)}`
  for (const control of controls) if (control.state !== 'holding') yield controlLine(control, locale)
}

const controlLine = ({ name, state, saw }: ControlRecord, locale: Locale) =>
  clean(`→ ${name}: ${plain(locale, `control.${state}`)}${saw === null || saw === '' ? '' : `; ${saw}`}`)

function countLine({ counts }: SecurityDocument, locale: Locale, paint: Paint): string {
  return STATES.map((state) => {
    const [sign, tone] = SIGNS[state]
    return paint(tone, `${sign} ${counts[state]} ${plain(locale, `state.${state}`)}`)
  }).join('  ')
}

/** Columns on the screen: the vowel signs of Arabic stand over their letters and take none. */
const breadth = (text: string) => text.replace(/\p{M}/gu, '').length

function wrapped(text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line === '') lines[lines.length - 1] = word
    else if (breadth(line) + 1 + breadth(word) <= width) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines
}

/** What a page says must not move the cursor or colour the rest of the screen. */
const clean = (text: string) => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')

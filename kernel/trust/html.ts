import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { anchor, badge, claim } from './claim.ts'
import type { SectionRecord, SecurityDocument, SentenceRecord } from './document.ts'
import { html, textOf } from '../base/markup.ts'
import type { Markup } from '../base/markup.ts'
import { icon, mark, marks, slug } from './marks.ts'
import { day, distance, moment } from './moments.ts'
import { STATES } from './states.ts'
import type { State } from './states.ts'
import { phrase, plain } from './words.ts'
import type { Locale } from './words.ts'

/**
 * The security page as complete HTML. It needs no script, so it works with scripts off, through a proxy, on paper and
 * under a policy that allows none; all that it shows is in the document it is given.
 */
export function pageHtml(document: SecurityDocument, locale: Locale, address?: string): string {
  const description = verdict(document, locale)
  return textOf(
    html`<!doctype html>
      <html lang="${locale}" dir="${locale === 'ar' ? 'rtl' : 'ltr'}">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="description" content="${description}" />
          <title>${plain(locale, 'title')} · ${document.title[locale]}</title>
          <link rel="stylesheet" href="${pageCss.path}" />
          <link rel="icon" href="${icon(worst(document.counts))}" />
          <link rel="alternate" type="application/json" href="/security.json" />
          <link rel="alternate" hreflang="${other(locale)}" href="/security?lang=${other(locale)}" />
        </head>
        <body>
          ${marks()}
          <a class="skip" href="#claims">${phrase(locale, 'skip')}</a>
          ${masthead(document, locale)}
          <div class="columns">
            ${contents(document, locale)}
            <main id="claims" tabindex="-1">
              ${document.sections.map((section, index) => sectionHtml(section, index, document, locale))}
              ${absent(document, locale)}
            </main>
          </div>
          ${foot(document, locale, address)}
        </body>
      </html>`,
  )
}

export const pageJson = (document: SecurityDocument): string => `${JSON.stringify(document, null, 2)}\n`

/** The page's only other file. Its address changes with its content, so it may be cached for good. */
export const pageCss = stylesheet('style.css', 'layout.css', 'masthead.css', 'claims.css', 'paper.css')

function stylesheet(...files: string[]) {
  const text = files.map((file) => readFileSync(new URL(file, import.meta.url), 'utf8')).join('\n')
  return { text, path: `/security.css?${createHash('sha256').update(text).digest('hex').slice(0, 12)}` }
}

const other = (locale: Locale): Locale => (locale === 'ar' ? 'en' : 'ar')

const worst = (counts: SecurityDocument['counts']): State =>
  counts.failing > 0 ? 'failing' : counts.unknown > 0 ? 'unknown' : 'proven'

/** The page in one sentence: whether anything is failing, then how much of what is said holds. */
function verdict({ counts }: SecurityDocument, locale: Locale): string {
  const hold = counts.proven + counts.attested
  const made = hold + counts.failing + counts.unknown
  if (counts.failing > 0) return plain(locale, 'verdict.failing', { count: counts.failing })
  if (made === 0) return plain(locale, 'verdict.none')
  return plain(locale, hold === made ? 'verdict.all' : 'verdict.holding', { hold, made })
}

/** The first screen: is it true now, since when, and who says so. */
function masthead(document: SecurityDocument, locale: Locale): Markup {
  const { generatedAt, updatedAt, effective } = document
  const controls = new Set(sentences(document).flatMap((sentence) => sentence.controls.map(({ name }) => name)))
  const since = { day: day(locale, effective), ...(updatedAt === null ? {} : changed(updatedAt, generatedAt, locale)) }
  return html`<header class="masthead">
    <div class="bar">
      <p class="product">${document.title[locale]}</p>
      <a class="language" href="?lang=${other(locale)}" lang="${other(locale)}" hreflang="${other(locale)}"
        >${phrase(locale, 'other language')}</a
      >
    </div>
    <h1>
      <span class="kind">${phrase(locale, 'title')}</span>
      <span class="verdict">${mark(worst(document.counts))} ${verdict(document, locale)}</span>
    </h1>
    ${proportions(document.counts)} ${tally(document.counts, locale)}
    <dl class="answers">
      <div>
        <dt>${phrase(locale, 'now.question')}</dt>
        <dd>${phrase(locale, 'now.answer', { time: moment(locale, generatedAt) })}</dd>
      </div>
      <div>
        <dt>${phrase(locale, 'since.question')}</dt>
        <dd>${phrase(locale, updatedAt === null ? 'since.never' : 'since.answer', since)}</dd>
      </div>
      <div>
        <dt>${phrase(locale, 'who.question')}</dt>
        <dd>${phrase(locale, 'who.answer', { count: controls.size })}</dd>
      </div>
    </dl>
  </header>`
}

const changed = (updatedAt: string, generatedAt: string, locale: Locale) => ({
  time: moment(locale, updatedAt),
  relative: distance(locale, updatedAt, generatedAt),
})

const sentences = ({ sections }: SecurityDocument) => sections.flatMap((section) => section.sentences)

/** The counts as one line of a length each; the words beside it carry the meaning. */
function proportions(counts: SecurityDocument['counts']): Markup {
  const all = STATES.reduce((sum, state) => sum + counts[state], 0)
  let x = 0
  const parts = STATES.filter((state) => counts[state] > 0).map((state) => {
    const width = (counts[state] / all) * 1000
    x += width
    return html`<rect
      class="${slug(state)}"
      x="${(x - width).toFixed(1)}"
      width="${Math.max(width - 3, 2).toFixed(1)}"
      height="10"
    />`
  })
  return html`<svg class="proportions" viewBox="0 0 997 10" preserveAspectRatio="none" aria-hidden="true">
    ${parts}
  </svg>`
}

/** Counts by state that also choose, by radio buttons and style alone, which claims are shown. */
function tally(counts: SecurityDocument['counts'], locale: Locale): Markup {
  const all = STATES.reduce((sum, state) => sum + counts[state], 0)
  return html`<fieldset class="tally">
    <legend>${phrase(locale, 'filter')}</legend>
    ${STATES.map(
      (state) =>
        html`<div class="choice ${slug(state)}">
          <input
            type="radio"
            name="show"
            id="show-${slug(state)}"
            ${counts[state] === 0 ? html`disabled` : undefined}
          />
          <label for="show-${slug(state)}">
            <span class="count">${counts[state]}</span> ${badge(state, locale)}
            <span class="meaning">${phrase(locale, `meaning.${state}`)}</span>
          </label>
        </div>`,
    )}
    <div class="choice all">
      <input type="radio" name="show" id="show-all" checked />
      <label for="show-all">
        <span class="count">${all}</span> <span class="state"><span>${phrase(locale, 'filter.all')}</span></span>
        <span class="meaning">${phrase(locale, 'filter.all.meaning')}</span>
      </label>
    </div>
  </fieldset>`
}

const contents = (document: SecurityDocument, locale: Locale): Markup =>
  html`<nav class="contents" aria-labelledby="contents">
    <details>
      <summary><h2 id="contents">${phrase(locale, 'contents')}</h2></summary>
      <ol>
        ${document.sections.map((section, index) => {
          const state = worstOf(section)
          return html`<li>
            <a href="#section-${index + 1}" data-state="${slug(state)}"
              >${mark(state)}<span class="unseen">${phrase(locale, `state.${state}`)}: </span
              >${section.title[locale]}</a
            >
          </li>`
        })}
        <li class="own"><a href="#not-claimed">${phrase(locale, 'absent.title')}</a></li>
      </ol>
    </details>
  </nav>`

const SEVERITY: readonly State[] = ['failing', 'unknown', 'attested', 'proven']

/** What a section's line in the contents shows: its worst claim; that something is not claimed makes nothing worse. */
const worstOf = (section: SectionRecord): State =>
  SEVERITY.find((state) => section.sentences.some((sentence) => sentence.state === state)) ?? 'not claimed'

const sectionHtml = (section: SectionRecord, index: number, document: SecurityDocument, locale: Locale): Markup =>
  html`<section class="section" aria-labelledby="section-${index + 1}">
    <h2 id="section-${index + 1}">${section.title[locale]}</h2>
    <ul class="claims">
      ${section.sentences.map((sentence) => claim(sentence, document, locale))}
    </ul>
  </section>`

function absent(document: SecurityDocument, locale: Locale): Markup {
  const listed = sentences(document).filter(({ id }) => document.notClaimed.includes(id))
  const count = listed.length
  return html`<section class="section absent" aria-labelledby="not-claimed">
    <h2 id="not-claimed">${phrase(locale, 'absent.title')}</h2>
    <p class="lead">${count === 0 ? phrase(locale, 'absent.none') : phrase(locale, 'absent.lead', { count })}</p>
    <ul>
      ${listed.map((sentence) => absentLine(sentence, locale))}
    </ul>
  </section>`
}

const absentLine = ({ id, text, why }: SentenceRecord, locale: Locale): Markup =>
  html`<li>
    ${mark('not claimed')}
    <p>
      <a href="#${anchor(id)}">${text[locale]}</a>
      ${
        why?.code === 'planned'
          ? html`<span class="apart"
              >${phrase(locale, 'absent.room', { room: phrase(locale, `room.${why.room}`) })}</span
            >`
          : undefined
      }
    </p>
  </li>`

const foot = (document: SecurityDocument, locale: Locale, address = '/security'): Markup =>
  html`<footer class="foot">
    <p>${phrase(locale, 'made', { title: document.title[locale], time: moment(locale, document.generatedAt) })}</p>
    <p class="address">${phrase(locale, 'address', { address })}</p>
    <p class="machine">${phrase(locale, 'machine', { link: html`<a href="/security.json">security.json</a>` })}</p>
  </footer>`

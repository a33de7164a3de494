import type { AttestationRecord, ControlRecord, SecurityDocument, SentenceRecord } from './document.ts'
import { html } from '../base/markup.ts'
import type { Markup, Piece } from '../base/markup.ts'
import { mark, slug } from './marks.ts'
import { distance, moment } from './moments.ts'
import type { State } from './states.ts'
import { phrase } from './words.ts'
import type { Locale, Word } from './words.ts'

/** One sentence as a line that says its state, and opens to what was tried, when, by whom and in which files. */
export function claim(sentence: SentenceRecord, document: SecurityDocument, locale: Locale): Markup {
  const { id, state, text } = sentence
  return html`<li class="claim" data-claim="${id}" data-state="${slug(state)}">
    <details>
      <summary>
        ${badge(state, locale)}
        <span class="text">${text[locale]}</span>
        <bdi class="id">${id}</bdi>
      </summary>
      <div class="evidence" id="${anchor(id)}">
        ${reason(sentence, locale)}
        ${sentence.attestation === null ? undefined : signature(sentence.attestation, locale)}
        ${worstFirst(sentence.controls).map((control) => tried(control, document, locale))}
        <p class="permalink"><a href="#${anchor(id)}">${phrase(locale, 'permalink')}</a></p>
      </div>
    </details>
  </li>`
}

/** The target lies inside the details, so that following the link opens it. */
export const anchor = (id: string) => `claim-${id}`

export const badge = (state: State, locale: Locale): Markup =>
  html`<span class="state ${slug(state)}">${mark(state)}<span>${phrase(locale, `state.${state}`)}</span></span>`

function reason({ state, since, why }: SentenceRecord, locale: Locale): Markup {
  const room = why?.code === 'planned' ? phrase(locale, `room.${why.room}`) : undefined
  return html`<p class="reason">
    ${phrase(locale, why === null ? `meaning.${state}` : `why.${why.code}`, { room })}
    ${since === null ? undefined : phrase(locale, `since.${state}`, { time: moment(locale, since) })}
  </p>`
}

function signature({ name, by, signedAt, expiresAt }: AttestationRecord, locale: Locale): Markup {
  return html`<section class="behind">
    <h3>${phrase(locale, 'signature')} <bdi class="name">${name}</bdi></h3>
    <dl>
      ${field('field.by', by === null ? undefined : html`<bdi>${by}</bdi>`, locale)}
      ${field('field.signed', signedAt === null ? undefined : moment(locale, signedAt), locale)}
      ${field('field.expires', expiresAt === null ? undefined : moment(locale, expiresAt), locale)}
    </dl>
  </section>`
}

const STATE_OF: Readonly<Record<ControlRecord['state'], State>> = {
  holding: 'proven',
  broken: 'failing',
  unknown: 'unknown',
}

/** What went wrong is why most people open a sentence. */
const worstFirst = (controls: readonly ControlRecord[]) =>
  controls.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state))

const ORDER: readonly ControlRecord['state'][] = ['broken', 'unknown', 'holding']

function tried(control: ControlRecord, { generatedAt, source }: SecurityDocument, locale: Locale): Markup {
  const { name, state, checkedAt, nextAt, validUntil, every, saw, enforcedBy } = control
  const at = (iso: string | null) =>
    iso === null
      ? undefined
      : html`${moment(locale, iso)} <span class="apart">${distance(locale, iso, generatedAt)}</span>`
  return html`<section class="behind">
    <h3>
      <span class="verdict ${slug(STATE_OF[state])}"
        >${mark(STATE_OF[state])} ${phrase(locale, `control.${state}`)}</span
      >
      <bdi class="name">${name}</bdi>
    </h3>
    <p class="guarantee">${english(control.claim)}</p>
    <dl>
      ${field('field.saw', saw === null || saw === '' ? undefined : english(saw), locale)}
      ${field('field.checked', at(checkedAt), locale)} ${field('field.next', at(nextAt), locale)}
      ${field('field.valid', at(validUntil), locale)} ${field('field.every', phrase(locale, `every.${every}`), locale)}
      ${field('field.enforced', files(enforcedBy, source), locale)}
    </dl>
  </section>`
}

const field = (label: Word, value: Piece, locale: Locale): Markup =>
  html`<div>
    <dt>${phrase(locale, label)}</dt>
    <dd>${value ?? html`<span class="apart">${phrase(locale, 'not yet')}</span>`}</dd>
  </div>`

/** Controls speak English; a screen reader and the line breaking are told so. */
const english = (text: string): Markup => html`<bdi lang="en" dir="ltr">${text}</bdi>`

const files = (paths: readonly string[], source: string | null): Markup =>
  html`<ul class="files">
    ${paths.map((path) => {
      const shown = html`<bdi class="name" dir="ltr">${path}</bdi>`
      return html`<li>${source === null ? shown : html`<a href="${source}${path}">${shown}</a>`}</li>`
    })}
  </ul>`

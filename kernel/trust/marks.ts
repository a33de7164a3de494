import type { State } from './states.ts'
import { html, textOf } from '../base/markup.ts'
import type { Markup } from '../base/markup.ts'

/**
 * One shape for each state, told apart by outline alone: disc, square, octagon, diamond, ring. Drawn once in the page
 * and referred to, since a nonce or an image file would be one more thing to allow.
 */
export const mark = (state: State): Markup =>
  html`<svg class="mark ${slug(state)}" aria-hidden="true" focusable="false"><use href="#mark-${slug(state)}" /></svg>`

export const marks = (): Markup =>
  html`<svg class="marks" width="0" height="0" aria-hidden="true" focusable="false">
    ${Object.entries(SHAPES).map(
      ([state, shape]) => html`<symbol id="mark-${slug(state as State)}" viewBox="0 0 20 20">${shape}</symbol>`,
    )}
  </svg>`

/** A state as it may stand in a class, an id or a file name. */
export const slug = (state: State) => state.replace(' ', '-')

/** The page's own picture in the browser's tab says the worst state before the page is opened. */
export const icon = (state: State): string => {
  const tone = ICON_TONES[state] ?? '#6b7068'
  const drawing = textOf(SHAPES[state]).replaceAll('currentColor', tone).replaceAll('class="cut"', 'stroke="#fff"')
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20">${drawing}</svg>`
  return `data:image/svg+xml,${encodeURIComponent(picture)}`
}

const ICON_TONES: Partial<Record<State, string>> = { proven: '#0b6b4a', failing: '#b3261e', unknown: '#8a5a00' }

const SHAPES: Readonly<Record<State, Markup>> = {
  proven: html`<circle cx="10" cy="10" r="9" fill="currentColor" />
    <path class="cut" d="M5.9 10.4 8.8 13.2 14.2 7.2" fill="none" stroke-width="2" stroke-linecap="round" />`,
  attested: html`<rect x="1.8" y="1.8" width="16.4" height="16.4" rx="3.4" fill="currentColor" />
    <path
      class="cut"
      d="M4.6 13.4C7 8.6 9.2 5.4 9.8 6.6S8 12 9 12.4s1.7-2.8 2.6-2.6-.2 2.6 3.9 1.4"
      fill="none"
      stroke-width="1.6"
      stroke-linecap="round"
    />`,
  failing: html`<path d="M6.2 1h7.6L19 6.2v7.6L13.8 19H6.2L1 13.8V6.2z" fill="currentColor" />
    <path class="cut" d="m6.8 6.8 6.4 6.4m0-6.4-6.4 6.4" fill="none" stroke-width="2.2" stroke-linecap="round" />`,
  unknown: html`<path d="M10 1.2 18.8 10 10 18.8 1.2 10z" fill="none" stroke="currentColor" stroke-width="1.7" />
    <path
      d="M7.9 8.2c0-2.9 4.4-2.7 4.2-.1-.1 1.5-2.1 1.5-2.1 3.2m0 2.4v.1"
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
    />`,
  'not claimed': html`<circle cx="10" cy="10" r="8" fill="none" stroke="currentColor" stroke-width="1.5" />
    <path d="M4.6 15.4 15.4 4.6" fill="none" stroke="currentColor" stroke-width="1.5" />`,
}

/**
 * What this page is about, and which workspace this tab is in: an id, which stands in the address so that a bookmark
 * leads back to it. What opens something comes behind the `#`, which browsers send to nobody; it is read and taken out
 * of the address at once, so that neither the history nor whoever looks over a shoulder has it.
 */
const LAST = 'vouchsafe-workspace'

let subject = ''
let workspace = inAddress()

export function takeSubject() {
  subject = location.hash.slice(1)
  history.replaceState(null, '', addressOf({}))
  const [kind = '', ticket = ''] = subject.split('=')
  return { kind, ticket }
}

export function inAddress() {
  return idIn(new URLSearchParams(location.search).get('workspace'))
}

export const lastOne = () => idIn(localStorage.getItem(LAST))

function idIn(text) {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.exec(text ?? '')?.[0]
}

/** The one that requests are made in. */
export const here = () => workspace

export function suppose(one) {
  workspace = one
}

export function settleIn(one) {
  subject = ''
  workspace = one
  history.replaceState(null, '', addressOf({ workspace: one }))
  localStorage.setItem(LAST, one)
}

/** Everything begins anew, so that nothing of what was on the screen stays in memory; the reason is told. */
export function leave(why) {
  history.replaceState(null, '', `#${why}`)
  location.reload()
  return new Promise(() => undefined)
}

/** This page, with something in its address changed. */
export function addressOf(changes, hash = '') {
  const url = new URL(location.href)
  for (const [name, value] of Object.entries(changes)) url.searchParams.set(name, value)
  url.hash = hash
  return url.href
}

/** The same page in the other language is about the same thing. */
const other = document.querySelector('a[hreflang]')
other.addEventListener('click', (event) => {
  event.preventDefault()
  location.assign(addressOf({ lang: other.hreflang }, subject))
})

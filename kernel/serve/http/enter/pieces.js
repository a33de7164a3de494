/**
 * The pieces of which every view is made. Elements are made, never written as HTML: what somebody called a workspace
 * can be no markup. All text is in the locales, in the language that the page came in.
 */
const stage = document.querySelector('#enter')
const news = document.querySelector('#news')
const words = JSON.parse(document.querySelector('#words').content.textContent)
const product = document.title

export const locale = document.documentElement.lang
export const headerName = stage.dataset.header

/** What is filled in keeps its own direction and does not turn its neighbours round. */
export function word(key, values = {}) {
  if (!Object.hasOwn(words, key)) throw new Error(`there is no word for ${key}`)
  return words[key].replace(/\{(\w+)\}/g, (_, name) => `\u2068${values[name]}\u2069`)
}

/** Attributes that begin with `on` are listeners; what is undefined or false is left out. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value)
    else if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : String(value))
  }
  made.append(...children.filter((child) => child !== undefined))
  return made
}

/** Another view in place of the last one. Whoever reads by ear or by keyboard goes on at its heading. */
export function show(title, ...content) {
  const isFirst = !stage.querySelector('h2')
  const heading = element('h2', { tabindex: '-1' }, title)
  stage.replaceChildren(heading, ...content.filter((piece) => piece !== undefined))
  document.title = `${title} · ${product}`
  if (!isFirst) heading.focus()
}

/** Said to those who cannot see what changed, and shown to the others. */
export function say(text) {
  news.textContent = text
}

/** A button that is no form's; what goes wrong is told below it. */
export function button(text, work, { isQuiet = true } = {}) {
  const trouble = element('span', { class: 'trouble', role: 'alert' })
  const onclick = async () => {
    trouble.replaceChildren()
    await busily(press, work, (problem) => trouble.append(`${problem.title}. `, problem.detail))
  }
  const press = element('button', { type: 'button', class: isQuiet ? 'quiet' : undefined, onclick }, text)
  return element('span', { class: 'action' }, press, trouble)
}

/** One press at a time. The button stays where it is and keeps the focus, so that nobody is thrown to the top. */
export async function busily(press, work, tell) {
  if (press.getAttribute('aria-busy') === 'true') return
  say('')
  press.setAttribute('aria-busy', 'true')
  press.setAttribute('aria-disabled', 'true')
  try {
    await work()
  } catch (error) {
    tell(asProblem(error))
  } finally {
    press.removeAttribute('aria-busy')
    press.removeAttribute('aria-disabled')
  }
}

/** What a person is told; the code is what the script looks at. */
export class Problem extends Error {
  constructor({ code, title, detail, errors = [] }) {
    super(code)
    Object.assign(this, { code, title, detail, errors })
  }
}

export const ownProblem = (code) => new Problem({ code, title: word(`${code}.title`), detail: word(`${code}.detail`) })

export function asProblem(error) {
  if (error instanceof Problem) return error
  console.error(error)
  return ownProblem('broken')
}

export const paragraph = (key, values) => element('p', {}, word(key, values))

/** A part of a long view, under a heading of its own. */
export const section = (title, ...content) => element('section', {}, element('h3', {}, title), ...content)

/** Days by the Gregorian calendar and digits as on every invoice, in both languages. */
const moments = new Intl.DateTimeFormat(locale === 'ar' ? 'ar-u-ca-gregory-nu-latn' : 'en-GB', {
  dateStyle: 'long',
  timeStyle: 'short',
})
export const moment = (text) => moments.format(new Date(text))

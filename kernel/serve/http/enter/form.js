import { busily, element, locale, word } from './pieces.js'

/**
 * Fields with their labels, and a form that tells what is wrong beside the field that it is about. Nothing keeps people
 * from pasting, and what a password manager needs to know is said.
 */
let fields = 0

export function field({ name, label, type = 'text', hint, value = '', isOptional = false, ...attributes }) {
  const id = `${name}-${++fields}`
  const wrong = element('span', { class: 'wrong', id: `${id}-wrong` })
  const said = hint && element('span', { class: 'hint', id: `${id}-hint` }, hint)
  const describedBy = [said && `${id}-hint`, `${id}-wrong`].filter(Boolean).join(' ')
  const described = { 'aria-describedby': describedBy, 'aria-required': !isOptional && 'true' }
  const complain = (text) => {
    wrong.textContent = text
    if (text) input.setAttribute('aria-invalid', 'true')
    else input.removeAttribute('aria-invalid')
  }
  const oninput = () => complain('')
  const input = element('input', { id, name, type, value, oninput, ...described, ...DEFAULTS[type], ...attributes })
  const row = element('span', { class: 'row' }, input, type === 'password' ? revealer(input, label) : undefined)
  return {
    name,
    input,
    isOptional,
    element: element('p', { class: 'field' }, element('label', { for: id }, label), said, row, wrong),
    value: () => (type === 'password' ? input.value : input.value.trim()),
    complain,
  }
}

const PLAIN = { spellcheck: 'false', autocapitalize: 'none' }
const DEFAULTS = {
  email: { ...PLAIN, dir: 'ltr', autocomplete: 'username', maxlength: 254 },
  password: { ...PLAIN, dir: 'auto', autocomplete: 'current-password' },
}

export const email = (more = {}) => field({ name: 'email', label: word('email'), type: 'email', ...more })

export const password = (more = {}) => field({ name: 'password', label: word('password'), type: 'password', ...more })

export const newPassword = (more = {}) =>
  password({ label: word('password.new'), hint: word('password.hint'), autocomplete: 'new-password', ...more })

export const code = (more = {}) =>
  field({ name: 'code', label: word('code'), dir: 'ltr', autocomplete: 'one-time-code', ...PLAIN, ...more })

export function choice({ name, label, options, value }) {
  const id = `${name}-${++fields}`
  const listed = options.map(([key, text]) => element('option', { value: key, selected: key === value }, text))
  const input = element('select', { id, name }, ...listed)
  const whole = element('p', { class: 'field' }, element('label', { for: id }, label), input)
  return { name, input, isOptional: true, element: whole, value: () => input.value, complain: () => undefined }
}

/** The language is that of letters; who reads this page in it will want those in it too. */
export const aboutYou = ({ name = '', language = locale } = {}) => [
  field({ name: 'name', label: word('name'), autocomplete: 'name', maxlength: 200, value: name }),
  choice({
    name: 'locale',
    label: word('language'),
    options: [
      ['en', 'English'],
      ['ar', 'العربية'],
    ],
    value: language,
  }),
]

/** `account` tells a password manager whose password it is where nobody is asked for their address. */
export function form({ fields: asked, press, send, more = [], account }) {
  const trouble = element('p', { class: 'trouble', role: 'alert' })
  const submit = element('button', { type: 'submit' }, press)
  const onsubmit = (event) => {
    event.preventDefault()
    trouble.replaceChildren()
    for (const one of asked) one.complain('')
    const missing = asked.filter((one) => !one.isOptional && one.value() === '')
    for (const one of missing) one.complain(word('needed'))
    if (missing.length > 0) return missing[0].input.focus()
    const values = Object.fromEntries(asked.map((one) => [one.name, one.value()]))
    void busily(
      submit,
      () => send(values),
      (problem) => tell(problem, asked, trouble),
    )
  }
  const known = { type: 'email', autocomplete: 'username', value: account, readonly: true, hidden: true }
  return element(
    'form',
    { novalidate: true, onsubmit },
    account && element('input', known),
    ...asked.map((one) => one.element),
    trouble,
    element('p', { class: 'buttons' }, submit, ...more),
  )
}

/** The server names fields by pointers; what is about none of ours is told below them all. */
function tell({ code: name, title, detail, errors }, asked, trouble) {
  const wrong = errors.flatMap(({ pointer, code: why }) => {
    const about = asked.find((one) => pointer.endsWith(`/${one.name}`))
    about?.complain(why === name ? `${title}. ${detail}` : word('unfit'))
    return about ?? []
  })
  if (wrong.length > 0) wrong[0].input.focus()
  else trouble.append(element('strong', {}, `${title}.`), ' ', detail)
}

/** Who sees what they type makes fewer mistakes, and needs no second field to repeat it in. */
function revealer(input, label) {
  const onclick = () => {
    const isShown = input.type === 'text'
    input.type = isShown ? 'password' : 'text'
    press.setAttribute('aria-pressed', String(!isShown))
  }
  const whose = element('span', { class: 'unseen' }, ` ${label}`)
  const press = element(
    'button',
    { type: 'button', class: 'quiet', 'aria-pressed': 'false', onclick },
    word('show'),
    whose,
  )
  return press
}

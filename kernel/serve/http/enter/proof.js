import { ask } from './ask.js'
import { code, form, password } from './form.js'
import { hasPasskeys, showPasskey } from './passkey.js'
import { button, element, paragraph, word } from './pieces.js'

/** Showing a second factor: when signing in, and once more before something that deserves a second look. */
export function factorForms(methods, { withCode, withPasskey }) {
  const place = element('div')
  const offered = methods.filter((one) => one !== 'passkey' || hasPasskeys())
  const draw = (method, isChosen) => {
    const others = offered.filter((one) => one !== method)
    const more = others.map((one) =>
      one === 'passkey' ? withKey(true) : button(word(`use.${one}`), () => draw(one, true)),
    )
    const typed = code({ label: word(`code.${method}`), hint: word(`code.${method}.hint`), ...KEYBOARDS[method] })
    const send = (values) => withCode(method, values.code)
    place.replaceChildren(form({ fields: [typed], press: word('go'), send, more }))
    if (isChosen) typed.input.focus()
  }
  const withKey = (isQuiet) => button(word('use.passkey'), withPasskey, { isQuiet })
  const first = offered.find((one) => one !== 'passkey')
  if (first) draw(first, false)
  else place.append(offered.length > 0 ? withKey(false) : paragraph('no-factor-here'))
  return place
}

const KEYBOARDS = { totp: { inputmode: 'numeric' }, recovery: { autocomplete: 'off' } }

/** Does it; where a proof of the last few minutes is asked for, asks for that and does it again. */
export async function proven(me, work) {
  try {
    return await work()
  } catch (error) {
    if (error.code !== 'step-up-required' || !(await prove(me))) throw error
    return await work()
  }
}

function prove({ email, secondFactor }) {
  const { promise, resolve } = Promise.withResolvers()
  const give = async (proof) => {
    await ask('prove', { proof, keep: 'cookie' })
    resolve(true)
    dialog.close()
  }
  const withCode = (by, typed) => give({ by, code: typed })
  const withPasskey = async () => give({ by: 'passkey', ...(await showPasskey('prove-begin')) })
  const withPassword = (values) => give({ by: 'password', ...values })
  const dialog = element(
    'dialog',
    { 'aria-labelledby': 'prove', onclose: () => (resolve(false), dialog.remove()) },
    element('h2', { id: 'prove' }, word('prove')),
    paragraph('prove.why'),
    secondFactor.hasOne
      ? factorForms(methodsOf(secondFactor), { withCode, withPasskey })
      : form({ fields: [password()], press: word('go'), send: withPassword, account: email }),
    button(word('cancel'), () => dialog.close()),
  )
  document.querySelector('main').append(dialog)
  dialog.showModal()
  return promise
}

const methodsOf = ({ hasApp, codes, passkeys }) => [
  ...(hasApp ? ['totp'] : []),
  ...(codes > 0 ? ['recovery'] : []),
  ...(passkeys > 0 ? ['passkey'] : []),
]

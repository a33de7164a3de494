import { addressOf, inAddress, lastOne, settleIn } from './address.js'
import { ask } from './ask.js'
import { email, form, password } from './form.js'
import { inside } from './inside.js'
import { hasPasskeys, showPasskey } from './passkey.js'
import { button, element, paragraph, show, word } from './pieces.js'
import { factorForms } from './proof.js'

/** From nobody to somebody. `goal` is what they came for, where it was more than to come in. */
export function signIn(policy, { notice, goal = inside } = {}) {
  const before = lastOne()
  const offers = [
    policy.signIn.includes('passkey') && hasPasskeys() && button(word('with.passkey'), () => withPasskey(goal)),
    policy.signIn.includes('link') && button(word('with.link'), sendLink),
    policy.signIn.includes('password') && button(word('forgotten'), sendReset),
    policy.signUp === 'open' && button(word('sign-up'), signUp),
  ]
  show(
    word('sign-in'),
    notice && element('p', { class: 'notice' }, notice),
    policy.signIn.includes('password') && passwordForm(goal),
    element('div', { class: 'offers' }, ...offers.filter(Boolean)),
    // Who has a database of their own is found by its workspace and not by the address alone.
    before && !inAddress()
      ? element('p', {}, element('a', { href: addressOf({ workspace: before }) }, word('last')))
      : undefined,
  )
}

function passwordForm(goal) {
  const send = async (values) => goOn(await ask('sign-in', { ...values, workspace: inAddress(), keep: 'cookie' }), goal)
  return form({ fields: [email(), password()], press: word('sign-in'), send })
}

async function withPasskey(goal) {
  const shown = await showPasskey('passkey-begin', { workspace: inAddress(), keep: 'cookie' })
  await goOn(await ask('passkey-finish', shown), goal)
}

/** After every proof, whichever it was, the server says what comes next. */
export async function goOn(next, goal = inside) {
  if (next.next === 'factor') return askFactor(next, goal)
  if (next.next === 'choose') return askWorkspace(next, goal)
  settleIn(next.session.workspace)
  await goal()
}

function askFactor({ ticket, methods }, goal) {
  const withCode = async (method, code) => goOn(await ask('factor', { ticket, method, code }), goal)
  const withPasskey = async () => {
    const shown = await showPasskey('passkey-begin', { ticket, keep: 'cookie' })
    await goOn(await ask('passkey-finish', { ...shown, after: ticket }), goal)
  }
  show(word('factor'), paragraph('factor.why'), factorForms(methods, { withCode, withPasskey }), again())
}

function askWorkspace({ ticket, workspaces }, goal) {
  const choose = async (workspace) => goOn(await ask('choose', { ticket, workspace }), goal)
  const listed = workspaces.map(({ id, name }) =>
    element(
      'li',
      {},
      button(name, () => choose(id)),
    ),
  )
  show(word('choose'), paragraph('choose.why'), element('ul', { class: 'choices' }, ...listed), again())
}

/** What was half done is left where it is; it ends by itself. */
const again = () =>
  element(
    'p',
    {},
    button(word('begin-again'), () => location.reload()),
  )
export const toSignIn = () =>
  element(
    'p',
    {},
    button(word('to-sign-in'), () => location.reload()),
  )
element(
  'p',
  {},
  button(word('begin-again'), () => location.reload()),
)

/**
 * Half of what signs in goes by mail and half stays in this browser. The half here opens nothing by itself, so it may
 * lie where the tab that the letter opens can find it.
 */
const CLAIM = 'vouchsafe-link'

function sendLink() {
  const send = async (values) => {
    const { claim } = await ask('link-send', { ...values, workspace: inAddress() })
    localStorage.setItem(CLAIM, claim)
    show(word('sent'), paragraph('sent.link', values), again())
  }
  show(word('with.link'), paragraph('with.link.why'), form({ fields: [email()], press: word('send'), send }), again())
}

/** Behind the link of that letter. */
export function useLink(ticket, policy) {
  const claim = localStorage.getItem(CLAIM)
  const open = async () => {
    const next = await ask('link-use', { ticket, claim, keep: 'cookie' })
    localStorage.removeItem(CLAIM)
    await goOn(next)
  }
  if (claim)
    return show(word('sign-in'), paragraph('link.why'), button(word('go'), open, { isQuiet: false }), toSignIn())
  return signIn(policy, { notice: word('link.elsewhere') })
}

function sendReset() {
  const send = async (values) => {
    await ask('reset-send', { ...values, workspace: inAddress() })
    show(word('sent'), paragraph('sent.reset', values), again())
  }
  show(word('forgotten'), paragraph('forgotten.why'), form({ fields: [email()], press: word('send'), send }), again())
}

function signUp() {
  const send = async (values) => {
    await ask('sign-up', values)
    show(word('sent'), paragraph('sent.sign-up', values), again())
  }
  show(word('sign-up'), paragraph('sign-up.why'), form({ fields: [email()], press: word('send'), send }), again())
}

import { ask } from './ask.js'
import { ownProblem } from './pieces.js'

/** Passkeys, as the browser has them. What it answers is handed on as it is: the server believes nothing unchecked. */
export const hasPasskeys = () =>
  'PublicKeyCredential' in window && 'parseRequestOptionsFromJSON' in window.PublicKeyCredential

/** Asks for a challenge by that way, shows it to an authenticator, and gives what the next way wants. */
export async function showPasskey(way, input) {
  const { ticket, options } = await ask(way, input)
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
  return { ticket, response: await fromBrowser(navigator.credentials.get({ publicKey })) }
}

export async function makePasskey() {
  const { ticket, options } = await ask('passkey-add-begin')
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options)
  return { ticket, response: await fromBrowser(navigator.credentials.create({ publicKey })) }
}

/** Somebody closed the browser's window, or it knows no passkey for us; it does not tell us which. */
async function fromBrowser(asked) {
  try {
    return (await asked).toJSON()
  } catch (error) {
    console.warn(error)
    throw ownProblem(error.name === 'InvalidStateError' ? 'passkey-there' : 'no-passkey')
  }
}

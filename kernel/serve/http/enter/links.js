import { ask, resume } from './ask.js'
import { aboutYou, email, field, form, newPassword, password } from './form.js'
import { inside } from './inside.js'
import { goOn, signIn, toSignIn, useLink } from './sign-in.js'
import { button, moment, paragraph, show, word } from './pieces.js'

/**
 * What the links in letters lead to, and the one that the operator hands over. Opening one does nothing: what is behind
 * the `#` goes to the server when somebody presses the button, so a program that looks at links uses none of them up.
 */
export const LINKS = {
  owner(ticket) {
    const send = async (values) => goOn(await ask('welcome', { ticket, ...values, keep: 'cookie' }))
    const fields = [...aboutYou(), email(), newPassword()]
    show(word('owner'), paragraph('owner.why'), form({ fields, press: word('owner.press'), send }), toSignIn())
  },
  invitation(ticket) {
    const open = async () => showInvitation(ticket, await ask('invitation-show', { ticket }))
    show(
      word('invitation'),
      paragraph('invitation.why'),
      button(word('invitation.open'), open, { isQuiet: false }),
      toSignIn(),
    )
  },
  reset(ticket, policy) {
    const send = async (values) => {
      await ask('reset-use', { ticket, ...values })
      signIn(policy, { notice: word('reset.done') })
    }
    show(
      word('reset'),
      paragraph('reset.why'),
      form({ fields: [newPassword()], press: word('reset.press'), send }),
      toSignIn(),
    )
  },
  /** It counts in a session of the one who asked for it, and in no other. */
  address(ticket, policy) {
    const confirm = async () => {
      await ask('address-confirm', { ticket })
      await inside(word('address.done'))
    }
    const open = async () => {
      if (await resume()) return confirm()
      return signIn(policy, { notice: word('address.sign-in'), goal: () => LINKS.address(ticket, policy) })
    }
    show(word('address'), paragraph('address.why'), button(word('address.press'), open, { isQuiet: false }), toSignIn())
  },
  'sign-up'(ticket) {
    const send = async (values) => goOn(await ask('sign-up-finish', { ticket, ...values, keep: 'cookie' }))
    const called = field({
      name: 'workspaceName',
      label: word('workspace.name'),
      autocomplete: 'organization',
      maxlength: 200,
    })
    const fields = [called, ...aboutYou(), newPassword()]
    show(word('sign-up'), paragraph('sign-up.go-on'), form({ fields, press: word('sign-up.press'), send }), toSignIn())
  },
  link: useLink,
}

function showInvitation(ticket, { workspace, inviter, email: to, expiresAt, hasAccount }) {
  const way = hasAccount ? 'invitation-join' : 'invitation-accept'
  const send = async (values) => goOn(await ask(way, { ticket, ...values, keep: 'cookie' }))
  const fields = hasAccount ? [password()] : [...aboutYou(), newPassword()]
  show(
    word('invitation.to', { workspace }),
    paragraph('invitation.from', { inviter, email: to, expires: moment(expiresAt) }),
    paragraph(hasAccount ? 'invitation.known' : 'invitation.new'),
    form({ fields, press: word('invitation.press'), send, account: to }),
    toSignIn(),
  )
}

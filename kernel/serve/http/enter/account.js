import { ask } from './ask.js'
import { aboutYou, email, form, newPassword, password } from './form.js'
import { button, element, moment, paragraph, section, show, word } from './pieces.js'
import { proven } from './proof.js'

/** What one is called and how one signs in, and the sessions that are open under that name. */
export function changeProfile(me, redraw) {
  const send = async (values) => {
    await ask('profile-change', values)
    await redraw(word('saved'))
  }
  const fields = aboutYou({ name: me.name, language: me.locale })
  show(word('profile'), form({ fields, press: word('save'), send, more: [back(redraw)] }))
}

export function changePassword(me, redraw) {
  const send = async (values) => {
    await proven(me, () => ask('password-change', values))
    await redraw(word('password.changed'))
  }
  const fields = [password({ name: 'current', label: word('password.present') }), newPassword()]
  const asked = { fields, press: word('save'), send, more: [back(redraw)], account: me.email }
  show(word('password.change'), paragraph('password.change.why'), form(asked))
}

export function changeAddress(me, redraw) {
  const send = async (values) => {
    await proven(me, () => ask('address-change', values))
    await redraw(word('address.sent', values))
  }
  const fields = [email({ label: word('email.new'), autocomplete: 'email' })]
  const asked = { fields, press: word('send'), send, more: [back(redraw)] }
  show(word('address.change'), paragraph('address.change.why'), form(asked))
}

const back = (redraw) => button(word('cancel'), () => redraw())

export async function sessionList(me, redraw) {
  const { data } = await ask('sessions')
  const end = async (id) => {
    await proven(me, () => ask('session-end', { id }))
    await redraw(word('session.ended'))
  }
  const listed = data.map((one) =>
    element(
      'li',
      {},
      element('p', {}, element('bdi', { dir: 'ltr' }, one.userAgent ?? word('session.unnamed'))),
      element('p', { class: 'hint' }, about(one)),
      one.isOwn
        ? element('p', {}, element('strong', {}, word('session.own')))
        : button(word('session.end'), () => end(one.id)),
    ),
  )
  return section(word('sessions'), element('ul', { class: 'rows' }, ...listed))
}

const about = ({ address, createdAt, seenAt, proofs }) =>
  word('session.about', {
    address: address ?? '–',
    began: moment(createdAt),
    seen: moment(seenAt),
    proofs: proofs.map((proof) => word(`proof.${proof}`)).join(word('and')),
  })

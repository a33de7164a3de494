import { ask } from './ask.js'
import { code, field, form } from './form.js'
import { hasPasskeys, makePasskey } from './passkey.js'
import { button, element, moment, paragraph, say, section, show, word } from './pieces.js'
import { proven } from './proof.js'

/** One's second factors: an app, codes on paper, passkeys. */
export async function factors(me, redraw) {
  const { hasApp, hasOne, codes } = me.secondFactor
  const remove = async () => {
    await proven(me, () => ask('app-remove'))
    await redraw(word('app.removed'))
  }
  return section(
    word('second-factor'),
    hasOne ? undefined : paragraph('second-factor.why'),
    hasOne ? element('p', {}, word('codes.left', { left: codes })) : undefined,
    element(
      'div',
      { class: 'offers' },
      button(word(hasApp ? 'app.another' : 'app.add'), () => addApp(me, redraw), { isQuiet: hasOne }),
      hasPasskeys() ? button(word('passkey.add'), () => addPasskey(me, redraw), { isQuiet: hasOne }) : undefined,
      hasOne ? button(word('codes.make'), () => makeCodes(me, redraw)) : undefined,
      hasApp ? button(word('app.remove'), remove) : undefined,
    ),
    me.secondFactor.passkeys > 0 ? await passkeyList(me, redraw) : undefined,
  )
}

/** It counts once the app has shown a code, and one of those on paper was typed back. */
async function addApp(me, redraw) {
  const { ticket, secret, uri, qr, codes } = await proven(me, () => ask('app-begin'))
  const send = async (values) => {
    await ask('app-confirm', { ticket, ...values })
    await redraw(word('app.added'))
  }
  const typed = code({ label: word('code.totp'), hint: word('code.totp.hint'), inputmode: 'numeric' })
  const kept = code({ name: 'kept', label: word('kept'), hint: word('kept.hint'), autocomplete: 'off' })
  const picture = `data:image/svg+xml,${encodeURIComponent(qr)}`
  show(
    word('app.add'),
    paragraph('app.scan'),
    element('img', { class: 'qr', src: picture, alt: word('app.picture'), width: 208, height: 208 }),
    paragraph('app.type'),
    element('p', { class: 'secret' }, element('code', { dir: 'ltr' }, (secret.match(/.{1,4}/g) ?? []).join(' '))),
    element('p', { class: 'screen' }, element('a', { href: uri }, word('app.open'))),
    ...(codes.length > 0 ? [paragraph('codes.why'), codeList(codes)] : []),
    form({
      fields: codes.length > 0 ? [typed, kept] : [typed],
      press: word('app.press'),
      send,
      more: [button(word('cancel'), () => redraw())],
    }),
  )
}

async function makeCodes(me, redraw) {
  const { codes } = await proven(me, () => ask('codes-make'))
  const done = button(word('codes.done'), () => redraw(word('codes.made')), { isQuiet: false })
  show(word('codes'), paragraph('codes.why'), codeList(codes), done)
}

function codeList(codes) {
  const copy = async () => {
    await navigator.clipboard.writeText(codes.join('\n'))
    say(word('copied'))
  }
  return element(
    'div',
    { class: 'codes' },
    element('ol', { dir: 'ltr' }, ...codes.map((one) => element('li', {}, element('code', {}, one)))),
    element(
      'p',
      { class: 'buttons' },
      button(word('print'), () => window.print()),
      button(word('copy'), copy),
    ),
  )
}

function addPasskey(me, redraw) {
  const send = async (values) => {
    const made = await proven(me, makePasskey)
    await ask('passkey-add', { ...made, ...values })
    await redraw(word('passkey.added'))
  }
  const name = field({ name: 'name', label: word('passkey.name'), hint: word('passkey.name.hint'), maxlength: 200 })
  const more = [button(word('cancel'), () => redraw())]
  show(
    word('passkey.add'),
    paragraph('passkey.why'),
    form({ fields: [name], press: word('passkey.press'), send, more }),
  )
}

async function passkeyList(me, redraw) {
  const { data } = await ask('passkeys')
  const remove = async (id) => {
    await proven(me, () => ask('passkey-remove', { id }))
    await redraw(word('passkey.removed'))
  }
  const listed = data.map(({ id, name, createdAt, lastUsedAt }) =>
    element(
      'li',
      {},
      element('p', {}, element('bdi', {}, name)),
      element(
        'p',
        { class: 'hint' },
        word('passkey.about', { made: moment(createdAt), used: lastUsedAt ? moment(lastUsedAt) : '–' }),
      ),
      button(word('passkey.remove'), () => remove(id)),
    ),
  )
  return element('ul', { class: 'rows' }, ...listed)
}

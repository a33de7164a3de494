import { changeAddress, changePassword, changeProfile, sessionList } from './account.js'
import { leave, settleIn } from './address.js'
import { ask } from './ask.js'
import { factors } from './factors.js'
import { button, element, moment, paragraph, say, section, show, word } from './pieces.js'
import { proven } from './proof.js'

/** Where one is once one is in: as whom, what is still asked for, and everything that is one's own to change. */
export async function inside(said = '') {
  const me = await ask('me')
  const { isRequired, isOffered } = me.secondFactor
  const redraw = (text) => inside(text)
  const factorsPart = isOffered ? await factors(me, redraw) : undefined
  show(
    word('inside', { name: me.name }),
    demand(me.secondFactor),
    who(me),
    factorsPart,
    ...(isRequired ? [] : [account(me, redraw), await sessionList(me, redraw), elsewhere(me)]),
    leaving(me),
  )
  say(said)
}

function demand({ isRequired, requiredFrom }) {
  if (isRequired) return element('p', { class: 'notice' }, word('required'))
  return requiredFrom
    ? element('p', { class: 'notice' }, word('required.from', { time: moment(requiredFrom) }))
    : undefined
}

function who({ email, roles, workspace, workspaces }) {
  const line = (key, ...said) => element('div', {}, element('dt', {}, word(key)), element('dd', {}, ...said))
  const name = workspaces.find(({ id }) => id === workspace)?.name ?? workspace
  return element(
    'dl',
    { class: 'facts' },
    line('workspace', element('bdi', {}, name)),
    line('email', element('bdi', { dir: 'ltr' }, email)),
    line('roles', element('bdi', {}, roles.join(', '))),
  )
}

const account = (me, redraw) =>
  section(
    word('account'),
    element(
      'div',
      { class: 'offers' },
      button(word('profile'), () => changeProfile(me, redraw)),
      button(word('password.change'), () => changePassword(me, redraw)),
      button(word('address.change'), () => changeAddress(me, redraw)),
    ),
  )

/** Other workspaces: what was open in this one is over as soon as one leaves it. */
function elsewhere({ workspace, workspaces }) {
  const others = workspaces.filter(({ id }) => id !== workspace)
  if (others.length === 0) return undefined
  const go = async (id) => {
    const session = await ask('switch', { workspace: id, keep: 'cookie' })
    settleIn(session.workspace)
    await inside(word('switched'))
  }
  const listed = others.map(({ id, name }) =>
    element(
      'li',
      {},
      button(name, () => go(id)),
    ),
  )
  return section(word('workspaces'), paragraph('workspaces.why'), element('ul', { class: 'choices' }, ...listed))
}

function leaving(me) {
  const out = async () => {
    await ask('sign-out')
    await leave('signed-out')
  }
  const everywhere = async () => {
    await proven(me, () => ask('sessions-end-others'))
    await out()
  }
  return section(
    word('leave'),
    element(
      'div',
      { class: 'offers' },
      button(word('sign-out'), out, { isQuiet: false }),
      me.secondFactor.isRequired ? undefined : button(word('sign-out.everywhere'), everywhere),
    ),
  )
}

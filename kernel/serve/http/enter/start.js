import { takeSubject } from './address.js'
import { resume } from './ask.js'
import { inside } from './inside.js'
import { LINKS } from './links.js'
import { ownProblem, show, word } from './pieces.js'
import { signIn } from './sign-in.js'

/** Begins with what the address is about: a link, a word on why one is here again, or nothing but coming in. */
async function start() {
  const { kind, ticket } = takeSubject()
  try {
    const policy = await (await fetch('/enter.json', { redirect: 'error' })).json()
    if (Object.hasOwn(LINKS, kind) && ticket) return LINKS[kind](ticket, policy)
    const notice = Object.hasOwn(NOTICES, kind) ? word(NOTICES[kind]) : undefined
    return notice === undefined && (await resume()) ? await inside() : signIn(policy, { notice })
  } catch (error) {
    console.warn(error)
    const { title, detail } = ownProblem('unreachable')
    return show(title, detail)
  }
}

const NOTICES = { over: 'session-over', 'signed-out': 'signed-out' }

window.addEventListener('hashchange', () => {
  if (location.hash) void start()
})
void start()

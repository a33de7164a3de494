import { takeSubject } from './address.js'
import { resume } from './ask.js'
import { inside } from './inside.js'
import { LINKS } from './links.js'
import { asProblem, element, ownProblem, show, word } from './pieces.js'
import { signIn } from './sign-in.js'

/** Begins with what the address is about: a link, a word on why one is here again, or nothing but coming in. */
async function start() {
  const { kind, ticket } = takeSubject()
  try {
    const policy = await offers()
    if (Object.hasOwn(LINKS, kind) && ticket) return LINKS[kind](ticket, policy)
    const notice = Object.hasOwn(NOTICES, kind) ? word(NOTICES[kind]) : undefined
    return notice === undefined && (await resume()) ? await inside() : signIn(policy, { notice })
  } catch (error) {
    const { title, detail } = asProblem(error)
    return show(title, element('p', {}, detail))
  }
}

async function offers() {
  try {
    return await (await fetch('/enter.json', { redirect: 'error' })).json()
  } catch (error) {
    console.warn(error)
    throw ownProblem('unreachable')
  }
}

const NOTICES = { over: 'session-over', 'signed-out': 'signed-out' }

window.addEventListener('hashchange', () => {
  if (location.hash) void start()
})
void start()

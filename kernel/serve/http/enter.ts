import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { html } from '../../base/markup.ts'
import { WORKSPACE_HEADER } from '../../identity/cookies.ts'
import type { Door } from './door.ts'
import ar from './enter/locales/ar.json' with { type: 'json' }
import en from './enter/locales/en.json' with { type: 'json' }
import type { Locale } from './locale.ts'
import { page, text } from './pages.ts'
import { shell } from './plain.ts'

/**
 * The page where people come in, and where links in letters lead. What it shows is drawn by one script of ours over the
 * ways in (`/auth/…`); the page itself is the same for everybody, so it tells nobody anything, whatever they come with.
 */
export function addEnter(app: FastifyInstance, door: Door): void {
  const { title, policy } = door.parts.edition
  const { signIn, signUp, secondFactor } = policy
  const offers = JSON.stringify({ title, signIn, signUp, secondFactor })
  page(app, door, '/enter', async (locale) => enterHtml(title[locale], locale))
  text(app, door, '/enter.js', 'text/javascript; charset=utf-8', async () => SCRIPT)
  text(app, door, '/enter.css', 'text/css; charset=utf-8', async () => STYLE)
  text(app, door, '/enter.json', 'application/json; charset=utf-8', async () => offers)
}

function enterHtml(title: string, locale: Locale): string {
  const words = WORDS[locale]
  return shell(
    locale,
    title,
    html`<p id="news" role="status"></p>
      <div id="enter" data-header="${WORKSPACE_HEADER}">
        <noscript><p>${words.script}</p></noscript>
      </div>
      <template id="words">${JSON.stringify(words)}</template>`,
    html`<link rel="stylesheet" href="/enter.css" />
      <script type="module" src="/enter.js"></script>`,
  )
}

const WORDS = { en, ar }

const STYLE = readFileSync(new URL('./enter/enter.css', import.meta.url), 'utf8')

/** Written as modules and sent as one file, each before those that take from it: a page that is opened costs little. */
const SCRIPT = [
  new URL('./enter/pieces.js', import.meta.url),
  new URL('./enter/address.js', import.meta.url),
  new URL('./enter/ask.js', import.meta.url),
  new URL('./enter/form.js', import.meta.url),
  new URL('./enter/passkey.js', import.meta.url),
  new URL('./enter/proof.js', import.meta.url),
  new URL('./enter/factors.js', import.meta.url),
  new URL('./enter/account.js', import.meta.url),
  new URL('./enter/inside.js', import.meta.url),
  new URL('./enter/sign-in.js', import.meta.url),
  new URL('./enter/links.js', import.meta.url),
  new URL('./enter/start.js', import.meta.url),
]
  .map((file) => joined(readFileSync(file, 'utf8')))
  .join('\n')

/** The formatter writes each import as one statement at the start of a line. */
function joined(module: string): string {
  return module.replaceAll(/^import (?:\{[^}]*\} from )?'[^']+'\n/gm, '').replaceAll(/^export /gm, '')
}

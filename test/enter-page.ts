import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import ar from '../kernel/serve/http/enter/locales/ar.json' with { type: 'json' }
import en from '../kernel/serve/http/enter/locales/en.json' with { type: 'json' }
import { ownerLink } from '../kernel/serve/workspaces.ts'
import type { Side, World } from '../kernel/testing.ts'
import { PASSWORD, someAddress } from './visitors.ts'

/** Somebody at the page where people come in: what they read, type and press, by the words that stand there. */
export type Lang = 'en' | 'ar'
export type Word = keyof typeof en

const WORDS: Record<Lang, Record<Word, string>> = { en, ar }
const axe = readFileSync(join(import.meta.dirname, '..', 'node_modules', 'axe-core', 'axe.min.js'), 'utf8')

/** What a browser remarks on that is as it should be: a refusal, and what leaving clears. */
const EXPECTED = /^Failed to load resource: the server responded with a status of 4\d\d|^Clear-Site-Data header on/

export class Guest {
  readonly page: Page
  readonly context: BrowserContext
  readonly here: World
  private readonly lang: Lang
  readonly complaints: string[] = []

  private constructor(here: World, page: Page, lang: Lang) {
    this.here = here
    this.page = page
    this.context = page.context()
    this.lang = lang
    page.on('console', (message) => {
      if (!EXPECTED.test(message.text())) this.complaints.push(message.text())
    })
    page.on('pageerror', (error) => this.complaints.push(error.message))
  }

  static async arrive(here: World, chrome: Browser, options: BrowserContextOptions & { lang?: Lang } = {}) {
    const { lang = 'en', ...more } = options
    const context = await chrome.newContext({ viewport: { width: 1280, height: 900 }, ...more })
    return new Guest(here, await context.newPage(), lang)
  }

  /** Another tab of the same browser. */
  async tab() {
    return new Guest(this.here, await this.context.newPage(), this.lang)
  }

  get origin() {
    return `http://localhost:${this.here.served.listening.port}`
  }

  async open(hash = '', query = '') {
    await this.page.goto(`${this.origin}/enter?lang=${this.lang}${query}${hash}`)
    await this.page.locator('#enter h2').waitFor()
  }

  word = (key: Word) => WORDS[this.lang][key]
  field = (key: Word) => this.page.getByLabel(this.word(key), { exact: true })
  button = (key: Word) => this.page.getByRole('button', { name: this.word(key), exact: true })
  fill = (key: Word, text: string) => this.field(key).fill(text)
  press = (key: Word) => this.button(key).first().click()

  /** Until that view is there. */
  async sees(key: Word) {
    await this.page.getByRole('heading', { level: 2, name: this.word(key).split('{')[0]! }).waitFor()
  }

  async hears(key: Word) {
    await this.page.getByText(this.word(key), { exact: true }).waitFor()
  }

  /** What is refused, once it is. */
  trouble = () => this.page.locator('.trouble:not(:empty)').first().innerText()

  async signIn(email: string, password = PASSWORD) {
    await this.fill('email', email)
    await this.fill('password', password)
    await this.press('sign-in')
  }

  async becomeOwner(side: Side = 'north', email = someAddress()): Promise<string> {
    await this.open(new URL(await ownerLink(this.here.served.parts, this.here[side].place)).hash)
    await this.fill('name', 'Asha Menon')
    await this.fill('email', email)
    await this.fill('password.new', PASSWORD)
    await this.press('owner.press')
    await this.sees('inside')
    return email
  }

  async isWell(what: string) {
    const overflow = await this.page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
    assert.ok(overflow <= 0, `${what}: wider than the screen by ${overflow}`)
    await this.page.evaluate(axe)
    const run = `axe.run().then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`
    assert.deepEqual(await this.page.evaluate<string[]>(run), [], what)
  }

  async [Symbol.asyncDispose]() {
    await this.context.close()
    assert.deepEqual(this.complaints, [])
  }
}

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import type { World } from '../kernel/testing.ts'
import { Guest } from './enter-page.ts'
import type { Lang } from './enter-page.ts'

type Who = { email: string; session: { workspace: string } }

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
const wordsOf = (lang: Lang) => ({
  ...read(`web/dashboard/locales/${lang}.json`),
  ...read(`modules/shop/screens/locales/${lang}.json`),
})
const WORDS: Record<Lang, Record<string, string>> = { en: wordsOf('en'), ar: wordsOf('ar') }

/** Somebody behind the counter, by the words that they read. */
export class Clerk {
  readonly guest: Guest
  readonly page: Page
  private readonly lang: Lang
  private readonly workspace: string

  private constructor(guest: Guest, lang: Lang, workspace: string) {
    this.guest = guest
    this.page = guest.page
    this.lang = lang
    this.workspace = workspace
  }

  static async arrive(here: World, chrome: Browser, { email, session }: Who, lang: Lang): Promise<Clerk> {
    const guest = await Guest.arrive(here, chrome, { lang })
    await guest.open()
    await guest.signIn(email)
    await guest.sees('inside')
    await guest.page.evaluate((locale) => localStorage.setItem('locale', locale), lang)
    return new Clerk(guest, lang, session.workspace)
  }

  /** One of the shop’s own words, or one of the dashboard’s by its whole key. */
  word(key: string): string {
    const word = WORDS[this.lang][`shop.screen.${key}`] ?? WORDS[this.lang][key]
    assert.ok(word, key)
    return word
  }

  open = (path: string) => this.page.goto(`${this.guest.origin}/app/${this.workspace}/${path}`)

  async go(path: string) {
    await this.open(path)
    await this.page.locator('h1').waitFor()
    await this.page.locator('[role=status][aria-label]').first().waitFor({ state: 'detached' })
  }

  /** A field by its label, with or without the unit that stands behind it. */
  label = (key: string) => this.page.getByLabel(new RegExp(`^${plain(this.word(key))}( \\(.+\\))?$`))
  fill = (key: string, text: string) => this.label(key).last().fill(text)
  press = (key: string) =>
    this.page
      .getByRole('button', { name: this.word(key), exact: true })
      .first()
      .click()
  send = (key: string) =>
    this.page
      .getByRole('dialog')
      .getByRole('button', { name: this.word(key), exact: true })
      .click()
  hears = (key: string) => this.page.getByText(this.word(key), { exact: true }).first().waitFor()

  async leave() {
    assert.deepEqual(this.guest.complaints, [])
    await this.guest.context.close()
  }
}

const plain = (text: string) => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)

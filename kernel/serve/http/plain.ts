import type { Edition } from '../../contract/edition.ts'
import { html, textOf } from '../../base/markup.ts'
import type { Markup } from '../../base/markup.ts'
import { pageCss } from '../../trust/html.ts'
import { phrase } from '../../trust/words.ts'
import type { Locale, Words } from './locale.ts'

/** The two small pages beside the security page: where one has arrived, and what a problem means. */
export function homeHtml({ title }: Edition, locale: Locale, origin: string): string {
  const says = home[locale]
  return shell(
    locale,
    title[locale],
    html` <p>${says.arrived}</p>
      <ul>
        <li><a href="/enter?lang=${locale}">${says.enter}</a></li>
        <li><a href="/security?lang=${locale}">${says.security}</a></li>
        <li><a href="/openapi.json">${says.description}</a></li>
      </ul>
      <p>${says.call}</p>
      <pre dir="ltr"><code>curl -H "Authorization: Bearer $KEY" ${origin}/v1/identity.workspace.get</code></pre>`,
  )
}

/** Undefined for a code that no operation answers. */
export function explanationHtml(code: string, words: Words, locale: Locale): string | undefined {
  const known = Object.hasOwn(words, code) ? words[code] : undefined
  return (
    known &&
    shell(
      locale,
      known.title,
      html`<p>${known.detail}</p>
        <p dir="ltr"><code>${code}</code></p>`,
    )
  )
}

const other = (locale: Locale): Locale => (locale === 'ar' ? 'en' : 'ar')

const home = {
  en: {
    arrived:
      'This is a running deployment. What it promises, and whether that is true just now, stands on its security page.',
    enter: 'Sign in',
    security: 'Security page',
    description: 'API description (OpenAPI 3.1)',
    call: 'A first call, with the key that the start printed:',
  },
  ar: {
    arrived: 'هذا نظام يعمل الآن. ما يعد به، وهل هو صحيح في هذه اللحظة، مذكور في صفحة الأمان.',
    enter: 'تسجيل الدخول',
    security: 'صفحة الأمان',
    description: 'وصف واجهة البرمجة (OpenAPI 3.1)',
    call: 'أول استدعاء، بالمفتاح الذي طُبع عند بدء التشغيل:',
  },
}

/** A small page in the dress of the large one. */
export const shell = (locale: Locale, title: string, body: Markup, head?: Markup): string =>
  textOf(
    html`<!doctype html>
      <html lang="${locale}" dir="${locale === 'ar' ? 'rtl' : 'ltr'}">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>${title}</title>
          <link rel="stylesheet" href="${pageCss.path}" />
          ${head}
        </head>
        <body class="plain">
          <main>
            <h1>${title}</h1>
            ${body}
            <p>
              <a href="?lang=${other(locale)}" lang="${other(locale)}" hreflang="${other(locale)}">
                ${phrase(locale, 'other language')}
              </a>
            </p>
          </main>
        </body>
      </html>`,
  )

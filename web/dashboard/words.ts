import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'

/** Of the reader's language and no other: the dashboard's own words, then what modules and their screens say. */
const FILES = {
  ...import.meta.glob<Words>('./locales/*.json', { import: 'default' }),
  ...import.meta.glob<Words>('../../modules/*/{screens/,}locales/*.json', { import: 'default' }),
}
type Words = Record<string, string>

/** Keys are whole names with dots; what is filled in keeps its own direction and does not turn its neighbours round. */
export async function readWords(locale: string): Promise<void> {
  const files = Object.entries(FILES).filter(([path]) => path.endsWith(`/${locale}.json`))
  const words = await Promise.all(files.map(([, read]) => read()))
  await i18next.use(initReactI18next).init({
    lng: locale,
    fallbackLng: false,
    keySeparator: false,
    nsSeparator: false,
    resources: { [locale]: { translation: Object.assign({}, ...words) as Words } },
    // React writes text as text.
    interpolation: { escape: (value) => `\u2068${value}\u2069` },
  })
}

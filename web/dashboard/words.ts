import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import ar from './locales/ar.json' with { type: 'json' }
import en from './locales/en.json' with { type: 'json' }

/** What a module's screens say, beside what they show. */
const ofModules = import.meta.glob<Record<string, string>>('../../modules/*/screens/locales/*.json', {
  eager: true,
  import: 'default',
})

/** Keys are whole names with dots; what is filled in keeps its own direction. */
export async function readWords(locale: string): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: locale,
    fallbackLng: false,
    keySeparator: false,
    nsSeparator: false,
    resources: {
      en: { translation: { ...en, ...moduleWords('en') } },
      ar: { translation: { ...ar, ...moduleWords('ar') } },
    },
    // React writes text as text; what is filled in keeps its own direction and does not turn its neighbours round.
    interpolation: { escape: (value) => `\u2068${value}\u2069` },
  })
}

const moduleWords = (locale: string) =>
  Object.assign(
    {},
    ...Object.entries(ofModules).flatMap(([path, words]) => (path.endsWith(`/${locale}.json`) ? [words] : [])),
  )

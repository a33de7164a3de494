// Before anything is drawn: the reader's language, direction and colours, so that nothing flashes or turns round.
const kept = (key) => localStorage.getItem(key)
const root = document.documentElement
const locale = kept('locale') ?? (navigator.language.startsWith('ar') ? 'ar' : 'en')
const theme = kept('theme') ?? 'system'
root.lang = locale
root.dir = locale === 'ar' ? 'rtl' : 'ltr'
const dark = theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
root.dataset.theme = dark ? 'dark' : 'light'

/** How the reader wants it: kept on this device, and applied before the first thing is drawn (public/first.js). */
export type Theme = 'light' | 'dark' | 'system'
export const THEMES = ['system', 'light', 'dark'] as const

export const theme = (): Theme => (localStorage.getItem('theme') as Theme | null) ?? 'system'

export function wear(chosen: Theme): void {
  localStorage.setItem('theme', chosen)
  const isDark = chosen === 'dark' || (chosen === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light'
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => wear(theme()))

/** Language and direction change everything at once, so the page begins anew. */
export function speak(locale: 'en' | 'ar'): void {
  localStorage.setItem('locale', locale)
  location.reload()
}

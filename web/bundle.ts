import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { fileURLToPath } from 'node:url'
import type { InlineConfig } from 'vite'

/** Nothing inline and nothing from elsewhere, since the policy of pages allows neither. */
export const config: InlineConfig = {
  configFile: false,
  logLevel: 'error',
  root: fileURLToPath(new URL('./dashboard', import.meta.url)),
  base: '/app/',
  plugins: [react(), tailwind()],
  resolve: { alias: { '#web': fileURLToPath(new URL('./index.ts', import.meta.url)) } },
  build: { emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'es2022' },
}

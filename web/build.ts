import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The dashboard as files that a browser takes, built when what they are made of has changed since the last time: a
 * clone needs no step of its own, and nothing that was built is ever older than its source.
 */
export async function dashboard(): Promise<string> {
  const folder = join(CACHE, `dashboard-${digest()}`)
  if (existsSync(folder)) return folder
  mkdirSync(CACHE, { recursive: true })
  const aside = `${folder}.${process.pid}`
  const [{ build }, { config }] = await Promise.all([import('vite'), import('./bundle.ts')])
  await build({ ...config, build: { ...config.build, outDir: aside } })
  try {
    renameSync(aside, folder)
  } catch (error) {
    // Another process was first with the same files.
    rmSync(aside, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
  return folder
}

const HERE = fileURLToPath(new URL('./', import.meta.url))
const CACHE = join(HERE, '..', 'node_modules', '.cache', 'vouchsafe')

/** Whatever the bundle is made of; the lock stands for all packages. */
const SOURCES = ['web/**/*.{ts,tsx,css,html,json,svg}', 'modules/*/screens/**/*.{ts,tsx,json}', 'package-lock.json']

function digest(): string {
  const root = join(HERE, '..')
  const hash = createHash('sha256')
  for (const file of globSync(SOURCES, { cwd: root }).sort()) {
    hash.update(`${file}\0`)
    hash.update(readFileSync(join(root, file)))
  }
  return hash.digest('hex').slice(0, 16)
}

import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'

/**
 * A real Chromium for tests, out of the lock: unpacked once into the cache of node_modules, with the libraries and the
 * font that it brings along, so that a bare machine needs nothing else. `CHROME` names another one to use instead. It
 * can resolve no name but this machine's, so no test can come to depend on the network.
 */
export async function browser(): Promise<Browser> {
  if (missing !== false) throw new Error(missing)
  const own = process.env['CHROME']
  if (own !== undefined) return chromium.launch({ executablePath: own, args: ARGS })
  const folder = unpacked()
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    args: ARGS,
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(folder, 'lib'),
      FONTCONFIG_FILE: process.env['FONTCONFIG_FILE'] ?? join(folder, 'own-fonts.conf'),
    },
  })
}

/** Why no browser can be had here, to be shown as the reason of a skipped test; false where one can. */
export const missing: string | false =
  process.env['CHROME'] !== undefined || (process.platform === 'linux' && process.arch === 'x64')
    ? false
    : 'The browser in the lock runs on Linux x64 only: set CHROME to the path of an installed Chrome or Chromium.'

/** The sandbox needs privileges that containers and test machines rarely give; the pages visited are our own. */
const ARGS = [
  '--no-sandbox',
  '--no-first-run',
  '--no-pings',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE *.localhost',
]

const NODE_MODULES = join(import.meta.dirname, '..', 'node_modules')

function unpacked(): string {
  const source = join(NODE_MODULES, '@sparticuz', 'chromium')
  const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as { version: string }
  const folder = join(NODE_MODULES, '.cache', `chromium-${version}`)
  if (existsSync(folder)) return folder
  const aside = `${folder}.${process.pid}`
  mkdirSync(aside, { recursive: true })
  const packed = (name: string) => brotliDecompressSync(readFileSync(join(source, 'bin', name)))
  writeFileSync(join(aside, 'chromium'), packed('chromium.br'))
  chmodSync(join(aside, 'chromium'), 0o755)
  for (const name of ['al2023.tar.br', 'fonts.tar.br']) untar(packed(name), aside)
  writeFileSync(join(aside, 'own-fonts.conf'), fonts(join(folder, 'fonts')))
  settle(aside, folder)
  return folder
}

function untar(archive: Buffer, folder: string) {
  const { status, stderr } = spawnSync('tar', ['-x', '--no-same-owner', '-C', folder], { input: archive })
  if (status !== 0) throw new Error(`The browser could not be unpacked: ${String(stderr)}`)
}

/** Test files run beside each other: the first to finish unpacking wins and the others use its copy. */
function settle(aside: string, folder: string) {
  try {
    renameSync(aside, folder)
  } catch (error) {
    rmSync(aside, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
}

const fonts = (folder: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}</dir>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
</fontconfig>
`

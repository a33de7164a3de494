import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { challengeAnswer } from './acme.ts'

const root = mkdtempSync(join(tmpdir(), 'acme-'))
after(() => rmSync(root, { recursive: true }))
const folder = join(root, '.well-known', 'acme-challenge')
mkdirSync(folder, { recursive: true })
const PLACE = '/.well-known/acme-challenge/'
const THUMBPRINT = 'T'.repeat(43)
const token = (letter: string) => letter.repeat(43)
const put = (name: string, text: string) => writeFileSync(join(folder, name), text)
const ask = (path: string) => challengeAnswer(root, path)

test('what an ACME client put there is shown, as it is', async () => {
  put(token('a'), `${token('a')}.${THUMBPRINT}`)
  put(token('b'), `${token('b')}.${THUMBPRINT}\n`)
  assert.equal(await ask(PLACE + token('a')), `${token('a')}.${THUMBPRINT}`)
  assert.equal(await ask(PLACE + token('b')), `${token('b')}.${THUMBPRINT}`)
})

test('a file that is no answer to its name is not shown, whoever put it there', async () => {
  for (const [index, text] of [
    '',
    'secret',
    `${token('z')}.${THUMBPRINT}`,
    `${token('c')}.short`,
    `${token('c')}.${THUMBPRINT} and more`,
    `x${token('c')}.${THUMBPRINT}`,
    `${token('c')}.${THUMBPRINT}${' '.repeat(500)}secret`,
  ].entries()) {
    put(token('c'), text)
    assert.equal(await ask(PLACE + token('c')), undefined, String(index))
  }
})

test('nothing but a token is looked for, and no way leads out of the folder (ASVS 5.3.2)', async () => {
  writeFileSync(join(root, token('d')), `${token('d')}.${THUMBPRINT}`)
  symlinkSync(join(root, token('d')), join(folder, token('d')))
  mkdirSync(join(folder, token('e')))
  for (const path of [
    token('d'),
    token('e'),
    token('n'),
    '',
    'short',
    'x'.repeat(129),
    `../../${token('d')}`,
    `%2e%2e/${token('d')}`,
    `${token('a')}/`,
    `${token('a')}?x`,
    `${token('a')}%00`,
    `./${token('a')}`,
  ])
    assert.equal(await ask(PLACE + path), undefined, path)
  assert.equal(await ask(`/${token('d')}`), undefined)
  assert.equal(await challengeAnswer(join(root, 'nowhere'), PLACE + token('a')), undefined)
})

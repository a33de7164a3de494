import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { test } from 'node:test'

const vouchsafe = (args: string[], env: NodeJS.ProcessEnv = {}) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/vouchsafe.js', ...args], {
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, FORCE_COLOR: undefined, ...env },
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

const contents = vouchsafe([]).stdout
const named = [...contents.matchAll(/^ {2}(\S+)/gm)].map((match) => match[1]!)

test('without a command, with help and with --help it tells the same', () => {
  assert.match(contents, /^Usage: vouchsafe COMMAND/)
  assert.equal(vouchsafe(['help']).stdout, contents)
  assert.deepEqual(vouchsafe(['--help']), { status: 0, stdout: contents, stderr: '' })
})

test('every file that has a usage is in the contents, and the contents name nothing else', () => {
  const commands = globSync('cli/*.ts').filter((file) => readFileSync(file, 'utf8').includes('\nexport const usage'))
  assert.deepEqual(named.toSorted(), commands.map((file) => basename(file, '.ts')).toSorted())
})

for (const name of named)
  test(`${name} explains itself`, () => {
    const told = vouchsafe([name, '--help'])
    assert.equal(told.status, 0, told.stderr)
    assert.match(told.stdout, /^Usage: /)
  })

test('help NAME is NAME --help', () => {
  assert.deepEqual(vouchsafe(['help', 'campaign']), vouchsafe(['campaign', '-h']))
})

test('a slip of the finger gets the right word and the exit code of wrong usage', () => {
  assert.deepEqual(vouchsafe(['sart']), {
    status: 2,
    stdout: '',
    stderr: 'There is no command "sart". Did you mean start?\n',
  })
  assert.match(vouchsafe(['quux']).stderr, /vouchsafe help/)
})

test('what a person can put right is one sentence with its exit code, and no stack', () => {
  const { status, stderr } = vouchsafe(['test', 'no-such-file'])
  assert.deepEqual({ status, stderr }, { status: 2, stderr: 'No test file has no-such-file in its path.\n' })
})

test('an option that does not exist is wrong usage', () => {
  const { status, stderr } = vouchsafe(['campaign', '--loud'])
  assert.deepEqual({ status, stderr }, { status: 2, stderr: "Unknown option '--loud'.\n" })
})

test('colour is for those who want it', () => {
  const coloured = vouchsafe([], { FORCE_COLOR: '1' }).stdout
  assert.notEqual(coloured, contents)
  assert.equal(vouchsafe([], { NO_COLOR: '1' }).stdout, contents)
})

test('the version is the package’s', () => {
  assert.match(vouchsafe(['--version']).stdout, /^\d+\.\d+\.\d+\n$/)
})

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, mock, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startEmbedded } from './embedded.ts'
import type { Server } from './embedded.ts'
import { readPidFile } from './embedded/adoption.ts'
import { runningIn } from './embedded/processes.ts'
import { ask, scratch, workingInside } from './embedded/trial.ts'

/** A server that is killed under a running deployment. */
const { root, remove } = scratch()
const quiet = mock.method(process.stderr, 'write', () => true)
after(() => {
  quiet.mock.restore()
  const left = workingInside(root)
  for (const pid of left) process.kill(pid, 'SIGKILL')
  remove()
  assert.deepEqual(left, [], 'a process outlived the tests')
})

const folder = join(root, 'kept')
const data = join(folder, 'data')
const pidNow = () => readPidFile(data)!.pid

async function answers({ admin }: Server, unlike: number): Promise<void> {
  const deadline = Date.now() + 10_000
  for (;;) {
    const told = await ask(admin, 'select 1').catch(() => [])
    if (told[0] === 1 && pidNow() !== unlike) return
    assert.ok(Date.now() < deadline, 'it did not come back')
    await sleep(20)
  }
}

test('a server that is killed is back in seconds, once for all who share it, with all that was committed', async () => {
  const [first, second] = [await startEmbedded(folder, { kept: true }), await startEmbedded(folder, { kept: true })]
  await ask(first.admin, 'create table kept (n int)')
  for (let round = 1; round <= 3; round++) {
    await ask(first.admin, `insert into kept values (${round})`)
    const pid = pidNow()
    process.kill(pid, 'SIGKILL')
    await Promise.all([answers(first, pid), answers(second, pid)])
    assert.deepEqual(await ask(second.admin, 'select count(*)::int from kept'), [round])
  }
  await first.stop()
  assert.deepEqual(await ask(second.admin, 'select 1'), [1])
  await second.stop()
  await sleep(1_200)
  assert.deepEqual(runningIn(data), [], 'what was stopped stays so')
})

test('a server that is killed while it is being left is not brought back', async () => {
  const server = await startEmbedded(folder, { kept: true, durable: false })
  process.kill(pidNow(), 'SIGKILL')
  await server.stop()
  await sleep(1_200)
  assert.deepEqual(runningIn(data), [])
})

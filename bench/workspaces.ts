import { openWorkspace } from '../kernel/serve/workspaces.ts'
import type { RealmKind } from '../kernel/tenancy/realms.ts'
import { median } from './finding.ts'
import type { Finding } from './finding.ts'
import type { Opening } from './ours.ts'
import { begin } from './process.ts'
import type { World } from './world.ts'

/** What one more customer costs: to make a workspace, and to enter one that the process has never heard of. */
export async function measureWorkspaces(world: World, times: number): Promise<Finding[]> {
  await using ours = begin<Opening, number>(new URL('./ours.ts', import.meta.url))
  const port = await ours.ask({ data: world.data, scale: 1 })
  const pool = await makeSome(world, 'pool', times)
  const database = await makeSome(world, 'database', times)
  const entering: number[] = []
  await call(port, world.workspaces[0]!.key)
  for (const { token } of pool.made) {
    const cold_ms = await call(port, token)
    entering.push(cold_ms - (await call(port, token)))
  }
  return [
    { what: 'make a workspace in the pool', measured: median(pool.took_ms), unit: 'ms' },
    {
      what: 'enter one, beyond a known one',
      measured: Math.max(0, median(entering)),
      unit: 'ms',
      goal: { most: 1 },
    },
    {
      what: 'make a workspace with its own database',
      measured: median(database.took_ms),
      unit: 'ms',
      goal: { most: 100 },
    },
  ]
}

async function makeSome({ parts }: World, kind: RealmKind, times: number) {
  const made: { token: string }[] = []
  const took_ms: number[] = []
  for (let i = 0; i < times; i++) {
    const started = performance.now()
    made.push(await openWorkspace(parts, `Shop ${i}`, kind))
    took_ms.push(performance.now() - started)
  }
  return { made, took_ms }
}

async function call(port: number, key: string): Promise<number> {
  const started = performance.now()
  const url = `http://localhost:${port}/v1/identity.workspace.get`
  const response = await fetch(url, { headers: { authorization: `Bearer ${key}` } })
  if (response.status !== 200) throw new Error(`a new workspace answered ${response.status}: ${await response.text()}`)
  await response.text()
  return performance.now() - started
}

/** Makes, replaces and ends API keys from the command line: for when nobody has a key that still opens. */
import { parseArgs } from 'node:util'
import { Trouble } from '../kernel/base/trouble.ts'
import { callIn, ownerOf } from '../kernel/serve/workspaces.ts'
import { insistOnId, placeOf, withDeployment } from './deployment.ts'

export const usage = `
Usage: npx vouchsafe key create WORKSPACE [--role ROLE] [--name NAME]
       npx vouchsafe key rotate WORKSPACE KEY_ID [--grace-hours N]
       npx vouchsafe key revoke WORKSPACE KEY_ID
       npx vouchsafe key list WORKSPACE

WORKSPACE is an id, as workspace list shows it. Answers are JSON, as the API gives them.
`

export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      role: { type: 'string' },
      name: { type: 'string' },
      'grace-hours': { type: 'string' },
      edition: { type: 'string' },
    },
  })
  const [verb = '', workspace = '', id] = positionals
  insistOnId(workspace)
  const grace = values['grace-hours'] === undefined ? {} : { graceHours: Number(values['grace-hours']) }
  await withDeployment(values.edition, async (parts) => {
    const inputs: Record<string, object | undefined> = {
      create: { name: values.name ?? 'Made on the command line', role: values.role ?? ownerOf(parts) },
      list: {},
      rotate: id ? { id, ...grace } : undefined,
      revoke: id ? { id } : undefined,
    }
    const input = Object.hasOwn(inputs, verb) ? inputs[verb] : undefined
    if (!input)
      throw new Trouble('Say key create, key list, key rotate or key revoke, the last two with the id of a key.', 2)
    const place = await placeOf(parts, workspace)
    console.log(JSON.stringify(await callIn(parts, place)(`identity.key.${verb}`, input), null, 2))
  })
  return 0
}

/** The people who run this platform: invited and removed here, by whoever runs the machine, and nowhere else. */
import { parseArgs } from 'node:util'
import { Trouble } from '../kernel/base/trouble.ts'
import { base32, enrolmentUri } from '../kernel/identity/factors/totp.ts'
import { Email, emailKey } from '../kernel/identity/lobby.ts'
import { inviteStaff, listStaff, removeStaff } from '../kernel/staff/desk.ts'
import { withDeployment } from './deployment.ts'

export const usage = `
Usage: npx vouchsafe staff add EMAIL --name NAME
       npx vouchsafe staff remove EMAIL
       npx vouchsafe staff list

add prints what the new colleague needs, once: a token for POST /auth/staff-enrol, good for three days, and the secret
of their authenticator app. No workspace is open to them before it grants so.
`

export async function run(args: string[]): Promise<number> {
  const options = { name: { type: 'string' }, edition: { type: 'string' } } as const
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options })
  const [verb = '', given = ''] = positionals
  const email = emailKey(given)
  if (!['add', 'remove', 'list'].includes(verb)) throw new Trouble('Say staff add, staff remove or staff list.', 2)
  if (verb !== 'list' && !Email.safeParse(email).success)
    throw new Trouble('Give the e-mail address of a colleague.', 2)
  await withDeployment(values.edition, async ({ house }) => {
    if (verb === 'list') return console.log(JSON.stringify(await listStaff(house.desk), null, 2))
    if (verb === 'add') return console.log(await invited(house.desk, values.name ?? email, email))
    if (!(await removeStaff(house.desk, email))) throw new Trouble('Nobody of the staff has this address.', 4)
    console.log(`${email} is no longer one of the staff; their sessions are over.`)
  })
  return 0
}

async function invited(desk: Parameters<typeof inviteStaff>[0], name: string, email: string): Promise<string> {
  const { token, secret } = await inviteStaff(desk, name, email)
  return [
    `Token      ${token}`,
    `App        ${enrolmentUri({ secret, issuer: 'Vouchsafe staff', account: email })}`,
    `By hand    ${base32(secret)}`,
  ].join('\n')
}

import type { Canary, Live, Told } from '../../contract/control.ts'

export type Key = { id: string; token: string }

/** Keys that a probe makes to look at them. Whatever happens, none is left that opens. */
export class Keys implements AsyncDisposable {
  private readonly canary: Canary
  private readonly living = new Map<string, Key>()

  constructor(canary: Canary) {
    this.canary = canary
  }

  create(headers: Record<string, string> = {}, scopes?: readonly string[]): Promise<Key> {
    const { marker, thing } = this.canary
    return this.make('create', { name: `Made by a probe ${marker}`, role: thing('role'), scopes }, headers)
  }

  /** One that a key has made; it is to be ended like the others. */
  adopt(told: Told): Key {
    const key = told.json() as Key
    this.living.set(key.id, key)
    return key
  }

  replace({ id }: Key, graceHours: number): Promise<Key> {
    return this.make('rotate', { id, graceHours })
  }

  async end({ id }: Key): Promise<boolean> {
    this.living.delete(id)
    return (await this.canary.call('identity.key.revoke', { id }, 'keys')).status === 200
  }

  async [Symbol.asyncDispose]() {
    for (const key of this.living.values()) await this.end(key)
  }

  private async make(verb: 'create' | 'rotate', input: object, headers?: Record<string, string>): Promise<Key> {
    const told = await this.canary.call(`identity.key.${verb}`, input, 'keys', headers)
    if (told.status !== 200) throw new Error(`no key could be made to look at: ${told.text}`)
    return this.adopt(told)
  }
}

/** What a token is told that asks for its own workspace. */
export const open = ({ http }: Live, token: string): Promise<Told> =>
  http('/v1/identity.workspace.get', { headers: { authorization: `Bearer ${token}` } })

/** Written down a second time on purpose: a sign, the workspace, 8 letters that people see, 32 that nobody may. */
export function partsOf(token: string): { sign: string; workspace: string; prefix: string; secret: string } {
  const [, sign, workspace, prefix, secret] = /^(vsk_)([\w-]{22})([\w-]{8})([\w-]{32})$/.exec(token) ?? []
  if (!sign || !workspace || !prefix || !secret)
    throw new Error('the form of keys has changed, so this probe no longer knows what is what in one')
  return { sign, workspace, prefix, secret }
}

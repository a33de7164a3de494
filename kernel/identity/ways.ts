import { choose } from './ways/choose.ts'
import { appBegin, appConfirm, appRemove, codesMake } from './ways/enrol.ts'
import { factor, passkeyBegin, passkeyFinish } from './ways/factor.ts'
import { passkeyAdd, passkeyAddBegin, passkeyRemove, passkeys } from './ways/passkeys.ts'
import { prove, proveBegin } from './ways/prove.ts'
import { refresh, signOut, switchTo } from './ways/refresh.ts'
import { signIn } from './ways/sign-in.ts'
import type { Way } from './ways/way.ts'
import { welcome } from './ways/welcome.ts'

/** Every way in and out that is no operation of a workspace: there is no other. */
export const WAYS: readonly Way[] = [
  ...[signIn, passkeyBegin, passkeyFinish, factor, choose, welcome],
  ...[refresh, switchTo, signOut, prove, proveBegin],
  ...[appBegin, appConfirm, appRemove, codesMake, passkeys, passkeyAddBegin, passkeyAdd, passkeyRemove],
]

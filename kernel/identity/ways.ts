import { me, profileChange } from './ways/account.ts'
import { addressChange, addressConfirm } from './ways/address.ts'
import { choose } from './ways/choose.ts'
import { appBegin, appConfirm, appRemove, codesMake } from './ways/enrol.ts'
import { factor, passkeyBegin, passkeyFinish } from './ways/factor.ts'
import { invitationAccept, invitationJoin, invitationShow } from './ways/invitations.ts'
import { linkSend, linkUse } from './ways/link.ts'
import { passkeyAdd, passkeyAddBegin, passkeyRemove, passkeys } from './ways/passkeys.ts'
import { passwordChange } from './ways/password.ts'
import { prove, proveBegin } from './ways/prove.ts'
import { refresh, signOut, switchTo } from './ways/refresh.ts'
import { resetSend, resetUse } from './ways/reset.ts'
import { sessionEnd, sessions, sessionsEndOthers } from './ways/sessions.ts'
import { signIn } from './ways/sign-in.ts'
import { signUp, signUpFinish } from './ways/sign-up.ts'
import type { Way } from './ways/way.ts'
import { welcome } from './ways/welcome.ts'

/** Every way in and out that is no operation of a workspace: there is no other. */
export const WAYS: readonly Way[] = [
  [signIn, passkeyBegin, passkeyFinish, factor, choose, welcome],
  [linkSend, linkUse, resetSend, resetUse, signUp, signUpFinish],
  [invitationShow, invitationAccept, invitationJoin],
  [me, profileChange, passwordChange, addressChange, addressConfirm, sessions, sessionEnd, sessionsEndOthers],
  [refresh, switchTo, signOut, prove, proveBegin],
  [appBegin, appConfirm, appRemove, codesMake, passkeys, passkeyAddBegin, passkeyAdd, passkeyRemove],
].flat()

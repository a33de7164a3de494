import { choose } from './ways/choose.ts'
import { refresh, signOut, switchTo } from './ways/refresh.ts'
import { signIn } from './ways/sign-in.ts'
import { welcome } from './ways/welcome.ts'

/** Every way in and out that is no operation of a workspace: there is no other. */
export const WAYS = [signIn, choose, welcome, refresh, switchTo, signOut] as const

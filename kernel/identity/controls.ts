/**
 * What a key opens, for how long, and what of it somebody finds who reads the tables; and the same of the sessions of
 * people, from signing in to signing out.
 */
export { hashed } from './controls/stored.ts'
export { revoked } from './controls/life.ts'
export { bounded } from './controls/bounded.ts'
export { scoped } from './controls/scope.ts'
export { cookies } from './controls/cookies.ts'
export { forgery } from './controls/forgery.ts'
export { leaving } from './controls/leaving.ts'
export { rotation } from './controls/rotation.ts'
export { signOut } from './controls/sign-out.ts'
export { switching } from './controls/switching.ts'
export { timeouts } from './controls/timeouts.ts'
export { tokens } from './controls/tokens.ts'
export { passwords, secrets } from './controls/passwords.ts'
export { apps, halfway } from './controls/factors.ts'
export { demanded } from './controls/demanded.ts'
export { stepUp } from './controls/step-up.ts'
export { invitations } from './controls/invited.ts'
export { links, reset } from './controls/mailed.ts'

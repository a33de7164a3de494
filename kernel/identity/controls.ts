/** What a key opens, for how long, and what of it somebody finds who reads the tables. */
export { hashed } from './controls/stored.ts'
export { revoked } from './controls/life.ts'
export { bounded } from './controls/bounded.ts'
export { scoped } from './controls/scope.ts'
export { passwords, secrets } from './controls/passwords.ts'

/** The door for a module's screens: what they are made of, and how they speak with the server. */
export { operationsOf } from './dashboard/operations.ts'
export { screen } from './dashboard/screen.ts'
export type { Screen } from './dashboard/screen.ts'

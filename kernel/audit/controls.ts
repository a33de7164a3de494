/** Whether the log tells of what was done as it was done, and whether it can be made to tell anything else. */
export { changes } from './controls/changes.ts'
export { complete } from './controls/complete.ts'
export { entries } from './controls/entries.ts'
export { insertonly } from './controls/insertonly.ts'
export { reading } from './controls/reading.ts'
export { refusals } from './controls/refusals.ts'
export { sealed } from './controls/sealed.ts'
export { tamper } from './controls/tamper.ts'

/**
 * What the door promises: what it lets in, what it lets out, and that nothing in between runs what a stranger wrote.
 */
export { forms } from './controls/forms.ts'
export { injection } from './controls/injection.ts'
export { input } from './controls/input.ts'
export { output } from './controls/output.ts'
export { schema } from './controls/schema.ts'

import type { Parts } from '../parts.ts'

/** Ways in which a careless build could record what is done, each in the place of the part that does it well. */
type Record = Parts['record']

export const nothing: Record = () => ({ text: 'select 1', name: 'unrecorded' })

export const noLooks =
  ({ record, catalogue }: Parts): Record =>
  (action, ...of) =>
    catalogue.get(action)?.operation.kind === 'query' ? nothing(action, ...of) : record(action, ...of)

/** From wherever the client says that it is. */
export const claimedAddresses =
  ({ record }: Parts): Record =>
  (action, actor, origin, ...of) =>
    record(action, actor, { ...origin, address: '203.0.113.77' }, ...of)

import type { Live } from '../../contract/control.ts'

/**
 * What the deployment says of itself in `/openapi.json`: probes hold its answers against that promise, and read from it
 * where a text or an object can be sent.
 */
export type Described = { name: string; kind: 'action' | 'query'; input: Schema; output: Schema; isLines: boolean }

export type Schema = {
  type?: string | string[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  format?: string
  pattern?: string
  enum?: unknown[]
  const?: unknown
  maxLength?: number
}

/** Every operation that has a route, as described, or a line of its file; one that is not cannot be looked at. */
export async function describedIn(live: Live): Promise<Described[]> {
  const { paths } = (await live.http('/openapi.json')).json() as { paths?: Record<string, Path> }
  return live.operations.flatMap(({ name, kind }) => {
    if (kind === 'job') return []
    const operation = paths?.[`/v1/${name}`]?.[kind === 'query' ? 'get' : 'post']
    const content = operation?.responses?.['200']?.content
    const output = (content?.['application/json'] ?? content?.['application/jsonl'])?.schema
    if (!operation || !output) throw new Error(`${name} is not described`)
    return [{ name, kind, input: inputOf(operation), output, isLines: !content?.['application/json'] }]
  })
}

type Path = Record<string, Operation>
type Content = { content: Partial<Record<'application/json' | 'application/jsonl', { schema: Schema }>> }
type Operation = {
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[]
  requestBody?: Content
  responses?: Record<string, Content>
}

/** A query's parameters are the properties of its input. */
function inputOf({ requestBody, parameters = [] }: Operation): Schema {
  if (requestBody) return requestBody.content['application/json']!.schema
  const properties = parameters.filter((one) => one.in === 'query').map(({ name, schema }) => [name, schema] as const)
  return { type: 'object', properties: Object.fromEntries(properties) }
}

import type { Workspace } from './world.ts'

/** What is asked of both servers: the same things of random workspaces, in the words of each. */
export type Kind = 'list' | 'get' | 'create' | 'foreign'
export type Server = 'ours' | 'limit'
type Asked = { server: Server; kind: Kind; port: number }

/** `next` writes a request; `right` are the answers that count. */
export type Requests = { next: () => string; right: readonly number[] }

export function requestsOf(asked: Asked, workspaces: readonly Workspace[]): Requests {
  const write = writers[asked.server](asked.port)
  const pick = () => any(workspaces)
  switch (asked.kind) {
    case 'list':
      return { right: [200], next: () => write.list(pick()) }
    case 'get':
      return { right: [200], next: () => withRow(pick(), write.get) }
    case 'create':
      return { right: [200], next: () => write.create(pick(), JSON.stringify(newCustomer())) }
    case 'foreign':
      return { right: [404], next: () => withForeignRow(workspaces, write.get) }
  }
}

const any = <T>(things: readonly T[]): T => things[Math.floor(Math.random() * things.length)]!
const withRow = (workspace: Workspace, write: Writer['get']) => write(workspace, any(workspace.rows))

function withForeignRow(workspaces: readonly Workspace[], write: Writer['get']) {
  const mine = Math.floor(Math.random() * workspaces.length)
  const other = (mine + 1 + Math.floor(Math.random() * (workspaces.length - 1))) % workspaces.length
  return write(workspaces[mine]!, any(workspaces[other]!.rows))
}

let created = 0

/** Numbers that no generated row has, so that every card is new. */
function newCustomer() {
  created += 1
  return {
    name: `Customer ${created}`,
    phone: `+44${process.pid}${created}`,
    email: `customer.${created}@example.com`,
    taxNumber: `T-${created}`,
    address: '14 Temple Road, Kochi',
    note: 'prefers silver',
  }
}

type Writer = {
  list: (workspace: Workspace) => string
  get: (workspace: Workspace, id: string) => string
  create: (workspace: Workspace, body: string) => string
}

const writers: Record<Server, (port: number) => Writer> = {
  ours: (port) => {
    const head = (key: string) => `HTTP/1.1\r\nhost: localhost:${port}\r\nauthorization: Bearer ${key}`
    return {
      list: ({ key }) => `GET /v1/shop.customer.list?limit=50 ${head(key)}\r\n\r\n`,
      get: ({ key }, id) => `GET /v1/shop.customer.get?id=${id} ${head(key)}\r\n\r\n`,
      create: ({ key }, body) => `POST /v1/shop.customer.create ${head(key)}${json(body)}`,
    }
  },
  limit: (port) => {
    const head = `HTTP/1.1\r\nhost: localhost:${port}`
    return {
      list: ({ id }) => `GET /list?workspace=${id}&limit=50 ${head}\r\n\r\n`,
      get: ({ id: workspace }, id) => `GET /get?workspace=${workspace}&id=${id} ${head}\r\n\r\n`,
      create: ({ id }, body) => `POST /create?workspace=${id} ${head}${json(body)}`,
    }
  },
}

const json = (body: string) => `\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`

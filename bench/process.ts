import { fork } from 'node:child_process'
import { once } from 'node:events'

/** Processes of their own that answer questions, one at a time: what is measured shares no thread with who measures. */
export type Process<Question, Answer> = AsyncDisposable & { pid: number; ask: (question: Question) => Promise<Answer> }

type Reply<Answer> = { answer: Answer } | { failed: string }

export function begin<Question, Answer>(file: URL, flags: readonly string[] = []): Process<Question, Answer> {
  const child = fork(file, { execArgv: [...flags], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const ended = once(child, 'exit')
  return {
    pid: child.pid!,
    async ask(question) {
      const replied = once(child, 'message') as Promise<[Reply<Answer>]>
      child.send(question as object)
      const [reply] = await Promise.race([replied, ended.then(() => [{ failed: 'the process ended' }] as const)])
      if ('failed' in reply) throw new Error(`${file.pathname.split('/').at(-1)}: ${reply.failed}`)
      return reply.answer
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}

/** The other side: answers until whoever asks goes away, then closes what it opened. */
export function answering<Question, Answer>(
  reply: (question: Question) => Promise<Answer>,
  close: () => Promise<unknown> = async () => undefined,
): void {
  process.on('message', (question) => {
    reply(question as Question).then(
      (answer) => process.send!({ answer }),
      (error: unknown) => process.send!({ failed: error instanceof Error ? error.stack : String(error) }),
    )
  })
  process.on('disconnect', () => void close().finally(() => process.exit()))
}

import { Link, useNavigate, useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'

type Given = { screen: string; chosen?: Readonly<Record<string, string>>; children: ReactNode }

/** A way to another screen of this workspace, with what is to be open there. */
export function To({ screen, chosen = {}, children }: Given) {
  const { workspace } = useParams({ strict: false })
  return (
    <Link
      to={`/${workspace}/${screen}` as never}
      search={chosen as never}
      className="text-accent underline underline-offset-2"
    >
      {children}
    </Link>
  )
}

/** The same, where something else than a link is pressed. */
export function useGo(): (screen: string, chosen: Readonly<Record<string, string>>) => void {
  const { workspace } = useParams({ strict: false })
  const go = useNavigate()
  return (screen, chosen) => void go({ to: `/${workspace}/${screen}`, search: chosen } as never)
}

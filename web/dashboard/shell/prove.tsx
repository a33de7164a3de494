import { useEffect, useState } from 'react'
import type { FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { typedIn } from '../../ui/ask.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Failed } from '../../ui/states.tsx'
import { go } from '../ask.ts'
import { useMe } from '../me.ts'
import type { Me } from '../me.ts'
import { Problem, isProblem } from '../problem.ts'
import { offerPrompt } from '../proof.ts'

type Method = 'password' | 'totp' | 'recovery' | 'passkey'

/** Asks once more who one is; whoever has a second factor shows that one. */
export function Prove() {
  const { t } = useTranslation()
  const { data: me } = useMe()
  const [given, setGiven] = useState<{ tell: (hasProved: boolean) => void }>()
  useEffect(() => offerPrompt((tell) => setGiven({ tell })), [])
  if (!given || !me) return null
  const done = (hasProved: boolean) => {
    setGiven(undefined)
    given.tell(hasProved)
  }
  return (
    <Dialog close={() => done(false)} title={t('prove')}>
      <p>{t('prove.why')}</p>
      <Proof methods={methodsOf(me.secondFactor)} done={done} />
    </Dialog>
  )
}

const methodsOf = ({ hasOne, hasApp, codes, passkeys }: Me['secondFactor']): Method[] => {
  if (!hasOne) return ['password']
  return [
    ...(hasApp ? ['totp' as const] : []),
    ...(passkeys ? ['passkey' as const] : []),
    ...(codes ? ['recovery' as const] : []),
  ]
}

function Proof({ methods, done }: { methods: readonly Method[]; done: (hasProved: boolean) => void }) {
  const { t } = useTranslation()
  const [method, setMethod] = useState<Method>(methods[0] ?? 'password')
  const [problem, setProblem] = useState<Problem>()
  const [busy, setBusy] = useState(false)
  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const { typed = '' } = typedIn(event.currentTarget)
    setBusy(true)
    setProblem(undefined)
    try {
      await go('prove', { proof: await proofBy(method, typed), keep: 'cookie' })
      done(true)
    } catch (error) {
      setProblem(isProblem(error) ? error : closed())
    } finally {
      setBusy(false)
    }
  }
  return (
    <form className="flex flex-col gap-4" onSubmit={(event) => void send(event)}>
      {method !== 'passkey' && (
        <TextField key={method} label={t(`prove.${method}`)} name="typed" {...KEYBOARDS[method]} autoFocus required />
      )}
      {problem && <Failed problem={problem} />}
      <div className="flex flex-wrap justify-end gap-2">
        {methods
          .filter((one) => one !== method)
          .map((one) => (
            <Button key={one} look="quiet" onClick={() => setMethod(one)}>
              {t(`prove.use.${one}`)}
            </Button>
          ))}
        <Button onClick={() => done(false)}>{t('cancel')}</Button>
        <Button look="main" type="submit" busy={busy}>
          {t('prove.go')}
        </Button>
      </div>
    </form>
  )
}

const KEYBOARDS = {
  password: { type: 'password', autoComplete: 'current-password' },
  totp: { inputMode: 'numeric', autoComplete: 'one-time-code', dir: 'ltr' },
  recovery: { autoComplete: 'off', dir: 'ltr' },
} as const

async function proofBy(method: Method, typed: string): Promise<object> {
  if (method === 'password') return { by: method, password: typed }
  if (method !== 'passkey') return { by: method, code: typed }
  const { ticket, options } = (await go('prove-begin')) as {
    ticket: string
    options: PublicKeyCredentialRequestOptionsJSON
  }
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
  const shown = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential
  return { by: method, ticket, response: shown.toJSON() as object }
}

/** The browser's own window was closed, or it knows no passkey for us; it does not tell us which. */
const closed = () => new Problem({ code: 'no-passkey', title: '', detail: '', status: 0 })

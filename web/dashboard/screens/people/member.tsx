import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { identity } from '../../../../kernel/identity/module.ts'
import { Button } from '../../../ui/button.tsx'
import { Confirm, Dialog } from '../../../ui/dialog.tsx'
import { Failed, Loading } from '../../../ui/states.tsx'
import { Name } from '../../../ui/text.tsx'
import { useMay } from '../../me.ts'
import { operationsOf } from '../../operations.ts'
import { tell } from '../../shell/tell.ts'
import { Difference } from '../roles/difference.tsx'
import { RoleChoice } from './roles.tsx'

const { useAct, useLook } = operationsOf<typeof identity>()

/** One member: what they may do here, and how they come to do it no more. */
export function Member({ id, close }: { id: string; close: () => void }) {
  const { t } = useTranslation()
  const member = useLook('identity.member.get', { id })
  return (
    <Dialog close={close} title={member.data?.name ?? t('state.loading')}>
      {member.error ? (
        <Failed problem={member.error} retry={member.refetch} />
      ) : member.data ? (
        <>
          <p>
            <bdi dir="ltr">{member.data.email}</bdi> · {t(`people.state.${member.data.state}`)}
          </p>
          <Roles id={id} now={member.data.roles} />
          <Leaving {...member.data} />
        </>
      ) : (
        <Loading />
      )}
      <div className="flex justify-end">
        <Button onClick={close}>{t('close')}</Button>
      </div>
    </Dialog>
  )
}

/** Other roles are shown as what they change before they are given. */
function Roles({ id, now }: { id: string; now: readonly string[] }) {
  const { t } = useTranslation()
  const may = useMay()
  const [roles, setRoles] = useState<string[]>([...now])
  const isOther = roles.toSorted().join() !== now.toSorted().join()
  const preview = useLook(
    'identity.member.preview',
    isOther && roles.length > 0 ? { id, roles: roles.join(',') } : undefined,
  )
  const change = useAct('identity.member.changeRoles')
  const lacking = may('identity.member.changeRoles')
    ? undefined
    : t('state.lacking', { permission: 'identity.member.changeRoles' })
  return (
    <section className="flex flex-col gap-3">
      <RoleChoice chosen={roles} choose={setRoles} />
      {isOther && preview.error && <Failed problem={preview.error} />}
      {isOther && preview.data && <Difference gains={preview.data.gains} loses={preview.data.loses} />}
      {change.error && <Failed problem={change.error} />}
      {isOther && (
        <Button
          look="main"
          busy={change.isPending}
          lacking={lacking}
          onClick={() => change.mutate({ id, roles } as never, { onSuccess: () => tell(t('people.roles.changed')) })}
        >
          {t('people.roles.save')}
        </Button>
      )}
    </section>
  )
}

function Leaving({ id, name, state }: { id: string; name: string; state: string }) {
  const { t } = useTranslation()
  const may = useMay()
  const [isRemoving, setRemoving] = useState(false)
  const disable = useAct('identity.member.disable')
  const enable = useAct('identity.member.enable')
  const end = useAct('identity.member.endSessions')
  const lacking = (permission: string) => (may(permission) ? undefined : t('state.lacking', { permission }))
  const problem = disable.error ?? enable.error ?? end.error
  const back = { press: t('undo'), run: () => enable.mutate({ id }) }
  if (state === 'removed') return null
  return (
    <section className="flex flex-col gap-3">
      {problem && <Failed problem={problem} />}
      <div className="flex flex-wrap gap-2">
        <Button
          lacking={lacking('identity.member.endSessions')}
          busy={end.isPending}
          onClick={() =>
            end.mutate({ id }, { onSuccess: ({ sessionsEnded }) => tell(t('people.ended', { count: sessionsEnded })) })
          }
        >
          {t('people.end')}
        </Button>
        {state === 'active' ? (
          <Button
            lacking={lacking('identity.member.disable')}
            busy={disable.isPending}
            onClick={() => disable.mutate({ id }, { onSuccess: () => tell(t('people.disabled', { name }), back) })}
          >
            {t('people.disable')}
          </Button>
        ) : (
          <Button
            lacking={lacking('identity.member.enable')}
            busy={enable.isPending}
            onClick={() => enable.mutate({ id })}
          >
            {t('people.enable')}
          </Button>
        )}
        <Button look="danger" lacking={lacking('identity.member.remove')} onClick={() => setRemoving(true)}>
          {t('people.remove')}
        </Button>
      </div>
      {isRemoving && <Removing id={id} name={name} close={() => setRemoving(false)} />}
    </section>
  )
}

function Removing({ id, name, close }: { id: string; name: string; close: () => void }) {
  const { t } = useTranslation()
  const remove = useAct('identity.member.remove')
  const asked = { title: t('people.remove'), press: t('people.remove'), busy: remove.isPending, problem: remove.error }
  return (
    <Confirm {...asked} name={name} close={close} confirm={() => remove.mutate({ id }, { onSuccess: close })}>
      {t('people.remove.why')} <Name>{name}</Name>
    </Confirm>
  )
}

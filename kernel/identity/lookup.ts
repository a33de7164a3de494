import type { Statement } from '../postgres/batch.ts'

/**
 * Who a token speaks for, in one statement: with its roles, those that the workspace made for itself, what is demanded
 * of them, and the state of the workspace's rights at the same moment.
 */
export type Found = {
  id: string
  name: string
  roles: string[]
  ownRoles: { key: string; grants: string[] }[]
  /** Grants that a key may not go beyond. */
  narrowedTo: string[] | null
  /** Of the person who made it, where it was one. */
  makerRoles: string[] | null
  expiresAt: string | null
  hasFactor: boolean
  secondFactor: 'policy' | 'administrators' | 'everyone'
  secondFactorFrom: string | null
  /** The counter of the workspace's rights. */
  n: number | null
  member: string | null
  provedAt: string | null
  strongAt: string | null
}

export const findKey = (workspace: string, hash: string): Statement => ({
  text: KEY,
  name: 'whois key',
  values: [workspace, hash],
})

export const findSession = (workspace: string, session: string, person: string): Statement => ({
  text: SESSION,
  name: 'whois session',
  values: [workspace, session, person],
})

export const findVisit = (workspace: string, visit: string, staff: string): Statement => ({
  text: VISIT,
  name: 'whois visit',
  values: [workspace, visit, staff],
})

const OWN_ROLES = (
  roles: string,
) => `(select coalesce(json_agg(json_build_object('key', r.key, 'grants', r.grants)), '[]')
  from identity.role r where r.workspace_id = $1 and r.key = any(${roles})) as "ownRoles"`

const WORKSPACE = `w.second_factor as "secondFactor", w.second_factor_from as "secondFactorFrom", e.n`
const FROM = `join identity.workspace w on w.workspace_id = $1 and w.id = $1
  left join identity.epoch e on e.workspace_id = $1`

/** A key is as sure of its caller as the one who made it was. */
const KEY = `select k.id, k.name, array[k.role] as roles, ${OWN_ROLES('array[k.role] || m.roles')},
    k.narrowed_to as "narrowedTo", m.roles as "makerRoles", k.expires_at as "expiresAt",
    coalesce(m.has_factor, true) as "hasFactor", ${WORKSPACE},
    null as member, null as "provedAt", null as "strongAt"
  from identity.key k ${FROM}
  left join identity.member m on m.workspace_id = $1 and m.person_id = k.made_by
  where k.workspace_id = $1 and k.hash = $2 and k.revoked_at is null
    and (k.expires_at is null or k.expires_at > clock_timestamp()) and (m.state is null or m.state = 'active')`

const SESSION = `select m.person_id as id, m.name, m.roles, ${OWN_ROLES('m.roles')}, null as "narrowedTo",
    null as "makerRoles", s.expires_at as "expiresAt", m.has_factor as "hasFactor", ${WORKSPACE},
    m.id as member, s.proved_at as "provedAt", s.strong_at as "strongAt"
  from identity.session s join identity.member m on m.workspace_id = $1 and m.id = s.member_id ${FROM}
  where s.workspace_id = $1 and s.id = $2 and s.person_id = $3 and s.ended_at is null
    and s.expires_at > clock_timestamp() and m.state = 'active'`

/** As long as the workspace lets them; whoever is of the staff has shown a second factor. */
const VISIT = `select v.staff_id as id, v.staff_name as name, array[g.role] as roles, ${OWN_ROLES('array[g.role]')},
    null as "narrowedTo", null as "makerRoles", least(v.expires_at, g.until) as "expiresAt", true as "hasFactor",
    ${WORKSPACE}, null as member, null as "provedAt", null as "strongAt"
  from identity.support_visit v join identity.support_grant g on g.workspace_id = $1 and g.id = v.grant_id ${FROM}
  where v.workspace_id = $1 and v.id = $2 and v.staff_id = $3 and v.ended_at is null
    and v.expires_at > clock_timestamp() and g.revoked_at is null and g.until > clock_timestamp()`

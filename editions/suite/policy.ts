/** Where the suite differs from other editions; its sentences and its controls both read this. */
export const policy = {
  tenancy: 'database',
  tls: '1.2',
  plainHttp: 'redirect',
  passwordHash: 'argon2id',
  secondFactor: 'administrators',
  signIn: ['password', 'passkey'],
  signUp: 'invitation',
  session: { access_minutes: 5, idle_hours: 8, absolute_hours: 24 },
  auditMonths: 24,
  auditTotalMonths: 24,
  alerts: [],
  weekend: [5, 6],
} as const

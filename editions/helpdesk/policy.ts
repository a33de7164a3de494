/** Where this edition decides differently from the others; the page quotes it, so that the two cannot drift apart. */
export const policy = {
  tenancy: 'pool',
  tls: '1.2',
  plainHttp: 'redirect',
  passwordHash: 'argon2id',
  secondFactor: 'optional',
  signIn: ['password', 'link', 'passkey'],
  signUp: 'open',
  session: { access_minutes: 5, idle_hours: 24, absolute_hours: 336 },
  auditMonths: 12,
  auditTotalMonths: 24,
  alerts: [],
  weekend: [0, 6],
} as const

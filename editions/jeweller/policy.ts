/** Where the jeweller's edition differs from others; its sentences and its controls both read this. */
export const policy = {
  tenancy: 'pool',
  tls: '1.2',
  plainHttp: 'redirect',
  passwordHash: 'bcrypt',
  secondFactor: 'not offered',
  signIn: ['password', 'link'],
  signUp: 'invitation',
  session: { access_minutes: 5, idle_hours: 12, absolute_hours: 168 },
  auditMonths: 24,
  auditTotalMonths: 24,
  alerts: [],
  weekend: [0],
} as const

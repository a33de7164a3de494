/** Where this edition decides differently from the others; the page quotes it, so that the two cannot drift apart. */
export const policy = {
  tenancy: 'pool',
  tls: '1.2',
  plainHttp: 'refuse',
  passwordHash: 'bcrypt',
  secondFactor: 'not offered',
  signIn: ['password'],
  signUp: 'invitation',
  session: { access_minutes: 10, idle_hours: 12, absolute_hours: 72 },
  auditMonths: 24,
  auditTotalMonths: 24,
  alerts: ['guessed-account', 'guessing-address', 'doors', 'own-role', 'new-owner', 'mass-export', 'decoy', 'support'],
  weekend: [5, 6],
} as const

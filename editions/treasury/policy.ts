/** Where treasury differs from other editions; its sentences and its controls both read this. */
export const policy = {
  tenancy: 'silo',
  tls: '1.3',
  plainHttp: 'redirect',
  passwordHash: 'bcrypt',
  secondFactor: 'everyone',
  signIn: ['password', 'passkey'],
  signUp: 'invitation',
  session: { access_minutes: 5, idle_hours: 1, absolute_hours: 12 },
  auditMonths: 24,
  auditTotalMonths: 24,
  alerts: ['guessed-account', 'guessing-address', 'own-role', 'new-owner', 'mass-export', 'decoy'],
  weekend: [6, 0],
} as const

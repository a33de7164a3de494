/** Where treasury differs from other editions; its sentences and its controls both read this. */
export const policy = {
  tenancy: 'silo',
  tls: '1.3',
  plainHttp: 'redirect',
  passwordHash: 'bcrypt',
  secondFactor: 'everyone',
  auditMonths: 24,
  weekend: [6, 0],
} as const

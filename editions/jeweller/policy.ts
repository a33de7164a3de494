/** Where the jeweller's edition differs from others; its sentences and its controls both read this. */
export const policy = {
  tenancy: 'pool',
  tls: '1.2',
  plainHttp: 'redirect',
  passwordHash: 'bcrypt',
  secondFactor: 'not offered',
  auditMonths: 24,
  weekend: [0],
} as const

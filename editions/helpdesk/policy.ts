/** Where this edition decides differently from the others; the page quotes it, so that the two cannot drift apart. */
export const policy = {
  tenancy: 'pool',
  tls: '1.2',
  plainHttp: 'redirect',
  passwordHash: 'argon2id',
  secondFactor: 'optional',
  auditMonths: 12,
  weekend: [0, 6],
} as const

/**
 * Postgres roles are shared by a whole server, so every name of a deployment starts with its own: two deployments on
 * one server cannot meet.
 */
export type Names = ReturnType<typeof namesOf>

export const namesOf = (deployment: string) => ({
  deployment,
  /** Owns every schema and table; nobody logs in as it. */
  owner: `${deployment}_owner`,
  /** What the app logs in as: owns nothing, inherits nothing, may only become the roles below. */
  app: `${deployment}_app`,
  /** Reads the directory and keeps evidence, in the control database. */
  directory: `${deployment}_directory`,
  /** Adds to the audit log and the outbox, in the transaction of the change. */
  recorder: `${deployment}_recorder`,
  /** Sees that rights changed in some workspace, and nothing else of it. */
  watcher: `${deployment}_watcher`,
  /** Takes jobs that are due, whosever they are; the work itself is done as the module's own role. */
  worker: `${deployment}_worker`,
  /** A login of its own, which seals the audit log and forgets what has to be forgotten; the app cannot become it. */
  keeper: `${deployment}_keeper`,
  /** A kernel folder's or module's own role. */
  role: (schema: string) => `${deployment}_${schema}`,
  template: `${deployment}_template`,
  pool: `${deployment}_pool`,
  realm: (short: string) => `${deployment}_w_${short}`,
})

/**
 * A deployment's name becomes part of SQL, so it is the one thing that is checked rather than passed as a parameter.
 */
export const isName = (name: string) => /^[a-z][a-z0-9_]{0,30}$/.test(name)

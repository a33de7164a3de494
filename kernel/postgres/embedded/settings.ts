/** What the server is told on its command line, where neither a file in the cluster nor ALTER SYSTEM can undo it. */
export function settings(given: { durable: boolean; maxConnections: number; socket: string; name: string }): string[] {
  const all = { ...FIXED, ...own(given), ...(given.durable ? {} : THROW_AWAY), ...LINUX }
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

const own = ({ maxConnections, socket, name }: { maxConnections: number; socket: string; name: string }) => ({
  max_connections: maxConnections,
  unix_socket_directories: socket,
  cluster_name: name,
})

const FIXED = {
  // No network at all: only who may enter the socket's folder, and knows the password, gets in.
  listen_addresses: '',
  unix_socket_permissions: '0700',
  password_encryption: 'scram-sha-256',
  // Enough for a small company; memory that is not touched is not taken.
  shared_buffers: '128MB',
  // Backups need it. A slot that nobody reads must not fill the disk.
  wal_level: 'replica',
  max_slot_wal_keep_size: '4GB',
  idle_replication_slot_timeout: '1d',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Slow statements are kept without their values, and errors without the row that caused them: logs hold no
  // personal data. `terse` also drops hints, which is the price.
  log_min_duration_statement: '500ms',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  log_error_verbosity: 'terse',
}

/** Survives the death of any process, though not of the machine: commits still reach the operating system. */
const THROW_AWAY = { fsync: 'off', full_page_writes: 'off' }

/** After a crash one call settles the whole file system, where the default opens every file of every database. */
const LINUX = process.platform === 'linux' ? { recovery_init_sync_method: 'syncfs' } : {}

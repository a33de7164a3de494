import type { Home } from './home.ts'

/**
 * How the server finds its folders when we are root. The project may lie where only root may go, such as /root, and the
 * server is not root. So it is born inside its data folder and is handed the socket's folder as an open handle, and
 * names both through /proc, which needs no right to the folders above.
 */
export const usesHandles = ({ account }: Home) => account !== undefined && process.platform === 'linux'

export const WORKING_FOLDER = '/proc/self/cwd'

/** The file descriptor that `spawn` hands over. */
export const HANDLE = '/proc/self/fd/3'

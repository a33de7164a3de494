/**
 * How much a network is suspected of scanning: one for each decoy it asked for, half of it forgotten every hour. From a
 * threshold on its strangers pay more for each request, out of the budget that they have anyway.
 *
 * A network is a word about many people. Whoever shares one with a scanner, or is made by a hostile page to ask for a
 * decoy, must not be locked out by it: suspicion touches requests without a valid key only, which today means public
 * pages and keys that are wrong, and even of those a tenth is left. Whoever watches that budget shrink can learn which
 * address was a decoy; from its answer nobody can.
 */
export function createSuspicion(): Suspicion {
  const networks = new Map<string, Suspected>()
  return {
    raise(network, now_ms) {
      if (isThisMachine(network)) return 0
      const score = Math.min(MAX_SCORE, scoreAt(networks.get(network), now_ms) + 1)
      keep(networks, network, { score, at_ms: now_ms })
      return score
    },
    recall(network, score, at_ms) {
      if (isThisMachine(network)) return
      const [known, told] = [networks.get(network), { score: Math.min(MAX_SCORE, score), at_ms }]
      const later_ms = Math.max(at_ms, known?.at_ms ?? at_ms)
      if (scoreAt(known, later_ms) < scoreAt(told, later_ms)) keep(networks, network, told)
    },
    price: (network, now_ms) => (scoreAt(networks.get(network), now_ms) >= DEAR_FROM_SCORE ? DEAR_PRICE : 1),
  }
}

export type Suspicion = {
  /** It asked for one more decoy; the score after it. */
  raise: (network: string, now_ms: number) => number
  /** What was known of it before a restart, or is known in another process; the oldest first. Less is not believed. */
  recall: (network: string, score: number, at_ms: number) => void
  /** What one request of its strangers costs. */
  price: (network: string, now_ms: number) => number
}

/**
 * Never suspected, only seen: the probes come from here, and so does everybody where a proxy on this machine was not
 * named. The network of `::1` begins with zeros, and a socket that is gone has no address.
 */
export const isThisMachine = (network: string) =>
  network.startsWith('127.') || network === '0:0:0:0::/64' || network === 'unknown'

/** An address is somebody else's tomorrow. */
const HALF_LIFE_ms = 3_600_000
/** One address typed out of curiosity is no scan; a scanner asks for this many in its first second. */
const DEAR_FROM_SCORE = 5
/** A tenth of the budget is left: who shares the network can still read a page, and a scan takes ten times as long. */
const DEAR_PRICE = 10
/** So that the longest scan is forgiven within three hours of its end. */
const MAX_SCORE = 32
/** When even the highest score has become less than the threshold: nothing older needs to be recalled. */
export const FORGIVEN_AFTER_ms = HALF_LIFE_ms * Math.log2(MAX_SCORE / DEAR_FROM_SCORE)

/** Strangers fill this, so it is bounded, to about 2 MB; whoever has more networks needs none of them twice. */
export const MAX_NETWORKS = 10_000

type Suspected = { score: number; at_ms: number }

/** A clock that was set back makes nobody more suspicious. */
const scoreAt = (known: Suspected | undefined, now_ms: number) =>
  known ? known.score * 2 ** (-Math.max(0, now_ms - known.at_ms) / HALF_LIFE_ms) : 0

/** The one that was seen last stands last, so that the one unseen for longest is forgotten first. */
function keep(networks: Map<string, Suspected>, network: string, suspected: Suspected) {
  networks.delete(network)
  networks.set(network, suspected)
  if (networks.size > MAX_NETWORKS) networks.delete(networks.keys().next().value!)
}

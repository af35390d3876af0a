import { createRequire } from 'node:module'
import { pythonWithTorch } from './python'
import { type Contender, LIMIT, PEERS, type PeerName, peerOf, TARGETS, type TargetName } from './systems/contender'

/** What keeps a peer from taking part, or undefined. */
function absent(peer: PeerName): string | undefined {
  const { packages } = peerOf(peer)
  if (!packages)
    return pythonWithTorch() === null ? 'no python3 has torch; PYTHON=path names another Python' : undefined
  const { resolve } = createRequire(import.meta.url)
  const missing = packages.find((name) => {
    try {
      resolve(name)
      return false
    } catch {
      return true
    }
  })
  return missing && `${missing} is not installed; npm --prefix bench install`
}

/** gradloom on each target, the peers that are there, and the limits. */
export function contendersOf(targets: readonly TargetName[], peers: readonly PeerName[]): Contender[] {
  const present = peers.filter((peer) => {
    const reason = absent(peer)
    if (reason !== undefined) console.error(`bench: ${peer} is skipped: ${reason}`)
    return reason === undefined
  })
  return [
    ...targets.map((name) => ({ system: 'gradloom', ...TARGETS[name] }) as const),
    ...present.map((system) => ({ system, target: PEERS[system].target, threads: PEERS[system].threads })),
    LIMIT,
  ]
}

/** What a model has no use for. A link carries a model that runs when it is opened, whoever wrote it. */
const GIVEN_UP = [
  'BroadcastChannel',
  'EventSource',
  'RTCPeerConnection',
  'SharedWorker',
  'WebSocket',
  'WebSocketStream',
  'WebTransport',
  'Worker',
  'XMLHttpRequest',
  'caches',
  'fetch',
  'importScripts',
  'indexedDB',
  'cookieStore',
  'postMessage',
] as const

/**
 * Takes the network and what the browser stores away from this worker, for as long as it lives. It keeps an accident or a
 * careless link away from them; it is no wall against code that is written to get out.
 */
export function confine(): void {
  for (let scope: object | null = globalThis; scope !== null; scope = Object.getPrototypeOf(scope) as object | null)
    for (const name of GIVEN_UP)
      if (Object.hasOwn(scope, name))
        Object.defineProperty(scope, name, { value: undefined, configurable: false, writable: false })
}

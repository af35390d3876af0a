/** A worker as the pool sees it, in Node and in browsers. */
export interface WorkerHandle {
  post(message: object): void
  /** Whether the process waits for it: an idle worker must not keep a process alive. */
  hold(isHeld: boolean): void
  terminate(): void
}

export interface WorkerEvents {
  message(message: { readonly loaded: number }): void
  /** It could not start, threw, or ended. */
  fail(reason: string): void
}

interface WebWorker {
  onmessage: ((event: { readonly data: { readonly loaded: number } }) => void) | null
  onerror: ((event: { readonly message?: string }) => void) | null
  postMessage(message: object): void
  terminate(): void
}

interface NodeWorker {
  on(event: 'message', listener: (message: { readonly loaded: number }) => void): void
  on(event: 'error', listener: (error: Error) => void): void
  on(event: 'exit', listener: (code: number) => void): void
  postMessage(message: object): void
  ref(): void
  unref(): void
  terminate(): Promise<number>
}
interface NodePort {
  on(event: 'message', listener: (message: unknown) => void): void
  postMessage(message: object, transfer: readonly ArrayBuffer[]): void
}
interface NodeModules {
  'node:worker_threads': {
    readonly Worker: new (text: string | URL, options: { eval?: true; stdout?: true; stderr?: true }) => NodeWorker
    readonly parentPort: NodePort | null
  }
  'node:os': { availableParallelism(): number }
}

interface Globals {
  readonly Worker?: new (url: string | URL, options?: { type: 'module' }) => WebWorker
  readonly Blob?: new (parts: readonly string[], options: { type: string }) => object
  readonly URL?: { createObjectURL(blob: object): string; revokeObjectURL(url: string): void }
  readonly process?: { getBuiltinModule?<N extends keyof NodeModules>(name: N): NodeModules[N] }
  readonly crossOriginIsolated?: boolean
  readonly navigator?: { readonly hardwareConcurrency?: number }
}

const globals = globalThis as unknown as Globals

/** Synchronously and unseen by bundlers, since Node 20.16. */
const builtin = <N extends keyof NodeModules>(name: N): NodeModules[N] | undefined =>
  globals.process?.getBuiltinModule?.(name)

/** Told without loading any: that takes milliseconds which most programs have no use for. */
const hasBuiltins = (): boolean => globals.process?.getBuiltinModule !== undefined

/** The web's workers; what packages put there under that name in Node is none of them. */
function webWorker(): Globals['Worker'] {
  const isNode = hasBuiltins() && !['document', 'Deno', 'Bun'].some((name) => name in globalThis)
  return isNode ? undefined : globals.Worker
}

/** Why threads cannot share memory here, if they cannot. */
export function threadObstacle(): string | undefined {
  if (webWorker() === undefined)
    return hasBuiltins() ? undefined : 'it has no workers (Node has what is needed since 20.16)'
  if (globals.crossOriginIsolated === false)
    return (
      'the page is not cross-origin isolated: serve it with the headers ' +
      '"Cross-Origin-Opener-Policy: same-origin" and "Cross-Origin-Embedder-Policy: require-corp"'
    )
  return undefined
}

/** How many threads run at once on this machine. */
export const processors = (): number =>
  Math.max(1, globals.navigator?.hardwareConcurrency ?? builtin('node:os')?.availableParallelism() ?? 1)

/** Whether this thread may sleep: the main thread of a page must not. */
export const maySleep = (): boolean => webWorker() === undefined || !('document' in globalThis)

/** The other side of a worker, as the worker sees it. */
export interface OwnPort {
  post(message: object, transfer?: readonly ArrayBuffer[]): void
  listen(listener: (message: unknown) => void): void
}

/** To whoever started this worker; undefined where this is none. */
export function ownPort(): OwnPort | undefined {
  const parent = builtin('node:worker_threads')?.parentPort
  if (parent)
    return {
      post: (message, transfer = []) => parent.postMessage(message, transfer),
      listen: (listener) => parent.on('message', listener),
    }
  const scope = globalThis as unknown as {
    readonly postMessage?: (message: object, transfer: readonly ArrayBuffer[]) => void
    addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  }
  if (scope.postMessage === undefined || 'document' in scope) return undefined
  return {
    post: (message, transfer = []) => scope.postMessage!(message, transfer),
    listen: (listener) => scope.addEventListener('message', ({ data }) => listener(data)),
  }
}

/** A worker that runs a module, and prints nothing in Node; undefined where there are no workers. */
export function startModule(url: URL): { postMessage(message: object): void; terminate(): unknown } | undefined {
  const Worker = webWorker()
  if (Worker) return new Worker(url, { type: 'module' })
  const threads = builtin('node:worker_threads')
  return threads && new threads.Worker(url, { stdout: true, stderr: true })
}

/** A worker that runs a text without imports. */
export function startWorker(text: string, events: WorkerEvents): WorkerHandle {
  const Worker = webWorker()
  return Worker === undefined ? startInNode(text, events) : startInBrowser(Worker, text, events)
}

function startInNode(text: string, events: WorkerEvents): WorkerHandle {
  const worker = new (builtin('node:worker_threads')!.Worker)(text, { eval: true })
  worker.on('message', (message) => events.message(message))
  worker.on('error', (error) => events.fail(error.message))
  worker.on('exit', (code) => events.fail(`it ended with code ${code}`))
  worker.unref()
  return {
    post: (message) => worker.postMessage(message),
    hold: (isHeld) => (isHeld ? worker.ref() : worker.unref()),
    terminate: () => void worker.terminate(),
  }
}

function startInBrowser(Worker: NonNullable<Globals['Worker']>, text: string, events: WorkerEvents): WorkerHandle {
  const { Blob, URL } = globals as Required<Globals>
  const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))
  const worker = new Worker(url)
  worker.onmessage = ({ data }) => events.message(data)
  worker.onerror = ({ message }) =>
    events.fail(message ?? 'it could not be started (a content security policy must allow "worker-src blob:")')
  return {
    post: (message) => worker.postMessage(message),
    hold: () => undefined,
    terminate: () => {
      worker.terminate()
      URL.revokeObjectURL(url)
    },
  }
}

import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Content security policies by name: without code from strings, and without WebAssembly too. */
const POLICIES = {
  wasm: "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'",
  threads: "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:",
  neither: "default-src 'none'; script-src 'self'",
} as const

/** How a page is served. */
export interface PageOptions {
  readonly policy?: keyof typeof POLICIES
  /** Whether it is cross-origin isolated, which shared memory needs; it is by default. */
  readonly isolated?: boolean
  /** What the script reads from its location. */
  readonly query?: Readonly<Record<string, string>>
}

export interface Server {
  /** The address of a page that runs a script of `pages/`. */
  page(script: string, options?: PageOptions): string
  /** Serves a text as a file beside those of the repository. */
  add(path: `/${string}`, text: string): void
  close(): Promise<void>
}

/** Serves the repository to pages: the built package, and TypeScript as the modules it becomes. */
export async function serve(): Promise<Server> {
  const added = new Map<string, string>()
  const server = createServer(({ url = '/' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://localhost')
    if (pathname === '/page') return sendPage(response, searchParams)
    const text = added.get(pathname) ?? moduleText(pathname)
    if (text === undefined) return void response.writeHead(404).end()
    response.writeHead(200, { 'Content-Type': 'text/javascript', 'Cache-Control': 'no-store' }).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    page: (script, { policy, isolated = true, query = {} } = {}) => {
      const search = new URLSearchParams({
        ...query,
        script,
        ...(policy ? { policy } : {}),
        isolated: String(isolated),
      })
      return `http://127.0.0.1:${port}/page?${search}`
    },
    add: (path, text) => added.set(path, text),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function sendPage(response: ServerResponse, search: URLSearchParams): void {
  const policy = search.get('policy') as keyof typeof POLICIES | null
  response.writeHead(200, {
    'Content-Type': 'text/html',
    ...(policy === null ? {} : { 'Content-Security-Policy': POLICIES[policy] }),
    ...(search.get('isolated') === 'true'
      ? { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }
      : {}),
  })
  const script = `/test/browser/pages/${search.get('script')!.replace(/[^\w-]/g, '')}`
  response.end(`<!doctype html><script type="module" src="${script}"></script>`)
}

/** A file as a browser can import it; one without an extension is TypeScript, as imports name it. */
function moduleText(pathname: string): string | undefined {
  const extension = extname(pathname)
  if (extension !== '.js' && extension !== '') return undefined
  const text = textOf(join(ROOT, extension === '.js' ? pathname : `${pathname}.ts`))
  if (text === undefined || extension === '.js') return text
  const compilerOptions: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
  }
  // Import maps are scripts in the page, which the strict policies forbid.
  return ts
    .transpileModule(text, { compilerOptions })
    .outputText.replace(
      /(['"])gradloom(?:\/([\w-]+))?\1/g,
      (_, _quote, entry: string | undefined) => `'/dist/${entry ?? 'index'}.js'`,
    )
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

import { createReadStream, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
}

export interface StaticServer {
  readonly address: string
  close(): Promise<void>
}

export interface ServeOptions {
  /** Any free one by default. */
  readonly port?: number
  /** Sent with every file beside those that make a page cross-origin isolated, as shared memory needs. */
  readonly headers?: Readonly<Record<string, string>>
  /** What stands before every path; '/' by default. */
  readonly base?: `/${string}`
}

/** Serves a folder to this machine. Rejects where the port is taken. */
export async function serveFolder(
  folder: string,
  { port = 0, headers = {}, base = '/' }: ServeOptions = {},
): Promise<StaticServer> {
  const server = createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost')
    const path = pathname.startsWith(base) ? fileOf(folder, pathname.slice(base.length - 1)) : undefined
    if (path === undefined) return void response.writeHead(404).end()
    response.writeHead(200, {
      'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
      ...headers,
    })
    createReadStream(path).pipe(response)
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The file that a path of an address names, if it is one of the folder. */
function fileOf(folder: string, pathname: string): string | undefined {
  try {
    const path = join(folder, normalize(decodeURIComponent(pathname)))
    const file = pathname.endsWith('/') ? join(path, 'index.html') : path
    return statSync(file).isFile() ? file : undefined
  } catch {
    return undefined
  }
}

import type { NodeRate, SentData } from './protocol'
import type { Series } from './data/series'

const addressOf = (name: string): string => new URL(`data/${name}`, document.baseURI).href
const kept = new Map<string, Promise<unknown>>()

/** A file of the page, fetched when it is first asked for; after a failure once more. */
function once<T>(name: string, read: (response: Response) => Promise<T>): Promise<T> {
  let found = kept.get(name) as Promise<T> | undefined
  if (!found) {
    found = fetch(addressOf(name)).then((response) => {
      if (!response.ok) throw new Error(`${name} could not be fetched: ${response.status} ${response.statusText}`)
      return read(response)
    })
    kept.set(name, found)
    found.catch(() => kept.delete(name))
  }
  return found
}

/** A data set for a worker, which has no network. */
export async function fetchData(kind: SentData['kind']): Promise<SentData> {
  if (kind === 'series') return { kind, series: await once('series.json', (r) => r.json() as Promise<Series>) }
  const pixels = await once('digits.bin', async ({ body }) => {
    const inflated = body!.pipeThrough(new DecompressionStream('deflate-raw'))
    return new Uint8Array(await new Response(inflated).arrayBuffer())
  })
  return { kind, pixels }
}

export const fetchNodeRate = (): Promise<NodeRate> => once('node-rate.json', (r) => r.json() as Promise<NodeRate>)

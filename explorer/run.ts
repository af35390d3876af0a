/**
 * The explorer: builds the page and serves it on this machine.
 *
 *   npm run explorer                  prints the address
 *   npm run explorer -- --port 8080   at a port
 *   npm run explorer -- --build       only builds it, into explorer/dist
 */
import { parseArgs } from 'node:util'
import { buildExplorer, OUT } from './build'
import { serveFolder } from './serve'

const { values } = parseArgs({ options: { port: { type: 'string' }, build: { type: 'boolean' } } })
const port = Number(values.port ?? 0)
if (!(Number.isInteger(port) && port >= 0 && port < 65536))
  throw new Error(`--port must be a whole number from 0 to 65535, it is ${values.port}`)
await buildExplorer()
console.log(`built ${OUT}`)
if (!values.build) console.log(`the explorer is at ${(await serveFolder(OUT, { port })).address}`)

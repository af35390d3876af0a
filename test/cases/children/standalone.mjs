// Imports an emitted module and runs it, without the library: node standalone.mjs MODULE FEEDS. FEEDS is JSON, a list of
// [entry, feeds]; of each call it prints the bytes of the outputs in hexadecimal, or the message of what was thrown.
import { Buffer } from 'node:buffer'
import { pathToFileURL } from 'node:url'

const [path, calls] = process.argv.slice(2)
const module = await import(pathToFileURL(path).href)
const hex = (value) =>
  Buffer.from(typeof value === 'number' ? Float64Array.of(value).buffer : value.slice().buffer).toString('hex')
const attempt = ([entry, feeds]) => {
  try {
    const outputs = module[entry](feeds)
    return { outputs: Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, hex(value)])) }
  } catch (error) {
    return { error: error.message }
  }
}
console.log(JSON.stringify(JSON.parse(calls).map(attempt)))

// Compiles where code from strings is not allowed, in every mode that compiles, and prints what was thrown.
import { xorNet } from '../models'
import { COMPILED, open } from '../modes'

const out: Record<string, string> = {}
for (const mode of COMPILED) {
  try {
    await open(mode, () => xorNet('float32'))
    out[mode] = ''
  } catch (error) {
    out[mode] = String(error)
  }
}
console.log(JSON.stringify(out))

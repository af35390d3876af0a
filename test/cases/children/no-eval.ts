// Compiles and runs where code from strings is not allowed, in every mode that compiles, and prints what was thrown.
import { XOR, xorNet } from '../models'
import { closeAll, COMPILED, open } from '../modes'

const out: Record<string, string> = {}
for (const mode of COMPILED) {
  try {
    const session = await open(mode, () => xorNet('float32'))
    const losses = [0, 1, 2].map(() => session.run('train', XOR)['loss'] as number)
    out[mode] = losses[2]! < losses[0]! ? '' : `it does not learn: ${losses.join(', ')}`
  } catch (error) {
    out[mode] = String(error)
  }
}
closeAll()
console.log(JSON.stringify(out))

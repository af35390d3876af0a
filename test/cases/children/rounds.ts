// Build, compile, train 10 steps and drop, 100 times in every mode that compiles: bytes held after rounds 10 and 100.
// To be run without the engine's optimisers: what they make of the compiler itself would grow for hundreds of rounds.
import { held, total } from '../memory'
import { smallFeeds, smallNet } from '../models'
import { closeAll, COMPILED, type CompiledMode, open } from '../modes'

const [EARLY, LATE, STEPS] = [10, 100, 10]

async function round(mode: CompiledMode): Promise<void> {
  const step = (await open(mode, () => ({ main: smallNet() }))).call('main')
  const feeds = smallFeeds()
  for (let i = 0; i < STEPS; i++) step(feeds)
  closeAll()
}

const out: Record<string, { early: number; late: number }> = {}
for (const mode of COMPILED) {
  let early = 0
  for (let i = 1; i <= LATE; i++) {
    await round(mode)
    if (i === EARLY) early = total(await held())
  }
  out[mode] = { early, late: total(await held()) }
}
console.log(JSON.stringify(out))
